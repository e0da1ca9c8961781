"""Enrolling a patient: what is kept, whom it may be already, and what cannot be used."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.core.language import Language
from recovery.domain.patients.consent import ConsentKind
from recovery.models.clinic.clinics import Clinic as ClinicRow
from recovery.models.clinic.clinics import ClinicMode
from recovery.models.messaging.messages import Message
from recovery.models.patients.patients import Consent, Patient
from tests.api.console.conftest import Browser
from tests.api.console.patients.conftest import FORM, NEW


def test_enrolling_keeps_what_was_said_and_the_words_agreed_to(
    enrolled: Callable[..., tuple[Patient, str]], sessions: sessionmaker[Session]
) -> None:
    patient, _ = enrolled()
    kept = (patient.first_name, patient.phone, patient.year_of_birth, patient.language, patient.time_zone)
    assert kept == ("Ada", "+12025550811", 1988, "es", "America/Chicago")
    assert patient.skin_type == 4
    with sessions() as session:
        consent = session.scalars(select(Consent)).one()
        text = session.scalars(select(Message)).one()
    assert consent.kind is ConsentKind.RECOVERY_TEXTS
    assert consent.wording.startswith("Acepto recibir mensajes de texto de Test Clinic")
    assert consent.wording.endswith("(es, version 3)")
    assert consent.version == 3
    assert text.template == "optin_confirm"


@pytest.mark.parametrize(
    "same",
    [
        {"phone": "+12025550812"},
        {"first_name": "aDA", "last_name": "EXAMPLE", "phone": "+12025550812"},
        {"first_name": "Éxample", "last_name": "A’da", "phone": "+12025550812"},
        {"first_name": "Other", "year_of_birth": "1999", "pin": "4711"},
    ],
)
def test_somebody_alike_is_asked_about_before_saving(
    same: dict[str, str],
    browser: Browser,
    enrolled: Callable[..., tuple[Patient, str]],
    sessions: sessionmaker[Session],
) -> None:
    first, _ = enrolled()
    answer = browser.post(NEW, {**FORM, **same})
    assert answer.status_code == 409
    assert "Is this somebody who is enrolled already?" in answer.text
    assert f"/console/patients/{first.id}" in answer.text
    with sessions() as session:
        assert len(session.scalars(select(Patient)).all()) == 1
    second, _ = enrolled(**same, anyway="yes")
    assert second.id != first.id


def test_a_number_of_two_needs_a_pin(
    browser: Browser, enrolled: Callable[..., tuple[Patient, str]], sessions: sessionmaker[Session]
) -> None:
    enrolled()
    answer = browser.post(NEW, {**FORM, "first_name": "Bea", "anyway": "yes"})
    assert answer.status_code == 422
    assert "A PIN keeps the two apart" in answer.text
    with sessions() as session:
        assert len(session.scalars(select(Patient)).all()) == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("first_name", ""),
        ("last_name", "a\x00b"),
        ("last_name", "Exa\u200bmple"),
        ("first_name", "\u202eAda"),
        ("first_name", "12"),
        ("first_name", "x" * 101),
        ("phone", "12"),
        ("phone", "call me"),
        ("phone", "555-0142"),
        ("phone", "+441111"),
        ("year_of_birth", "88"),
        ("year_of_birth", "٢٠٠٠"),
        ("year_of_birth", "1900"),
        ("language", "xx"),
        ("answers_by", "fax"),
        ("skin_type", "7"),
        ("time_zone", "../etc/passwd"),
        ("time_zone", "Etc/GMT-3"),
        ("pin", "12a4"),
    ],
)
def test_what_cannot_be_used_is_marked_and_nothing_is_lost(
    field: str, value: str, browser: Browser, sessions: sessionmaker[Session]
) -> None:
    answer = browser.post(NEW, {**FORM, "numbers": "1", field: value})
    assert answer.status_code == 422
    assert f'id="{field}-wrong"' in answer.text
    if field != "last_name":
        assert 'value="Example"' in answer.text
    with sessions() as session:
        assert session.scalars(select(Patient)).all() == []


def test_a_number_without_its_country_is_one_of_the_clinics(
    enrolled: Callable[..., tuple[Patient, str]],
) -> None:
    patient, _ = enrolled(phone="(202) 555-0813")
    assert patient.phone == "+12025550813"


def test_every_wrong_field_is_marked_at_once_and_a_name_is_told_by_its_own(browser: Browser) -> None:
    wrong = {
        "first_name": "Ada",
        "last_name": "Exa\u200bmple",
        "phone": "12",
        "year_of_birth": "88",
        "pin": "1",
    }
    answer = browser.post(NEW, {**FORM, **wrong})
    for field in ("last_name", "phone", "year_of_birth", "pin"):
        assert f'id="{field}-wrong"' in answer.text
    assert 'id="first_name-wrong"' not in answer.text
    assert "The last name holds a character that cannot be seen (U+200B) in place 4" in answer.text


def test_somebody_with_one_name_is_enrolled_under_it(enrolled: Callable[..., tuple[Patient, str]]) -> None:
    patient, _ = enrolled(first_name="Sukarno", last_name="")
    assert (patient.first_name, patient.last_name, patient.full_name) == ("Sukarno", "", "Sukarno")


def test_a_landline_is_asked_about_before_saving(
    browser: Browser, enrolled: Callable[..., tuple[Patient, str]], sessions: sessionmaker[Session]
) -> None:
    answer = browser.post(NEW, {**FORM, "phone": "+44 20 7946 0123"})
    assert answer.status_code == 409
    assert "The number is a landline" in answer.text
    assert "enrolled already" not in answer.text
    with sessions() as session:
        assert session.scalars(select(Patient)).all() == []
    patient, _ = enrolled(phone="+44 20 7946 0123", anyway="yes")
    assert patient.phone == "+442079460123"


def test_what_is_agreed_to_is_read_out_in_every_language_with_the_clinics_name(browser: Browser) -> None:
    page = browser.page(NEW)
    for language in Language:
        said = [text.text for text in page.every("p", class_=f"statement is-{language.value}")]
        assert len(said) == len(ConsentKind)
        assert all("Test Clinic" in statement for statement in said)


def test_only_what_is_ticked_is_agreed_to(
    enrolled: Callable[..., tuple[Patient, str]], sessions: sessionmaker[Session]
) -> None:
    enrolled(recovery_texts="", session_reminders="yes")
    with sessions() as session:
        assert session.scalars(select(Consent.kind)).all() == [ConsentKind.SESSION_REMINDERS]


def test_in_training_everybody_is_for_practice_but_who_is_said_to_be_real(
    browser: Browser, enrolled: Callable[..., tuple[Patient, str]], sessions: sessionmaker[Session]
) -> None:
    assert "For practice" not in browser.page(NEW).said
    with sessions.begin() as session:
        session.execute(update(ClinicRow).values(mode=ClinicMode.TRAINING))
    assert "For practice" in browser.page(NEW).said
    made_up, _ = enrolled()
    real, _ = enrolled(real="yes", anyway="yes", phone="+12025550813", first_name="Bea")
    assert (made_up.training, real.training) == (True, False)
    page = f"/console/patients/{made_up.id}"
    assert "This is a real patient" in browser.page(page).said
    assert browser.post(f"{page}/real").headers["Location"] == f"{page}?done=real"
    assert "This is a real patient" not in browser.page(page).said
