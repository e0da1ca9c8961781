"""The page of one patient, and what is ended there."""

from __future__ import annotations

from datetime import datetime

from tests.api.console.conftest import Browser
from tests.support.data.people import Clinic


def test_a_follow_up_ends_on_the_page_of_its_patient(browser: Browser, clinic: Clinic, now: datetime) -> None:
    patient = clinic.add_patient(now=now)
    path = f"/console/patients/{patient.id}"
    wrong = {"ending": "everything", "because": "asked"}
    assert browser.post(f"{path}/end", wrong).status_code == 404
    assert "End texts or the follow-up" in browser.page(path).said
    assert browser.post(f"{path}/end", {"ending": "follow_up", "because": "died"}).status_code == 303
    assert "The follow-up ended" in browser.page(path).said
    assert "has died" in browser.page(path).said
