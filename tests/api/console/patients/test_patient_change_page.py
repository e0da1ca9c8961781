"""Changing a patient on the page: what follows is shown before it is kept."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.test import TestResponse

from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.models.messaging import messages, opt_outs
from recovery.models.messaging.messages import Message
from recovery.models.patients.patients import Consent, PatientSession
from recovery.models.patients.patients import Patient as PatientRow
from tests.api.console.conftest import Browser
from tests.support.browser.pages import StrictPage
from tests.support.data.people import Clinic, Patient

FORM = {
    "first_name": "Pat",
    "last_name": "Sample",
    "year_of_birth": "1990",
    "language": "en",
    "answers_by": "link",
    "skin_type": "3",
    "time_zone": "UTC",
}
NEW_PHONE = "+12025550899"


@pytest.fixture
def change(browser: Browser, patient: Patient) -> Callable[..., TestResponse]:
    """Sends the form of the patient with these fields changed."""
    path = f"/console/patients/{patient.id}/change"
    return lambda **more: browser.post(path, {**FORM, "phone": patient.phone, **more})


def _shown(answer: TestResponse) -> tuple[str, str]:
    """What is said to follow, and what the button under it carries."""
    assert answer.status_code == 200
    page = StrictPage(answer.text)
    (told,) = page.every("section", id="follows")
    (button,) = page.every("button", name="sure")
    return " ".join(told.text.split()), button.attributes["value"] or ""


def _phone(sessions: sessionmaker[Session], patient: Patient) -> str:
    with sessions() as session:
        return session.scalars(select(PatientRow.phone).where(PatientRow.id == patient.id)).one()


def test_a_new_number_shows_what_ends_before_it_does(
    change: Callable[..., TestResponse], patient: Patient, sessions: sessionmaker[Session], now: datetime
) -> None:
    told, sure = _shown(change(phone="(202) 555-0899"))
    assert "The number becomes +1 202 555 0899" in told
    assert "What was agreed to for the old number ends: recovery texts" in told
    assert "1 phone is signed out" in told
    assert re.search(r"\d+ texts that have not left go out only with a consent for the new number", told)
    assert _phone(sessions, patient) == patient.phone
    answer = change(phone=NEW_PHONE, sure=sure)
    assert answer.headers["Location"] == f"/console/patients/{patient.id}?done=changed"
    assert _phone(sessions, patient) == NEW_PHONE
    with sessions() as session:
        assert all(consent.withdrawn_at for consent in session.scalars(select(Consent)))
        ends = session.scalars(select(PatientSession.expires_at)).all()
        assert all(end <= datetime.now(end.tzinfo) for end in ends)
        assert messages.count_planned(session, *_ids(session, patient)) == 0


def test_a_consent_for_the_new_number_lets_texts_go_on(
    change: Callable[..., TestResponse], patient: Patient, sessions: sessionmaker[Session]
) -> None:
    _, sure = _shown(change(phone=NEW_PHONE))
    assert change(phone=NEW_PHONE, sure=sure, recovery_texts="yes").status_code == 303
    with sessions() as session:
        assert session.scalars(select(Consent).where(Consent.withdrawn_at.is_(None))).one()
        planned = session.scalars(select(Message).where(Message.state == MessageState.PLANNED)).all()
    assert {"optin_confirm", "day2_link"} <= {text.template for text in planned}


def test_what_was_seen_is_what_is_kept(
    change: Callable[..., TestResponse], patient: Patient, sessions: sessionmaker[Session]
) -> None:
    _, sure = _shown(change(phone=NEW_PHONE))
    told, _ = _shown(change(phone="+12025550898", sure=sure))
    assert "+1 202 555 0898" in told
    assert _phone(sessions, patient) == patient.phone


def test_zone_language_and_answers_say_what_moves(
    change: Callable[..., TestResponse], patient: Patient, sessions: sessionmaker[Session]
) -> None:
    new = {"time_zone": "America/Chicago", "language": "fr", "answers_by": "text"}
    told, sure = _shown(change(**new))
    assert "the clock of America/Chicago" in told
    assert "in French from now on" in told
    assert "answers by text" in told
    assert "number" not in told
    assert change(**new, sure=sure).status_code == 303
    with sessions() as session:
        kept = session.scalars(select(PatientRow).where(PatientRow.id == patient.id)).one()
        assert (kept.time_zone, kept.language, kept.answers_by) == ("America/Chicago", "fr", "text")
        assert session.scalars(select(Consent).where(Consent.withdrawn_at.is_(None))).one()


def test_a_name_is_kept_at_once_and_wrong_entries_lose_nothing(
    change: Callable[..., TestResponse], patient: Patient, sessions: sessionmaker[Session]
) -> None:
    assert change(first_name="Sam").status_code == 303
    wrong = change(first_name="Kim", year_of_birth="90")
    assert wrong.status_code == 422
    assert 'value="Kim"' in wrong.text
    with sessions() as session:
        names = select(PatientRow.first_name).where(PatientRow.id == patient.id)
        assert session.scalars(names).one() == "Sam"


def test_a_number_that_others_have_needs_a_pin(
    change: Callable[..., TestResponse],
    patient: Patient,
    clinic: Clinic,
    now: datetime,
    sessions: sessionmaker[Session],
) -> None:
    other = clinic.add_patient(now=now)
    told, sure = _shown(change(phone=other.phone))
    assert "1 other patient here has this number" in told
    refused = change(phone=other.phone, sure=sure)
    assert refused.status_code == 422
    assert "A PIN keeps the two apart" in refused.text
    assert _phone(sessions, patient) == patient.phone
    assert change(phone=other.phone, sure=sure, pin="4711").status_code == 303
    assert change(phone=other.phone, pin="4712").status_code == 303, "a PIN can be changed alone"


def test_a_number_that_wants_no_texts_is_named(
    change: Callable[..., TestResponse],
    patient: Patient,
    clinic: Clinic,
    sessions: sessionmaker[Session],
    now: datetime,
) -> None:
    with sessions.begin() as session:
        opt_outs.insert_opt_out(session, clinic_id=clinic.id, phone=NEW_PHONE, how="text", now=now)
    told, _ = _shown(change(phone=NEW_PHONE))
    assert "asked for no more texts" in told


def test_another_clinics_patient_is_nobodys(browser: Browser, other_clinic: Clinic, now: datetime) -> None:
    path = f"/console/patients/{other_clinic.add_patient(now=now).id}/change"
    assert browser.get(path).status_code == browser.post(path, FORM).status_code == 404


def _ids(session: Session, patient: Patient) -> tuple[UUID, UUID]:
    return session.scalars(select(PatientRow.clinic_id).where(PatientRow.id == patient.id)).one(), patient.id
