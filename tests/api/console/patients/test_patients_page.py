"""Finding, enrolling, and the page of one patient."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from api.console.patients import desk_page, patients_page
from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.domain.patients.consent import ConsentKind
from recovery.models.messaging.messages import Message
from recovery.models.patients.patients import Consent, Invitation, Patient, PatientSession
from tests.api.console.conftest import Browser
from tests.support.data.people import Clinic

NEW = "/console/patients/new"
FORM = {
    "first_name": "Ada",
    "last_name": "Example",
    "phone": "+1 202-555-0811",
    "year_of_birth": "1988",
    "language": "es",
    "answers_by": "link",
    "skin_type": "4",
    "time_zone": "America/Chicago",
    "recovery_texts": "yes",
}


@pytest.fixture
def enrolled(browser: Browser, sessions: sessionmaker[Session]) -> Callable[..., tuple[Patient, str]]:
    """Enrols over the page; the patient and where the answer leads."""

    def enrol(**more: str) -> tuple[Patient, str]:
        answer = browser.post(NEW, {**FORM, **more})
        assert answer.status_code == 303, answer.text
        with sessions() as session:
            return session.scalars(
                select(Patient).order_by(Patient.id.desc()).limit(1)
            ).one(), answer.headers["Location"]

    return enrol


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
    assert consent.wording.endswith("(es, version 1)")
    assert text.template == "optin_confirm"


def test_the_desk_shows_a_code_to_scan_until_it_is_opened_and_how_the_text_stands(
    browser: Browser, enrolled: Callable[..., tuple[Patient, str]], sessions: sessionmaker[Session]
) -> None:
    patient, desk = enrolled()
    page = browser.page(desk)
    assert "Enrolled." in page.said
    assert len(page.every("svg", class_="qr")) == 1
    assert "On its way" in page.said
    cookie = browser.client.get_cookie(desk_page.COOKIE, path=desk.partition("?")[0])
    assert cookie is not None
    assert cookie.http_only
    assert cookie.value not in page.said
    with sessions.begin() as session:
        session.scalars(select(Message)).one().state = MessageState.UNDELIVERED
        session.scalars(select(Invitation)).one().spent_at = patient.created_at
    again = browser.page(desk)
    assert again.every("svg", class_="qr") == []
    assert "Opened on the patient's phone." in again.said
    assert "Not delivered" in again.said
    assert "Check the number with the patient" in again.said


def test_a_code_is_shown_on_its_own_patients_page_only(
    browser: Browser, enrolled: Callable[..., tuple[Patient, str]], clinic: Clinic, now: datetime
) -> None:
    _, desk = enrolled()
    other = clinic.add_patient(now=now)
    cookie = browser.client.get_cookie(desk_page.COOKIE, path=desk.partition("?")[0])
    assert cookie is not None
    theirs = f"/console/patients/{other.id}/desk"
    browser.client.set_cookie(desk_page.COOKIE, cookie.value, path=theirs)
    assert browser.page(theirs).every("svg", class_="qr") == []
    assert browser.post(theirs).headers["Location"] == theirs
    assert len(browser.page(theirs).every("svg", class_="qr")) == 1


def test_without_consent_no_text_is_promised(
    browser: Browser, enrolled: Callable[..., tuple[Patient, str]], sessions: sessionmaker[Session]
) -> None:
    _, desk = enrolled(recovery_texts="")
    assert "there is no consent to recovery texts" in browser.page(desk).said
    with sessions() as session:
        assert session.scalars(select(Message)).all() == []


@pytest.mark.parametrize(
    "same",
    [
        {"phone": "+12025550812"},
        {"first_name": "aDA", "last_name": "EXAMPLE", "phone": "+12025550812"},
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
        ("first_name", "x" * 101),
        ("phone", "12"),
        ("phone", "call me"),
        ("year_of_birth", "88"),
        ("year_of_birth", "٢٠٠٠"),
        ("language", "xx"),
        ("answers_by", "fax"),
        ("skin_type", "7"),
        ("time_zone", "../etc/passwd"),
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


def test_names_are_inert(browser: Browser, enrolled: Callable[..., tuple[Patient, str]]) -> None:
    hostile = "<script>alert(1)</script>"
    patient, _ = enrolled(first_name=hostile, last_name="=cmd|' /C calc'!A0 \u202eevil")
    for path in ("", f"/{patient.id}", f"/{patient.id}/desk", f"/{patient.id}/treatments/new"):
        page = browser.page(f"/console/patients{path}")
        assert hostile in page.said
        assert all(script.text == "" for script in page.every("script"))


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("exam", 1),
        ("ADA example", 1),
        ("ada nobody", 0),
        ("0811", 1),
        ("+1 202 555", 1),
        ("ada 1988", 1),
        ("ada 1989", 0),
        ("%", 0),
        ("_", 0),
        ("\\", 0),
    ],
)
def test_patients_are_found(
    question: str, found: int, browser: Browser, enrolled: Callable[..., tuple[Patient, str]]
) -> None:
    enrolled()
    page = browser.client.get("/console/patients", query_string={"q": question})
    assert page.status_code == 200
    assert page.text.count("data-row-link") == found


def test_long_lists_have_pages_and_another_clinics_patients_are_not_there(
    browser: Browser,
    clinic: Clinic,
    other_clinic: Clinic,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(patients_page, "ROWS", 2)
    added = {str(clinic.add_patient(now=now, hours_ago=hours).id) for hours in (30, 31, 32)}
    foreign = other_clinic.add_patient(now=now)
    first = browser.page("/console/patients")
    (more,) = [str(link.attributes["href"]) for link in first.every("a", rel="next")]
    rest = browser.page(more)
    seen = [str(row.attributes["id"]).removeprefix("patient-") for row in [*first.rows(), *rest.rows()]]
    assert len(seen) == 3
    assert set(seen) == added
    assert browser.get(f"/console/patients/{foreign.id}").status_code == 404
    assert browser.get("/console/patients?after=rubbish").status_code == 404


def test_signing_out_ends_every_device(
    browser: Browser, clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    patient = clinic.add_patient(now=now)
    page = f"/console/patients/{patient.id}"
    assert "last seen" in browser.page(page).said
    answer = browser.post(f"{page}/sign-out")
    assert "Signed out on every device" in browser.page(answer.headers["Location"]).said
    with sessions() as session:
        ends = session.scalars(select(PatientSession.expires_at)).all()
    assert all(end <= now + timedelta(minutes=1) for end in ends)
