"""What a consultation found, and the series planned after it: their pages, and what others say of them."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from recovery.models.patients.consultations import Consultation
from recovery.models.patients.patients import Patient as PatientRow
from tests.api.console.conftest import Browser
from tests.support.data.people import Patient

FOUND = {
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
    answer = practitioner.post(f"{path}/consultation", FOUND)
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
    practitioner.post(path, FOUND)
    page = browser.page(path)
    ticked = [box for box in page.every("input", type="checkbox") if "checked" in box.attributes]
    assert {box.attributes["name"] for box in ticked} == {
        "concern_texture", "condition_keloid", "condition_cold_sores",
    }  # fmt: skip
    assert all("disabled" in box.attributes for box in ticked)
    assert "Healed slowly." in page.said
    assert browser.post(path, FOUND).status_code == 403
    wrong = practitioner.post(path, {**FOUND, "skin_type": "7"})
    assert wrong.status_code == 422
    assert "Healed slowly." in wrong.text
