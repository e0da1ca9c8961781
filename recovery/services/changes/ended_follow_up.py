"""Staff end texts to a number, a consent or a whole follow-up: asked on the phone, a wrong number, a
death."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from recovery.domain.messaging.unsent_reasons import UnsentReason
from recovery.domain.patients.consent import ConsentKind, EndReason
from recovery.models.inbound import phone_locks
from recovery.models.messaging import messages, text_leases
from recovery.models.patients import patients
from recovery.models.patients.patients import Patient
from recovery.models.tasks.tasks import TaskKind
from recovery.services.access.authentication import StaffCaller
from recovery.services.content.content import Content
from recovery.services.core import audit
from recovery.services.inbound import opt_outs
from recovery.services.messaging import text_planning
from recovery.services.tasks import tasks


class Ending(StrEnum):
    """What ends: all texts to the number, one consent, or everything."""

    TEXTS = "texts"
    RECOVERY_TEXTS = "recovery_texts"
    SESSION_REMINDERS = "session_reminders"
    FOLLOW_UP = "follow_up"


def end(
    session: Session,
    *,
    caller: StaffCaller,
    patient: Patient,
    ending: Ending,
    because: EndReason,
    comment: str | None,
    content: Content,
    now: datetime,
) -> Patient:
    """End it in one step. What is planned is cancelled and not planned again until a new consent is given.

    A flag that is open, or a recovery that is still followed, becomes a task for the phone. A death ends the
    whole follow-up, whatever was named: nobody is called, and the open tasks about the patient are done.
    """
    if because is EndReason.DIED:
        ending = Ending.FOLLOW_UP
    phone_locks.lock_number(session, patient.phone)
    # A worker that is leasing texts for this patient finishes before this commits.
    text_leases.lock_patient(session, patient.id)
    session.refresh(patient, with_for_update={"key_share": True})
    if ending is Ending.FOLLOW_UP:
        _end_follow_up(session, patient, because=because, now=now)
    elif ending is not Ending.TEXTS:
        patients.withdraw_consents(session, patient, kinds=[ConsentKind(ending.value)], now=now)
        text_planning.plan_texts(session, patient=patient, content=content, now=now)
        if ending is Ending.RECOVERY_TEXTS:
            _confirm_no_consent(session, patient, now=now)
    if ending is not Ending.SESSION_REMINDERS:
        # Whether texts are wanted is decided.
        tasks.close_all(
            session, patient, comment=ending.value, by=caller.staff_id, kind=TaskKind.MAY_STOP, now=now
        )
    if because is EndReason.DIED:
        tasks.close_all(session, patient, comment=because.value, by=caller.staff_id, now=now)
    elif ending is Ending.TEXTS or because is EndReason.WRONG_NUMBER:
        # Brings whoever is still followed to the phone as well.
        _stop_number(session, patient, caller=caller, now=now)
    elif ending is not Ending.SESSION_REMINDERS:
        opt_outs.add_call_tasks(session, patient, now=now)
    audit.record(
        session,
        clinic_id=patient.clinic_id,
        actor=audit.staff(caller.staff_id),
        action="patient.end",
        subject=("patient", patient.id),
        now=now,
        detail={"ended": ending.value, "because": because.value, **({"comment": comment} if comment else {})},
    )
    session.flush()
    return patient


def _end_follow_up(session: Session, patient: Patient, *, because: EndReason, now: datetime) -> None:
    patient.ended_at, patient.ended_because = now, because
    patients.withdraw_consents(session, patient, now=now)
    messages.cancel_planned(
        session, clinic_id=patient.clinic_id, patient_id=patient.id, reason=UnsentReason.ENDED, now=now
    )
    patients.end_access(session, patient, now=now)


def _confirm_no_consent(session: Session, patient: Patient, *, now: datetime) -> None:
    """What was agreed to a moment ago is not confirmed any more."""
    messages.cancel_wording(
        session,
        clinic_id=patient.clinic_id,
        patient_id=patient.id,
        template="optin_confirm",
        reason=UnsentReason.NO_CONSENT,
        now=now,
    )


def _stop_number(session: Session, patient: Patient, *, caller: StaffCaller, now: datetime) -> None:
    """Nobody of this clinic is texted on that number any more; other clinics have not been asked."""
    everyone = [
        holder
        for holder in patients.find_by_phone(session, patient.phone)
        if holder.clinic_id == patient.clinic_id
    ]
    opt_outs.stop(session, patients=everyone, how="staff", by=audit.staff(caller.staff_id), now=now)
