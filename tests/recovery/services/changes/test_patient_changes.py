"""A patient changes as a whole: number, secret and consents together, and texts and queue with them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Unpack

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.clinic.opening_hours import HoursError
from recovery.domain.core.language import Language
from recovery.domain.flags.flag_lifecycle import FlagState, Urgency
from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.domain.messaging.unsent_reasons import UnsentReason
from recovery.domain.patients.consent import ConsentKind
from recovery.domain.patients.contact import AnswersBy
from recovery.models.clinic.clinics import Clinic as ClinicRow
from recovery.models.flags.flags import Flag
from recovery.models.messaging.messages import Message
from recovery.models.patients import patients
from recovery.models.patients.patients import Patient as PatientRow
from recovery.services.access import authentication
from recovery.services.changes import patient_changes
from recovery.services.changes.patient_changes import PatientChanges
from recovery.services.core import audit
from recovery.services.core.phone_numbers import NotAPhoneNumber
from recovery.services.flags import flag_queue_entries
from recovery.services.patients.enrolment import (
    ConsentFromTheFuture,
    GivenConsent,
    PinRequired,
    PinTaken,
)
from tests.support.data import audit_trail
from tests.support.data.people import YEAR_OF_BIRTH, Clinic, Patient
from tests.support.data.planned_texts import plan_text, standing

NEW = "+12025550811"
RECOVERY, REMINDERS = ConsentKind.RECOVERY_TEXTS, ConsentKind.SESSION_REMINDERS


def row_of(session: Session, clinic: Clinic, patient: Patient) -> PatientRow:
    return session.get_one(PatientRow, (clinic.id, patient.id))


def agreed(kind: ConsentKind, at: datetime, wording: str = "I agree.") -> GivenConsent:
    return GivenConsent(kind=kind, wording=wording, given_at=at)


def update(
    session: Session,
    clinic: Clinic,
    patient: Patient,
    *,
    now: datetime,
    consents: Sequence[GivenConsent] = (),
    **changes: Unpack[PatientChanges],
) -> PatientRow:
    return patient_changes.update_patient(
        session,
        clinic=session.get_one(ClinicRow, clinic.id),
        patient=row_of(session, clinic, patient),
        changes=changes,
        consents=consents,
        content=clinic.content,
        actor=audit.staff(clinic.nurse.id),
        now=now,
    )


def changes_noted(session: Session, clinic: Clinic) -> list[Any]:
    return [entry.detail["changed"] for entry in audit_trail.entries(session, clinic.id, "patient.change")]


def test_what_is_new_is_kept_and_what_is_not_leaves_no_trace(
    clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], now: datetime
) -> None:
    changes: PatientChanges = {
        "first_name": "Ada",
        "last_name": "Sample",
        "year_of_birth": 1988,
        "language": Language.FRENCH,
        "time_zone": "Europe/Paris",
        "skin_type": None,
        "answers_by": AnswersBy.TEXT,
    }
    with sessions() as session:
        row = update(session, clinic, patient, now=now, **changes)
        session.flush()
        session.refresh(row)
        assert {name: getattr(row, name) for name in changes} == changes
        update(session, clinic, patient, now=now, **changes)
        assert changes_noted(session, clinic) == [
            "answers_by, first_name, language, skin_type, time_zone, year_of_birth"
        ]
        assert update(session, clinic, patient, now=now, time_zone=None).time_zone == "UTC"


@pytest.mark.parametrize(
    ("changes", "refused"),
    [({"phone": "12"}, NotAPhoneNumber), ({"time_zone": "Mars/Olympus"}, HoursError)],
)
def test_what_cannot_be_used_is_refused(
    clinic: Clinic,
    patient: Patient,
    sessions: sessionmaker[Session],
    now: datetime,
    changes: PatientChanges,
    refused: type[Exception],
) -> None:
    with sessions() as session, pytest.raises(refused):
        update(session, clinic, patient, now=now, **changes)


def test_a_new_number_has_agreed_to_nothing_and_lets_nobody_in(
    clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions.begin() as session:
        meant = [
            plan_text(session, clinic_id=clinic.id, patient_id=patient.id, template=template, due_at=now)
            for template in ("optin_confirm", "invitation", "login_code", "seen")
        ]
        row = update(session, clinic, patient, now=now, phone="+1 (202) 555-0811")
        assert row.phone == NEW
        assert patients.active_consents(session, row) == frozenset()
        assert changes_noted(session, clinic) == ["phone"]
        session.flush()
        session.expire_all()
        with pytest.raises(authentication.NotSignedIn):
            authentication.patient_caller(session, bearer=patient.token, now=now)
    texts = [standing(sessions, message_id) for message_id in meant]
    gone = (MessageState.CANCELLED, UnsentReason.NUMBER_CHANGED)
    assert [(text.state, text.reason) for text in texts] == [gone] * 3 + [(MessageState.PLANNED, None)]


def test_the_number_as_it_is_ends_nothing_however_it_is_written(
    clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions() as session:
        spaced = f"{patient.phone[:2]} {patient.phone[2:5]} {patient.phone[5:8]} {patient.phone[8:]}"
        row = update(session, clinic, patient, now=now, phone=spaced)
        assert patients.active_consents(session, row) == {RECOVERY}
        assert authentication.patient_caller(session, bearer=patient.token, now=now)
        assert changes_noted(session, clinic) == []


def test_on_a_number_that_others_have_a_pin_of_one_s_own_is_needed(
    clinic: Clinic, other_clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], now: datetime
) -> None:
    clinic.add_patient(now=now, phone=NEW)
    elsewhere = other_clinic.add_patient(now=now)
    with sessions() as session:
        with pytest.raises(PinRequired):
            update(session, clinic, patient, now=now, phone=NEW)
        with pytest.raises(PinTaken):
            update(session, clinic, patient, now=now, phone=NEW, pin=str(YEAR_OF_BIRTH))
        row = update(session, clinic, patient, now=now, phone=NEW, pin="4711")
        assert (row.phone, changes_noted(session, clinic)) == (NEW, ["phone, pin"])
        assert authentication.verify_secret(row, "4711")
        assert update(session, clinic, patient, now=now, phone=elsewhere.phone).phone == elsewhere.phone


def test_who_keeps_a_number_that_others_came_to_needs_no_new_secret(
    clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], now: datetime
) -> None:
    clinic.add_patient(now=now, phone=patient.phone, pin="4711")
    with sessions() as session:
        row = update(session, clinic, patient, now=now, phone=patient.phone, first_name="Ada")
        assert (row.phone, row.first_name) == (patient.phone, "Ada")
        assert changes_noted(session, clinic) == ["first_name"]


@pytest.mark.parametrize(
    ("changes", "forgotten"),
    [({"pin": "4711"}, True), ({"year_of_birth": 1988}, True), ({"first_name": "Ada"}, False)],
)
def test_another_secret_forgets_the_wrong_ones_of_today(
    clinic: Clinic,
    patient: Patient,
    sessions: sessionmaker[Session],
    now: datetime,
    changes: PatientChanges,
    forgotten: bool,
) -> None:
    with sessions.begin() as session:
        row_of(session, clinic, patient).wrong_secrets = 9
    with sessions() as session:
        assert update(session, clinic, patient, now=now, **changes).wrong_secrets == (0 if forgotten else 9)


def test_a_consent_is_added_in_its_words_unless_one_stands(
    clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], now: datetime
) -> None:
    both = [agreed(RECOVERY, now, "Again."), agreed(REMINDERS, now, "Remind me.")]
    with sessions() as session:
        row = update(session, clinic, patient, now=now, consents=both)
        kept = patients.list_consents(session, row, limit=10)
        assert {(consent.kind, consent.wording) for consent in kept} == {
            (RECOVERY, "I agree."),
            (REMINDERS, "Remind me."),
        }
        assert changes_noted(session, clinic) == ["session_reminders"]
        confirmations = select(Message).where(Message.template == "optin_confirm")
        assert session.scalars(confirmations).all() == [], "only recovery texts are confirmed"
        patients.withdraw_consents(session, row, now=now)
        update(session, clinic, patient, now=now, consents=both)
        (confirmation,) = session.scalars(confirmations)
        assert (confirmation.due_at, confirmation.patient_id) == (now, patient.id)


def test_a_consent_in_newer_words_is_added_to_the_one_that_stands(
    clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    patient = clinic.add_patient(now=now, consent_version=1)
    with sessions() as session:
        row = update(session, clinic, patient, now=now)
        for version, kept in ((1, [1]), (2, [2, 1]), (2, [2, 1])):
            given = GivenConsent(kind=RECOVERY, wording="Again.", given_at=now, version=version)
            row = update(session, clinic, patient, now=now, consents=[given])
            assert [one.version for one in patients.list_consents(session, row, limit=10)] == kept
        row = row_of(session, clinic, patient)
        assert patients.standing_versions(session, row) == {RECOVERY: 2}
        patients.withdraw_consents(session, row, now=now)
        assert patients.standing_versions(session, row) == {}


def test_a_consent_from_the_future_changes_nothing(
    clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], now: datetime
) -> None:
    almost = now + timedelta(minutes=5)
    with sessions() as session:
        late = [agreed(REMINDERS, almost + timedelta(seconds=1))]
        with pytest.raises(ConsentFromTheFuture):
            update(session, clinic, patient, now=now, consents=late, first_name="Ada")
        assert row_of(session, clinic, patient).first_name == "Pat"
        row = update(session, clinic, patient, now=now, consents=[agreed(REMINDERS, almost)])
        assert REMINDERS in patients.active_consents(session, row)


def test_the_queue_shows_the_new_name_at_once(
    clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions() as session:
        flag = Flag(
            clinic_id=clinic.id, treatment_id=patient.treatment_id, state=FlagState.OPEN,
            urgency=Urgency.SAME_DAY, urgency_rank=Urgency.SAME_DAY.rank, opened_at=now, due_at=now,
        )  # fmt: skip
        session.add(flag)
        session.flush()
        flag_queue_entries.refresh(session, clinic_id=clinic.id, treatment_id=patient.treatment_id)
        assert flag.entry is not None
        before = dict(flag.entry)
        update(session, clinic, patient, now=now, first_name="Ada", phone=NEW)
        changed = {name for name, value in flag.entry.items() if before[name] != value}
        assert (flag.entry["patient"], flag.entry["phone"]) == ("Ada Sample", NEW)
        assert changed == {"patient", "phone"}
