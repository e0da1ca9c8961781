"""When a promised time passes unkept the patient is told once whom to call, and only who was promised it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.clinic.staff_roles import Role
from recovery.domain.flags.flag_lifecycle import FlagState
from recovery.domain.patients.consent import EndReason
from recovery.models.clinic.clinics import Clinic as ClinicRow
from recovery.models.flags.flags import Flag
from recovery.models.messaging.messages import Message
from recovery.models.patients.patients import Patient as PatientRow
from recovery.services.access.authentication import StaffCaller
from recovery.services.flags import flag_work
from recovery.services.review import late_promises
from recovery.services.tasks import task_work
from tests.support.data.inbound_texting import WORDS, Texting
from tests.support.data.people import Clinic, Patient

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def noon(now: datetime) -> datetime:
    """Outside quiet hours."""
    return now.replace(hour=12, minute=0, second=0, microsecond=0)


@pytest.fixture
def patient(clinic: Clinic, texting: Texting, noon: datetime) -> Patient:
    """With nothing due."""
    made = clinic.add_patient(now=noon, hours_ago=60)
    texting.claim(now=noon - HOUR)
    return made


def tell(sessions: sessionmaker[Session], *, now: datetime) -> int:
    with sessions.begin() as session:
        return late_promises.tell_late(session, now=now, limit=50)


def late(sessions: sessionmaker[Session]) -> list[str]:
    with sessions() as session:
        rows = select(Message.template).where(Message.step.startswith("late:")).order_by(Message.id)
        return list(session.scalars(rows))


def caller(clinic: Clinic) -> StaffCaller:
    return StaffCaller(clinic_id=clinic.id, staff_id=clinic.nurse.id, name="", role=Role.NURSE)


def test_words_that_nobody_read_in_time_are_told_of_once(
    texting: Texting, patient: Patient, clinic: Clinic, sessions: sessionmaker[Session], noon: datetime
) -> None:
    texting.act(patient.phone, "may I swim?", WORDS, now=noon)
    texting.claim(now=noon)
    due = texting.tasks()[0].due_at
    assert tell(sessions, now=due - MINUTE) == 0
    assert tell(sessions, now=due) == 1
    assert tell(sessions, now=due + HOUR) == 0
    assert late(sessions) == ["late"]
    with sessions.begin() as session:
        place = session.get_one(ClinicRow, clinic.id)
        place.weekly_hours = {}
    morning = due.replace(hour=8, minute=0)
    (body,) = (text.body for text in texting.claim(now=morning) if "We are sorry" in text.body)
    assert f"call {place.out_of_hours_phone}" in body, "closed when it leaves"


def test_another_text_after_that_has_a_time_of_its_own(
    texting: Texting, patient: Patient, sessions: sessionmaker[Session], noon: datetime
) -> None:
    texting.act(patient.phone, "may I swim?", WORDS, now=noon)
    texting.claim(now=noon)
    first = texting.tasks()[0].due_at
    assert tell(sessions, now=first + MINUTE) == 1
    again = first.replace(hour=12) + timedelta(days=1)
    texting.act(patient.phone, "and ride?", WORDS, now=again)
    texting.claim(now=again)
    second = texting.tasks()[0].due_at
    assert second > again
    assert tell(sessions, now=again + MINUTE) == 0
    assert tell(sessions, now=second) == 1
    assert late(sessions) == ["late", "late"]


def test_a_flag_that_is_raised_after_its_time_has_another_and_is_escalated_all_the_same(
    texting: Texting, patient: Patient, sessions: sessionmaker[Session], noon: datetime
) -> None:
    texting.send(patient.phone, "there is pus", now=noon)
    texting.review(now=noon)
    texting.claim(now=noon)
    with sessions() as session:
        first = session.scalars(select(Flag.due_at)).one()
    assert tell(sessions, now=first) == 1
    raised = first + MINUTE
    texting.send(patient.phone, "I can't breathe", now=raised)
    texting.review(now=raised)
    texting.claim(now=raised)
    with sessions() as session:
        flag = session.scalars(select(Flag)).one()
        assert (flag.due_at, flag.escalate_at) == (raised + 15 * MINUTE, first)
    assert tell(sessions, now=raised + MINUTE) == 0
    assert tell(sessions, now=raised + 15 * MINUTE) == 1
    assert late(sessions) == ["late", "late_emergency"]


def test_a_flag_that_was_opened_again_has_another_time(
    texting: Texting, patient: Patient, clinic: Clinic, sessions: sessionmaker[Session], noon: datetime
) -> None:
    texting.send(patient.phone, "there is pus", now=noon)
    texting.review(now=noon)
    texting.claim(now=noon)
    with sessions() as session:
        first = session.scalars(select(Flag)).one()
    assert tell(sessions, now=first.due_at) == 1
    with sessions.begin() as session:
        session.execute(update(Flag).values(state=FlagState.RESOLVED, resolved_at=first.due_at))
        again = flag_work.reopen(
            session,
            caller=caller(clinic),
            flag_id=first.id,
            content=clinic.content,
            now=first.due_at + HOUR,
        ).due_at
    assert tell(sessions, now=again - MINUTE) == 0
    assert tell(sessions, now=again) == 1
    assert late(sessions) == ["late", "late"]


def test_it_waits_for_the_hours_in_which_texts_leave(
    texting: Texting, patient: Patient, sessions: sessionmaker[Session], noon: datetime
) -> None:
    texting.act(patient.phone, "may I swim?", WORDS, now=noon)
    texting.claim(now=noon)
    night = texting.tasks()[0].due_at.replace(hour=23) + timedelta(days=1)
    assert tell(sessions, now=night) == 1
    assert not [text for text in texting.claim(now=night) if text.to == patient.phone]
    morning = (night + timedelta(days=1)).replace(hour=8)
    assert [text for text in texting.claim(now=morning) if "We are sorry" in text.body]


def test_an_emergency_nobody_opened_is_told_of_at_any_hour(
    texting: Texting, patient: Patient, sessions: sessionmaker[Session], noon: datetime
) -> None:
    night = noon.replace(hour=23)
    texting.send(patient.phone, "I can't breathe", now=night)
    texting.review(now=night)
    texting.claim(now=night)
    assert tell(sessions, now=night + 15 * MINUTE) == 1
    (body,) = (text.body for text in texting.claim(now=night + 15 * MINUTE) if text.to == patient.phone)
    assert "Call 911 now" in body


def test_what_somebody_has_taken_or_read_is_not_late(
    texting: Texting, patient: Patient, clinic: Clinic, sessions: sessionmaker[Session], noon: datetime
) -> None:
    texting.send(patient.phone, "there is pus", now=noon)
    texting.review(now=noon)
    texting.act(patient.phone, "may I swim?", WORDS, now=noon + MINUTE)
    texting.claim(now=noon + MINUTE)
    with sessions.begin() as session:
        flag = session.scalars(select(Flag)).one()
        flag_work.claim(session, caller=caller(clinic), flag_id=flag.id, now=noon + 2 * MINUTE)
        (entry,) = (entry for entry in texting.entries() if entry.to_read)
        task_work.mark_read(session, caller=caller(clinic), entry_id=entry.id, now=noon + 2 * MINUTE)
    assert tell(sessions, now=noon + timedelta(days=9)) == 0


@pytest.mark.parametrize("hindrance", ["nothing was promised", "the follow-up ended"])
def test_nobody_is_told_who_was_promised_nothing_or_is_followed_no_more(
    texting: Texting, patient: Patient, clinic: Clinic, sessions: sessionmaker[Session], noon: datetime,
    hindrance: str,
) -> None:  # fmt: skip
    texting.act(patient.phone, "may I swim?", WORDS, now=noon)
    if hindrance == "the follow-up ended":
        texting.claim(now=noon)
        with sessions.begin() as session:
            row = session.get_one(PatientRow, (clinic.id, patient.id))
            row.ended_at, row.ended_because = noon, EndReason.ASKED
    else:
        with sessions.begin() as session:
            session.execute(update(Message).values(state="cancelled"))
    assert tell(sessions, now=noon + timedelta(days=9)) == 1
    assert late(sessions) == []
