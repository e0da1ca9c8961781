"""Taking a patient in: consent and number are understood, a shared number keeps people apart, links open."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.clinic.opening_hours import HoursError
from recovery.domain.clinical.assessment import BandOverride
from recovery.domain.clinical.symptoms import Level
from recovery.domain.core.language import Language
from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.domain.patients.consent import ConsentKind
from recovery.domain.patients.contact import AnswersBy
from recovery.models.clinic.clinics import Clinic as ClinicRow
from recovery.models.messaging.messages import Message
from recovery.models.patients import patients
from recovery.models.patients.patients import Patient as PatientRow
from recovery.services.access import authentication, credentials
from recovery.services.core import audit
from recovery.services.core.phone_numbers import NotAPhoneNumber
from recovery.services.patients import enrolment
from recovery.services.patients.enrolment import (
    ConsentFromTheFuture,
    GivenConsent,
    NewPatient,
    PinRequired,
    PinTaken,
    ReasonRequired,
    UnknownPatient,
)
from tests.support.data import audit_trail
from tests.support.data.people import YEAR_OF_BIRTH, Clinic, Patient

PHONE = "+12025550811"
SECOND = timedelta(seconds=1)


def agreed(at: datetime, *, kind: ConsentKind = ConsentKind.RECOVERY_TEXTS) -> GivenConsent:
    return GivenConsent(kind=kind, wording="I agree.", given_at=at)


def enrol(
    session: Session,
    clinic: Clinic,
    *,
    now: datetime,
    consents: Sequence[GivenConsent] = (),
    confirm: bool = True,
    **changed: Any,
) -> PatientRow:
    said: dict[str, Any] = {
        "first_name": "Ada",
        "last_name": "Sample",
        "phone": PHONE,
        "year_of_birth": YEAR_OF_BIRTH,
        "pin": None,
        "language": Language.SPANISH,
        "time_zone": None,
        "skin_type": 4,
        "answers_by": AnswersBy.LINK,
    }
    return enrolment.enrol(
        session,
        clinic=session.get_one(ClinicRow, clinic.id),
        new=NewPatient(**said | changed, consents=consents),
        actor=audit.staff(clinic.nurse.id),
        now=now,
        confirm=confirm,
    )


def row_of(session: Session, clinic: Clinic, patient: Patient) -> PatientRow:
    return session.get_one(PatientRow, (clinic.id, patient.id))


def planned(session: Session, patient: PatientRow) -> list[tuple[str, datetime, datetime | None]]:
    """The texts that wait, with when they are due and what they answer."""
    wanted = select(Message).where(Message.patient_id == patient.id, Message.state == MessageState.PLANNED)
    rows = session.scalars(wanted.order_by(Message.step))
    return [(row.template, row.due_at, row.replies_to_at) for row in rows]


def test_a_patient_is_kept_as_understood_with_the_consent_in_its_words(
    clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions() as session:
        session.get_one(ClinicRow, clinic.id).time_zone = "America/New_York"
        consent = agreed(now - timedelta(days=1))
        patient = enrol(session, clinic, now=now, phone="+1 (202) 555-0811", pin="4711", consents=[consent])
        assert (patient.phone, patient.time_zone) == (PHONE, "America/New_York"), "the clinic's own zone"
        assert (patient.language, patient.skin_type, patient.created_at) == (Language.SPANISH, 4, now)
        assert credentials.verify_hash(patient.pin_hash, "4711")
        (kept,) = patients.list_consents(session, patient, limit=10)
        assert (kept.kind, kept.wording, kept.given_at) == (consent.kind, "I agree.", consent.given_at)
        assert planned(session, patient) == [("optin_confirm", now, None)]
        (entry,) = audit_trail.entries(session, clinic.id, "patient.enrol")
        assert (entry.actor_id, entry.subject_id) == (clinic.nurse.id, patient.id)


@pytest.mark.parametrize(
    ("kind", "confirm"),
    [(None, True), (ConsentKind.SESSION_REMINDERS, True), (ConsentKind.RECOVERY_TEXTS, False)],
)
def test_only_a_consent_to_recovery_texts_is_confirmed_and_only_where_that_is_wanted(
    clinic: Clinic, sessions: sessionmaker[Session], now: datetime, kind: ConsentKind | None, confirm: bool
) -> None:
    consents = [] if kind is None else [agreed(now, kind=kind)]
    with sessions() as session:
        patient = enrol(session, clinic, now=now, consents=consents, confirm=confirm)
        assert planned(session, patient) == []


def test_a_consent_is_given_now_or_earlier(
    clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions() as session:
        almost = now + timedelta(minutes=5)
        with pytest.raises(ConsentFromTheFuture):
            enrol(session, clinic, now=now, consents=[agreed(now), agreed(almost + SECOND)])
        assert enrol(session, clinic, now=now, consents=[agreed(almost)]).id


@pytest.mark.parametrize(
    ("changed", "refused"),
    [({"phone": "12"}, NotAPhoneNumber), ({"time_zone": "Mars/Olympus"}, HoursError)],
)
def test_what_cannot_be_used_is_refused(
    clinic: Clinic,
    sessions: sessionmaker[Session],
    now: datetime,
    changed: dict[str, Any],
    refused: type[Exception],
) -> None:
    with sessions() as session, pytest.raises(refused):
        enrol(session, clinic, now=now, **changed)


def test_on_a_shared_number_everyone_after_the_first_has_a_pin_of_their_own(
    clinic: Clinic, other_clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions() as session:
        first = enrol(session, clinic, now=now)
        with pytest.raises(PinRequired):
            enrol(session, clinic, now=now, first_name="Bea")
        with pytest.raises(PinTaken):
            enrol(session, clinic, now=now, first_name="Bea", pin=str(YEAR_OF_BIRTH))
        second = enrol(session, clinic, now=now, first_name="Bea", pin="4711")
        with pytest.raises(PinTaken):
            enrol(session, clinic, now=now, first_name="Cleo", pin="4711")
        elsewhere = enrol(session, other_clinic, now=now)
        assert first.phone == second.phone == elsewhere.phone


def test_whoever_has_the_number_is_not_one_of_the_others_on_it(
    clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions() as session:
        first = enrol(session, clinic, now=now, pin="4711")
        for pin in (None, "4711", "0815"):
            enrolment.require_own_secret(session, clinic_id=clinic.id, phone=PHONE, pin=pin, patient=first)
        without = enrol(session, clinic, now=now, phone="+12025550899")
        with pytest.raises(PinRequired):
            enrolment.require_own_secret(session, clinic_id=clinic.id, phone=PHONE, pin=None, patient=without)
        with pytest.raises(PinTaken):
            enrolment.require_own_secret(
                session, clinic_id=clinic.id, phone=PHONE, pin="4711", patient=without
            )


def test_a_link_at_the_desk_opens_for_its_hours_and_forgets_wrong_tries_of_today(
    clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions() as session:
        row = row_of(session, clinic, patient)
        row.wrong_secrets, row.wrong_secrets_on = authentication.WRONG_SECRETS_A_DAY, now.date()
        issued = enrolment.invite_at_desk(session, patient=row, actor=audit.staff(clinic.nurse.id), now=now)
        assert issued.expires_at == now + enrolment.INVITATION_LIVES
        assert row.wrong_secrets == 0
        session.flush()
        assert authentication.patient_sign_in(
            session, invitation=issued.token, secret=str(YEAR_OF_BIRTH), now=issued.expires_at - SECOND
        )
        assert len(audit_trail.entries(session, clinic.id, "patient.invite_at_desk")) == 1


def test_a_link_by_text_is_planned_for_now(
    clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions() as session:
        row = row_of(session, clinic, patient)
        enrolment.plan_invitation_text(session, patient=row, actor=audit.OPERATOR, now=now)
        enrolment.plan_consent_confirmation(session, patient=row, now=now)
        assert planned(session, row) == [("invitation", now, None), ("optin_confirm", now, None)]
        assert len(audit_trail.entries(session, clinic.id, "patient.invite_by_text")) == 1


def test_an_ended_link_asks_for_a_fresh_one_and_any_other_for_nothing(
    clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions() as session:
        row = row_of(session, clinic, patient)
        issued = enrolment.invite(session, patient=row, now=now)
        session.flush()
        enrolment.renew_invitation(session, invitation=issued.token, now=issued.expires_at - SECOND)
        enrolment.renew_invitation(session, invitation="nobody's", now=issued.expires_at)
        assert planned(session, row) == []
        enrolment.renew_invitation(session, invitation=issued.token, now=issued.expires_at)
        assert planned(session, row) == [("invitation", issued.expires_at, issued.expires_at)]
        (entry,) = audit_trail.entries(session, clinic.id, "patient.renew_invitation")
        assert entry.actor_id == patient.id


def test_what_is_known_of_a_skin_is_kept_with_the_reason_and_taken_back(
    clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], now: datetime
) -> None:
    known = BandOverride(level=1.2, duration=0.9, at_least=Level.WATCH)
    with sessions() as session:
        row = row_of(session, clinic, patient)

        def keep(override: BandOverride | None, because: str | None) -> BandOverride | None:
            enrolment.set_band_override(
                session, patient=row, known=override, because=because, actor=audit.OPERATOR, now=now
            )
            session.flush()
            session.refresh(row)
            return row.override()

        for because in (None, "", "  "):
            with pytest.raises(ReasonRequired):
                keep(known, because)
        assert row.override() is None
        assert keep(known, "Flushes easily.") == known
        assert row.band_because == "Flushes easily."
        assert keep(None, None) is None
        columns = ("band_level", "band_duration", "at_least", "band_because")
        assert [getattr(row, column) for column in columns] == [1.0, 1.0, None, None]


def test_a_patient_is_their_clinic_s_alone(
    clinic: Clinic, other_clinic: Clinic, patient: Patient, sessions: sessionmaker[Session]
) -> None:
    with sessions() as session:
        assert enrolment.get_patient(session, clinic_id=clinic.id, patient_id=patient.id).id == patient.id
        with pytest.raises(UnknownPatient):
            enrolment.get_patient(session, clinic_id=other_clinic.id, patient_id=patient.id)
