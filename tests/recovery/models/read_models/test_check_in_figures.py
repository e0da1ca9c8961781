from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.models.messaging.messages import REACHED_NOBODY, Message
from recovery.models.patients.patients import Patient
from recovery.models.read_models import check_in_figures, clinic_figures
from recovery.models.read_models.check_in_figures import CheckInCounts
from recovery.models.read_models.clinic_figures import FlagCounts, TreatmentFilter
from recovery.models.treatments.treatments import Treatment
from tests.support.data.model_rows import add_flag, add_revision, add_text, add_treatment

DAY = timedelta(days=1)
INSTANT = timedelta(microseconds=1)

Ask = Callable[..., Message]


@pytest.fixture
def ask(session: Session, treatment: Treatment, now: datetime) -> Ask:
    """A check-in about the first day that reached the patient two days ago."""

    def asked(**values: Any) -> Message:
        filled: dict[str, Any] = {
            "state": MessageState.DELIVERED,
            "asks_day": 1,
            "claimed_at": now - 2 * DAY,
            "treatment": treatment,
        }
        return add_text(session, treatment.clinic_id, due_at=now - 2 * DAY, **(filled | values))

    return asked


@pytest.mark.parametrize(
    ("arrives", "seen_day", "answered"),
    [
        (timedelta(0), 9, True),
        (DAY - INSTANT, 9, True),
        (DAY, 9, False),
        (-INSTANT, 9, False),
        (5 * DAY, 1, True),
    ],
)
def test_a_check_in_is_answered_within_a_day_or_about_its_day(
    session: Session,
    which: TreatmentFilter,
    treatment: Treatment,
    ask: Ask,
    now: datetime,
    arrives: timedelta,
    seen_day: int,
    answered: bool,
) -> None:
    claimed_at = ask().claimed_at
    assert claimed_at is not None
    add_revision(
        session,
        treatment,
        seen_at=treatment.performed_at + seen_day * DAY,
        received_at=claimed_at + arrives,
    )
    (counts,) = check_in_figures.count_check_ins(session, which, zone="UTC").days
    assert counts == CheckInCounts(key=1, asked=1, answered=int(answered), waiting=0)


def test_check_ins_are_counted_by_day_and_wait_while_they_are_fresh(
    session: Session, which: TreatmentFilter, ask: Ask, now: datetime
) -> None:
    ask(asks_day=2, claimed_at=now - DAY)
    ask(asks_day=2, claimed_at=now - DAY - INSTANT)
    ask()
    ask(asks_day=None)
    ask(claimed_at=None)
    for state in REACHED_NOBODY:
        ask(state=state)
    assert check_in_figures.count_check_ins(session, which, zone="UTC").days == [
        CheckInCounts(key=1, asked=1, answered=0, waiting=0),
        CheckInCounts(key=2, asked=2, answered=0, waiting=1),
    ]


@pytest.mark.parametrize(("later", "answered"), [(timedelta(hours=1), True), (timedelta(hours=-1), False)])
def test_a_report_about_a_later_treatment_answers_within_a_day_and_says_nothing_of_its_day(
    session: Session,
    which: TreatmentFilter,
    patient: Patient,
    treatment: Treatment,
    ask: Ask,
    later: timedelta,
    answered: bool,
) -> None:
    claimed_at = ask().claimed_at
    assert claimed_at is not None
    other = add_treatment(
        session, patient, performed_at=treatment.performed_at + later, withdrawn_at=which.now
    )
    add_revision(session, other, seen_at=treatment.performed_at + DAY, received_at=claimed_at + 2 * DAY)
    (counts,) = check_in_figures.count_check_ins(session, which, zone="UTC").days
    assert counts.answered == 0
    add_revision(session, other, seen_at=treatment.performed_at + 9 * DAY, received_at=claimed_at)
    (counts,) = check_in_figures.count_check_ins(session, which, zone="UTC").days
    assert counts == CheckInCounts(key=1, asked=1, answered=int(answered), waiting=0)


def test_weeks_begin_on_monday_in_the_clinic_s_zone(
    session: Session, patient: Patient, ask: Ask, now: datetime
) -> None:
    sunday_night = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
    which = TreatmentFilter(
        clinic_id=patient.clinic_id, start=sunday_night, end=sunday_night + INSTANT, now=now
    )
    treatment = add_treatment(session, patient, performed_at=sunday_night)
    ask(treatment=treatment)
    add_flag(session, treatment, due_at=now)
    for zone, monday in (("America/Denver", date(2026, 11, 16)), ("UTC", date(2026, 11, 23))):
        (check_ins,) = check_in_figures.count_check_ins(session, which, zone=zone).weeks
        assert (check_ins.key, check_ins.asked) == (monday, 1)
        (flagged,) = clinic_figures.flagged_by_week(session, which, zone=zone)
        assert flagged == FlagCounts(key=monday, treatments=1, flags=1, found=0, expected=0)
