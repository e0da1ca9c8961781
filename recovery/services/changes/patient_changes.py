"""Staff change a patient's name, number, PIN, language, zone, skin type or consents: planned texts follow,
courses are judged anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, TypedDict, cast

from sqlalchemy.orm import Session

from recovery.domain.clinic import opening_hours
from recovery.domain.core.language import Language
from recovery.domain.messaging.unsent_reasons import UnsentReason
from recovery.domain.patients import birth_year
from recovery.domain.patients.consent import ConsentKind
from recovery.domain.patients.contact import AnswersBy
from recovery.models.clinic.clinics import Clinic
from recovery.models.messaging import messages
from recovery.models.patients import patients
from recovery.models.patients.patients import Consent, Patient
from recovery.models.treatments import treatments
from recovery.services.access import credentials
from recovery.services.changes import course_judging
from recovery.services.content.content import Content
from recovery.services.core import audit, phone_numbers
from recovery.services.core.audit import Actor
from recovery.services.flags import flag_queue_entries
from recovery.services.messaging import text_planning
from recovery.services.patients import enrolment
from recovery.services.patients.enrolment import ConsentFromTheFuture, GivenConsent
from recovery.services.tasks.tasks import FOLLOWED_FOR

_MEANT_FOR_ONE_NUMBER = ("optin_confirm", "invitation", "login_code")


class PatientChanges(TypedDict, total=False):
    """What changes; what is left out stays. No time zone means the clinic's."""

    first_name: str
    last_name: str
    phone: str
    year_of_birth: int
    pin: str
    language: Language
    time_zone: str | None
    skin_type: int | None
    answers_by: AnswersBy


def update_patient(
    session: Session,
    *,
    clinic: Clinic,
    patient: Patient,
    changes: PatientChanges,
    consents: Sequence[GivenConsent] = (),
    content: Content,
    actor: Actor,
    now: datetime,
) -> Patient:
    """Keep what is new and plan anew what has not left.

    A new time zone (travel) moves texts to its hours, another way of answering changes the check-ins.
    A new number has agreed to nothing: the consents given for the old one end, with them its planned
    texts, its signed-in devices and its invitations; texts go on once a consent for the new number is
    given, with the change or later. A skin type corrected judges the courses still followed anew. With
    another year of birth or PIN the wrong secrets of today are forgotten.

    Raises NotAPhoneNumber, HoursError for an unknown zone, ImplausibleBirthYear, ConsentFromTheFuture,
    PinRequired, PinTaken.
    """
    session.refresh(patient, with_for_update={"key_share": True})
    if any(given.given_at > now + timedelta(minutes=5) for given in consents):
        raise ConsentFromTheFuture
    understood = _understood(changes, patient=patient, clinic=clinic, now=now)
    changed = _set_secret(session, patient, understood, pin=changes.get("pin")) | _set(patient, understood)
    lacking = UnsentReason.NO_CONSENT
    if "phone" in changed:
        patients.withdraw_consents(session, patient, now=now)
        patients.end_access(session, patient, now=now)
        _let_nothing_of_the_old_number_go(session, patient, now=now)
        lacking = UnsentReason.NUMBER_CHANGED
    agreed = _agree(session, patient, consents)
    if ConsentKind.RECOVERY_TEXTS in agreed:
        enrolment.plan_consent_confirmation(session, patient=patient, now=now)
    session.flush()
    if changed & {"first_name", "last_name", "phone", "skin_type"}:
        flag_queue_entries.refresh_patient(session, patient)
    if "skin_type" in changed:
        _judge_courses_again(session, patient, content=content, now=now)
    if agreed or changed & {"phone", "time_zone", "answers_by"}:
        text_planning.plan_texts(session, patient=patient, content=content, now=now, lacking=lacking)
    if agreed or changed:
        audit.record(
            session,
            clinic_id=patient.clinic_id,
            actor=actor,
            action="patient.change",
            subject=("patient", patient.id),
            now=now,
            detail={"changed": ", ".join(sorted({*changed, *agreed}))},
        )
    return patient


def understand_phone(changes: PatientChanges, *, patient: Patient, clinic: Clinic) -> str:
    """The number after the changes; one without a country code is of the clinic's. Raises NotAPhoneNumber."""
    if "phone" not in changes:
        return patient.phone
    return phone_numbers.to_e164(changes["phone"], like=clinic.phone)


def understand_zone(changes: PatientChanges, *, patient: Patient, clinic: Clinic) -> str:
    """The time zone after the changes. Raises HoursError."""
    wanted = changes.get("time_zone", patient.time_zone) or clinic.time_zone
    return opening_hours.zone_named(wanted).key


def _understood(
    changes: PatientChanges, *, patient: Patient, clinic: Clinic, now: datetime
) -> dict[str, Any]:
    understood = dict(cast(Mapping[str, Any], changes))
    understood.pop("pin", None)
    if "phone" in changes:
        understood["phone"] = understand_phone(changes, patient=patient, clinic=clinic)
    if "time_zone" in changes:
        understood["time_zone"] = understand_zone(changes, patient=patient, clinic=clinic)
    if "year_of_birth" in changes and changes["year_of_birth"] != patient.year_of_birth:
        birth_year.require_plausible(changes["year_of_birth"], now=now)
    return understood


def _set_secret(
    session: Session, patient: Patient, changes: Mapping[str, Any], *, pin: str | None
) -> set[str]:
    """Keep a new second secret; on a new number that others have there has to be a PIN of their own."""
    phone: str = changes.get("phone", patient.phone)
    if phone != patient.phone or pin is not None:
        enrolment.require_own_secret(
            session, clinic_id=patient.clinic_id, phone=phone, pin=pin, patient=patient
        )
    if pin is not None:
        patient.pin_hash = credentials.hash_pin(pin)
    if pin is not None or "year_of_birth" in changes:
        patient.wrong_secrets = 0
    return set() if pin is None else {"pin"}


def _set(patient: Patient, changes: Mapping[str, Any]) -> set[str]:
    changed = {name for name, value in changes.items() if getattr(patient, name) != value}
    for name in changed:
        setattr(patient, name, changes[name])
    return changed


def _agree(session: Session, patient: Patient, consents: Sequence[GivenConsent]) -> set[ConsentKind]:
    """Add the consents that do not stand yet, or only in older words; which kinds those were."""
    standing = patients.standing_versions(session, patient)
    new = {given.kind: given for given in consents if given.version > standing.get(given.kind, 0)}
    if ConsentKind.RECOVERY_TEXTS in new:
        # Whoever agrees anew is followed again.
        patient.ended_at = patient.ended_because = None
    for given in new.values():
        session.add(
            Consent(
                clinic_id=patient.clinic_id,
                patient_id=patient.id,
                kind=given.kind,
                wording=given.wording,
                version=given.version,
                given_at=given.given_at,
            )
        )
    session.flush()
    return set(new)


def _let_nothing_of_the_old_number_go(session: Session, patient: Patient, *, now: datetime) -> None:
    """Cancel texts meant for whoever held the old number, whether the new one has agreed or not."""
    for template in _MEANT_FOR_ONE_NUMBER:
        messages.cancel_wording(
            session,
            clinic_id=patient.clinic_id,
            patient_id=patient.id,
            template=template,
            reason=UnsentReason.NUMBER_CHANGED,
            now=now,
        )


def _judge_courses_again(session: Session, patient: Patient, *, content: Content, now: datetime) -> None:
    since = now - FOLLOWED_FOR
    followed = treatments.list_followed(session, patient.clinic_id, patient.id, since=since)
    for treatment in sorted(followed, key=lambda treatment: treatment.id):
        if treatment.withdrawn_at is None:
            session.refresh(treatment, with_for_update={"key_share": True})
            course_judging.reassess_course(session, treatment=treatment, content=content, now=now)
