"""A patient with a history: three sessions of which one was withdrawn, and all that a record may hold."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from recovery.domain.clinic.staff_roles import Role
from recovery.domain.clinical.symptoms import Area, Device, Symptom, WarningSign
from recovery.domain.flags.flag_lifecycle import FlagOutcome
from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.domain.messaging.unsent_reasons import UnsentReason
from recovery.domain.patients.consultation import Condition
from recovery.models.clinic.clinics import Clinic as ClinicRow
from recovery.models.flags.flags import Flag
from recovery.models.messaging.messages import Message
from recovery.models.patients import patients
from recovery.models.reports.photos import Photo
from recovery.photos import store
from recovery.services.changes import consultation, treatment_corrections
from recovery.services.core import audit
from recovery.services.flags import flag_work
from recovery.services.flags.flag_work import ContactResult
from recovery.services.treatments import treatments
from tests.support.data.people import Clinic, Nurse, Patient
from tests.support.data.reporting import report, review, staff_caller

DAY = timedelta(days=1)
HISTORY = "Penicillin rash as a child. Takes levothyroxine."
COMMENT = "Spots after a new cream; gone without it."
NOTE = "My cheek stings since last night."


def _scores(redness: int, swelling: int) -> dict[Symptom, int]:
    return {Symptom.REDNESS: redness, Symptom.SWELLING: swelling, Symptom.PEELING: 0}


@dataclass(frozen=True, kw_only=True)
class RecordScene:
    """The patient as of the newest session, who treated, and what there is to find."""

    clinic: Clinic
    patient: Patient
    practitioner: Nurse
    first: Patient
    withdrawn_id: UUID
    closed_flag: UUID
    open_flag: UUID
    photo_ids: tuple[UUID, UUID]


def make_record(clinic: Clinic, *, now: datetime) -> RecordScene:
    """Session 1 forty days ago, with a closed flag and a photo of day 3; session 2 withdrawn; session 3 six
    days ago, with a photo of day 3, a changed report and an open flag. No text came on day 5."""
    practitioner = clinic.add_nurse(now=now, role=Role.PRACTITIONER)
    first = clinic.add_patient(now=now, hours_ago=40 * 24)
    _consulted(clinic, first, practitioner, at=first.performed_at)
    closed_flag, early = _first_session(clinic, first)
    withdrawn = _treated(clinic, first, practitioner, at=now - 20 * DAY, number=2)
    with clinic.sessions.begin() as session:
        treatment_corrections.withdraw(
            session,
            clinic_id=clinic.id,
            treatment_id=withdrawn.treatment_id,
            reason="Another patient's.",
            content=clinic.content,
            actor=audit.staff(practitioner.id),
            now=now - 20 * DAY + timedelta(hours=1),
        )
    third = _treated(clinic, first, practitioner, at=now - 6 * DAY, number=3)
    late = report(clinic, third, at=third.performed_at + 3 * DAY, scores=_scores(4, 2))
    report(clinic, third, at=third.performed_at + 3.1 * DAY, scores=_scores(3, 2), report_id=late, revision=2)
    report(clinic, third, WarningSign.PUS, at=now - timedelta(hours=2), scores=_scores(5, 3), note=NOTE)
    review(clinic, now=now - timedelta(hours=2))
    photos = (_photo(clinic, early, at=now), _photo(clinic, late, at=now))
    with clinic.sessions.begin() as session:
        _no_text_on_day_five(session, third, now=now)
        (open_flag,) = [
            flag_id for flag_id, treatment_id in _flags(session) if treatment_id == third.treatment_id
        ]
        flag_work.claim(session, caller=staff_caller(clinic), flag_id=open_flag, now=now - DAY / 24)
        flag_work.record_contact(
            session, caller=staff_caller(clinic), flag_id=open_flag, result=ContactResult.NO_ANSWER,
            note="Rang twice.", now=now - DAY / 24,
        )  # fmt: skip
    return RecordScene(
        clinic=clinic,
        patient=third,
        practitioner=practitioner,
        first=first,
        withdrawn_id=withdrawn.treatment_id,
        closed_flag=closed_flag,
        open_flag=open_flag,
        photo_ids=photos,
    )


def _flags(session: Session) -> list[tuple[UUID, UUID]]:
    return [(row[0], row[1]) for row in session.execute(select(Flag.id, Flag.treatment_id))]


def _consulted(clinic: Clinic, patient: Patient, who: Nurse, *, at: datetime) -> None:
    with clinic.sessions.begin() as session:
        consultation.record(
            session,
            clinic=session.get_one(ClinicRow, clinic.id),
            patient=patients.get_one(session, clinic.id, patient.id),
            found=consultation.NewConsultation(
                skin_type=3,
                concerns=[],
                conditions=[Condition.NICKEL_ALLERGY, Condition.RETINOID],
                history=HISTORY,
            ),
            content=clinic.content,
            actor=audit.staff(who.id),
            now=at,
        )


def _first_session(clinic: Clinic, patient: Patient) -> tuple[UUID, UUID]:
    """A flag that was closed as an irritation, and the report of day 3."""
    began = patient.performed_at
    report(clinic, patient, at=began + DAY, scores=_scores(4, 3))
    report(clinic, patient, WarningSign.HIVES, at=began + 2 * DAY, scores=_scores(3, 2))
    review(clinic, now=began + 2 * DAY)
    early = report(clinic, patient, at=began + 3 * DAY, scores=_scores(2, 1))
    report(clinic, patient, at=began + 5 * DAY, scores=_scores(1, 0))
    with clinic.sessions.begin() as session:
        ((flag_id, _),) = _flags(session)
        caller, at = staff_caller(clinic), began + 2 * DAY + timedelta(hours=1)
        flag_work.claim(session, caller=caller, flag_id=flag_id, now=at)
        flag_work.record_contact(
            session, caller=caller, flag_id=flag_id, result=ContactResult.REACHED, note=None, now=at
        )
        flag_work.add_note(session, caller=caller, flag_id=flag_id, text="Sent a photo of the cream.", now=at)
        flag_work.resolve(
            session, caller=caller, flag_id=flag_id, outcome=FlagOutcome.IRRITATION, comment=COMMENT,
            content=clinic.content, now=at,
        )  # fmt: skip
    return flag_id, early


def _treated(clinic: Clinic, patient: Patient, who: Nurse, *, at: datetime, number: int) -> Patient:
    with clinic.sessions.begin() as session:
        treatment = treatments.record(
            session,
            clinic=session.get_one(ClinicRow, clinic.id),
            patient=patients.get_one(session, clinic.id, patient.id),
            new=treatments.NewTreatment(
                performed_at=at,
                device=Device.PEN,
                depth_mm=Decimal("1.5"),
                areas=[Area.FACE],
                indication=None,
                numbing="lidocaine cream",
                topical="hyaluronic acid",
                session_number=number,
                protocol=None,
                lot="N-204",
                performed_by=who.id,
            ),
            content=clinic.content,
            actor=audit.staff(clinic.nurse.id),
            now=at,
        )
        return Patient(
            id=patient.id,
            treatment_id=treatment.id,
            performed_at=at,
            phone=patient.phone,
            token=patient.token,
        )


def _photo(clinic: Clinic, report_id: UUID, *, at: datetime) -> UUID:
    photo_id = uuid4()
    with clinic.sessions.begin() as session:
        session.add(
            Photo(
                clinic_id=clinic.id, id=photo_id, report_id=report_id, fingerprint=photo_id.bytes,
                object_name=store.new_name(), thumbnail_name=store.new_name(), width=320, height=240,
                received_at=at, stored_at=at,
            )
        )  # fmt: skip
    return photo_id


def _no_text_on_day_five(session: Session, patient: Patient, *, now: datetime) -> None:
    changed = session.execute(
        update(Message)
        .where(Message.treatment_id == patient.treatment_id, Message.asks_day == 5)
        .values(state=MessageState.CANCELLED, reason=UnsentReason.ENOUGH_TODAY, settled_at=now - DAY)
        .returning(Message.id)
    )
    assert changed.all()
