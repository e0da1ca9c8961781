from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from api.console.clinic import figure_charts
from api.console.clinic.figure_charts import Bar
from api.formats import csv_tables
from recovery.domain.clinic.staff_roles import Role
from tests.api.console.conftest import Browser, BrowserOf
from tests.support.data.people import Clinic


@pytest.fixture
def manager(browser_of: BrowserOf, clinic: Clinic, now: datetime) -> Browser:
    """The browser of whoever reads the figures."""
    return browser_of(clinic.add_nurse(now=now, role=Role.MANAGER))


def test_the_manager_reads_and_takes_along_the_clinic_s_figures(
    manager: Browser, browser: Browser, clinic: Clinic, flagged: Callable[..., UUID], now: datetime
) -> None:
    flag_id = flagged(clinic.add_patient(now=now, skin_type=5))
    clinic.add_patient(now=now, skin_type=2)
    browser.post(f"/console/flags/{flag_id}/claim")
    browser.post(
        f"/console/flags/{flag_id}/resolve", {"outcome": "infection_suspected", "comment": "To the doctor."}
    )
    page = manager.page("/console/figures")
    for told in ("2 treatments", "50.0", "1 of 1 closed were more than healing", "V-VI", "counted since"):
        assert told in page.said, told
    (here,) = [link for link in page.every("a") if link.attributes.get("href") == "/console/figures"][:1]
    assert here.attributes["aria-current"] == "page"
    answer = manager.get("/console/figures.csv")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="figures-')
    cells = {tuple(row[:3]): row[3] for row in csv.reader(io.StringIO(answer.data.decode("utf-8-sig")))}
    assert cells["flags", "", "per 100 treatments"] == "50.0"
    assert cells["flags", "infection_suspected", "closed as"] == "1"
    assert cells["skin types", "skin type V-VI", "flags"] == "1"
    assert all(line.startswith('"') for line in answer.data.decode("utf-8-sig").splitlines())


def test_another_period_is_chosen_and_a_wrong_one_said(
    manager: Browser, clinic: Clinic, now: datetime
) -> None:
    clinic.add_patient(now=now)
    before = now - timedelta(days=40)
    page = manager.page(f"/console/figures?from={before:%Y-%m-%d}&until={before:%Y-%m-%d}")
    assert "0 treatments" in page.said
    for wrong in ("from=yesterday", "until=2999-01-01", "from=2001-01-01"):
        for path in ("/console/figures", "/console/figures.csv"):
            refused = manager.get(f"{path}?{wrong}")
            assert refused.status_code == 422
            assert "1 treatment " in " ".join(
                refused.text.replace("<strong>", "").replace("</strong>", "").split()
            )


def test_figures_are_not_a_nurse_s(browser: Browser) -> None:
    assert browser.get("/console/figures").status_code == 403
    assert browser.get("/console/figures.csv").status_code == 403
    assert "Figures" not in browser.page("/console").said


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ('=HYPERLINK("x")', '\'=HYPERLINK("x")'),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@sum", "'@sum"),
        (" \t=1", "' \t=1"),
        ("\u202e=1", "'=1"),
        ("\x00=1", "'=1"),
        ("plain", "plain"),
        (-1.5, "-1.5"),
        (None, ""),
    ],
)
def test_no_cell_acts_as_a_formula(written: str | float | None, kept: str) -> None:
    assert csv_tables.cell(written) == kept


def test_what_somebody_wrote_stays_in_its_cell() -> None:
    rows: list[list[str | int | None]] = [["a", 'quote " and, comma', "two\nlines"], ["=1", 2, None]]
    read = list(csv.reader(io.StringIO(csv_tables.csv_bytes(rows).decode("utf-8-sig"), newline="")))
    assert read == [["a", 'quote " and, comma', "two\nlines"], ["'=1", "2", ""]]


def test_a_line_has_a_gap_where_a_week_has_no_figure() -> None:
    points = [Bar(name=str(at), value=value, told=f"{value}") for at, value in enumerate([1, 2, None, 3, 1])]
    drawn = figure_charts.weeks(points, ident="x", title="X")
    assert drawn.count('class="figure-line"') == 2
    assert drawn.count("<circle") == 4
    assert "nothing yet" in figure_charts.weeks([], ident="x", title="X")


def test_columns_say_in_words_what_they_show() -> None:
    drawn = figure_charts.columns(
        [Bar(name="<b>", value=4, told="4"), Bar(name="none", value=None, told="–")], ident="x", title="X"
    )
    assert "&lt;b&gt;: 4. none: –." in drawn
    assert drawn.count("<rect") == 1
