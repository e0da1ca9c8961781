"""A late flag climbs: holder, on-call number, manager, each once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.clinic.staff_roles import Role
from recovery.domain.flags.flag_lifecycle import FlagState, Urgency
from recovery.domain.review.escalation import EscalationStep
from recovery.models.clinic.clinics import Clinic as ClinicRow
from recovery.models.flags.flags import EventKind, Flag, FlagEvent
from recovery.models.messaging.messages import Message
from recovery.models.tasks.task_events import TaskEvent, TaskEventKind
from recovery.models.tasks.tasks import Task, TaskKind
from recovery.services.access.authentication import StaffCaller
from recovery.services.content.content import Content
from recovery.services.flags import flag_work
from recovery.services.review import escalation
from recovery.services.tasks import tasks
from recovery.services.tasks.tasks import TaskSubject
from tests.support.data.people import Clinic, Patient
from tests.support.data.planned_texts import claim

FRIDAY_AT_FOUR = datetime(2026, 11, 27, 16, tzinfo=UTC)


@pytest.fixture
def patient(clinic: Clinic, sessions: sessionmaker[Session], now: datetime) -> Patient:
    """In a clinic that works from nine to five on weekdays."""
    with sessions.begin() as session:
        weekly = {day: [["09:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
        session.execute(update(ClinicRow).values(weekly_hours=weekly))
    return clinic.add_patient(now=now, consent=False)


def flag_due(
    sessions: sessionmaker[Session], clinic: Clinic, patient: Patient, urgency: Urgency, due_at: datetime,
    *, state: FlagState = FlagState.OPEN,
) -> UUID:  # fmt: skip
    with sessions.begin() as session:
        flag = Flag(
            clinic_id=clinic.id, treatment_id=patient.treatment_id, state=state, urgency=urgency,
            urgency_rank=urgency.rank, due_at=due_at, opened_at=due_at - timedelta(hours=2),
            escalate_at=due_at, held_by=None if state is FlagState.OPEN else clinic.nurse.id,
        )  # fmt: skip
        session.add(flag)
        session.flush()
        return flag.id


def tick(sessions: sessionmaker[Session], content: Content, now: datetime) -> int:
    with sessions.begin() as session:
        return escalation.escalate_due(session, content=content, now=now, limit=50)


def steps(sessions: sessionmaker[Session]) -> list[str]:
    with sessions() as session:
        events = session.scalars(select(FlagEvent).order_by(FlagEvent.id))
        return [one.detail["to"] for one in events if one.kind is EventKind.ESCALATED]


def climb(
    sessions: sessionmaker[Session], content: Content, *, begin: datetime, end: datetime
) -> dict[str, datetime]:
    """When each step was taken, ticking each five minutes."""
    taken: dict[str, datetime] = {}
    now = begin
    while now <= end:
        tick(sessions, content, now)
        for step in steps(sessions):
            taken.setdefault(step, now)
        now += timedelta(minutes=5)
    return taken


def test_an_emergency_climbs_on_the_clock_at_any_hour(
    sessions: sessionmaker[Session], clinic: Clinic, patient: Patient, content: Content
) -> None:
    due = datetime(2026, 11, 28, 3, tzinfo=UTC)
    flag_due(sessions, clinic, patient, Urgency.EMERGENCY, due, state=FlagState.CLAIMED)
    taken = climb(sessions, content, begin=due - timedelta(minutes=10), end=due + timedelta(hours=1))
    assert taken == {
        EscalationStep.HOLDER: due,
        EscalationStep.ON_CALL: due,
        EscalationStep.MANAGER: due + timedelta(minutes=10),
    }
    assert len(steps(sessions)) == 3
    with sessions.begin() as session:
        (text,) = claim(session, content=content, now=due + timedelta(minutes=1))
    assert text.to == "+12025550192"
    assert "URGENT" in text.body
    assert "3:10 AM" in text.body


def test_an_emergency_that_nobody_has_taken_goes_to_everybody_when_it_is_due(
    sessions: sessionmaker[Session], clinic: Clinic, patient: Patient, content: Content
) -> None:
    due = datetime(2026, 11, 28, 3, tzinfo=UTC)
    flag_due(sessions, clinic, patient, Urgency.EMERGENCY, due)
    taken = climb(sessions, content, begin=due - timedelta(minutes=10), end=due + timedelta(hours=1))
    assert taken == {EscalationStep.ON_CALL: due, EscalationStep.MANAGER: due}


def test_a_same_day_flag_climbs_in_staffed_time(
    sessions: sessionmaker[Session], clinic: Clinic, patient: Patient, content: Content
) -> None:
    due = FRIDAY_AT_FOUR + timedelta(minutes=40)
    flag_due(sessions, clinic, patient, Urgency.SAME_DAY, due)
    # Twenty minutes are left of Friday; the rest comes on Monday.
    monday = datetime(2026, 11, 30, 9, tzinfo=UTC)
    taken = climb(sessions, content, begin=due, end=due + timedelta(hours=1))
    taken |= climb(sessions, content, begin=monday, end=monday + timedelta(hours=2))
    assert taken == {
        EscalationStep.ON_CALL: monday + timedelta(minutes=10),
        EscalationStep.MANAGER: monday + timedelta(minutes=40),
    }, "nobody held it, so nobody was reminded"


@pytest.mark.parametrize("state", [FlagState.CONTACTED, FlagState.RESOLVED])
def test_a_flag_that_was_answered_climbs_no_further(
    sessions: sessionmaker[Session], clinic: Clinic, patient: Patient, content: Content, state: FlagState
) -> None:
    due = FRIDAY_AT_FOUR
    flag_due(sessions, clinic, patient, Urgency.SAME_DAY, due, state=state)
    assert climb(sessions, content, begin=due, end=due + timedelta(minutes=50)) == {}
    assert tick(sessions, content, due + timedelta(days=9)) == 0


def test_what_was_missed_is_caught_up_in_one_tick_and_not_repeated(
    sessions: sessionmaker[Session], clinic: Clinic, patient: Patient, content: Content
) -> None:
    due = FRIDAY_AT_FOUR - timedelta(hours=3)
    flag_due(sessions, clinic, patient, Urgency.NEXT_BUSINESS_DAY, due)
    for _ in range(3):
        tick(sessions, content, FRIDAY_AT_FOUR)
    assert steps(sessions) == [EscalationStep.ON_CALL, EscalationStep.MANAGER]
    with sessions() as session:
        (text,) = session.scalars(select(Message).where(Message.patient_id.is_(None)))
        assert text.template == "staff_alert"


def test_given_back_to_the_queue_it_goes_on_where_it_was(
    sessions: sessionmaker[Session], clinic: Clinic, patient: Patient, content: Content
) -> None:
    due = FRIDAY_AT_FOUR - timedelta(hours=3)
    flag_id = flag_due(sessions, clinic, patient, Urgency.SAME_DAY, due, state=FlagState.CLAIMED)
    tick(sessions, content, due)
    with sessions.begin() as session:
        session.get_one(Flag, (clinic.id, flag_id)).state = FlagState.CONTACTED
    tick(sessions, content, due + timedelta(minutes=35))
    assert steps(sessions) == [EscalationStep.HOLDER]
    caller = StaffCaller(clinic_id=clinic.id, staff_id=clinic.nurse.id, name="Nurse", role=Role.NURSE)
    with sessions.begin() as session:
        flag_work.release(session, caller=caller, flag_id=flag_id, now=due + timedelta(minutes=40))
    tick(sessions, content, due + timedelta(minutes=41))
    assert steps(sessions) == [EscalationStep.HOLDER, EscalationStep.ON_CALL]


def test_hours_that_cannot_be_read_leave_the_clock(
    sessions: sessionmaker[Session], clinic: Clinic, patient: Patient, content: Content
) -> None:
    with sessions.begin() as session:
        session.execute(update(ClinicRow).values(weekly_hours={"someday": []}))
    flag_due(sessions, clinic, patient, Urgency.SAME_DAY, FRIDAY_AT_FOUR)
    tick(sessions, content, FRIDAY_AT_FOUR + timedelta(hours=5))
    assert steps(sessions) == [EscalationStep.ON_CALL, EscalationStep.MANAGER]


def task_due(
    sessions: sessionmaker[Session], clinic: Clinic, urgency: Urgency, due_at: datetime, *, held: bool = False
) -> UUID:
    with sessions.begin() as session:
        task_id = tasks.open_task(
            session, TaskSubject(clinic_id=clinic.id), kind=TaskKind.UNMATCHED_TEXT, urgency=urgency,
            due_at=due_at, now=due_at - timedelta(hours=1),
        )  # fmt: skip
        session.get_one(Task, (clinic.id, task_id)).held_by = clinic.nurse.id if held else None
        return task_id


def task_steps(sessions: sessionmaker[Session]) -> list[str]:
    with sessions() as session:
        events = session.scalars(select(TaskEvent).order_by(TaskEvent.id))
        return [one.detail["to"] for one in events if one.kind is TaskEventKind.ESCALATED]


def test_words_of_danger_climb_like_a_flag(
    sessions: sessionmaker[Session], clinic: Clinic, content: Content
) -> None:
    due = datetime(2026, 11, 28, 3, tzinfo=UTC)
    task_due(sessions, clinic, Urgency.EMERGENCY, due)
    tick(sessions, content, due - timedelta(minutes=1))
    assert task_steps(sessions) == []
    tick(sessions, content, due)
    assert task_steps(sessions) == [EscalationStep.ON_CALL, EscalationStep.MANAGER]
    with sessions.begin() as session:
        (text,) = claim(session, content=content, now=due)
    assert (text.to, "URGENT" in text.body) == ("+12025550192", True)


def test_a_task_that_is_held_reminds_its_holder_first_and_one_that_is_done_nobody(
    sessions: sessionmaker[Session], clinic: Clinic, content: Content
) -> None:
    due = datetime(2026, 11, 28, 3, tzinfo=UTC)
    task_due(sessions, clinic, Urgency.EMERGENCY, due, held=True)
    done = task_due(sessions, clinic, Urgency.EMERGENCY, due)
    with sessions.begin() as session:
        session.get_one(Task, (clinic.id, done)).done_at = due
    tick(sessions, content, due)
    assert task_steps(sessions) == [EscalationStep.HOLDER, EscalationStep.ON_CALL]


def test_of_what_waits_in_its_turn_the_on_call_phone_hears_once_a_day(
    sessions: sessionmaker[Session], clinic: Clinic, patient: Patient, content: Content
) -> None:
    due = FRIDAY_AT_FOUR - timedelta(hours=4)
    for _ in range(3):
        task_due(sessions, clinic, Urgency.NEXT_BUSINESS_DAY, due)
    tick(sessions, content, FRIDAY_AT_FOUR)
    assert task_steps(sessions).count(EscalationStep.ON_CALL) == 3
    with sessions() as session:
        (text,) = session.scalars(select(Message).where(Message.patient_id.is_(None)))
        assert text.template == "staff_alert"
