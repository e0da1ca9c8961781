"""What became known outside check-ins, written down on the patient's page."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.flags.flag_lifecycle import Urgency
from recovery.models.flags.complications import Complication
from recovery.models.flags.flags import Flag
from recovery.models.reports.reports import StoredAssessment
from recovery.services.review import report_review
from tests.api.console.conftest import Browser
from tests.support.browser.pages import StrictPage
from tests.support.data.people import Clinic, Patient
from tests.support.data.treatments import treat_again

TOLD = {"told": "My cheek is hot.\r\n<script>alert(1)</script>", "urgency": "next_business_day"}


@pytest.fixture
def path(patient: Patient) -> str:
    return f"/console/patients/{patient.id}"


def test_a_flag_is_opened_for_who_phones(
    browser: Browser, clinic: Clinic, patient: Patient, path: str, sessions: sessionmaker[Session],
    now: datetime,
) -> None:  # fmt: skip
    form = browser.page(path)
    assert "Open a flag: the patient phoned or came by" in form.said
    boxes = {box.attributes.get("name") for box in form.every("input", type="checkbox")}
    assert {"sign_pus", "sign_self_harm"} <= boxes, "every box of a check-in, and what no box asks"
    answer = browser.post(f"{path}/flags", {**TOLD, "treatment": str(patient.treatment_id), "sign_pus": "on"})
    assert answer.headers["Location"] == f"{path}?done=told"
    assert "stands in the queue in a moment" in browser.page(answer.headers["Location"]).said
    waiting = browser.page("/console").said
    assert "Abnormal: Pus, or yellow or green fluid on day 1" in waiting, "before the worker has seen it"
    with sessions.begin() as session:
        at = now + timedelta(minutes=1)
        report_review.review_due(session, content=clinic.content, now=at, limit=10)
        flag = session.scalars(select(Flag)).one()
        assert flag.urgency is Urgency.SAME_DAY
    assert "fluid on day 1 and 1 more" in browser.page("/console").said
    page = browser.page(f"/console/flags/{flag.id}")
    assert "<script>alert(1)</script>" in page.said, "as text"
    assert f"told to Nurse {clinic.nurse.email}" in page.said
    assert "rule: told to the staff" in page.said


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ({**TOLD, "told": " "}, "Write what was told."),
        ({**TOLD, "urgency": "soon"}, "Choose how urgent it is."),
        ({**TOLD, "told": "x" * 4001}, "At most 4000 characters"),
    ],
)
def test_what_cannot_be_told_is_marked_and_nothing_is_lost(
    browser: Browser, path: str, sessions: sessionmaker[Session], form: dict[str, str], told: str
) -> None:
    answer = browser.post(f"{path}/flags", {**form, "sign_fever": "on"})
    assert answer.status_code == 422
    page = StrictPage(answer.text)
    assert told in page.said
    (ticked,) = [box for box in page.every("input", type="checkbox") if "checked" in box.attributes]
    assert ticked.attributes["name"] == "sign_fever"
    assert len([one for one in page.every("details") if "open" in one.attributes]) == 1
    with sessions() as session:
        assert session.scalars(select(StoredAssessment)).all() == []


def test_it_is_about_the_treatment_that_was_chosen_else_the_newest(
    browser: Browser, clinic: Clinic, other_clinic: Clinic, patient: Patient, path: str,
    sessions: sessionmaker[Session], now: datetime,
) -> None:  # fmt: skip
    newest = treat_again(clinic, patient, at=now - timedelta(hours=1))
    strange = other_clinic.add_patient(now=now)
    for chosen in ("", str(patient.treatment_id)):
        assert browser.post(f"{path}/flags", {**TOLD, "treatment": chosen}).status_code == 303
    for wrong in (str(strange.treatment_id), "nonsense"):
        assert browser.post(f"{path}/flags", {**TOLD, "treatment": wrong}).status_code == 404
    with sessions() as session:
        about = session.scalars(select(StoredAssessment.treatment_id).order_by(StoredAssessment.id)).all()
    assert about == [newest.treatment_id, patient.treatment_id]


def test_a_complication_is_recorded_and_taken_back(
    browser: Browser, practitioner: Browser, path: str, now: datetime, sessions: sessionmaker[Session]
) -> None:
    form = {"outcome": "burn", "began_on": now.date().isoformat(), "known_by": "Seen at a visit."}
    answer = browser.post(f"{path}/complications", form)
    assert answer.headers["Location"] == f"{path}?done=complication"
    page = browser.page(path)
    assert "Burn, began" in page.said
    assert "Seen at a visit." in page.said
    assert "take it back" not in page.said, "a nurse does not correct"
    with sessions() as session:
        kept = session.scalars(select(Complication)).one()
    withdraw = f"/console/complications/{kept.id}/withdraw"
    assert browser.post(withdraw).status_code == 403
    assert practitioner.post(withdraw).headers["Location"] == f"{path}?done=complication_withdrawn"
    assert "Burn, began" not in browser.page(path).said
    assert practitioner.post(withdraw).status_code == 404


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("outcome", "", "Choose what it was."),
        ("outcome", "other", "Choose one of the list."),
        ("began_on", "", "The day on which it began."),
        ("began_on", "yesterday", "The day on which it began."),
        ("began_on", "2020-01-01", "Between the day of the treatment and today."),
        ("known_by", "x" * 2001, "At most 2000 characters"),
    ],
)
def test_what_cannot_be_a_complication_is_marked(
    browser: Browser, path: str, sessions: sessionmaker[Session], now: datetime,
    field: str, value: str, told: str,
) -> None:  # fmt: skip
    form = {"outcome": "burn", "began_on": now.date().isoformat(), "known_by": "", field: value}
    answer = browser.post(f"{path}/complications", form)
    assert answer.status_code == 422
    assert told in StrictPage(answer.text).said
    with sessions() as session:
        assert session.scalars(select(Complication)).all() == []


def test_the_address_of_a_form_leads_to_the_page(browser: Browser, path: str) -> None:
    for form in ("flags", "complications"):
        assert browser.get(f"{path}/{form}").headers["Location"] == path
