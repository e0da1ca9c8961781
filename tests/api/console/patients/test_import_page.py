"""A file of patients on the page: rows that are wrong, what would be enrolled, and everybody at once."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.test import TestResponse

from api.console import guard
from config.settings import PROJECT
from postgres_launcher.launcher import Endpoints
from recovery.domain.clinic.staff_roles import Role
from recovery.models.core.audit import AuditEntry
from recovery.models.messaging.messages import Message
from recovery.models.patients.patients import Consent, Patient
from recovery.services.patients import patient_import_file
from tests.api.console.conftest import ORIGIN, Browser, BrowserOf
from tests.support.browser.pages import StrictPage
from tests.support.data.people import Clinic

PAGE = "/console/patients/import"
FILE = """first_name,last_name,phone,year_of_birth,recovery_texts_on,recovery_texts_wording
Ada,Example,+1 202 555 0811,1988,2026-10-01,"Yes, text me."
<b>Bea</b>,Sample,202-555-0812,1990,,
Cleo,Muster,+442079460123,1971,,
"""
THREE_WRONG = (
    FILE
    + """Dee,Sample,12,1990,,
Eve,Sample,+12025550815,90,,
Flo,Sample,+12025550816,1990,2026-10-01,
"""
)


@pytest.fixture
def send(browser_of: BrowserOf, clinic: Clinic, now: datetime) -> Callable[..., TestResponse]:
    """Chooses a file, or sends what the page before carried."""
    browser = browser_of(clinic.add_nurse(now=now, role=Role.MANAGER))

    def sent(file: str | None = None, **more: str) -> TestResponse:
        form: dict[str, object] = {guard.CSRF_FIELD: guard.csrf_token_for(browser.token or ""), **more}
        if file is not None:
            form["file"] = (io.BytesIO(file.encode()), "patients.csv")
        return browser.client.post(
            PAGE, data=form, headers={"Origin": ORIGIN}, content_type="multipart/form-data"
        )

    return sent


@pytest.fixture
def enrolled(sessions: sessionmaker[Session]) -> Callable[[], list[Patient]]:
    """Everybody who is a patient now."""

    def every() -> list[Patient]:
        with sessions() as session:
            return list(session.scalars(select(Patient).order_by(Patient.phone)))

    return every


def _carried(answer: TestResponse) -> dict[str, str]:
    """What the page sends on, as a browser does: each line ended with a carriage return too."""
    assert answer.status_code == 200, answer.text
    page = StrictPage(answer.text)
    (text,), (button,) = page.every("textarea", name="text"), page.every("button", name="sure")
    return {
        "text": text.text.removeprefix("\n").replace("\n", "\r\n"),
        "sure": button.attributes["value"] or "",
    }


def test_wrong_rows_are_named_and_nobody_is_enrolled(
    send: Callable[..., TestResponse], enrolled: Callable[[], list[Patient]]
) -> None:
    answer = send(THREE_WRONG)
    assert answer.status_code == 422
    page = StrictPage(answer.text)
    assert "Nobody was enrolled: 3 places have to be put right" in page.said
    places = [cell.text for cell in page.every("td")]
    assert [places[row : row + 2] for row in range(0, 9, 3)] == [
        ["5", "phone"],
        ["6", "year_of_birth"],
        ["7", "recovery_texts_wording"],
    ]
    assert enrolled() == []


def test_a_good_file_is_shown_first_and_then_everybody_is_enrolled_untexted(
    send: Callable[..., TestResponse], enrolled: Callable[[], list[Patient]], sessions: sessionmaker[Session]
) -> None:
    shown = send(FILE.replace("\n", "\r\n"))
    said = StrictPage(shown.text).said
    assert "3 patients can be enrolled" in said
    assert "1 of them agreed to recovery texts" in said
    assert "<b>Bea</b> Sample" in said
    assert enrolled() == []
    answer = send(**_carried(shown))
    assert answer.headers["Location"] == "/console/patients?done=imported"
    assert [one.phone for one in enrolled()] == ["+12025550811", "+12025550812", "+442079460123"]
    with sessions() as session:
        assert session.scalars(select(Message)).all() == []
        consent = session.scalars(select(Consent)).one()
        acts = session.scalars(select(AuditEntry.action)).all()
    assert (consent.wording, consent.given_at.date().isoformat()) == ("Yes, text me.", "2026-10-01")
    assert acts.count("patient.enrol") == 3
    assert acts.count("patient.import") == 1
    again = send(FILE)
    assert again.status_code == 422
    assert again.text.count("is enrolled already") == 3
    assert len(enrolled()) == 3


def test_what_was_not_looked_at_is_not_kept(
    send: Callable[..., TestResponse], enrolled: Callable[[], list[Patient]]
) -> None:
    carried = _carried(send(FILE))
    answer = send(text=carried["text"].replace("Cleo", "Clio"), sure=carried["sure"])
    assert answer.status_code == 200
    assert enrolled() == []


def test_rows_of_one_number_and_one_person_are_told_apart(
    send: Callable[..., TestResponse], enrolled: Callable[[], list[Patient]]
) -> None:
    head = "first_name,last_name,phone,year_of_birth,pin\n"
    rows = "Ada,Example,+12025550811,1988,\nBea,Example,+12025550811,1990,\nADA,example,+12025550811,1988,\n"
    page = StrictPage(send(head + rows).text)
    assert "Another patient has this number" in page.said
    assert "The same patient stands on line 2 already" in page.said
    carried = _carried(send(head + rows.splitlines()[0] + "\nBea,Example,+12025550811,1990,4711\n"))
    assert send(**carried).status_code == 303
    alike = send(head + "Ada,Example,+12025550899,1988,\n")
    assert "the same name and year of birth, and another number" in StrictPage(alike.text).said
    assert len(enrolled()) == 2


def test_no_file_and_far_too_much_are_refused_in_words(send: Callable[..., TestResponse]) -> None:
    for file in (None, "", "x" * (patient_import_file.LARGEST_FILE + 1)):
        answer = send(file)
        assert answer.status_code == 422
        assert StrictPage(answer.text).every("input", type="file")
    far_too_much = send("x" * (guard.LARGEST_FORM + 1))
    assert far_too_much.status_code == 413
    assert "Traceback" not in StrictPage(far_too_much.text).said


def test_imports_are_the_managers(browser: Browser, clinic: Clinic) -> None:
    for answer in (browser.get(PAGE), browser.post(PAGE), browser.get(f"{PAGE}/columns.csv")):
        assert answer.status_code == 403
    assert "Import" not in browser.page("/console/patients").said


def test_the_columns_can_be_taken_along(browser_of: BrowserOf, clinic: Clinic, now: datetime) -> None:
    manager = browser_of(clinic.add_nurse(now=now, role=Role.MANAGER))
    assert "Import" in manager.page("/console/patients").said
    assert all(name in manager.page(PAGE).said for name in patient_import_file.COLUMNS)
    assert manager.get(f"{PAGE}/columns.csv").text == ",".join(patient_import_file.COLUMNS) + "\r\n"


def test_the_command_line_takes_all_or_nothing(
    database: Endpoints, clinic: Clinic, enrolled: Callable[[], list[Patient]], tmp_path: Path
) -> None:
    def run(text: str) -> subprocess.CompletedProcess[str]:
        file = tmp_path / "patients.csv"
        file.write_text(text, "utf-8")
        return subprocess.run(
            [sys.executable, "manage.py", "patient", "import", str(file), "--clinic", str(clinic.id)],
            cwd=PROJECT,
            env={
                "PATH": "",
                "DATABASE_URL": database.owner_url,
                "DATABASE_API_URL": database.api_url,
                "DATABASE_WORKER_URL": database.worker_url,
            },
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    wrong = run(THREE_WRONG)
    assert wrong.returncode == 1
    assert "line 5, phone: Not a phone number" in wrong.stderr
    assert "Traceback" not in wrong.stderr
    assert enrolled() == []
    assert '"patients": 3' in run(FILE).stdout
    assert len(enrolled()) == 3
