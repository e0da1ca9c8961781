"""Patients decide for themselves: language, zone, way of answering, which texts, leaving the follow-up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from recovery.domain.messaging.unsent_reasons import UnsentReason
from recovery.domain.patients.consent import ConsentKind
from recovery.models.clinic.clinics import Clinic
from recovery.models.inbound import phone_locks
from recovery.models.messaging import messages
from recovery.models.messaging import opt_outs as opt_out_rows
from recovery.models.patients import patients
from recovery.models.patients.patients import Patient
from recovery.services.changes import patient_changes
from recovery.services.changes.patient_changes import PatientChanges
from recovery.services.content.content import Content
from recovery.services.core import audit
from recovery.services.inbound import opt_outs
from recovery.services.messaging import text_planning
from recovery.services.patients.enrolment import GivenConsent
from recovery.services.tasks import tasks


class WordingRequired(ValueError):
    """A consent is kept with the words it was given to."""


class SharedNumber(Exception):
    """Others have this number too; texts begin again when START is texted from the phone itself."""


@dataclass(frozen=True, kw_only=True)
class TextPreferences:
    """Which texts are wanted from now on; None leaves it as it is.

    `again` takes back an earlier STOP; `wording` is what was agreed to, for consents that are given.
    """

    recovery_texts: bool | None = None
    session_reminders: bool | None = None
    again: bool = False
    wording: str | None = None

    def of(self, kind: ConsentKind) -> bool | None:
        """The wish for one kind of text."""
        return self.recovery_texts if kind is ConsentKind.RECOVERY_TEXTS else self.session_reminders


@dataclass(frozen=True, kw_only=True)
class TextPermissions:
    """Which consents stand, and whether the number asked for no more texts."""

    recovery_texts: bool
    session_reminders: bool
    stopped: bool


def get_permissions(session: Session, patient: Patient) -> TextPermissions:
    """What a patient may be texted."""
    standing = patients.active_consents(session, patient)
    stopped = opt_out_rows.get_opt_out(session, clinic_id=patient.clinic_id, phone=patient.phone)
    return TextPermissions(
        recovery_texts=ConsentKind.RECOVERY_TEXTS in standing,
        session_reminders=ConsentKind.SESSION_REMINDERS in standing,
        stopped=stopped is not None,
    )


def update_preferences(
    session: Session,
    *,
    clinic: Clinic,
    patient: Patient,
    changes: PatientChanges,
    wishes: TextPreferences,
    content: Content,
    now: datetime,
) -> Patient:
    """Keep what the patient decided; texts that have not left follow.

    Without recovery texts a patient who is followed becomes a task for the phone. Raises WordingRequired,
    SharedNumber, HoursError for an unknown zone.
    """
    if wishes.again:
        _texts_again(session, patient, content=content, now=now)
    standing = patients.active_consents(session, patient)
    agreed = [kind for kind in ConsentKind if wishes.of(kind) is True and kind not in standing]
    ended = [kind for kind in ConsentKind if wishes.of(kind) is False and kind in standing]
    if agreed and wishes.wording is None:
        raise WordingRequired
    patient_changes.update_patient(
        session,
        clinic=clinic,
        patient=patient,
        changes=changes,
        consents=[GivenConsent(kind=kind, wording=wishes.wording or "", given_at=now) for kind in agreed],
        content=content,
        actor=audit.patient(patient.id),
        now=now,
    )
    if ended:
        patients.withdraw_consents(session, patient, kinds=ended, now=now)
        text_planning.plan_texts(session, patient=patient, content=content, now=now)
        _note(session, patient, action="patient.withdraw_consent", detail=", ".join(sorted(ended)), now=now)
    if ConsentKind.RECOVERY_TEXTS in ended:
        opt_outs.add_call_tasks(session, patient, now=now)
    return patient


def leave(session: Session, *, patient: Patient, now: datetime) -> None:
    """End the follow-up at the patient's wish: no texts, no devices signed in; what was said stays.

    A nurse who is looking at something, or a recovery that is still followed, becomes a task for the phone.
    """
    session.refresh(patient, with_for_update={"key_share": True})
    patients.withdraw_consents(session, patient, now=now)
    messages.cancel_planned(
        session, clinic_id=patient.clinic_id, patient_id=patient.id, reason=UnsentReason.LEFT, now=now
    )
    opt_outs.add_call_tasks(session, patient, now=now)
    patients.end_access(session, patient, now=now)
    _note(session, patient, action="patient.leave", detail=None, now=now)


def _texts_again(session: Session, patient: Patient, *, content: Content, now: datetime) -> None:
    """One signed-in patient decides for a number only where nobody else of the clinic has it."""
    phone_locks.lock_number(session, patient.phone)
    if opt_out_rows.get_opt_out(session, clinic_id=patient.clinic_id, phone=patient.phone) is None:
        return
    sharers = [
        holder
        for holder in patients.find_by_phone(session, patient.phone)
        if holder.clinic_id == patient.clinic_id
    ]
    if len(sharers) > 1:
        raise SharedNumber
    opt_out_rows.end_opt_outs(session, phone=patient.phone, clinic_id=patient.clinic_id)
    tasks.end_pause(session, patient, now=now)
    text_planning.plan_texts(session, patient=patient, content=content, now=now)
    _note(session, patient, action="patient.opt_in", detail=None, now=now)


def _note(session: Session, patient: Patient, *, action: str, detail: str | None, now: datetime) -> None:
    audit.record(
        session,
        clinic_id=patient.clinic_id,
        actor=audit.patient(patient.id),
        action=action,
        subject=("patient", patient.id),
        detail=None if detail is None else {"ended": detail},
        now=now,
    )
