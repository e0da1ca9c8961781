"""The page of one patient, and what is ended there."""

from __future__ import annotations

from datetime import datetime, timedelta

from recovery.domain.clinical.symptoms import Symptom
from tests.api.console.conftest import Browser
from tests.support.data.people import Clinic
from tests.support.data.reporting import CALM, raise_flag, report


def test_a_follow_up_ends_on_the_page_of_its_patient(browser: Browser, clinic: Clinic, now: datetime) -> None:
    patient = clinic.add_patient(now=now)
    path = f"/console/patients/{patient.id}"
    wrong = {"ending": "everything", "because": "asked"}
    assert browser.post(f"{path}/end", wrong).status_code == 404
    assert "End texts or the follow-up" in browser.page(path).said
    assert browser.post(f"{path}/end", {"ending": "follow_up", "because": "died"}).status_code == 303
    assert "The follow-up ended" in browser.page(path).said
    assert "has died" in browser.page(path).said


def test_what_is_asked_about_first_is_on_the_patients_page_and_beside_the_flag(
    browser: Browser, clinic: Clinic, now: datetime
) -> None:
    patient = clinic.add_patient(now=now, hours_ago=95)
    report(clinic, patient, at=now - timedelta(hours=24))
    assert "Asked about first" not in browser.page(f"/console/patients/{patient.id}").said
    red = CALM | {Symptom.REDNESS: 4}
    report(clinic, patient, at=now - timedelta(hours=20), scores=red, confirmed=Symptom)
    said = browser.page(f"/console/patients/{patient.id}").said
    assert "Asked about first" in said
    assert "Redness 4 on day 3; this patient's own reports" in said
    flag_id = raise_flag(clinic, patient, at=now)
    assert "asked about first: Redness 4 on day 3" in browser.page(f"/console/flags/{flag_id}").said
