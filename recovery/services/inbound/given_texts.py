"""A text of nobody's is given to whom it is from: to a clinic by the operator, to a patient by a nurse.

From then on it is judged as theirs, as of when it came.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from recovery.models.clinic import clinics
from recovery.models.clinic.clinics import Clinic
from recovery.models.inbound import inbound_texts as written
from recovery.models.inbound import stray_texts
from recovery.models.inbound.inbound_texts import InboundText
from recovery.models.inbound.stray_texts import StrayText
from recovery.models.patients.patients import Patient
from recovery.models.tasks.task_events import TaskEventKind
from recovery.models.tasks.tasks import Task
from recovery.services.access.authentication import StaffCaller
from recovery.services.content.content import Content
from recovery.services.content.running_content import RunningContents
from recovery.services.core import audit
from recovery.services.inbound import asked_treatment, inbound_texts, reported_texts, text_answers
from recovery.services.inbound.taken_text import PICTURE, TakenText
from recovery.services.patients import enrolment
from recovery.services.tasks import task_work, tasks
from recovery.sms.gateway_interface import InboundMessage


class NotAStrayText(Exception):
    """The task is about no text of nobody's."""


class UnknownStrayText(LookupError):
    """No text of nobody's has this id, or somebody has seen to it."""


def give_to_patient(
    session: Session, *, caller: StaffCaller, task_id: UUID, patient_id: UUID, content: Content, now: datetime
) -> Patient:
    """What was written is this patient's. Scores and signs are reported as of when it came; other words wait
    to be read as theirs.

    Raises UnknownTask, TaskDone, TaskHeldByAnother, NotAStrayText, UnknownPatient.
    """
    task = task_work.locked(session, caller, task_id)
    task_work.require_free(session, caller, task)
    entry = _entry_of(session, task)
    patient = enrolment.get_patient(session, clinic_id=caller.clinic_id, patient_id=patient_id)
    text = InboundMessage(
        carrier_id=entry.carrier_id or "",
        sender=entry.phone or "",
        body=_words(entry),
        pictures=entry.pictures,
    )
    meaning = inbound_texts.read(text, content)
    taken = TakenText(text=text, meaning=meaning, content=content, now=entry.received_at)
    about = asked_treatment.find(session, patient, of_skin=taken.of_skin, now=entry.received_at)
    entry.patient_id = patient.id
    entry.treatment_id = None if about is None else about.treatment.id
    reports = about is not None and (
        taken.urgent or (meaning.scores and tasks.is_followed(about.treatment, now=entry.received_at))
    )
    if about is not None and reports:
        submission, _ = reported_texts.record(
            session, taken, patient=patient, treatment=about.treatment, now=now
        )
        entry.report_id, entry.revision = submission.report_id, submission.revision
        entry.read_at, entry.read_by = now, caller.staff_id
        session.flush()
    else:
        session.flush()
        clinic = clinics.get_one(session, caller.clinic_id)
        text_answers.open_reading(session, taken, entry=entry, clinic=clinic)
    task.done_at, task.done_by = now, caller.staff_id
    detail = {"patient": str(patient.id)}
    task_work.write(session, task, TaskEventKind.GIVEN, caller=caller, detail=detail, now=now)
    return patient


def give_to_clinic(
    session: Session, *, carrier_id: str, clinic_id: UUID, content: Content, now: datetime
) -> Clinic:
    """The operator gives a text to the clinic whose patient it is from; there it waits like any of an unknown
    number, due as of when it came, and read by what that clinic runs on; `content` is what ships.

    Raises UnknownStrayText, LookupError for an unknown clinic.
    """
    stray = _stray(session, carrier_id)
    clinic = clinics.get(session, clinic_id)
    if clinic is None:
        raise LookupError(clinic_id)
    text = InboundMessage(
        carrier_id=stray.carrier_id, sender=stray.phone, body=stray.body, pictures=stray.pictures
    )
    running = RunningContents(session, newest=content).of_or_shipped(clinic.id)
    meaning = inbound_texts.read(text, running)
    taken = TakenText(text=text, meaning=meaning, content=running, now=stray.received_at)
    inbound_texts.keep_unmatched(session, taken, clinic=clinic, answers_to=None, first=True)
    stray.seen_to_at = now
    audit.record(
        session,
        clinic_id=clinic.id,
        actor=audit.OPERATOR,
        action="inbox.given",
        subject=("clinic", clinic.id),
        now=now,
    )
    return clinic


def see_to(session: Session, *, carrier_id: str, now: datetime) -> None:
    """Nobody has to see to this text any more. Raises UnknownStrayText."""
    _stray(session, carrier_id).seen_to_at = now


def _stray(session: Session, carrier_id: str) -> StrayText:
    stray = stray_texts.get_for_update(session, carrier_id)
    if stray is None or stray.seen_to_at is not None:
        raise UnknownStrayText(carrier_id)
    return stray


def _entry_of(session: Session, task: Task) -> InboundText:
    entry = None
    if task.patient_id is None and "text" in task.detail:
        entry = written.get_for_update(session, task.clinic_id, UUID(task.detail["text"]))
    if entry is None or entry.patient_id is not None:
        raise NotAStrayText
    return entry


def _words(entry: InboundText) -> str:
    """What was written, without the marks that stand for its pictures."""
    words = entry.body or ""
    for _ in range(entry.pictures):
        words = words.removesuffix(PICTURE).rstrip()
    return words
