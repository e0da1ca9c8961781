from __future__ import annotations

import csv
import io
from datetime import datetime
from urllib.parse import urlencode

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.exceptions import NotFound

from api.console.clinic import figure_rows_page
from recovery.domain.flags.flag_lifecycle import FlagOutcome
from recovery.models.patients.patients import Patient as PatientRow
from recovery.models.read_models.clinic_figures import DurationKind
from recovery.models.read_models.figure_rows import FigureKind, FigurePart, FigureRows
from tests.api.console.conftest import Browser
from tests.support.data.audit_trail import entries
from tests.support.data.people import Clinic

PATH = "/console/figures/rows"


def test_a_figure_opens_its_rows_and_they_can_be_taken_along(
    manager: Browser, clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    patient = clinic.add_patient(now=now)
    with sessions.begin() as session:
        session.execute(update(PatientRow).values(first_name="=Pat"))
    page = manager.page("/console/figures")
    (link,) = [one for one in page.every("a") if "of=treatments&from" in str(one.attributes.get("href"))][:1]
    address = str(link.attributes["href"])
    rows = manager.page(address)
    assert "1 row" in rows.said
    assert f"/console/patients/{patient.id}/record" in {one.attributes.get("href") for one in rows.every("a")}
    answer = manager.get(address.replace("/rows?", "/rows.csv?"))
    (row,) = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))[1:]
    assert row[0] == "'=Pat Sample"
    assert row[1:3] == [str(patient.id), str(patient.treatment_id)]
    with sessions() as session:
        assert len(entries(session, clinic.id, "figures.read")) == 1
        assert len(entries(session, clinic.id, "figures.export")) == 1


def test_rows_go_on_page_by_page_and_a_table_says_what_it_leaves_out(
    manager: Browser, clinic: Clinic, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    for hours in (30, 40, 50):
        clinic.add_patient(now=now, hours_ago=hours)
    monkeypatch.setattr(figure_rows_page, "ROWS", 2)
    monkeypatch.setattr(figure_rows_page, "MOST_EXPORTED", 2)
    first = manager.page(f"{PATH}?of=treatments")
    assert "3 rows" in first.said
    (further,) = [one for one in first.every("a") if one.attributes.get("rel") == "next"]
    rest = manager.page(str(further.attributes["href"]))
    assert (len(first.every("tr")), len(rest.every("tr"))) == (3, 2)
    assert "Start of the list" in rest.said
    assert "1 older rows are left out" in manager.get(f"{PATH}.csv?of=treatments").text


def test_an_address_is_read_as_it_was_made() -> None:
    args = {
        "of": "times",
        "took": "contact",
        "part": "late",
        "day": "3",
        "skin": "flags I-II",
        "age": "older",
    }
    assert figure_rows_page.read_address(args) == FigureRows(
        kind=FigureKind.TIMES,
        took=DurationKind.CONTACT,
        part=FigurePart.LATE,
        day=3,
        skin=(1, 2),
        age=3,
    )
    closed = figure_rows_page.read_address({"of": "flags", "outcome": "scar"})
    assert closed == FigureRows(kind=FigureKind.FLAGS, outcome=FlagOutcome.SCAR)


@pytest.mark.parametrize(
    "args",
    [
        {"of": "nothing"}, {"part": "some"}, {"day": "x"}, {"week": "soon"}, {"skin": "blue"}, {"by": "luck"},
        {"age": "young"},
    ],
)  # fmt: skip
def test_what_no_page_asks_for_is_not_there(args: dict[str, str], manager: Browser) -> None:
    with pytest.raises(NotFound):
        figure_rows_page.read_address(args)
    assert manager.get(f"{PATH}?{urlencode(args)}").status_code == 404
    assert manager.get(f"{PATH}.csv?from=2999-01-01").status_code == 404


def test_rows_are_no_nurse_s(browser: Browser) -> None:
    assert browser.get(PATH).status_code == 403
    assert browser.get(f"{PATH}.csv").status_code == 403
