"""A text of nobody's is given to whom it is from, and is judged as theirs as of when it came."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.flags.flag_lifecycle import Urgency
from recovery.models.flags.flags import Flag
from recovery.models.inbound.stray_texts import StrayText
from recovery.models.tasks.tasks import TaskKind
from recovery.services.inbound import given_texts
from recovery.services.inbound.given_texts import NotAStrayText, UnknownStrayText
from recovery.services.patients.enrolment import UnknownPatient
from tests.support.data.inbound_texting import Texting
from tests.support.data.people import Clinic, Patient
from tests.support.data.reporting import staff_caller

UNKNOWN = "+12025559997"
LATER = timedelta(minutes=40)


def give(clinic: Clinic, texting: Texting, patient: Patient, *, now: datetime) -> None:
    (task,) = (one for one in texting.tasks() if one.kind is TaskKind.UNMATCHED_TEXT)
    with clinic.sessions.begin() as session:
        given_texts.give_to_patient(
            session, caller=staff_caller(clinic), task_id=task.id, patient_id=patient.id,
            content=clinic.content, now=now,
        )  # fmt: skip


def test_danger_becomes_a_report_of_the_patients_and_its_flag_tells_them(
    clinic: Clinic, patient: Patient, texting: Texting, sessions: sessionmaker[Session], now: datetime
) -> None:
    texting.send(UNKNOWN, "I can't breathe", now=now)
    give(clinic, texting, patient, now=now + LATER)
    texting.review(now=now + LATER)
    (entry,), (task,), (said,) = texting.entries(), texting.tasks(), texting.revisions()
    assert (entry.patient_id, entry.report_id) == (patient.id, said.report_id)
    assert (said.seen_at, said.received_at) == (now, now + LATER)
    assert (task.done_at, task.done_by) == (now + LATER, clinic.nurse.id)
    with sessions() as session:
        (flag,) = session.scalars(select(Flag))
        assert (flag.treatment_id, flag.urgency) == (patient.treatment_id, Urgency.EMERGENCY)
    assert any("911" in text.body for text in texting.claim(now=now + LATER) if text.to == patient.phone)


def test_a_question_waits_to_be_read_as_theirs(
    clinic: Clinic, patient: Patient, texting: Texting, now: datetime
) -> None:
    texting.send(UNKNOWN, "When may I swim?", now=now, pictures=1)
    give(clinic, texting, patient, now=now + LATER)
    (entry,), (unmatched, reading) = texting.entries(), texting.tasks()
    assert (entry.patient_id, entry.read_at) == (patient.id, None)
    assert unmatched.done_at == now + LATER
    assert (reading.kind, reading.patient_id, reading.done_at) == (TaskKind.TEXT_TO_READ, patient.id, None)
    assert reading.due_at == unmatched.due_at, "the time runs from when it came"


def test_what_is_somebodys_is_given_to_nobody_else(
    clinic: Clinic, other_clinic: Clinic, patient: Patient, texting: Texting, now: datetime
) -> None:
    texting.send(patient.phone, "hello", now=now)
    (task,) = texting.tasks()
    caller = staff_caller(clinic)
    with clinic.sessions.begin() as session, pytest.raises(NotAStrayText):
        given_texts.give_to_patient(
            session, caller=caller, task_id=task.id, patient_id=patient.id, content=clinic.content, now=now
        )
    shared = clinic.add_patient(now=now)
    clinic.add_patient(now=now, phone=shared.phone, pin="2718")
    texting.send(shared.phone, "it itches", now=now)
    foreign = other_clinic.add_patient(now=now)
    with pytest.raises(UnknownPatient):
        give(clinic, texting, foreign, now=now)


def test_the_operator_gives_a_text_that_no_clinic_may_read(
    clinic: Clinic, other_clinic: Clinic, texting: Texting, sessions: sessionmaker[Session], now: datetime
) -> None:
    texting.send(UNKNOWN, "I can't breathe", now=now)
    assert texting.tasks() == [], "it may be from a patient of either clinic"
    with sessions.begin() as session:
        (stray,) = session.scalars(select(StrayText))
        assert stray.urgency is Urgency.EMERGENCY
        given_texts.give_to_clinic(
            session, carrier_id=stray.carrier_id, clinic_id=other_clinic.id, content=clinic.content,
            now=now + LATER,
        )  # fmt: skip
    (task,) = texting.tasks()
    assert (task.clinic_id, task.urgency) == (other_clinic.id, Urgency.EMERGENCY)
    assert task.due_at == now + timedelta(minutes=15), "the time runs from when it came"
    with sessions.begin() as session, pytest.raises(UnknownStrayText):
        given_texts.see_to(session, carrier_id=stray.carrier_id, now=now)
