"""Enrolling a patient, their PIN on a shared number, invitations and fresh links, what is known of their skin
(band override)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from recovery.domain.clinic import opening_hours
from recovery.domain.clinical.assessment import BandOverride
from recovery.domain.core.language import Language
from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.domain.patients import birth_year
from recovery.domain.patients.consent import UNKNOWN_WORDS, ConsentKind
from recovery.domain.patients.contact import AnswersBy
from recovery.models.clinic.clinics import Clinic, ClinicMode
from recovery.models.inbound import phone_locks
from recovery.models.messaging import messages
from recovery.models.messaging.messages import Message
from recovery.models.patients import patients
from recovery.models.patients.patients import Consent, Invitation, Patient
from recovery.services.access import authentication, credentials
from recovery.services.core import audit, phone_numbers
from recovery.services.core.audit import Actor

INVITATION_LIVES = timedelta(hours=72)
CONSENT_TEXT_USEFUL = timedelta(hours=12)


class UnknownPatient(LookupError):
    """No patient has this id."""


class ReasonRequired(ValueError):
    """What is known of a patient's skin is kept with the reason."""


class PinRequired(ValueError):
    """Another patient of the clinic has this number: a PIN tells them apart."""


class PinTaken(ValueError):
    """Another patient on this number would open with the same PIN."""


class ConsentFromTheFuture(ValueError):
    """A consent cannot be given later than now."""


@dataclass(frozen=True, kw_only=True)
class GivenConsent:
    """What was agreed to, in which words, when; `version` of our statement, where the words are that."""

    kind: ConsentKind
    wording: str
    given_at: datetime
    version: int = UNKNOWN_WORDS


@dataclass(frozen=True, kw_only=True)
class NewPatient:
    """Who is enrolled. `phone` without a country code is one of the clinic's country; `skin_type` Fitzpatrick
    1-6 where known; `last_name` is empty for somebody with one name. `training`: for practice; None goes by
    the clinic, and in a clinic in training everybody is.
    """

    first_name: str
    last_name: str
    phone: str
    year_of_birth: int
    pin: str | None
    language: Language
    time_zone: str | None
    skin_type: int | None
    answers_by: AnswersBy
    consents: Sequence[GivenConsent]
    training: bool | None = None


@dataclass(frozen=True, kw_only=True)
class IssuedInvitation:
    """A fresh invitation; the token is shown once and stored only as its SHA-256."""

    token: str
    expires_at: datetime


def enrol(
    session: Session, *, clinic: Clinic, new: NewPatient, actor: Actor, now: datetime, confirm: bool = True
) -> Patient:
    """A patient of this clinic; with their consent the first text confirms it, unless `confirm` says no.

    Raises NotAPhoneNumber, HoursError for an unknown time zone, ImplausibleBirthYear,
    ConsentFromTheFuture, PinRequired and PinTaken on a number that another patient of the clinic has.
    """
    if any(consent.given_at > now + timedelta(minutes=5) for consent in new.consents):
        raise ConsentFromTheFuture
    phone = phone_numbers.to_e164(new.phone, like=clinic.phone)
    require_own_secret(session, clinic_id=clinic.id, phone=phone, pin=new.pin)
    patient = Patient(
        clinic_id=clinic.id,
        first_name=new.first_name,
        last_name=new.last_name,
        phone=phone,
        year_of_birth=birth_year.require_plausible(new.year_of_birth, now=now),
        pin_hash=None if new.pin is None else credentials.hash_pin(new.pin),
        language=new.language,
        time_zone=opening_hours.zone_named(new.time_zone or clinic.time_zone).key,
        skin_type=new.skin_type,
        answers_by=new.answers_by,
        training=clinic.mode is ClinicMode.TRAINING if new.training is None else new.training,
        created_at=now,
    )
    session.add(patient)
    session.flush()
    for consent in new.consents:
        session.add(
            Consent(
                clinic_id=clinic.id,
                patient_id=patient.id,
                kind=consent.kind,
                wording=consent.wording,
                version=consent.version,
                given_at=consent.given_at,
            )
        )
    session.flush()
    if confirm and any(consent.kind is ConsentKind.RECOVERY_TEXTS for consent in new.consents):
        _plan_for(session, patient, step="optin_confirm", template="optin_confirm", now=now)
    _note(session, patient, actor=actor, action="patient.enrol", now=now)
    return patient


def require_own_secret(
    session: Session, *, clinic_id: UUID, phone: str, pin: str | None, patient: Patient | None = None
) -> None:
    """On a shared number a year of birth is no secret: everyone after the first there needs a PIN.

    `patient` is who has the number, or None while they are enrolled. Holds the number, so that of two at
    the same moment one sees the other. Raises PinRequired, PinTaken.
    """
    phone_locks.lock_number(session, phone)
    others = [
        other
        for other in patients.find_by_phone(session, phone)
        if other.clinic_id == clinic_id and other is not patient
    ]
    if not others:
        return
    if pin is None and (patient is None or patient.pin_hash is None):
        raise PinRequired
    if pin is not None and any(authentication.verify_secret(other, pin) for other in others):
        raise PinTaken


def invite(session: Session, *, patient: Patient, now: datetime) -> IssuedInvitation:
    """An invitation for 72 hours, opened by its token and the patient's second secret, spent once."""
    token = credentials.new_invitation(Language(patient.language))
    invitation = Invitation(
        clinic_id=patient.clinic_id,
        patient_id=patient.id,
        token_hash=credentials.hash_token(token),
        created_at=now,
        expires_at=now + INVITATION_LIVES,
    )
    session.add(invitation)
    return IssuedInvitation(token=token, expires_at=invitation.expires_at)


def renew_invitation(session: Session, *, invitation: str, now: datetime) -> None:
    """Text a fresh link for one that has ended, to the enrolled number only.

    An invitation that still opens, or that nobody has, does nothing: who asks is told the same.
    """
    invitation_row = patients.get_invitation(session, credentials.hash_token(invitation))
    if invitation_row is None:
        return
    invited, patient = invitation_row
    if not authentication.has_ended(invited, now=now):
        return
    step = f"invitation:{now.isoformat()}"
    _plan_for(session, patient, step=step, template="invitation", now=now, asked_for=True)
    _note(session, patient, actor=audit.patient(patient.id), action="patient.renew_invitation", now=now)


def plan_consent_confirmation(session: Session, *, patient: Patient, now: datetime) -> None:
    """Text that a consent given later is understood, as at enrolment."""
    _plan_for(session, patient, step=f"optin_confirm:{now.isoformat()}", template="optin_confirm", now=now)


def plan_invitation_text(session: Session, *, patient: Patient, actor: Actor, now: datetime) -> None:
    """Text a fresh link to the enrolled number. The link is made when the text leaves."""
    _plan_for(session, patient, step=f"invitation:{now.isoformat()}", template="invitation", now=now)
    _note(session, patient, actor=actor, action="patient.invite_by_text", now=now)


def invite_at_desk(session: Session, *, patient: Patient, actor: Actor, now: datetime) -> IssuedInvitation:
    """A fresh link to show at the desk, where the patient stands; wrong secrets of today are forgotten."""
    patient.wrong_secrets = 0
    _note(session, patient, actor=actor, action="patient.invite_at_desk", now=now)
    return invite(session, patient=patient, now=now)


def set_band_override(
    session: Session,
    *,
    patient: Patient,
    known: BandOverride | None,
    because: str | None,
    actor: Actor,
    now: datetime,
) -> Patient:
    """Keep what is known of this skin, or nothing any more; it holds for reports that come from now on.

    The protocol bounds how far it may go; warning signs look at none of it. Raises ReasonRequired.
    """
    if known is not None and not (because or "").strip():
        raise ReasonRequired
    patient.band_level = 1.0 if known is None else known.level
    patient.band_duration = 1.0 if known is None else known.duration
    patient.at_least = None if known is None else known.at_least
    patient.band_because = None if known is None else because
    _note(session, patient, actor=actor, action="patient.set_band", now=now)
    return patient


def get_patient(session: Session, *, clinic_id: UUID, patient_id: UUID) -> Patient:
    """The clinic's patient under this id. Raises UnknownPatient, for another clinic's too."""
    patient = patients.get(session, clinic_id, patient_id)
    if patient is None:
        raise UnknownPatient(patient_id)
    return patient


def _plan_for(
    session: Session, patient: Patient, *, step: str, template: str, now: datetime, asked_for: bool = False
) -> None:
    messages.insert_planned(
        session,
        Message(
            clinic_id=patient.clinic_id,
            patient_id=patient.id,
            step=step,
            template=template,
            due_at=now,
            useful_until=now + CONSENT_TEXT_USEFUL,
            state=MessageState.PLANNED,
            created_at=now,
            replies_to_at=now if asked_for else None,
        ),
    )


def _note(session: Session, patient: Patient, *, actor: Actor, action: str, now: datetime) -> None:
    audit.record(
        session,
        clinic_id=patient.clinic_id,
        actor=actor,
        action=action,
        subject=("patient", patient.id),
        now=now,
    )
