"""What a consultation found, and the series planned after it: their pages, and what others say of them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from recovery.models.patients.consultations import Consultation
from recovery.models.patients.patients import Patient as PatientRow
from tests.api.console.conftest import Browser
from tests.support.data.people import Patient

COMPLICATIONS = {
    "skin_type": "5",
    "concern_texture": "on",
    "condition_keloid": "on",
    "condition_cold_sores": "on",
    "history": "Healed slowly.\r\n<script>alert(1)</script>",
}


def test_what_was_found_stands_where_somebody_treats(
    practitioner: Browser, browser: Browser, patient: Patient, sessions: sessionmaker[Session]
) -> None:
    path = f"/console/patients/{patient.id}"
    assert "No consultation is recorded." in browser.page(f"{path}/treatments/new").said
    answer = practitioner.post(f"{path}/consultation", COMPLICATIONS)
    assert answer.headers["Location"] == f"{path}?done=consulted"
    treating = browser.page(f"{path}/treatments/new")
    assert "Listed as reasons not to treat: tends to keloids." in treating.said
    assert "Asks for care: has had cold sores." in treating.said
    assert "<script>alert(1)</script>" in treating.said
    assert "skin type V" in browser.page(path).said
    assert "Tends to keloids" in browser.page(path).said
    practitioner.post(f"{path}/consultation", {"skin_type": "5", "concern_wrinkles": "on"})
    assert "Nothing was ticked." in browser.page(f"{path}/treatments/new").said
    with sessions() as session:
        kept = session.scalars(select(Consultation).order_by(Consultation.id)).all()
        assert session.scalars(select(PatientRow.skin_type)).one() == 5
    assert [one.conditions for one in kept] == [["keloid", "cold_sores"], []]
    assert kept[0].history == "Healed slowly.\n<script>alert(1)</script>"


def test_a_nurse_reads_the_record_and_a_practitioner_writes_it(
    practitioner: Browser, browser: Browser, patient: Patient
) -> None:
    path = f"/console/patients/{patient.id}/consultation"
    practitioner.post(path, COMPLICATIONS)
    page = browser.page(path)
    ticked = [box for box in page.every("input", type="checkbox") if "checked" in box.attributes]
    assert {box.attributes["name"] for box in ticked} == {
        "concern_texture", "condition_keloid", "condition_cold_sores",
    }  # fmt: skip
    assert all("disabled" in box.attributes for box in ticked)
    assert "Healed slowly." in page.said
    assert browser.post(path, COMPLICATIONS).status_code == 403
    wrong = practitioner.post(path, {**COMPLICATIONS, "skin_type": "7"})
    assert wrong.status_code == 422
    assert "Healed slowly." in wrong.text


def test_who_is_at_risk_is_judged_sooner_with_one_tick(
    practitioner: Browser, browser: Browser, patient: Patient
) -> None:
    path = f"/console/patients/{patient.id}"
    practitioner.post(f"{path}/consultation", COMPLICATIONS)
    page = browser.page(path)
    assert "Not judged sooner, though it is offered: tends to keloids; has had cold sores." in page.said
    assert "Consider medicine against cold sores" in page.said
    assert browser.post(f"{path}/sooner", {"sooner": "yes"}).status_code == 403
    assert page.every("button", name="sooner") == [], "a nurse sees it and does not set it"
    answer = practitioner.post(f"{path}/consultation", {**COMPLICATIONS, "judge_sooner": "on"})
    assert answer.status_code == 303
    said = browser.page(path).said
    assert "Judged sooner: every finding is worth at least “abnormal”." in said
    assert "Found when consulted: keloid, cold sores." in said
    assert practitioner.post(f"{path}/sooner").status_code == 303
    assert "Not judged sooner" in browser.page(path).said
    practitioner.post(f"{path}/sooner", {"sooner": "yes"})
    assert "Judged sooner: every finding" in browser.page(path).said


def test_a_manager_consults_and_leaves_the_setting_to_others(
    manager: Browser, browser: Browser, patient: Patient
) -> None:
    path = f"/console/patients/{patient.id}/consultation"
    assert manager.page(path).every("input", name="judge_sooner") == []
    assert manager.post(path, {**COMPLICATIONS, "judge_sooner": "on"}).status_code == 403
    assert "nothing recorded yet" in browser.page(path).said


def test_a_treatment_that_a_finding_speaks_of_carries_a_warning(
    practitioner: Browser, browser: Browser, patient: Patient, now: datetime
) -> None:
    path = f"/console/patients/{patient.id}"
    practitioner.post(f"{path}/consultation", {"condition_g6pd_deficiency": "on"})
    form = browser.page(f"{path}/treatments/new")
    assert "G6PD deficiency or methaemoglobinaemia (with numbing)" in form.said
    done = {
        "performed_at": now.strftime("%Y-%m-%dT%H:%M"), "device": "pen", "area_face": "on",
        "session_number": "2", "numbing": "Prilocaine 2.5 %",
    }  # fmt: skip
    answer = browser.post(f"{path}/treatments/new", done)
    page = browser.page(answer.headers["Location"])
    (warned,) = page.every("div", class_="alert")
    assert "consider what the numbing holds, and ask the prescriber" in warned.text
