from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.clinic.staff_roles import Role
from recovery.domain.clinical.symptoms import Acid, Device
from recovery.domain.core.language import Language
from recovery.domain.flags.flag_lifecycle import FlagState
from recovery.models.flags.flags import Flag
from recovery.models.patients.patients import Patient as PatientRow
from recovery.models.treatments.treatments import Treatment
from recovery.services.content.content import Content
from recovery.services.review import report_review
from tests.support.access.documented_client import DocumentedClient
from tests.support.data.people import Clinic, Patient


@pytest.fixture
def picture(client: DocumentedClient) -> Callable[[Patient], dict[str, Any]]:
    def get(patient: Patient) -> dict[str, Any]:
        path = f"/api/v1/me/treatments/{patient.treatment_id}/recovery"
        answer = client.get(path, headers=patient.headers)
        assert answer.status_code == 200, answer.json
        found: dict[str, Any] = answer.get_json()
        return found

    return get


def band(shown: dict[str, Any], symptom: str, day: int) -> tuple[float, float, float]:
    (series,) = [one for one in shown["symptoms"] if one["symptom"] == symptom]
    (found,) = [one for one in series["expected"] if one["day"] == day]
    return found["p50"], found["p90"], found["p97_5"]


def put(client: DocumentedClient, patient: Patient, seen_at: datetime, **scores: int) -> None:
    body = {"seen_at": seen_at.isoformat(), "scores": {"redness": 2, "swelling": 1, "peeling": 0} | scores}
    assert client.put(patient.report_path(), json=body, headers=patient.headers).status_code == 201


def test_the_band_is_the_protocol_s_with_its_modifiers(
    picture: Callable[[Patient], dict[str, Any]], clinic: Clinic, content: Content, now: datetime
) -> None:
    pen = picture(clinic.add_patient(now=now))
    rf = picture(clinic.add_patient(now=now, device=Device.RF, depth_mm=Decimal("1.5")))
    assert band(pen, "redness", 1) == (3, 5, 6)
    assert band(rf, "redness", 3) > band(pen, "redness", 3)
    for series in pen["symptoms"]:
        assert [one["day"] for one in series["expected"]] == [0, 1, 2, 3, 4, 5, 6, 7, 14, 28]
        assert all(one["p50"] <= one["p90"] <= one["p97_5"] <= 10 for one in series["expected"])


def test_the_course_says_which_curve_it_took_and_why(
    picture: Callable[[Patient], dict[str, Any]], clinic: Clinic, now: datetime
) -> None:
    given: list[dict[str, Any]] = [
        {"depth_mm": Decimal("1.75")},
        {"depth_mm": None},
        {"depth_mm": None, "device": Device.RF},
    ]
    told = [picture(clinic.add_patient(now=now, **one))["held_against"] for one in given]
    assert told == [
        {"curve": "medium", "because": "depth"},
        {"curve": "reference", "because": "depth_not_recorded"},
        {"curve": "rf", "because": "depth_not_recorded"},
    ]


def test_an_acid_of_the_same_session_raises_the_band_of_flakes(
    picture: Callable[[Patient], dict[str, Any]],
    clinic: Clinic,
    sessions: sessionmaker[Session],
    now: datetime,
) -> None:
    patient = clinic.add_patient(now=now)
    before = picture(patient)
    with sessions.begin() as session:
        session.execute(update(Treatment).where(Treatment.id == patient.treatment_id).values(acid=Acid.TCA))
    after = picture(patient)
    assert band(after, "peeling", 5) > band(before, "peeling", 5)
    assert band(after, "pain", 1) == band(before, "pain", 1)


def test_what_was_reported_widens_the_band_of_the_same_skin(
    client: DocumentedClient,
    picture: Callable[[Patient], dict[str, Any]],
    clinic: Clinic,
    sessions: sessionmaker[Session],
    now: datetime,
) -> None:
    patient = clinic.add_patient(now=now)
    plain = band(picture(patient), "redness", 3)
    put(client, patient, patient.performed_at + timedelta(hours=20), redness=6, swelling=6)
    widened = band(picture(patient), "redness", 3)
    assert widened[0] == plain[0]
    assert widened[1] > plain[1]
    with sessions.begin() as session:
        session.execute(update(PatientRow).values(band_level=1.3, band_because="Known to react."))
    assert band(picture(patient), "redness", 3) > widened


def test_own_points_stand_at_the_hour_their_signs_were_seen(
    client: DocumentedClient, picture: Callable[[Patient], dict[str, Any]], patient: Patient
) -> None:
    seen = [patient.performed_at + timedelta(hours=hours) for hours in (28, 6)]
    for at in seen:
        put(client, patient, at, pain=1)
    shown = picture(patient)
    series = {one["symptom"]: one["points"] for one in shown["symptoms"]}
    assert [(one["hours"], one["day"], one["score"]) for one in series["pain"]] == [(6, 0, 1), (28, 1, 1)]
    assert [len(series[name]) for name in ("redness", "itching")] == [2, 0]


def test_a_point_in_words_stands_for_the_range_of_its_answer(
    client: DocumentedClient, picture: Callable[[Patient], dict[str, Any]], patient: Patient
) -> None:
    for hours, answers in ((6, "numbers"), (28, "words")):
        seen_at = (patient.performed_at + timedelta(hours=hours)).isoformat()
        body = {"seen_at": seen_at, "scores": {"redness": 6, "swelling": 0, "peeling": 0}, "answers": answers}
        assert client.put(patient.report_path(), json=body, headers=patient.headers).status_code == 201
    points = {one["symptom"]: one["points"] for one in picture(patient)["symptoms"]}
    meant = [(one["score"], one["least"], one["most"]) for one in points["redness"]]
    assert meant == [(6, 6, 6), (6, 5, 7)]
    assert [(one["least"], one["most"]) for one in points["swelling"]] == [(0, 0), (0, 0)]


def test_earlier_sessions_lie_on_the_same_axis(
    client: DocumentedClient,
    picture: Callable[[Patient], dict[str, Any]],
    patient: Patient,
    clinic: Clinic,
    sessions: sessionmaker[Session],
) -> None:
    before = patient.performed_at - timedelta(days=35)
    with sessions.begin() as session:
        row = session.get_one(Treatment, (clinic.id, patient.treatment_id))
        copied = {"device": row.device, "areas": row.areas, "protocol": row.protocol, "session_number": 1}
        earlier = Treatment(
            clinic_id=clinic.id, patient_id=patient.id, performed_at=before, created_at=before, **copied
        )
        session.add(earlier)
        session.flush()
        earlier_id = earlier.id
    path = f"/api/v1/me/treatments/{earlier_id}/reports/00000000-0000-4000-8000-000000000001"
    scores = {"redness": 5, "swelling": 3, "peeling": 1}
    body = {"seen_at": (before + timedelta(hours=24)).isoformat(), "scores": scores}
    assert client.put(path, json=body, headers=patient.headers).status_code == 201
    (shown,) = picture(patient)["earlier_sessions"]
    assert (shown["treatment_id"], shown["session_number"]) == (str(earlier_id), 1)
    assert {one["symptom"]: one["points"][0]["score"] for one in shown["symptoms"]} == scores
    assert {point["hours"] for one in shown["symptoms"] for point in one["points"]} == {24}


def test_what_to_avoid_ends_thing_by_thing(
    picture: Callable[[Patient], dict[str, Any]], clinic: Clinic, now: datetime, content: Content
) -> None:
    patient = clinic.add_patient(now=now, hours_ago=80, language=Language.FRENCH)
    avoid = {one["what"]: one for one in picture(patient)["treatment"]["avoid"]}
    assert {what for what, one in avoid.items() if not one["over"]} == {"harsh_products"}
    for rule in content.avoidance:
        until = datetime.fromisoformat(avoid[rule.what]["until"])
        assert until == patient.performed_at + timedelta(hours=rule.hours)
    assert avoid["sun"]["label"] == "Le soleil direct"


def test_the_next_check_in_is_the_first_that_is_neither_done_nor_over(
    client: DocumentedClient, picture: Callable[[Patient], dict[str, Any]], clinic: Clinic, now: datetime
) -> None:
    patient = clinic.add_patient(now=now, hours_ago=12 + 24 * 9)
    assert picture(patient)["next_check_in"]["day"] == 14
    last = clinic.add_patient(now=now, hours_ago=24 * 40)
    assert picture(last)["next_check_in"]["day"] == 56
    late = clinic.add_patient(now=now, hours_ago=24 * 60)
    assert picture(late)["next_check_in"] is None


def test_while_a_flag_is_open_a_nurse_has_it(
    client: DocumentedClient,
    picture: Callable[[Patient], dict[str, Any]],
    patient: Patient,
    sessions: sessionmaker[Session],
    content: Content,
    now: datetime,
) -> None:
    body = {
        "seen_at": now.isoformat(),
        "scores": {"redness": 3, "swelling": 2, "peeling": 0},
        "warning_signs": ["pus"],
    }
    client.put(patient.report_path(), json=body, headers=patient.headers)
    with sessions.begin() as session:
        assert (
            report_review.review_due(session, content=content, now=now + timedelta(seconds=1), limit=10) == 1
        )
    assert picture(patient)["treatment"]["status"] == "waiting"
    with sessions.begin() as session:
        session.execute(update(Flag).values(state=FlagState.CLAIMED))
    assert picture(patient)["treatment"]["status"] == "with_nurse"
    with sessions.begin() as session:
        session.execute(update(Flag).values(state=FlagState.RESOLVED, resolved_at=now))
    assert picture(patient)["treatment"]["status"] == "recovering"


def test_the_plan_of_sessions_is_told_once_there_is_one(
    client: DocumentedClient,
    picture: Callable[[Patient], dict[str, Any]],
    patient: Patient,
    clinic: Clinic,
    now: datetime,
) -> None:
    assert picture(patient)["series"] is None
    practitioner = clinic.add_nurse(now=now, role=Role.PRACTITIONER)
    agreed = {"sessions": 4, "weeks_between": 5, "maintenance_months": None}
    path = f"/api/v1/patients/{patient.id}/series"
    answer = client.put(path, json=agreed, headers=practitioner.headers)
    assert answer.status_code == 200, answer.json
    proposed = patient.performed_at.date() + timedelta(weeks=5)
    assert picture(patient)["series"] == agreed | {
        "done": 1,
        "next_session_on": None,
        "proposed_on": proposed.isoformat(),
    }


def test_lists_come_in_pages_of_the_size_asked_for(
    client: DocumentedClient, patient: Patient, clinic: Clinic, sessions: sessionmaker[Session]
) -> None:
    with sessions.begin() as session:
        row = session.get_one(Treatment, (clinic.id, patient.treatment_id))
        copied = {"device": row.device, "areas": row.areas, "protocol": row.protocol, "session_number": 1}
        for days in (30, 60):
            at = patient.performed_at - timedelta(days=days)
            session.add(
                Treatment(
                    clinic_id=clinic.id, patient_id=patient.id, performed_at=at, created_at=at, **copied
                )
            )
    for hours in (1, 5, 9):
        put(client, patient, patient.performed_at + timedelta(hours=hours))
    for path in ("/api/v1/me/treatments", f"/api/v1/me/treatments/{patient.treatment_id}/reports"):
        whole = client.get(path, headers=patient.headers).get_json()
        assert (len(whole["items"]), whole["next"]) == (3, None)
        pages, cursor = [], ""
        for size in (2, 1):
            page = client.get(f"{path}?limit=2{cursor}", headers=patient.headers).get_json()
            assert len(page["items"]) == size
            pages.append(page)
            cursor = f"&cursor={page['next']}"
        paged = [one for page in pages for one in page["items"]]
        assert (paged, pages[-1]["next"]) == (whole["items"], None)
        for wrong in ("limit=0", "limit=201", "limit=x", "cursor=%00", "page=2"):
            assert client.get(f"{path}?{wrong}", headers=patient.headers).status_code == 422
