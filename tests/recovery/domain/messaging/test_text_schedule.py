from __future__ import annotations

import pathlib
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recovery.domain.clinic.opening_hours import local_to_utc
from recovery.domain.clinical.symptoms import recovery_day
from recovery.domain.messaging import text_schedule
from recovery.domain.messaging.text_schedule import PlannedText, ScheduleError
from recovery.domain.messaging.unsent_reasons import UnsentReason
from recovery.domain.patients.contact import AnswersBy

SHIPPED = text_schedule.parse(
    (pathlib.Path(__file__).parents[4] / "config/messages/schedule.toml").read_text(encoding="utf-8")
)
HEAD = (
    "quiet_until = 08:00:00\nquiet_from = 20:00:00\n"
    "[limits]\ntexts_per_day = 2\nidentical_per_day = 3\ncodes_per_day = 10\n"
    "clinic_budget_per_day = 500\nreserve = 2\n"
)
HEAD_OF_ALL = HEAD.replace(
    "clinic_budget", "answers_per_hour = 6\nemergency_answers_per_hour = 4\nclinic_budget"
)
NEW_YORK, LONDON = ZoneInfo("America/New_York"), ZoneInfo("Europe/London")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")
ZONES = [
    NEW_YORK,
    LONDON,
    LORD_HOWE,
    ZoneInfo("UTC"),
    ZoneInfo("Pacific/Kiritimati"),
    ZoneInfo("Asia/Kolkata"),
]


def steps_of(
    performed_at: datetime, zone: ZoneInfo, *, now: datetime | None = None, by: AnswersBy = AnswersBy.LINK
) -> dict[str, PlannedText]:
    planned = text_schedule.plan(
        SHIPPED, performed_at=performed_at, zone=zone, answers_by=by, now=now or performed_at
    )
    # The reminder of a next session has its own consent and its own tests.
    return {one.step.name: one for one in planned if one.step.name != "session_reminder"}


def local(moment: datetime, zone: ZoneInfo) -> str:
    return moment.astimezone(zone).strftime("%m-%d %H:%M")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("quiet_until = ", "schedule:"),
        ("quiet_from = 20:00:00", "quiet_until is missing"),
        ("[[step]]\nday = 1", "has no name"),
        (
            '[[step]]\nname = "a"\nday = 1\nat = 09:00:00\nuntil = 20:00:00\ncolour = 1',
            "'a': unknown 'colour'",
        ),
        ('[[step]]\nname = "a"\nuntil = 20:00:00', "'a' needs either day and at, or after_hours"),
        ('[[step]]\nname = "a"\nday = 1\nuntil = 20:00:00', "'a' needs either"),
        (
            '[[step]]\nname = "a"\nday = 1\nat = 09:00:00\nafter_hours = 3\nuntil = 20:00:00',
            "'a' needs either",
        ),
        ('[[step]]\nname = "a"\nday = 1\nat = 09:00:00', "'a': until is missing"),
        ('[[step]]\nname = "a"\nday = 1\nat = "25:00"\nuntil = 20:00:00', "'a': "),
        ('[[step]]\nname = "a"\nafter_hours = "3"\nuntil = 20:00:00', "'a': "),
        ('[[step]]\nname = "a"\nday = 1\nat = 09:00:00\nuntil = 20:00:00\nanswers_by = "fax"', "'a': "),
        (
            '[[step]]\nname = "a"\nday = 1\nat = 09:00:00\nuntil = 20:00:00\nlast_session_only = 1',
            "'a': 'last_session_only' is true or false",
        ),
        ('[[step]]\nname = "a"\nday = 1\nat = 09:00:00\nuntil = 20:00:00\n' * 2, "'a' stands twice"),
    ],
)
def test_a_schedule_that_cannot_be_read_says_where(text: str, message: str) -> None:
    whole = text if "quiet" in text else HEAD + text
    with pytest.raises(ScheduleError) as refused:
        text_schedule.parse(whole)
    assert message in str(refused.value)


def test_the_two_ways_of_answering_get_their_own_check_ins() -> None:
    at = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
    link = steps_of(at, LONDON)
    text = steps_of(at, LONDON, by=AnswersBy.TEXT)
    late = ["day14_link", "day28_link", "day56_link"]
    assert list(link) == [
        "day0", "day1_link", "day2_link", "day3_link", "day4_link", "day5_link", "day7_link", *late,
    ]  # fmt: skip
    assert list(text) == ["day0", *(f"day{day}_text" for day in (*range(1, 8), 14, 28, 56))]


@pytest.mark.parametrize(
    ("again", "message"),
    [
        ("", "again is missing"),
        ("[again]\nuntil = 20:00:00", "again: 'consent_version' is missing or unknown"),
        ("[again]\nuntil = 20:00:00\nconsent_version = 2\nsteps = 4", "again: 'steps' is missing or unknown"),
        ("[again]\nuntil = 20:00:00\nconsent_version = 0", "again: 'consent_version' is a whole number"),
        ('[again]\nuntil = "evening"\nconsent_version = 2', "again: "),
    ],
)
def test_a_check_in_beside_the_plan_that_cannot_be_read_says_so(again: str, message: str) -> None:
    with pytest.raises(ScheduleError, match=message):
        text_schedule.parse(f"{HEAD_OF_ALL}{again}")


@pytest.mark.parametrize("zone", ZONES, ids=str)
@pytest.mark.parametrize(
    ("clock", "due", "until"),
    [
        ("09:00", "11-23 09:00", "11-23 20:00"),
        ("19:00", "11-23 19:00", "11-24 03:00"),
        ("20:00", "11-24 08:00", "11-24 20:00"),
        ("03:00", "11-23 08:00", "11-23 20:00"),
    ],
)
def test_a_check_in_beside_the_plan_is_due_at_an_allowed_time_and_open_for_long_enough(
    zone: ZoneInfo, clock: str, due: str, until: str
) -> None:
    at = datetime.combine(date(2026, 11, 23), time.fromisoformat(clock), tzinfo=zone).astimezone(UTC)

    def placed(latest: datetime, open_until: datetime = at) -> text_schedule.AgainMoment | None:
        return text_schedule.place_again(
            SHIPPED, from_at=at, latest=latest, open_until=open_until, open_for=timedelta(hours=8), zone=zone
        )

    moment = placed(at + timedelta(hours=24))
    assert moment is not None
    assert (local(moment.due_at, zone), local(moment.useful_until, zone)) == (due, until)
    assert placed(moment.due_at) == moment
    assert placed(moment.due_at - timedelta(seconds=1)) is None
    longer = moment.useful_until + timedelta(hours=1)
    kept_open = placed(moment.due_at, open_until=longer)
    assert kept_open is not None
    assert kept_open.useful_until == longer


@pytest.mark.parametrize(("agreed", "asked"), [(1, False), (2, True), (3, True), (None, True)])
def test_a_step_is_in_the_plan_of_who_agreed_in_words_that_tell_of_it(
    agreed: int | None, asked: bool
) -> None:
    at = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
    planned = text_schedule.plan(
        SHIPPED, performed_at=at, zone=LONDON, answers_by=AnswersBy.LINK, now=at, agreed_version=agreed
    )
    names = [one.step.name for one in planned]
    assert ("day4_link" in names) is asked
    assert {"day3_link", "day5_link"} <= set(names)


@pytest.mark.parametrize(
    ("performed", "due"),
    [
        ("10:00", "13:00"),  # three hours later
        ("16:30", "19:30"),
        ("17:00", "19:30"),  # not later than half past seven
        ("19:29", "19:30"),
        ("19:45", "19:45"),  # else at check-out
    ],
)
def test_the_first_text_comes_on_the_day_itself(performed: str, due: str) -> None:
    at = datetime.combine(date(2026, 11, 23), time.fromisoformat(performed), tzinfo=NEW_YORK)
    step = steps_of(at.astimezone(UTC), NEW_YORK)["day0"]
    assert (local(step.due_at, NEW_YORK), step.dropped) == (f"11-23 {due}", None)
    assert local(step.useful_until, NEW_YORK) == "11-23 20:00"


@pytest.mark.parametrize("performed", ["20:00", "22:30"])
def test_a_first_text_with_no_allowed_time_left_is_dropped_with_its_reason(performed: str) -> None:
    at = datetime.combine(date(2026, 11, 23), time.fromisoformat(performed), tzinfo=NEW_YORK)
    step = steps_of(at.astimezone(UTC), NEW_YORK)["day0"]
    assert step.dropped == UnsentReason.MOMENT_PASSED


def test_after_a_late_treatment_the_first_check_in_waits_for_recovery_day_one() -> None:
    late = datetime(2026, 11, 23, 22, 0, tzinfo=LONDON)
    early = datetime(2026, 11, 23, 20, 30, tzinfo=LONDON)
    assert local(steps_of(late, LONDON)["day1_link"].due_at, LONDON) == "11-25 09:00"
    assert local(steps_of(early, LONDON)["day1_link"].due_at, LONDON) == "11-24 09:00"


def test_a_treatment_recorded_late_drops_what_has_passed_and_sends_the_rest_at_once() -> None:
    performed = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
    now = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
    steps = steps_of(performed, ZoneInfo("UTC"), now=now)
    assert {name for name, one in steps.items() if one.dropped == UnsentReason.MOMENT_PASSED} == {
        "day0", "day1_link", "day2_link",
    }  # fmt: skip
    assert (steps["day3_link"].due_at, steps["day3_link"].dropped) == (now, None)


@pytest.mark.parametrize(
    ("clock", "allowed"),
    [
        ("07:59:59.999999", "11-23 08:00"),
        ("08:00:00", "11-23 08:00"),
        ("12:00:00", "11-23 12:00"),
        ("19:59:59", "11-23 19:59"),
        ("20:00:00", "11-24 08:00"),
        ("23:59:59", "11-24 08:00"),
        ("00:00:00", "11-23 08:00"),
    ],
)
@pytest.mark.parametrize("zone", ZONES, ids=str)
def test_quiet_hours_end_and_begin_on_the_minute(clock: str, allowed: str, zone: ZoneInfo) -> None:
    at = datetime.combine(date(2026, 11, 23), time.fromisoformat(clock), tzinfo=zone).astimezone(UTC)
    assert local(text_schedule.next_allowed_time(SHIPPED, at=at, zone=zone), zone) == allowed


NIGHT = replace(SHIPPED, quiet_until=time(2, 30), quiet_from=time(23, 30), steps=())


def test_an_end_of_quiet_hours_inside_the_gap_lies_after_it() -> None:
    before = datetime(2027, 3, 14, 5, 0, tzinfo=UTC)  # midnight in New York; 02:30 does not exist
    assert text_schedule.next_allowed_time(NIGHT, at=before, zone=NEW_YORK) == datetime(
        2027, 3, 14, 7, 30, tzinfo=UTC
    )


def test_an_end_of_quiet_hours_inside_the_fold_is_the_first_of_the_two() -> None:
    schedule = replace(SHIPPED, quiet_until=time(1, 30), quiet_from=time(23, 30), steps=())
    before = datetime(2027, 11, 7, 4, 0, tzinfo=UTC)  # midnight in New York; 01:30 comes twice
    allowed = datetime(2027, 11, 7, 5, 30, tzinfo=UTC)
    assert text_schedule.next_allowed_time(schedule, at=before, zone=NEW_YORK) == allowed


@pytest.mark.parametrize(
    ("zone", "change"),
    [
        (NEW_YORK, date(2027, 3, 14)), (NEW_YORK, date(2027, 11, 7)),
        (LONDON, date(2027, 3, 28)), (LONDON, date(2027, 10, 31)),
        (LORD_HOWE, date(2027, 4, 4)), (LORD_HOWE, date(2027, 10, 3)),
    ],
)  # fmt: skip
def test_check_ins_stay_at_nine_over_a_change_of_the_clocks(zone: ZoneInfo, change: date) -> None:
    for half_hours in range(48):
        performed = local_to_utc(change - timedelta(days=1), at=time(0), zone=zone)
        performed += timedelta(minutes=30 * half_hours)
        steps = steps_of(performed, zone)
        assert len(steps) == 10
        for name, one in steps.items():
            if name != "day0":
                assert one.due_at.astimezone(zone).time() == time(9), (performed, name)
                assert one.dropped is None


MOMENTS = st.integers(0, 3 * 365 * 24 * 60).map(
    lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)


@given(
    performed_at=MOMENTS,
    zone=st.sampled_from(ZONES),
    by=st.sampled_from(AnswersBy),
    recorded_after=st.timedeltas(timedelta(0), timedelta(days=20)),
)
def test_nothing_leaves_in_quiet_hours_too_late_or_on_the_wrong_day(
    performed_at: datetime, zone: ZoneInfo, by: AnswersBy, recorded_after: timedelta
) -> None:
    now = performed_at + recorded_after
    for one in steps_of(performed_at, zone, now=now, by=by).values():
        if one.dropped is not None:
            continue
        assert performed_at <= one.due_at < one.useful_until
        assert now < one.useful_until
        assert time(8) <= one.due_at.astimezone(zone).time() < time(20)
        if one.step.day is not None:
            assert one.due_at >= now
            late = one.due_at.astimezone(zone).time() != one.step.at
            # By the clock on the wall, as days are planned: an hour more or less is no other day.
            clock = one.due_at.astimezone(zone).replace(tzinfo=None)
            passed = clock - performed_at.astimezone(zone).replace(tzinfo=None)
            assert recovery_day(passed / timedelta(hours=1)) - one.step.day in ((0, 1) if late else (0,))


@given(at=MOMENTS, zone=st.sampled_from(ZONES))
def test_the_next_allowed_moment_is_allowed_near_and_stable(at: datetime, zone: ZoneInfo) -> None:
    allowed = text_schedule.next_allowed_time(SHIPPED, at=at, zone=zone)
    assert at <= allowed <= at + timedelta(hours=13)
    assert text_schedule.next_allowed_time(SHIPPED, at=allowed, zone=zone) == allowed
