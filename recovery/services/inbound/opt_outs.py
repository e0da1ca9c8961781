"""STOP and START for everyone on a number in every clinic; a pause where words may ask for it; calls to who
is texted no more."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from recovery.domain.flags.flag_lifecycle import Urgency
from recovery.domain.messaging.unsent_reasons import UnsentReason
from recovery.domain.patients.consent import EndReason
from recovery.models.clinic import clinics
from recovery.models.flags import flags
from recovery.models.inbound import inbound_texts
from recovery.models.messaging import messages, opt_outs, text_leases
from recovery.models.patients.patients import Patient
from recovery.models.tasks import tasks as task_rows
from recovery.models.tasks.tasks import Task, TaskKind
from recovery.models.treatments import treatments
from recovery.services.clinic.clinics import opening_hours_of
from recovery.services.content.running_content import RunningContents
from recovery.services.core import audit
from recovery.services.core.audit import Actor
from recovery.services.inbound import text_answers
from recovery.services.messaging import text_planning
from recovery.services.tasks import tasks

DANGER = "danger"
"""The detail of a task about somebody who named a sign and may not be texted."""


def names_danger(task: Task) -> bool:
    """Whether a task is about somebody who may not be texted and named what may be an emergency."""
    return DANGER in task.detail


def stop(
    session: Session, *, patients: Sequence[Patient], how: str, by: Actor | None = None, now: datetime
) -> None:
    """Obey at once: nothing more leaves for these patients' number. The caller holds the number.

    What still waits is cancelled, a pause is over, and whoever is being followed becomes a task for the
    phone. `by` is who did it for the patient.
    """
    for patient in sorted(patients, key=lambda patient: patient.id):
        # A worker that is leasing texts for these patients finishes before this commits.
        text_leases.lock_patient(session, patient.id)
        opt_outs.insert_opt_out(session, clinic_id=patient.clinic_id, phone=patient.phone, how=how, now=now)
        messages.cancel_planned(
            session,
            clinic_id=patient.clinic_id,
            patient_id=patient.id,
            reason=UnsentReason.OPTED_OUT,
            now=now,
        )
        tasks.end_pause(session, patient, now=now)
        _note(session, patient, action="patient.opt_out", by=by, now=now)
    for patient in patients:
        add_call_tasks(session, patient, now=now)


def start(
    session: Session, *, patients: Sequence[Patient], phone: str, contents: RunningContents, now: datetime
) -> None:
    """Texts again, those that are still to come; only ever called for a text from the number itself."""
    again = opt_outs.end_opt_outs(session, phone=phone)
    for patient in sorted(patients, key=lambda patient: patient.id):
        tasks.end_pause(session, patient, now=now)
        if patient.clinic_id in again:
            content = contents.of_or_shipped(patient.clinic_id)
            text_planning.plan_texts(session, patient=patient, content=content, now=now)
            _note(session, patient, action="patient.opt_in", now=now)


def has_stopped(session: Session, patients: Sequence[Patient]) -> bool:
    """Whether everybody on this number is texted no more, in whatever clinic."""
    numbers = opt_outs.opted_out_numbers(session, {patient.phone for patient in patients})
    return bool(patients) and all((patient.clinic_id, patient.phone) in numbers for patient in patients)


def is_paused(session: Session, patients: Sequence[Patient]) -> bool:
    """Whether a nurse still has to read, for everybody on this number, if texts are wanted."""
    return bool(patients) and all(_waits(session, patient) for patient in patients)


def _waits(session: Session, patient: Patient) -> bool:
    return task_rows.has_open(
        session, clinic_id=patient.clinic_id, patient_id=patient.id, kind=TaskKind.MAY_STOP
    )


def pause(session: Session, *, patients: Sequence[Patient], carrier_id: str, now: datetime) -> None:
    """Words may ask for no more texts: all but safety texts wait until a nurse has read them.

    The pause is the task: it lasts until somebody has closed it, or the patient has said what is wanted. One
    that is under way stands.
    """
    kept = inbound_texts.by_clinic(session, carrier_id)
    for patient in sorted(patients, key=lambda patient: patient.id):
        # A worker that is leasing texts for this patient finishes before this commits.
        text_leases.lock_patient(session, patient.id)
        if _waits(session, patient):
            continue
        clinic = clinics.get_one(session, patient.clinic_id)
        tasks.open_task(
            session,
            tasks.TaskSubject(clinic_id=clinic.id, patient_id=patient.id),
            kind=TaskKind.MAY_STOP,
            due_at=tasks.reading_due_at(opening_hours_of(clinic), now=now),
            detail=text_answers.about_text(kept[clinic.id]) if clinic.id in kept else {},
            now=now,
        )
        _note(session, patient, action="patient.texts_paused", now=now)


def add_urgent_call(
    session: Session,
    patient: Patient,
    *,
    treatment_id: UUID | None,
    urgency: Urgency,
    by: datetime,
    now: datetime,
) -> None:
    """Danger from somebody who may not be texted: a call, as soon as in an emergency.

    With the urgency of an emergency it stands in the queue; where a flag or the words do so already it is
    one thing more to see to, by the same time.
    """
    tasks.open_task(
        session,
        tasks.TaskSubject(clinic_id=patient.clinic_id, patient_id=patient.id, treatment_id=treatment_id),
        kind=TaskKind.OPTED_OUT,
        due_at=by,
        urgency=urgency,
        detail={DANGER: "named"},
        now=now,
    )


def add_call_tasks(session: Session, patient: Patient, *, now: datetime) -> None:
    """Whoever has a flag or is still followed, and is not texted any more, is to be called instead.

    Nobody who died is, whoever stops the texts to a shared number.
    """
    clinic = clinics.get(session, patient.clinic_id)
    if clinic is None or patient.ended_because is EndReason.DIED:
        return
    for treatment in treatments.list_for_patient(
        session, patient.clinic_id, patient.id, limit=tasks.FOLLOWED_AT_ONCE
    ):
        flag = flags.get_unresolved(session, patient.clinic_id, treatment.id)
        if flag is None and not tasks.is_followed(treatment, now=now):
            continue
        tasks.open_task(
            session,
            tasks.TaskSubject(clinic_id=clinic.id, patient_id=patient.id, treatment_id=treatment.id),
            kind=TaskKind.OPTED_OUT,
            due_at=tasks.reading_due_at(opening_hours_of(clinic), now=now) if flag is None else flag.due_at,
            detail={} if flag is None else {"flag": str(flag.id)},
            now=now,
        )


def _note(session: Session, patient: Patient, *, action: str, by: Actor | None = None, now: datetime) -> None:
    audit.record(
        session,
        clinic_id=patient.clinic_id,
        actor=by or audit.patient(patient.id),
        action=action,
        subject=("patient", patient.id),
        now=now,
    )
