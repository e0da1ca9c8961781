from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from api.console.flags import closed_flags_page
from recovery.domain.clinical.symptoms import Device
from tests.api.console.conftest import Browser, BrowserOf
from tests.support.data.people import Clinic, Nurse

PATH = "/console/closed-flags"


@pytest.fixture
def other_nurse(clinic: Clinic, now: datetime) -> Nurse:
    """A colleague."""
    return clinic.add_nurse(now=now)


@pytest.fixture
def closed(
    browser_of: BrowserOf, clinic: Clinic, other_nurse: Nurse, flagged: Callable[..., UUID], now: datetime
) -> list[str]:
    """Three closed flags: their ids, the one closed first in front."""
    made = []
    for nurse, device, outcome in (
        (clinic.nurse, Device.PEN, "irritation"),
        (other_nurse, Device.ROLLER, "expected_healing"),
        (clinic.nurse, Device.PEN, "expected_healing"),
    ):
        flag_id = flagged(clinic.add_patient(now=now, device=device, depth_mm=None))
        desk = browser_of(nurse)
        desk.post(f"/console/flags/{flag_id}/claim")
        done = desk.post(f"/console/flags/{flag_id}/resolve", {"outcome": outcome, "comment": "Seen."})
        assert done.status_code == 303
        made.append(str(flag_id))
    return made


def shown(browser: Browser, **narrowed: str) -> list[str]:
    query = "&".join(f"{name}={value}" for name, value in narrowed.items())
    page = browser.page(f"{PATH}?{query}")
    return [str(row.attributes["id"]).removeprefix("closed-") for row in page.rows()]


def test_closed_flags_are_listed_newest_first_and_narrowed(
    browser: Browser, closed: list[str], clinic: Clinic, other_nurse: Nurse, now: datetime
) -> None:
    first, second, third = closed
    assert shown(browser) == [third, second, first]
    assert shown(browser, outcome="irritation") == [first]
    assert shown(browser, person=str(other_nurse.id)) == [second]
    assert shown(browser, person=str(clinic.nurse.id), outcome="expected_healing") == [third]
    assert shown(browser, device="roller") == [second]
    assert shown(browser, rule="warning_sign") == [third, second, first]
    assert shown(browser, rule="silence") == []
    today, tomorrow = (f"{now + timedelta(days=days):%Y-%m-%d}" for days in (0, 1))
    assert shown(browser, **{"from": today, "until": today}) == [third, second, first]
    assert shown(browser, **{"from": tomorrow}) == []


def test_the_list_says_how_many_there_are_and_goes_on_page_by_page(
    browser: Browser, closed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(closed_flags_page, "ROWS", 2)
    page = browser.page(PATH)
    assert "3 flags closed in all" in page.said
    (further,) = [link for link in page.every("a") if link.attributes.get("rel") == "next"]
    rest = browser.page(str(further.attributes["href"]))
    seen = [str(row.attributes["id"]).removeprefix("closed-") for row in [*page.rows(), *rest.rows()]]
    assert seen == closed[::-1]
    assert "Start of the list" in rest.said
    assert "2 flags fit what is chosen" in browser.page(f"{PATH}?outcome=expected_healing").said


def test_what_cannot_be_chosen_narrows_nothing_and_is_said(browser: Browser, closed: list[str]) -> None:
    assert len(shown(browser, outcome="nonsense", person="nobody", device="spoon")) == len(closed)
    assert "A date like 2026-12-24." in browser.page(f"{PATH}?from=soon").said
    assert browser.get(f"{PATH}?after=nonsense").status_code == 404


def test_another_clinic_s_flags_are_not_there(
    browser_of: BrowserOf, other_clinic: Clinic, closed: list[str]
) -> None:
    assert "0 flags closed in all" in browser_of(other_clinic.nurse).page(PATH).said
