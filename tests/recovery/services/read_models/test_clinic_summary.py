"""Which days may be summed up, and what the figures of a period say."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.flags.flag_lifecycle import FlagOutcome
from recovery.models.clinic.clinics import Clinic as ClinicRow
from recovery.models.read_models.check_in_figures import CheckInCounts
from recovery.models.read_models.clinic_figures import DurationKind
from recovery.services.flags import flag_work
from recovery.services.read_models import clinic_summary
from recovery.services.read_models.clinic_summary import (
    AGES,
    LONGEST,
    SKIN_GROUPS,
    USUAL,
    ClinicSummary,
    Period,
    WrongPeriod,
)
from tests.support.data.people import Clinic
from tests.support.data.reporting import raise_flag, staff_caller

DAY = timedelta(days=1)
TODAY = date(2026, 11, 23)
NEW_YORK = ClinicRow(time_zone="America/New_York")


def parse(now: datetime, first: date | None = None, last: date | None = None) -> Period:
    return clinic_summary.parse_period(ClinicRow(time_zone="UTC"), first=first, last=last, now=now)


def summarize(sessions: sessionmaker[Session], clinic: Clinic, *, now: datetime) -> ClinicSummary:
    """The usual days until today."""
    with sessions() as session:
        row = session.get_one(ClinicRow, clinic.id)
        period = clinic_summary.parse_period(row, first=None, last=None, now=now)
        return clinic_summary.summarize(session, clinic=row, period=period, now=now)


def test_the_usual_days_end_today_in_the_clinics_zone(now: datetime) -> None:
    assert parse(now) == Period(first=TODAY - (USUAL - 1) * DAY, last=TODAY)
    last = date(2026, 6, 1)
    assert parse(now, last=last) == Period(first=last - (USUAL - 1) * DAY, last=last)
    night = datetime(2026, 11, 23, 3, tzinfo=UTC)
    period = clinic_summary.parse_period(NEW_YORK, first=None, last=None, now=night)
    assert period.last == TODAY - DAY


def test_one_day_and_the_longest_period_may_be_summed_up(now: datetime) -> None:
    assert parse(now, first=TODAY, last=TODAY) == Period(first=TODAY, last=TODAY)
    first = TODAY - (LONGEST - 1) * DAY
    assert parse(now, first=first) == Period(first=first, last=TODAY)


@pytest.mark.parametrize(
    ("first", "last", "wrong"),
    [
        (None, TODAY + DAY, "until"),
        (TODAY, TODAY - DAY, "from"),
        (TODAY - LONGEST * DAY, TODAY, "from"),
        (date(1999, 12, 31), date(2000, 1, 2), "from"),
        (date(2200, 1, 1), None, "from"),
    ],
)
def test_days_that_cannot_be_summed_up_name_the_end_that_is_wrong(
    now: datetime, first: date | None, last: date | None, wrong: str
) -> None:
    with pytest.raises(WrongPeriod) as refused:
        parse(now, first=first, last=last)
    assert refused.value.name == wrong
    assert str(refused.value).endswith(".")


def test_a_check_in_that_still_has_its_time_is_neither_missed_nor_in_the_share() -> None:
    counted = CheckInCounts(key=1, asked=10, answered=6, waiting=2)
    assert clinic_summary.answered_share(counted) == pytest.approx(6 / 8)
    assert clinic_summary.missed_count(counted) == 2
    assert clinic_summary.answered_share(CheckInCounts(key=1, asked=2, answered=0, waiting=2)) is None


def test_of_nothing_there_is_no_share(sessions: sessionmaker[Session], clinic: Clinic, now: datetime) -> None:
    empty = summarize(sessions, clinic, now=now)
    assert (empty.treatments, empty.flags, empty.flags_per_100, empty.precision) == (0, 0, None, None)
    assert [group.group for group in empty.groups] == [name for name, _ in SKIN_GROUPS]
    assert {group.flags_per_100 for group in empty.groups} == {None}
    assert {duration.what for duration in empty.durations} == set(DurationKind)
    assert {duration.median_minutes for duration in empty.durations} == {None}
    assert empty.open == dict.fromkeys(AGES, 0)


def test_treatments_and_flags_are_counted_by_skin_week_and_outcome(
    sessions: sessionmaker[Session], clinic: Clinic, now: datetime
) -> None:
    patients = [clinic.add_patient(now=now, hours_ago=30, skin_type=skin) for skin in (1, 2, 3, 6)]
    caller = staff_caller(clinic)
    for patient, outcome in zip(
        patients, (FlagOutcome.INFECTION_SUSPECTED, FlagOutcome.EXPECTED_HEALING, None), strict=False
    ):
        flag_id = raise_flag(clinic, patient, at=now)
        if outcome is None:
            continue
        at = now + timedelta(minutes=30)
        with sessions.begin() as session:
            flag_work.claim(session, caller=caller, flag_id=flag_id, now=at)
            flag_work.resolve(
                session, caller=caller, flag_id=flag_id, outcome=outcome, comment="Seen.",
                content=clinic.content, now=at,
            )  # fmt: skip
    summary = summarize(sessions, clinic, now=now + timedelta(hours=1))
    assert (summary.treatments, summary.flags, summary.flags_per_100) == (4, 3, 75)
    assert (summary.found, summary.expected, summary.precision) == (1, 1, 0.5)
    assert summary.outcomes == {FlagOutcome.INFECTION_SUSPECTED: 1, FlagOutcome.EXPECTED_HEALING: 1}
    by_group = {group.group: (group.treatments, group.flags, group.closed) for group in summary.groups}
    assert by_group == {"I-II": (2, 2, 2), "III-IV": (1, 1, 0), "V-VI": (1, 0, 0), "unknown": (0, 0, 0)}
    assert summary.open == {"under_4_hours": 1, "under_24_hours": 0, "under_3_days": 0, "older": 0}
    # The treatments were on Sunday, in the week before.
    weeks = [(week.monday, week.treatments, week.flags) for week in summary.weeks if week.treatments]
    assert weeks == [(date(2026, 11, 16), 4, 3)]
    resolved = next(one for one in summary.durations if one.what is DurationKind.RESOLVE)
    assert (resolved.done, resolved.waiting, resolved.median_minutes) == (2, 1, 30)
    assert resolved.within_24h == 1


def test_what_was_treated_before_the_first_day_or_elsewhere_counts_nowhere(
    sessions: sessionmaker[Session], clinic: Clinic, other_clinic: Clinic, now: datetime
) -> None:
    other_clinic.add_patient(now=now)
    treated = clinic.add_patient(now=now, hours_ago=24 * 3)
    day = treated.performed_at.date()
    with sessions() as session:
        row = session.get_one(ClinicRow, clinic.id)
        counts = [
            clinic_summary.summarize(
                session, clinic=row, period=Period(first=first, last=last), now=now
            ).treatments
            for first, last in (
                (day, day),
                (day - DAY, day - DAY),
                (day + DAY, TODAY),
                (day - DAY, day + DAY),
            )
        ]
    assert counts == [1, 0, 0, 1]
