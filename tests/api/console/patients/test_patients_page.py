"""Finding, enrolling, and the page of one patient."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from api.console.patients import patients_page
from recovery.models.patients.patients import Patient, PatientSession
from tests.api.console.conftest import Browser
from tests.support.data.people import Clinic


def test_names_are_inert(
    browser: Browser,
    enrolled: Callable[..., tuple[Patient, str]],
    sessions: sessionmaker[Session],
) -> None:
    hostile = "<script>alert(1)</script>"
    patient, _ = enrolled(first_name=hostile, last_name="=cmd|' /C calc'!A0 evil")
    with sessions.begin() as session:
        # As it was taken before such signs were refused.
        session.get_one(Patient, (patient.clinic_id, patient.id)).last_name += " \u202eevil"
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
