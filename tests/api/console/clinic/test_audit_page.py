from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session, sessionmaker

from api.console.clinic import audit_page
from recovery.models.patients.patients import Patient as PatientRow
from recovery.services.access.refusals import OF_ONE
from tests.api.console.conftest import Browser, BrowserOf
from tests.support.data.audit_trail import entries
from tests.support.data.people import Clinic
from tests.support.data.reporting import report

PATH = "/console/audit"


def told(browser: Browser, query: str = "") -> list[str]:
    """The rows, as they are read."""
    return [row.text for row in browser.page(f"{PATH}{query}").every("tr")][1:]


def table(browser: Browser, query: str = "") -> list[list[str]]:
    answer = browser.get(f"{PATH}.csv{query}")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))[1:]


def test_the_trail_is_read_by_patient_by_person_and_by_day(
    manager: Browser, browser: Browser, clinic: Clinic, now: datetime
) -> None:
    mine, other = (clinic.add_patient(now=now) for _ in range(2))
    for patient in (mine, other):
        browser.page(f"/console/patients/{patient.id}/record")
    of_mine = table(manager, f"?patient={mine.id}")
    assert {row[6].split()[-1] for row in of_mine} <= {str(mine.id), str(mine.treatment_id)}
    assert [row[4] for row in of_mine].count("record.read") == 1
    by_nurse = table(manager, f"?person={clinic.nurse.id}&kind=read")
    assert [row[4] for row in by_nurse] == ["record.read", "record.read"]
    assert {row[1] for row in by_nurse} == {f"Nurse {clinic.nurse.email}"}
    treated = f"{mine.performed_at:%Y-%m-%d}"
    before = table(manager, f"?from={treated}&until={treated}")
    assert {row[0][:10] for row in before} == {treated}
    assert "treatment.record" in {row[4] for row in before}
    assert table(manager, "?from=2001-01-01&until=2001-01-02") == []


def test_reading_the_trail_is_in_the_trail(manager: Browser, clinic: Clinic, now: datetime) -> None:
    patient = clinic.add_patient(now=now)
    manager.page(f"{PATH}?patient={patient.id}")
    table(manager)
    with clinic.sessions() as session:
        (read,) = entries(session, clinic.id, "audit.read")
        assert (read.subject_kind, read.subject_id) == ("patient", patient.id)
        assert len(entries(session, clinic.id, "audit.export")) == 1


def test_refused_tries_are_in_it_and_cannot_flood_it(
    manager: Browser, browser: Browser, stranger: Browser, clinic: Clinic
) -> None:
    for _ in range(OF_ONE.most + 5):
        assert browser.get("/console/figures").status_code == 403
    answers = {
        stranger.post("/console/sign-in", {"email": clinic.nurse.email, "password": "x"}).status_code
        for _ in range(OF_ONE.most + 5)
    }
    assert answers == {401, 429}
    refused = table(manager, "?kind=refused")
    assert [row[4] for row in refused] == ["staff.sign_in_refused"] * OF_ONE.most + [
        "access.refused"
    ] * OF_ONE.most
    assert refused[-1][7] == "nurse: GET /console/figures"
    assert "further ones within the hour" in refused[0][7]
    assert {row[1] for row in refused} == {"nobody we know", f"Nurse {clinic.nurse.email}"}
    rows = told(manager, "?kind=refused")
    assert len(rows) == 2 * OF_ONE.most
    assert "A sign-in to this account was refused" in rows[0]


def test_a_refusal_leaves_nothing_of_what_was_begun(
    browser: Browser, clinic: Clinic, sessions: sessionmaker[Session]
) -> None:
    assert browser.post("/console/clinic/live").status_code == 403
    with sessions() as session:
        (entry,) = entries(session, clinic.id, "access.refused")
        assert entry.detail["asked"] == "POST /console/clinic/live"


def test_the_trail_goes_on_page_by_page_without_a_gap(
    manager: Browser, clinic: Clinic, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    patient = clinic.add_patient(now=now)
    for hours in range(3):
        report(clinic, patient, at=now - timedelta(hours=hours))
    whole = [(row[0], row[4]) for row in table(manager, f"?patient={patient.id}&kind=change")]
    assert len(whole) > 3
    monkeypatch.setattr(audit_page, "ROWS", 2)
    seen, address = 0, f"{PATH}?patient={patient.id}&kind=change"
    for _ in range(len(whole)):
        page = manager.page(address)
        seen += len(page.every("tr")) - 1
        further = [link for link in page.every("a") if link.attributes.get("rel") == "next"]
        if not further:
            break
        address = str(further[0].attributes["href"])
    assert seen == len(whole)


def test_a_table_says_when_it_leaves_something_out(manager: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit_page, "MOST_EXPORTED", 3)
    rows = table(manager)
    assert len(rows) == 4
    assert rows[-1] == ["Older entries are left out: 3 stand in one table. Choose days."]


def test_no_name_is_a_formula_in_the_table(
    manager: Browser, clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    patient = clinic.add_patient(now=now)
    with sessions.begin() as session:
        session.execute(update(PatientRow).values(first_name="=HYPERLINK(1)"))
    about = {row[5] for row in table(manager, f"?patient={patient.id}")}
    assert about == {"'=HYPERLINK(1) Sample"}


def test_the_trail_is_no_nurse_s_and_no_other_clinic_s(
    browser: Browser, manager: Browser, browser_of: BrowserOf, other_clinic: Clinic, now: datetime,
    flagged: Callable[..., UUID],
) -> None:  # fmt: skip
    assert browser.get(PATH).status_code == 403
    assert browser.get(f"{PATH}.csv").status_code == 403
    theirs = other_clinic.add_patient(now=now)
    flagged(theirs)
    assert manager.get(f"{PATH}?patient={theirs.id}").status_code == 404
    assert manager.get(f"{PATH}?patient=nobody").status_code == 404
    ids = {row[6].split()[-1] for row in table(manager)}
    assert not ids & {str(theirs.id), str(theirs.treatment_id)}
