"""Recording, correcting and withdrawing a treatment on the pages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.clinical.symptoms import Acid
from recovery.domain.core.language import Language
from recovery.domain.patients.contact import AnswersBy
from recovery.models.clinic.clinics import Clinic as ClinicRow
from recovery.models.messaging.messages import Message
from recovery.models.treatments.treatments import Treatment, TreatmentCorrection
from recovery.services.core import audit
from recovery.services.patients import enrolment
from tests.api.console.conftest import Browser
from tests.support.browser.pages import StrictPage
from tests.support.data.people import Clinic, Patient
from tests.support.data.treatments import treat_again


@pytest.fixture
def patient(clinic: Clinic, now: datetime) -> Patient:
    """A patient treated 40 days ago with a pen of 1.2 mm."""
    return clinic.add_patient(now=now, hours_ago=40 * 24)


@pytest.fixture
def enrolled(clinic: Clinic, sessions: sessionmaker[Session], now: datetime) -> Callable[..., UUID]:
    """Somebody who was never treated."""

    def make() -> UUID:
        with sessions.begin() as session:
            found = session.get_one(ClinicRow, clinic.id)
            new = enrolment.NewPatient(
                first_name="Ada",
                last_name="",
                phone="+12025550899",
                year_of_birth=1988,
                pin=None,
                language=Language.ENGLISH,
                time_zone=None,
                skin_type=None,
                answers_by=AnswersBy.LINK,
                consents=[],
            )
            return enrolment.enrol(session, clinic=found, new=new, actor=audit.OPERATOR, now=now).id

    return make


def values(page: StrictPage) -> dict[str, str]:
    """What the form would send if nobody touched it."""
    sent = {
        str(field.attributes["name"]): str(field.attributes.get("value") or "")
        for field in page.every("input")
        if field.attributes.get("type") != "checkbox" or "checked" in field.attributes
    }
    chosen = {"device": "pen", "acid": "none", "indication": ""}
    return {**sent, **chosen}


def test_the_form_needs_nothing_but_a_click(
    browser: Browser, patient: Patient, sessions: sessionmaker[Session], now: datetime
) -> None:
    path = f"/console/patients/{patient.id}/treatments/new"
    page = browser.page(path)
    assert [option.text for option in page.every("option", selected=None) if option.attributes["value"]] != []
    sent = values(page)
    assert (sent["depth_mm"], sent["session_number"], sent["area_face"]) == ("1.2", "2", "on")
    answer = browser.post(path, sent)
    assert answer.headers["Location"] == f"/console/patients/{patient.id}?done=recorded"
    shown = browser.page(answer.headers["Location"])
    assert "session 2, day of treatment" in shown.said
    with sessions() as session:
        newest = session.scalars(select(Treatment).order_by(Treatment.id.desc()).limit(1)).one()
        planned = session.scalars(select(Message).where(Message.treatment_id == newest.id)).all()
    assert now - timedelta(minutes=2) < newest.performed_at <= now + timedelta(minutes=1)
    assert planned != []


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("performed_at", "2020-01-01T10:00", "at most 60 days back"),
        ("performed_at", "tomorrow", "When it was done"),
        ("device", "hammer", "Choose the device"),
        ("depth_mm", "6", "Millimetres above 0"),
        ("depth_mm", "NaN", "Millimetres above 0"),
        ("depth_mm", "1.234", "Millimetres above 0"),
        ("area_face", "", "Tick at least one area"),
        ("session_number", "0", "A number from 1 to 50"),
        ("numbing", "x" * 201, "At most 200 characters"),
        ("lot", "x" * 101, "At most 100 characters"),
    ],
)
def test_what_cannot_be_is_marked(
    field: str, value: str, told: str, browser: Browser, patient: Patient, sessions: sessionmaker[Session]
) -> None:
    path = f"/console/patients/{patient.id}/treatments/new"
    answer = browser.post(path, {**values(browser.page(path)), field: value})
    assert answer.status_code == 422
    assert told in StrictPage(answer.text).said
    with sessions() as session:
        assert len(session.scalars(select(Treatment)).all()) == 1


def test_a_lot_is_kept_corrected_and_never_taken_over(
    practitioner: Browser, patient: Patient, sessions: sessionmaker[Session]
) -> None:
    path = f"/console/patients/{patient.id}/treatments/new"
    practitioner.post(path, {**values(practitioner.page(path)), "lot": "B-2207"})
    assert "Lot: B-2207." in practitioner.page(f"/console/patients/{patient.id}").said
    assert values(practitioner.page(path))["lot"] == "", "read from this package, not from the last"
    with sessions() as session:
        newest = session.scalars(select(Treatment).order_by(Treatment.id.desc()).limit(1)).one()
    correct = f"/console/treatments/{newest.id}/correct"
    sent = values(practitioner.page(correct))
    assert sent["lot"] == "B-2207"
    practitioner.post(correct, {**sent, "lot": "B-2208", "reason": "Read wrongly."})
    with sessions() as session:
        assert session.get_one(Treatment, (newest.clinic_id, newest.id)).lot == "B-2208"


def test_a_correction_is_kept_with_its_reason_and_touches_nothing_else(
    practitioner: Browser, patient: Patient, sessions: sessionmaker[Session]
) -> None:
    path = f"/console/treatments/{patient.treatment_id}/correct"
    sent = {**values(practitioner.page(path)), "depth_mm": "1,5"}
    assert practitioner.post(path, sent).status_code == 422
    answer = practitioner.post(path, {**sent, "reason": "Read wrongly."})
    assert answer.headers["Location"] == f"/console/patients/{patient.id}?done=corrected"
    with sessions() as session:
        kept = session.scalars(select(TreatmentCorrection)).one()
        assert (kept.before, kept.after, kept.reason) == (
            {"depth_mm": "1.20"},
            {"depth_mm": "1.5"},
            "Read wrongly.",
        )
        assert session.scalars(select(Treatment)).one().performed_at == patient.performed_at


def test_a_treatment_is_withdrawn_with_a_reason(practitioner: Browser, patient: Patient) -> None:
    path = f"/console/treatments/{patient.treatment_id}/withdraw"
    assert practitioner.post(path).status_code == 422
    answer = practitioner.post(path, {"withdraw_reason": "Another patient's."})
    said = practitioner.page(answer.headers["Location"]).said
    assert "The treatment is withdrawn." in said
    assert "None yet." in said


def test_a_nurse_records_but_does_not_correct(browser: Browser, patient: Patient) -> None:
    for step in ("correct", "withdraw"):
        path = f"/console/treatments/{patient.treatment_id}/{step}"
        assert browser.post(path, {"reason": "x", "withdraw_reason": "x"}).status_code == 403
    assert browser.get(f"/console/treatments/{patient.treatment_id}/correct").status_code == 403
    assert "Correct or withdraw" not in browser.page(f"/console/patients/{patient.id}").said


def test_an_acid_is_recorded_told_and_said_anew_the_next_time(
    browser: Browser, practitioner: Browser, patient: Patient, sessions: sessionmaker[Session]
) -> None:
    path = f"/console/patients/{patient.id}/treatments/new"
    answer = browser.post(path, values(browser.page(path)) | {"acid": "tca", "depth_mm": ""})
    shown = browser.page(answer.headers["Location"]).said
    assert "Pen, face, with TCA" in shown
    assert "Depth not recorded: held against pen or roller, 1.0-1.5 mm, face." in shown
    with sessions() as session:
        newest = session.scalars(select(Treatment).order_by(Treatment.id.desc()).limit(1)).one()
    assert newest.acid is Acid.TCA
    chosen = [option for option in browser.page(path).every("option") if "selected" in option.attributes]
    assert "none" in {option.attributes["value"] for option in chosen}
    assert "tca" not in {option.attributes["value"] for option in chosen}
    kept = practitioner.page(f"/console/treatments/{newest.id}/correct").every("option")
    assert "tca" in {option.attributes["value"] for option in kept if "selected" in option.attributes}
    assert browser.post(path, values(browser.page(path)) | {"acid": "phenol"}).status_code == 422


STILL_FOLLOWED = "is still followed"


def test_a_treatment_within_the_follow_up_of_another_is_told_before_it_is_saved_and_after(
    browser: Browser, clinic: Clinic, patient: Patient, now: datetime
) -> None:
    over = clinic.add_patient(now=now, hours_ago=70 * 24)
    path = f"/console/patients/{over.id}/treatments/new"
    assert STILL_FOLLOWED not in browser.page(path).said, "of 70 days ago"
    second = clinic.add_patient(now=now, hours_ago=14 * 24)
    path = f"/console/patients/{second.id}/treatments/new"
    page = browser.page(path)
    assert page.said.count(STILL_FOLLOWED) == 1
    assert "this one takes it over: scores are judged as this one's" in page.said
    assert STILL_FOLLOWED in StrictPage(browser.post(path, {**values(page), "device": "hammer"}).text).said
    early = (second.performed_at + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M")
    same_visit = {**values(page), "device": "hammer", "performed_at": early}
    assert STILL_FOLLOWED not in StrictPage(browser.post(path, same_visit).text).said
    shown = browser.page(browser.post(path, values(page)).headers["Location"]).said
    assert shown.count("Takes over from the treatment of") == 1
    assert shown.count("Taken over by the treatment of") == 1


def test_the_form_of_a_correction_names_what_the_treatment_takes_over(
    practitioner: Browser, clinic: Clinic, patient: Patient, now: datetime
) -> None:
    later = treat_again(clinic, patient, at=now - timedelta(days=20))
    assert STILL_FOLLOWED in practitioner.page(f"/console/treatments/{later.treatment_id}/correct").said
    first = practitioner.page(f"/console/treatments/{patient.treatment_id}/correct").said
    assert STILL_FOLLOWED not in first


def test_the_first_treatment_takes_nothing_from_another_patient(
    browser: Browser, patient: Patient, enrolled: Callable[..., UUID]
) -> None:
    path = f"/console/patients/{enrolled()}/treatments/new"
    page = browser.page(path)
    sent = {str(field.attributes.get("name")): field for field in page.every("input")}
    assert sent["depth_mm"].attributes["value"] == ""
    assert [name for name, field in sent.items() if "checked" in field.attributes] == []
    chosen = {one.attributes["value"] for one in page.every("option") if "selected" in one.attributes}
    assert chosen == {"none"}, "an acid only"
    answer = browser.post(path, {**values(page), "device": ""})
    said = StrictPage(answer.text).said
    assert "Choose the device" in said
    assert "Tick at least one area" in said


def test_a_treatment_alike_within_the_hour_is_asked_about_first(
    browser: Browser, patient: Patient, sessions: sessionmaker[Session], now: datetime
) -> None:
    path = f"/console/patients/{patient.id}/treatments/new"
    sent = values(browser.page(path))
    at = datetime.fromisoformat(sent["performed_at"])
    assert browser.post(path, sent).status_code == 303
    near = {
        **sent,
        "once": "another",
        "performed_at": (at - timedelta(minutes=50)).isoformat(timespec="minutes"),
    }
    answer = browser.post(path, near)
    assert answer.status_code == 409
    assert "Is this treatment recorded already?" in StrictPage(answer.text).said
    far = {**near, "performed_at": (at - timedelta(minutes=70)).isoformat(timespec="minutes")}
    for other in (far, {**near, "device": "roller"}, {**near, "area_face": "", "area_neck": "on"}):
        assert browser.post(path, {**other, "once": str(other)}).status_code == 303
    assert browser.post(path, {**near, "anyway": "yes"}).status_code == 303
    with sessions() as session:
        assert len(session.scalars(select(Treatment)).all()) == 6


def test_two_corrections_of_one_treatment_lose_nothing(practitioner: Browser, patient: Patient) -> None:
    path = f"/console/treatments/{patient.treatment_id}/correct"
    sent = values(practitioner.page(path))
    first = {**sent, "depth_mm": "1.5", "reason": "Read wrongly.", "once": "1"}
    assert practitioner.post(path, first).status_code == 303
    second = practitioner.post(path, {**sent, "numbing": "lidocaine", "reason": "Forgotten.", "once": "2"})
    assert second.status_code == 409
    page = StrictPage(second.text)
    assert "Depth mm is now 1.5" in page.said
    assert "Forgotten." in page.said
    again = values(page)
    assert (again["depth_mm"], again["numbing"]) == ("1.5", "lidocaine")
    assert practitioner.post(path, {**again, "reason": "Forgotten."}).status_code == 303
