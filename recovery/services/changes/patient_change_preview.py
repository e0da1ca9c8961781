"""What changing a patient's number, language, zone or way of answering would end (consents, devices, links)
or move, before it is kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from recovery.domain.core.language import Language
from recovery.domain.patients.consent import ConsentKind
from recovery.domain.patients.contact import AnswersBy
from recovery.models.clinic.clinics import Clinic
from recovery.models.messaging import messages, opt_outs
from recovery.models.patients import patients
from recovery.models.patients.patients import Patient
from recovery.services.changes import patient_changes
from recovery.services.changes.patient_changes import PatientChanges
from recovery.services.core import phone_numbers


@dataclass(frozen=True, kw_only=True)
class PhoneChange:
    """What another number ends, and what is known of it.

    `landline`: texts may not reach it. `consents` end, `devices` are signed out, `links` open nothing any
    more. `others` say how many patients of the clinic have the new number already; `opted_out`: it asked the
    clinic for no more texts.
    """

    phone: str
    landline: bool
    consents: frozenset[ConsentKind]
    devices: int
    links: int
    others: int
    opted_out: bool


@dataclass(frozen=True, kw_only=True)
class ChangePreview:
    """What follows from a change; what stays as it is is None. `texts` counts those that have not left."""

    number: PhoneChange | None
    time_zone: str | None
    language: Language | None
    answers_by: AnswersBy | None
    texts: int

    def __bool__(self) -> bool:
        return any((self.number, self.time_zone, self.language, self.answers_by))


def preview_change(
    session: Session, *, clinic: Clinic, patient: Patient, changes: PatientChanges, now: datetime
) -> ChangePreview:
    """What keeping these changes would mean. Raises NotAPhoneNumber, HoursError for an unknown zone."""
    phone = patient_changes.understand_phone(changes, patient=patient, clinic=clinic)
    zone = patient_changes.understand_zone(changes, patient=patient, clinic=clinic)
    language = changes.get("language", patient.language)
    answers_by = changes.get("answers_by", patient.answers_by)
    return ChangePreview(
        number=None if phone == patient.phone else _new_number(session, patient, phone, now=now),
        time_zone=None if zone == patient.time_zone else zone,
        language=None if language is patient.language else language,
        answers_by=None if answers_by is patient.answers_by else answers_by,
        texts=messages.count_planned(session, patient.clinic_id, patient.id),
    )


def _new_number(session: Session, patient: Patient, phone: str, *, now: datetime) -> PhoneChange:
    devices, links = patients.count_access(session, patient, now=now)
    holders = patients.find_by_phone(session, phone)
    return PhoneChange(
        phone=phone,
        landline=phone_numbers.is_landline(phone),
        consents=patients.active_consents(session, patient),
        devices=devices,
        links=links,
        others=sum(holder.clinic_id == patient.clinic_id for holder in holders),
        opted_out=opt_outs.get_opt_out(session, clinic_id=patient.clinic_id, phone=phone) is not None,
    )
