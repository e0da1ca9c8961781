"""A file of patients on the page: rows that are wrong, what would be enrolled, and everybody at once."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import openpyxl
import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from api.console import guard
from recovery.domain.clinic.staff_roles import Role
from recovery.domain.patients import import_columns
from recovery.models.clinic.clinics import Clinic as ClinicRow
from recovery.models.clinic.clinics import ClinicMode
from recovery.models.core.audit import AuditEntry
from recovery.models.messaging.messages import Message
from recovery.models.patients.patients import Consent, Patient
from recovery.services.patients import import_workbook
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

    def sent(file: str | bytes | None = None, address: str = PAGE, **more: str) -> TestResponse:
        form: dict[str, Any] = {guard.CSRF_FIELD: guard.csrf_token_for(browser.token or ""), **more}
        if file is not None:
            data = file if isinstance(file, bytes) else file.encode()
            form["file"] = FileStorage(io.BytesIO(data), "patients.csv")
        # Put together here: the client of the tests leaves the file open in which it puts a large body.
        boundary, body = encode_multipart(form)
        return browser.client.post(
            address,
            data=body,
            headers={"Origin": ORIGIN},
            content_type=f"multipart/form-data; boundary={boundary}",
        )

    return sent


@pytest.fixture
def enrolled(sessions: sessionmaker[Session]) -> Callable[[], list[Patient]]:
    """Everybody who is a patient now."""

    def every() -> list[Patient]:
        with sessions() as session:
            return list(session.scalars(select(Patient).order_by(Patient.phone)))

    return every


def _carried(answer: TestResponse, *, button: str = "sure", **chosen: str) -> dict[str, str]:
    """What the page sends on, as a browser does, by one of its buttons and with other choices."""
    assert answer.status_code == 200, answer.text
    page = StrictPage(answer.text)
    (text,) = page.every("textarea", name="table")
    (pressed,) = page.every("button", name=button)
    read = re.findall(r'<select name="(column_\d+)".*?</select>', answer.text, re.DOTALL)
    columns = {}
    for name in read:
        options = answer.text.split(f'<select name="{name}"')[1].split("</select>")[0]
        selected = re.search(r'value="([^"]*)" selected', options)
        columns[name] = selected[1] if selected else ""
    order = re.search(r'name="date_order" value="(\w+)" checked', answer.text)
    return {
        "table": text.text.removeprefix("\n"),
        button: pressed.attributes["value"] or "",
        **columns,
        **({} if order is None else {"date_order": order[1]}),
        **chosen,
    }


def test_wrong_rows_are_named_and_nobody_is_enrolled(
    send: Callable[..., TestResponse], enrolled: Callable[[], list[Patient]]
) -> None:
    answer = send(THREE_WRONG)
    assert answer.status_code == 200
    page = StrictPage(answer.text)
    assert "3 patients can be enrolled, 3 rows cannot yet" in page.said
    assert "3 places have to be put right" in page.said
    places = [cell.text for cell in page.every("td")]
    assert [places[row : row + 2] for row in range(0, 9, 3)] == [
        ["5", "phone"],
        ["6", "year_of_birth"],
        ["7", "recovery_texts_wording"],
    ]
    assert not page.every("button", name="sure"), "all or none is not offered"
    assert enrolled() == []


def test_a_good_file_is_shown_first_and_then_everybody_is_enrolled_untexted(
    send: Callable[..., TestResponse], enrolled: Callable[[], list[Patient]], sessions: sessionmaker[Session]
) -> None:
    shown = send(FILE.replace("\n", "\r\n"))
    said = StrictPage(shown.text).said
    assert "3 patients can be enrolled" in said
    assert "1 of them agreed to recovery texts" in said
    assert "The number is a landline's, which texts may not reach: line 4" in said
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
    again = StrictPage(send(FILE).text)
    assert "3 rows are of somebody who is enrolled already, and changes nothing: lines 2, 3, 4" in again.said
    assert not again.every("button", name="sure")
    assert len(enrolled()) == 3


def test_the_good_rows_are_taken_and_the_others_come_back_with_their_reasons(
    send: Callable[..., TestResponse], enrolled: Callable[[], list[Patient]]
) -> None:
    shown = send(THREE_WRONG)
    carried = _carried(shown, button="sure_of_some")
    taken = send(**carried)
    assert "3 patients are enrolled" in StrictPage(taken.text).said
    assert "3 rows were left out" in StrictPage(taken.text).said
    assert len(enrolled()) == 3
    others = send(address=f"{PAGE}/others.csv", **carried)
    assert others.headers["Content-Disposition"] == 'attachment; filename="patients-to-put-right.csv"'
    rows = list(csv.reader(io.StringIO(others.data.decode("utf-8-sig"))))
    assert rows[0][-2:] == ["Line before", "What is wrong"]
    assert [(row[0], row[-2], row[-1]) for row in rows[1:]] == [
        ("Dee", "5", "phone: The number is too short."),
        ("Eve", "6", rows[2][-1]),
        ("Flo", "7", rows[3][-1]),
    ]
    assert rows[2][-1].startswith("year_of_birth: The year of birth in four digits")
    mended = others.data.decode("utf-8-sig").replace('"12"', '"+12025550814"').replace('"90"', '"1990"')
    mended = mended.replace('"2026-10-01"', '""')
    again = send(mended)
    assert "3 patients can be enrolled" in StrictPage(again.text).said, "what is given back can be read"
    assert send(**_carried(again)).status_code == 303
    assert len(enrolled()) == 6
    assert send(**carried).status_code == 200, "sent once more, as after a reload"
    assert len(enrolled()) == 6


def test_columns_are_chosen_by_hand_and_kept_for_the_next_file(
    send: Callable[..., TestResponse], enrolled: Callable[[], list[Patient]]
) -> None:
    text = "Who;Family;Reach;DOB;Shoes\nAda;Example;2025550811;03/04/1988;38\n"
    asked = send(text)
    assert asked.status_code == 422
    assert "No column is chosen for first_name, phone" in StrictPage(asked.text).said
    (table,) = StrictPage(asked.text).every("textarea", name="table")
    chosen = {
        "column_0": "first_name",
        "column_1": "last_name",
        "column_2": "phone",
        "column_3": "year_of_birth",
    }
    carried = {"table": table.text.removeprefix("\n"), **chosen, "column_4": ""}
    order = send(**carried)
    assert order.status_code == 422
    assert "Dates like 03/04/2026 can be read in two ways" in StrictPage(order.text).said
    shown = send(**carried, date_order="day_first")
    assert send(**_carried(shown)).status_code == 303
    assert [(one.full_name, one.phone, one.year_of_birth) for one in enrolled()] == [
        ("Ada Example", "+12025550811", 1988)
    ]
    next_file = send(text.replace("Ada", "Bea").replace("0811", "0812"))
    assert "1 patient can be enrolled" in StrictPage(next_file.text).said


def test_a_workbook_is_read_like_any_other_file(
    send: Callable[..., TestResponse], enrolled: Callable[[], list[Patient]]
) -> None:
    book = openpyxl.Workbook()
    book.active.append(["First name", "Last name", "Mobile", "Date of birth"])
    book.active.append(["Ada", "Example", 2025550811, date(1988, 4, 3)])
    packed = io.BytesIO()
    book.save(packed)
    assert send(**_carried(send(packed.getvalue()))).status_code == 303
    assert [(one.phone, one.year_of_birth) for one in enrolled()] == [("+12025550811", 1988)]


def test_what_was_not_looked_at_is_not_kept(
    send: Callable[..., TestResponse], enrolled: Callable[[], list[Patient]]
) -> None:
    carried = _carried(send(FILE))
    for changed in (
        {"table": carried["table"].replace("Cleo", "Clio")},
        {"column_1": ""},
        {"alike_too": "yes"},
    ):
        answer = send(**carried | changed)
        assert answer.status_code == 200
        assert enrolled() == []
    assert send(table='{"headings": [1]}', sure="x").status_code == 422


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
    said = StrictPage(alike.text).said
    assert "the same name and year of birth, and another number" in said
    assert "0 patients can be enrolled, 1 row cannot yet" in said
    assert len(enrolled()) == 2
    (table,) = StrictPage(alike.text).every("textarea", name="table")
    chosen = {f"column_{place}": name for place, name in enumerate(head.strip().split(","))}
    other = send(table=table.text.removeprefix("\n"), **chosen, alike_too="yes")
    assert send(**_carried(other), alike_too="yes").status_code == 303
    assert len(enrolled()) == 3


def test_no_file_and_far_too_much_are_refused_in_words(send: Callable[..., TestResponse]) -> None:
    for file in (None, "", "x" * (import_workbook.LARGEST_WORKBOOK)):
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
    assert all(name in manager.page(PAGE).said for name in import_columns.COLUMNS)
    assert manager.get(f"{PAGE}/columns.csv").text == ",".join(import_columns.COLUMNS) + "\r\n"


@pytest.mark.parametrize("practised", [{}, {"training": "yes"}])
def test_in_training_a_file_is_of_real_patients_unless_it_is_said_to_be_made_up(
    send: Callable[..., TestResponse],
    enrolled: Callable[[], list[Patient]],
    sessions: sessionmaker[Session],
    practised: dict[str, str],
) -> None:
    with sessions.begin() as session:
        session.execute(update(ClinicRow).values(mode=ClinicMode.TRAINING))
    looked_at = send(FILE, **practised)
    assert "They are made up, for practice" in looked_at.text
    assert send(**_carried(looked_at, **practised)).status_code == 303
    assert {patient.training for patient in enrolled()} == {bool(practised)}
