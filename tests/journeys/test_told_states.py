"""One flag through its whole life: what the API tells its patient at each step, in their language."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.clinical.symptoms import Level, Symptom
from recovery.domain.content.aftercare_tips import InsteadOfTips
from recovery.domain.core.language import Language
from recovery.models.clinic.clinics import Clinic as ClinicRow
from recovery.models.flags.flags import Flag
from recovery.services.content.content import Content
from tests.support.access.documented_client import DocumentedClient
from tests.support.data.people import Clinic, Nurse, Patient
from tests.support.data.reporting import review

CLOSING = {"outcome": "other", "comment": "Fine."}
CALM = {"redness": 2, "swelling": 2, "peeling": 1}


def read(client: DocumentedClient, patient: Patient, path: str = "") -> dict[str, Any]:
    answer = client.get(f"/api/v1/me/treatments/{patient.treatment_id}{path}", headers=patient.headers)
    assert answer.status_code == 200, answer.json
    found: dict[str, Any] = answer.get_json()
    return found


def put(
    client: DocumentedClient, patient: Patient, now: datetime, *signs: str, **scores: int
) -> dict[str, Any]:
    body = {"seen_at": now.isoformat(), "scores": CALM | scores, "warning_signs": list(signs)}
    answer = client.put(patient.report_path(), json=body, headers=patient.headers)
    assert answer.status_code == 201, answer.json
    told: dict[str, Any] = answer.get_json()
    return told


def work(client: DocumentedClient, nurse: Nurse, flag: str, step: str, **body: object) -> None:
    answer = client.post(f"/api/v1/flags/{flag}/{step}", json=body or None, headers=nurse.headers)
    assert answer.status_code == 200, answer.json


def one_flag(sessions: sessionmaker[Session]) -> Flag:
    with sessions() as session:
        return session.query(Flag).one()


def test_each_step_of_a_flag_is_told_as_it_is(
    client: DocumentedClient,
    clinic: Clinic,
    content: Content,
    sessions: sessionmaker[Session],
    now: datetime,
    patient_language: Language,
) -> None:
    patient = clinic.add_patient(now=now, hours_ago=70, language=patient_language)
    words, care = content.words_for(patient_language), content.care_for(patient_language)

    def told(status: str, state: str, *, by: bool, advice: str, instead: InsteadOfTips | None) -> None:
        treatment, tips = read(client, patient), read(client, patient, "/tips")
        (report,) = read(client, patient, "/reports")["items"]
        assert (treatment["status"], treatment["follow_up"]["state"]) == (status, state)
        assert treatment["follow_up"] == report["follow_up"] | {"help": None}
        due = one_flag(sessions).due_at.isoformat() if by else None
        assert treatment["follow_up"]["by"] == due
        assert report["assessment"]["advice"] == advice
        assert tips["instead"] == (None if instead is None else care.instead[instead])
        held = [one["held"] for one in treatment["avoid"]]
        assert held == [True] * len(held), "the skin was told to have pus, whatever became of the flag"

    nothing = {"state": "none", "by": None, "urgency": None, "help": None}
    assert read(client, patient)["follow_up"] == nothing
    put(client, patient, now, "pus")
    assert read(client, patient)["status"] == "waiting", "before the worker has looked"
    review(clinic, now=now)
    flag, nurse = str(one_flag(sessions).id), clinic.nurse
    waiting = words.advice[Level.ABNORMAL]
    told("waiting", "waiting", by=True, advice=waiting, instead=InsteadOfTips.WAITING)
    with sessions.begin() as session:
        session.execute(update(Flag).values(due_at=now - timedelta(hours=1)))
    late = words.of_report["overdue"]
    told("waiting", "waiting", by=True, advice=late, instead=InsteadOfTips.OVERDUE)
    work(client, nurse, flag, "claim")
    told("with_nurse", "seen", by=False, advice=words.of_report["seen"], instead=InsteadOfTips.SEEN)
    work(client, nurse, flag, "contacts", result="reached", note="Spoke.")
    reached = words.of_report["contacted"]
    told("with_nurse", "contacted", by=False, advice=reached, instead=InsteadOfTips.CONTACTED)
    work(client, nurse, flag, "resolve", **CLOSING)
    closed = words.of_report["closed"]
    told("recovering", "closed", by=False, advice=closed, instead=InsteadOfTips.OPEN_SKIN)
    work(client, nurse, flag, "reopen")
    told("waiting", "waiting", by=True, advice=waiting, instead=InsteadOfTips.WAITING)


@pytest.fixture(params=Language)
def patient_language(request: pytest.FixtureRequest) -> Language:
    return Language(request.param)


def test_an_entry_in_question_is_never_as_expected_and_says_what_becomes_of_it(
    client: DocumentedClient, clinic: Clinic, content: Content, now: datetime
) -> None:
    patient = clinic.add_patient(now=now, hours_ago=72)
    words = content.words_for(Language.ENGLISH)
    calm = put(client, patient, now - timedelta(hours=1))
    assert calm["assessment"]["advice"].startswith(
        "As expected for day 3: redness or color change, swelling and peeling."
    )
    assert (calm["ask_again"], calm["unconfirmed"]) == ([], None)
    slip = put(client, patient, now, redness=10)
    assert slip["ask_again"] == ["redness"]
    assert slip["assessment"]["advice"] == words.of_report["doubt"]
    unconfirmed = slip["unconfirmed"]
    at = datetime.fromisoformat(unconfirmed["at"])
    assert at - datetime.fromisoformat(slip["received_at"]) == timedelta(minutes=10)
    assert (unconfirmed["follow_up"]["state"], unconfirmed["follow_up"]["urgency"]) == ("waiting", "same_day")
    assert datetime.fromisoformat(unconfirmed["follow_up"]["by"]) == at + timedelta(hours=2)
    assert read(client, patient, "/reports")["items"][1]["unconfirmed"] == unconfirmed
    series = {one["symptom"]: one for one in read(client, patient, "/recovery")["symptoms"]}
    assert [point["in_question"] for point in series["redness"]["points"]] == [False, True]
    assert [point["in_question"] for point in series["swelling"]["points"]] == [False, False]
    judged = {symptom for symptom, one in series.items() if one["judged"]}
    assert judged == {symptom.value for symptom in Symptom}


def test_an_entry_that_nobody_would_look_at_promises_no_nurse(
    client: DocumentedClient, clinic: Clinic, now: datetime
) -> None:
    patient = clinic.add_patient(now=now, hours_ago=3)
    for scores in ({"redness": 9, "swelling": 9, "peeling": 9}, {"redness": 1, "swelling": 0, "peeling": 0}):
        told = put(client, patient, now, **scores)
        assert "expect" not in told["assessment"]["advice"].lower()
        if told["ask_again"]:
            assert told["unconfirmed"]["follow_up"] == {"state": "none", "by": None, "urgency": None}


def test_a_closed_clinic_is_reached_by_the_number_for_it(
    client: DocumentedClient, clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    patient = clinic.add_patient(now=now)
    emergency = read(client, patient, "/check-in")["emergency"]
    assert (emergency["closed_number"], emergency["then_number"]) == ("+12025550191", "+12025550190")
    assert emergency["closed_number"] in emergency["closed_call"]
    with sessions.begin() as session:
        session.execute(update(ClinicRow).values(out_of_hours_phone=""))
    assert read(client, patient, "/check-in")["emergency"]["closed_number"] == "911"
