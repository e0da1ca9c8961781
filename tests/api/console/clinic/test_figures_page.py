from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from api.console.clinic import figures_page
from recovery.domain.core.confidence_intervals import Share
from recovery.services.read_models.clinic_summary import SegmentCount
from tests.api.console.conftest import Browser
from tests.support.data.people import Clinic


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
    assert "1 of 1: too few to say treatments with a known complication" in page.said
    assert "Warning sign1 of 1: too few to say" in page.said
    assert cells["found by the rules", "all known complications", "hits"] == "1"
    assert cells["right by rule", "warning_sign", "total"] == "1"
    assert cells["complications by device", "pen", "total"] == "2"
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
            assert "1 treatment " in " ".join(re.sub("<[^>]*>", "", refused.text).split())


@pytest.mark.parametrize(
    ("hits", "total", "said"),
    [
        (0, 0, "–"),
        (3, 4, "3 of 4: too few to say"),
        (9, 9, "9 of 9: too few to say"),
        (9, 10, "90 % (60 to 98 %), 9 of 10"),
        (30, 40, "75 % (60 to 86 %), 30 of 40"),
    ],
)
def test_small_numbers_are_said_to_be_small(hits: int, total: int, said: str) -> None:
    assert figures_page.format_interval(Share(hits=hits, total=total)) == said


@pytest.mark.parametrize(
    ("part", "said"),
    [
        (None, "–"), (0, "0 %"), (0.0001, "under 1 %"), (0.005, "under 1 %"), (0.006, "1 %"), (0.931, "93 %"),
        (0.9949, "99 %"), (0.995, "over 99 %"), (0.99999, "over 99 %"), (1, "100 %"),
    ],
)  # fmt: skip
def test_all_and_none_are_said_only_of_all_and_none(part: float | None, said: str) -> None:
    assert figures_page.format_share(part) == said


def test_few_in_a_hundred_are_not_said_to_be_none() -> None:
    assert [figures_page.format_rate(rate) for rate in (None, 0, 0.04, 0.06, 4.23)] == [
        "–", "0.0", "under 0.1", "0.1", "4.2",
    ]  # fmt: skip


def test_what_segments_cost_is_told_by_the_price_that_is_set() -> None:
    charged = SegmentCount(texts=900, measured=880, segments=1320)
    assert figures_page.format_cost(charged, "0.0079 USD") == "10.43 USD, at 0.0079 a segment"
    assert figures_page.format_cost(charged, None) == "no price of a segment is set"


def test_figures_are_not_a_nurse_s(browser: Browser) -> None:
    assert browser.get("/console/figures").status_code == 403
    assert browser.get("/console/figures.csv").status_code == 403
    assert "Figures" not in browser.page("/console").said
