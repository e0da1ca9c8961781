"""Texts that a nurse sends about a flag or a task, in wordings the clinic approved: they say nothing about
the skin."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from recovery.domain.clinic.answering_number import number_answered_at
from recovery.domain.flags.flag_lifecycle import UNDO_WITHIN, NurseText
from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.domain.messaging.unsent_reasons import UnsentReason
from recovery.domain.patients.consent import ConsentKind
from recovery.models.clinic import clinics
from recovery.models.flags.flags import Flag
from recovery.models.messaging import messages, opt_outs
from recovery.models.messaging.messages import Message
from recovery.models.patients import patients
from recovery.models.patients.patients import Patient
from recovery.models.tasks.tasks import Task
from recovery.models.treatments import treatments
from recovery.services.access.authentication import StaffCaller
from recovery.services.content.content import Content
from recovery.services.tasks import task_work

USEFUL = timedelta(hours=12)
_REF_SHOWN = "......"


class TextNotAllowed(Exception):
    """No text may go to this patient. `reason` says why, in a plain sentence."""

    def __init__(self, reason: UnsentReason) -> None:
        super().__init__(reason)
        self.reason = reason


def plan(session: Session, *, flag: Flag, template: NurseText, content: Content, now: datetime) -> str:
    """Plan the text for when it can no longer be taken back; the step under which it stands.

    Raises TextNotAllowed where it is clear already that it may not go.
    """
    return _plan(
        session,
        _patient(session, flag),
        about=flag.id,
        treatment_id=flag.treatment_id,
        template=template,
        content=content,
        now=now,
    )


def plan_about_task(
    session: Session, *, task: Task, template: NurseText, content: Content, now: datetime
) -> str:
    """The same about a task. Raises TextNotAllowed, where nobody knows whose it is as well."""
    patient = None if task.patient_id is None else patients.get(session, task.clinic_id, task.patient_id)
    if patient is None:
        raise TextNotAllowed(UnsentReason.NO_CONSENT)
    return _plan(
        session,
        patient,
        about=task.id,
        treatment_id=task.treatment_id,
        template=template,
        content=content,
        now=now,
    )


def _plan(
    session: Session,
    patient: Patient,
    *,
    about: UUID,
    treatment_id: UUID | None,
    template: NurseText,
    content: Content,
    now: datetime,
) -> str:
    refused = reason_not_to_text(session, patient, content=content, template=template)
    if refused is not None:
        raise TextNotAllowed(refused)
    step = f"nurse:{about}:{template.value}:{now.isoformat()}"
    due_at = now + UNDO_WITHIN
    messages.insert_planned(
        session,
        Message(
            clinic_id=patient.clinic_id,
            patient_id=patient.id,
            treatment_id=treatment_id,
            step=step,
            template=template.value,
            due_at=due_at,
            useful_until=due_at + USEFUL,
            state=MessageState.PLANNED,
            created_at=now,
        ),
    )
    return step


def text_about_task(
    session: Session,
    *,
    caller: StaffCaller,
    task_id: UUID,
    template: NurseText,
    content: Content,
    now: datetime,
) -> Task:
    """Text the patient of a task in one of the approved wordings, a minute from now.

    Raises UnknownTask, TaskDone, TaskHeldByAnother, TextNotAllowed.
    """
    task = task_work.locked(session, caller, task_id)
    task_work.require_free(session, caller, task)
    step = plan_about_task(session, task=task, template=template, content=content, now=now)
    task_work.note_text(session, task, caller=caller, detail={"text": template.value, "step": step}, now=now)
    return task


def cancel(session: Session, *, flag: Flag, step: str, now: datetime) -> None:
    """The text under this step does not go out, if it has not left."""
    messages.cancel_step(
        session,
        clinic_id=flag.clinic_id,
        treatment_id=flag.treatment_id,
        step=step,
        reason=UnsentReason.TAKEN_BACK,
        now=now,
    )


def reason_not_to_text(
    session: Session, patient: Patient, *, content: Content, template: NurseText
) -> UnsentReason | None:
    """Why this patient may not be texted; None where nothing stands against it."""
    if opt_outs.get_opt_out(session, clinic_id=patient.clinic_id, phone=patient.phone) is not None:
        return UnsentReason.OPTED_OUT
    needed = content.schedule.consent_for(template.value)
    if needed is ConsentKind.RECOVERY_TEXTS and not patients.has_consent(session, patient, needed):
        return UnsentReason.NO_CONSENT
    return None


def preview_texts(
    session: Session, patient: Patient, *, content: Content, now: datetime
) -> dict[NurseText, str]:
    """What each of these texts says to this patient if it leaves now, in their language; its reference is
    made later."""
    clinic = clinics.get_one(session, patient.clinic_id)
    catalogue = content.catalogue_for(patient.language)
    values = {
        "clinic": clinic.text_name,
        "phone": number_answered_at(clinic, now),
        "emergency": clinic.emergency_number,
        "danger": content.words_for(patient.language).signs.danger,
        "ref": _REF_SHOWN,
    }
    return {
        template: catalogue.render(
            template.value,
            **{name: values[name] for name in catalogue.text(template.value).placeholders},
        )
        for template in NurseText
    }


def _patient(session: Session, flag: Flag) -> Patient:
    treatment = treatments.get(session, flag.clinic_id, flag.treatment_id)
    patient = None if treatment is None else patients.get(session, flag.clinic_id, treatment.patient_id)
    if patient is None:
        raise TextNotAllowed(UnsentReason.WITHDRAWN)
    return patient
