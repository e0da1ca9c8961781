"""In which of several treated areas it is strongest: kept with the revision, and named to the nurse."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select, update

from recovery.domain.clinical.symptoms import Area
from recovery.models.reports.reports import ReportRevision
from recovery.models.treatments.treatments import Treatment
from recovery.services.changes import treatment_corrections
from recovery.services.core.audit import OPERATOR
from recovery.services.reports import strongest_area
from tests.support.access.documented_client import DocumentedClient
from tests.support.data.people import Clinic, Patient
from tests.support.data.reporting import review

BOTH = [Area.FACE, Area.NECK]


@pytest.fixture
def now() -> datetime:
    """This moment: the application, which reads its own clock, is asked too."""
    return datetime.now(UTC)


@pytest.fixture
def patient(clinic: Clinic, now: datetime) -> Patient:
    """Treated on face and neck two and a half days ago."""
    made = clinic.add_patient(now=now, hours_ago=60)
    with clinic.sessions.begin() as session:
        session.execute(update(Treatment).values(areas=BOTH))
    return made


def put(client: DocumentedClient, patient: Patient, now: datetime, **more: Any) -> Any:
    body = {
        "seen_at": (now - timedelta(minutes=1)).isoformat(),
        "scores": {"redness": 10, "swelling": 0, "peeling": 0},
        "confirmed": ["redness"],
    }
    path = patient.report_path(more.pop("report_id", None))
    return client.put(path, json=body | more, headers=patient.headers)


def kept(clinic: Clinic) -> list[Area | None]:
    with clinic.sessions() as session:
        return list(session.scalars(select(ReportRevision.strongest).order_by(ReportRevision.revision)))


def test_there_is_something_to_choose_where_several_areas_were_treated() -> None:
    assert strongest_area.to_choose(["face"]) == ()
    assert strongest_area.to_choose(["face", "neck"]) == ["face", "neck"]
    assert strongest_area.is_possible(None, ["face"])
    assert strongest_area.is_possible(Area.NECK, ["face", "neck"])
    assert not strongest_area.is_possible(Area.FACE, ["face"])
    assert not strongest_area.is_possible(Area.BACK, ["face", "neck"])


@pytest.mark.parametrize("note", [None, "see you next week"])
def test_it_is_kept_answered_and_named_to_the_nurse_by_either_way(
    client: DocumentedClient, clinic: Clinic, patient: Patient, now: datetime, note: str | None
) -> None:
    answer = put(client, patient, now, strongest="neck", note=note)
    assert (answer.status_code, answer.json["strongest"]) == (201, "neck")
    assert kept(clinic) == [Area.NECK]
    review(clinic, now=now + timedelta(minutes=20))
    (flag,) = client.get("/api/v1/flags", headers=clinic.nurse.headers).get_json()["items"]
    said = [finding["text"] for finding in flag["findings"]]
    assert any(text.startswith("redness 10, strongest on the neck, on day 2") for text in said)
    assert {finding["strongest"] for finding in flag["findings"]} == {"neck"}
    listed = client.get(patient.report_path().rpartition("/")[0], headers=patient.headers).get_json()["items"]
    assert [one["strongest"] for one in listed] == ["neck"]
    export = client.get("/api/v1/me/export", headers=patient.headers).get_json()
    (report,) = export["treatments"][0]["reports"]
    assert [one["strongest"] for one in report["revisions"]] == ["neck"]
    page = client.get("/api/v1/me/export?format=html", headers=patient.headers).text
    assert "<dt>Where it is strongest</dt><dd>neck</dd>" in page


def test_each_revision_keeps_its_own_and_an_app_that_does_not_ask_goes_on(
    client: DocumentedClient, clinic: Clinic, patient: Patient, now: datetime
) -> None:
    report_id = uuid4()
    first = put(client, patient, now, report_id=report_id, strongest="neck")
    assert put(client, patient, now, report_id=report_id, strongest="neck").data == first.data, "a replay"
    assert put(client, patient, now, report_id=report_id, strongest="face").status_code == 409
    assert put(client, patient, now, report_id=report_id, strongest="face", revision=2).status_code == 200
    without = put(client, patient, now, report_id=report_id, revision=3)
    assert (without.status_code, without.json["strongest"]) == (200, None)
    assert put(client, patient, now, report_id=report_id, strongest=None, revision=3).data == without.data
    assert kept(clinic) == [Area.NECK, Area.FACE, None]


@pytest.mark.parametrize(
    ("value", "detail"),
    [
        ("back", "Must be one of: face, neck."),
        ("nose", "Must be one of: face, eye_area"),
        (3, "Must be one of"),
    ],
)
def test_another_place_is_refused_in_so_many_words(
    client: DocumentedClient, clinic: Clinic, patient: Patient, now: datetime, value: object, detail: str
) -> None:
    answer = put(client, patient, now, strongest=value)
    assert answer.status_code == 422
    (error,) = answer.json["errors"]
    assert error["pointer"] == "#/strongest"
    assert error["detail"].startswith(detail)
    assert kept(clinic) == []


def test_of_one_area_there_is_nothing_to_say(
    client: DocumentedClient, clinic: Clinic, patient: Patient, now: datetime
) -> None:
    with clinic.sessions.begin() as session:
        session.execute(update(Treatment).values(areas=[Area.FACE]))
    answer = put(client, patient, now, strongest="face")
    assert (answer.status_code, answer.json["errors"][0]["detail"]) == (422, "One area was treated.")


def test_an_answer_to_a_question_of_before_a_correction_is_taken(
    client: DocumentedClient, clinic: Clinic, patient: Patient, now: datetime
) -> None:
    with clinic.sessions.begin() as session:
        treatment_corrections.correct(
            session, clinic_id=clinic.id, treatment_id=patient.treatment_id, changes={"areas": [Area.FACE]},
            reason="Only the face.", content=clinic.content, actor=OPERATOR, now=now,
        )  # fmt: skip
    assert put(client, patient, now, strongest="neck").status_code == 201
    assert put(client, patient, now, strongest="back").status_code == 422
