from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy.orm import Session, sessionmaker

from recovery.models.reports.reports import AssessmentCause, DeviceClock, ReportRevision, StoredAssessment
from recovery.services.content.content import Content
from recovery.services.reports import report_assessment
from recovery.services.review import report_review
from tests.support.access.documented_client import DocumentedClient
from tests.support.data.people import Clinic, Patient

PARIS = ZoneInfo("Europe/Paris")
MILD = {"redness": 3, "swelling": 2, "peeling": 0}


def body_of(seen_at: datetime, **said: Any) -> dict[str, Any]:
    return {"seen_at": seen_at.isoformat(), "scores": MILD} | said


@pytest.fixture
def put(client: DocumentedClient) -> Callable[..., Any]:
    def send(patient: Patient, report_id: UUID, body: dict[str, Any], **headers: str) -> Any:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return client.put(patient.report_path(report_id), json=body, headers=patient.headers | named)

    return send


@pytest.fixture
def listed(client: DocumentedClient) -> Callable[[Patient], list[dict[str, Any]]]:
    def get(patient: Patient) -> list[dict[str, Any]]:
        path = f"/api/v1/me/treatments/{patient.treatment_id}/reports"
        answer = client.get(path, headers=patient.headers)
        assert answer.status_code == 200
        items: list[dict[str, Any]] = answer.get_json()["items"]
        return items

    return get


def assessments(sessions: sessionmaker[Session], report_id: UUID) -> list[StoredAssessment]:
    with sessions() as session:
        found = session.query(StoredAssessment).where(StoredAssessment.report_id == report_id)
        return list(found.order_by(StoredAssessment.id))


def test_the_same_again_gets_the_same_bytes(
    put: Callable[..., Any], patient: Patient, rows: Callable[[], dict[str, int]], now: datetime
) -> None:
    report_id, body = uuid4(), body_of(now, warning_signs=["bumps", "lines"], note="Line one\nline two")
    first = put(patient, report_id, body)
    assert first.status_code == 201
    before = rows()
    same = body | {"warning_signs": ["lines", "bumps", "lines"], "revision": 1, "confirmed": []}
    elsewhere = body | {"seen_at": now.astimezone(UTC).isoformat().replace("+00:00", "Z")}
    for again in (body, same, elsewhere):
        answer = put(patient, report_id, again)
        assert (answer.status_code, answer.data) == (200, first.data)
    assert rows() == before
    assert first.json["note"] == "Line one\nline two"
    assert datetime.fromisoformat(first.json["seen_at"]) == now
    in_utc = put(patient, uuid4(), body_of(now - timedelta(hours=1), scores=MILD)).json
    abroad = put(patient, uuid4(), body_of((now - timedelta(hours=1)).astimezone(PARIS))).json
    assert abroad["seen_at"] == in_utc["seen_at"]


@pytest.mark.parametrize(
    "other",
    [
        {"scores": MILD | {"redness": 4}},
        {"scores": MILD | {"pain": 0}},
        {"warning_signs": ["bumps"]},
        {"note": "x"},
        {"confirmed": ["redness"]},
        {"seen_at": "2026-11-23T08:12:00Z"},
    ],
)
def test_another_body_without_a_revision_is_told_what_is_stored(
    put: Callable[..., Any], patient: Patient, now: datetime, other: dict[str, Any]
) -> None:
    report_id = uuid4()
    first = put(patient, report_id, body_of(now))
    answer = put(patient, report_id, body_of(now) | other)
    assert (answer.status_code, answer.json["stored"]) == (409, first.json)


def test_revisions_follow_one_another_and_keep_their_answers(
    put: Callable[..., Any],
    listed: Callable[[Patient], list[dict[str, Any]]],
    sessions: sessionmaker[Session],
    patient: Patient,
    now: datetime,
) -> None:
    report_id = uuid4()
    first = put(patient, report_id, body_of(now))
    second_body = body_of(now, scores=MILD | {"redness": 4}, revision=2)
    assert put(patient, report_id, second_body | {"revision": 3}).status_code == 409
    second = put(patient, report_id, second_body)
    assert (second.status_code, second.json["revision"]) == (200, 2)
    assert put(patient, report_id, body_of(now)).data == first.data
    assert put(patient, report_id, second_body).data == second.data
    gap = put(patient, report_id, second_body | {"revision": 4})
    assert (gap.status_code, gap.json["stored"]) == (409, second.json)
    assert [(one["revision"], one["scores"]["redness"]) for one in listed(patient)] == [(2, 4)]
    with sessions() as session:
        kept = session.query(ReportRevision).order_by(ReportRevision.revision).all()
        assert [(row.revision, row.scores["redness"]) for row in kept] == [(1, 3), (2, 4)]
    causes = [(row.revision, row.cause) for row in assessments(sessions, report_id)]
    assert causes == [(1, AssessmentCause.REPORT), (2, AssessmentCause.CORRECTION)]


def test_a_first_report_begins_with_revision_one(
    put: Callable[..., Any], patient: Patient, rows: Callable[[], dict[str, int]], now: datetime
) -> None:
    before = rows()
    answer = put(patient, uuid4(), body_of(now, revision=2))
    assert (answer.status_code, "stored" in answer.json) == (409, False)
    assert rows() == before


def test_an_id_belongs_to_one_report(
    put: Callable[..., Any], clinic: Clinic, other_clinic: Clinic, patient: Patient, now: datetime
) -> None:
    report_id = uuid4()
    first = put(patient, report_id, body_of(now, note="Private words"))
    assert first.status_code == 201
    housemate = clinic.add_patient(now=now, phone=patient.phone, pin="2718")
    for someone in (clinic.add_patient(now=now), housemate):
        taken = put(someone, report_id, body_of(now))
        assert taken.status_code == 409
        assert "stored" not in taken.json
        assert str(patient.treatment_id) not in taken.text
    assert put(other_clinic.add_patient(now=now), report_id, body_of(now)).status_code == 201
    assert put(patient, report_id, body_of(now, note="Private words")).data == first.data


def test_thirty_at_once_are_one_report(
    app: Flask, patient: Patient, rows: Callable[[], dict[str, int]], now: datetime
) -> None:
    before, answers = rows(), []
    path, body, begin = patient.report_path(), body_of(now), threading.Barrier(30)

    def send() -> None:
        client = app.test_client()
        begin.wait()
        answer = client.put(path, json=body, headers=patient.headers)
        answers.append((answer.status_code, answer.data))

    threads = [threading.Thread(target=send) for _ in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(status for status, _ in answers) == [200] * 29 + [201]
    assert len({data for _, data in answers}) == 1
    added = {name: count - before[name] for name, count in rows().items() if count != before[name]}
    # Figures that are kept by day are told of the first three.
    assert added == {"report": 1, "report_revision": 1, "assessment": 1, "audit_entry": 1, "figure_change": 3}


@pytest.mark.parametrize(
    "skew",
    [timedelta(days=-3), timedelta(hours=-2), timedelta(minutes=4), timedelta(hours=5), timedelta(days=400)],
)
def test_a_wrong_clock_is_put_right(
    put: Callable[..., Any], sessions: sessionmaker[Session], patient: Patient, now: datetime, skew: timedelta
) -> None:
    device = now + skew
    seen_at = device - timedelta(hours=1)
    answer = put(patient, uuid4(), body_of(seen_at), Afterglow_Sent_At=device.isoformat())
    assert answer.status_code == 201
    stored = datetime.fromisoformat(answer.json["seen_at"])
    assert timedelta(0) <= stored - (now - timedelta(hours=1)) < timedelta(minutes=1)
    assert answer.json["day"] == 1
    with sessions() as session:
        assert [row.clock for row in session.query(ReportRevision)] == [DeviceClock.CORRECTED]


def test_the_way_here_is_not_taken_for_a_wrong_clock(
    put: Callable[..., Any], sessions: sessionmaker[Session], patient: Patient, now: datetime
) -> None:
    sent = now - timedelta(seconds=20)
    answer = put(patient, uuid4(), body_of(sent), Afterglow_Sent_At=sent.isoformat())
    assert datetime.fromisoformat(answer.json["seen_at"]) == sent
    with sessions() as session:
        assert [row.clock for row in session.query(ReportRevision)] == [DeviceClock.TRUSTED]


def test_the_clock_is_outside_the_comparison_of_bodies(
    put: Callable[..., Any], patient: Patient, now: datetime
) -> None:
    report_id, body = uuid4(), body_of(now - timedelta(hours=1))
    first = put(patient, report_id, body, Afterglow_Sent_At=now.isoformat())
    later = put(patient, report_id, body, Afterglow_Sent_At=(now + timedelta(days=2)).isoformat())
    assert (later.status_code, later.data) == (200, first.data)


@pytest.mark.parametrize(
    ("seen", "with_clock", "status", "clock"),
    [
        (timedelta(hours=-30 - 12, minutes=-1), True, 422, None),
        (timedelta(hours=-30 - 12, minutes=1), True, 201, DeviceClock.TRUSTED),
        (timedelta(minutes=6), True, 422, None),
        (timedelta(minutes=4), True, 201, DeviceClock.TRUSTED),
        (timedelta(hours=-30 - 12, minutes=-1), False, 422, None),
        (timedelta(minutes=4), False, 201, DeviceClock.TRUSTED),
        (timedelta(hours=23), False, 201, DeviceClock.AHEAD),
        (timedelta(hours=24, minutes=1), False, 422, None),
    ],
)
def test_when_the_signs_can_have_been_seen(
    put: Callable[..., Any],
    sessions: sessionmaker[Session],
    patient: Patient,
    now: datetime,
    seen: timedelta,
    with_clock: bool,
    status: int,
    clock: DeviceClock | None,
) -> None:
    headers = {"Afterglow_Sent_At": now.isoformat()} if with_clock else {}
    answer = put(patient, uuid4(), body_of(now + seen), **headers)
    assert answer.status_code == status, answer.json
    with sessions() as session:
        assert [row.clock for row in session.query(ReportRevision)] == ([] if clock is None else [clock])
    if status == 422:
        assert answer.json["errors"][0]["pointer"] == "#/seen_at"


def test_the_day_is_counted_in_hours_that_passed(
    put: Callable[..., Any], clinic: Clinic, now: datetime
) -> None:
    patient = clinic.add_patient(now=now, hours_ago=24 * 59, time_zone="America/Chicago")
    for hours, day in (
        (-11.9, 0),
        (0, 0),
        (11.9, 0),
        (12.1, 1),
        (35.9, 1),
        (36.1, 2),
        (156.1, 7),
        (1415, 59),
    ):
        seen_at = patient.performed_at + timedelta(hours=hours)
        assert put(patient, uuid4(), body_of(seen_at)).json["day"] == day, hours


def test_a_late_report_has_the_later_ones_judged_again(
    put: Callable[..., Any],
    listed: Callable[[Patient], list[dict[str, Any]]],
    sessions: sessionmaker[Session],
    clinic: Clinic,
    now: datetime,
) -> None:
    patient = clinic.add_patient(now=now, hours_ago=24 * 4)
    high = {"redness": 7, "swelling": 4, "peeling": 0}
    said = {"scores": high, "confirmed": ["redness", "swelling"]}
    later = uuid4()
    put(patient, later, body_of(patient.performed_at + timedelta(hours=72), **said))
    (before,) = assessments(sessions, later)
    early = put(patient, uuid4(), body_of(patient.performed_at + timedelta(hours=48), **said))
    assert early.status_code == 201
    first, again = assessments(sessions, later)
    assert (first.id, first.findings, first.cause) == (before.id, before.findings, AssessmentCause.REPORT)
    assert again.cause is AssessmentCause.LATE_REPORT
    assert again.findings != first.findings
    assert [one["day"] for one in listed(patient)] == [2, 3]
    rules = {finding["rule"] for finding in listed(patient)[1]["assessment"]["findings"]}
    assert rules == {finding["rule"] for finding in again.findings}


def test_a_doubtful_score_is_asked_about_before_it_counts(
    put: Callable[..., Any],
    listed: Callable[[Patient], list[dict[str, Any]]],
    sessions: sessionmaker[Session],
    content: Content,
    patient: Patient,
    now: datetime,
) -> None:
    report_id, body = uuid4(), body_of(now, scores=MILD | {"redness": 10})
    asked = put(patient, report_id, body)
    assert asked.json["ask_again"] == ["redness"]
    assert asked.json["assessment"]["level"] == "expected"
    at_once, held = assessments(sessions, report_id)
    assert (at_once.cause, held.cause) == (AssessmentCause.REPORT, AssessmentCause.HOLD_ENDED)
    assert held.level.rank > at_once.level.rank
    assert held.review_after - at_once.review_after == report_assessment.HOLD
    assert [one["assessment"]["level"] for one in listed(patient)] == ["expected"]
    with sessions.begin() as session:
        assert report_review.review_due(session, content=content, now=datetime.now(UTC), limit=10) == 1
    confirmed = put(patient, report_id, body | {"confirmed": ["redness"], "revision": 2})
    assert confirmed.json["ask_again"] == []
    assert confirmed.json["assessment"]["level"] == held.level.value
    after_hold = held.review_after + timedelta(seconds=1)
    with sessions.begin() as session:
        assert report_review.review_due(session, content=content, now=after_hold, limit=10) == 2


def test_a_question_that_ends_brings_nothing_twice_to_a_nurse(
    put: Callable[..., Any],
    client: DocumentedClient,
    sessions: sessionmaker[Session],
    content: Content,
    clinic: Clinic,
    patient: Patient,
    now: datetime,
) -> None:
    high = {"redness": 9, "swelling": 2, "peeling": 0}
    put(patient, uuid4(), body_of(now - timedelta(hours=12), scores=high))
    fallen = put(patient, uuid4(), body_of(now, scores=high | {"redness": 0}, warning_signs=["pus"])).json
    assert fallen["ask_again"] == ["redness"]
    with sessions.begin() as session:
        report_review.review_due(session, content=content, now=datetime.now(UTC), limit=10)
    (flag,) = client.get("/api/v1/flags", headers=clinic.nurse.headers).get_json()["items"]
    before = [finding["rule"] for finding in flag["findings"]]
    with sessions.begin() as session:
        report_review.review_due(
            session, content=content, now=datetime.now(UTC) + report_assessment.HOLD, limit=10
        )
    shown = client.get(f"/api/v1/flags/{flag['id']}", headers=clinic.nurse.headers).get_json()["findings"]
    signs = [finding for finding in shown if finding["report_id"] == fallen["id"]]
    assert before == ["warning_sign"]
    assert [finding["rule"] for finding in signs] == ["warning_sign"]


def test_an_emergency_sign_never_waits_for_an_answer(
    put: Callable[..., Any], patient: Patient, now: datetime
) -> None:
    body = body_of(now, scores=MILD | {"redness": 10}, warning_signs=["breathing"])
    answer = put(patient, uuid4(), body).json
    assert answer["ask_again"] == ["redness"]
    assert answer["assessment"]["level"] == "emergency"
    assert answer["follow_up"]["state"] == "waiting"
    assert datetime.fromisoformat(answer["follow_up"]["by"]) - now < timedelta(minutes=20)


def test_follow_up_tells_how_far_the_nurse_is(
    put: Callable[..., Any],
    listed: Callable[[Patient], list[dict[str, Any]]],
    client: DocumentedClient,
    sessions: sessionmaker[Session],
    content: Content,
    clinic: Clinic,
    patient: Patient,
    now: datetime,
) -> None:
    def states() -> list[str]:
        return [one["follow_up"]["state"] for one in listed(patient)]

    def reviewed() -> str:
        with sessions.begin() as session:
            report_review.review_due(session, content=content, now=datetime.now(UTC), limit=10)
        items = client.get("/api/v1/flags", headers=clinic.nurse.headers).get_json()["items"]
        return str(items[0]["id"]) if items else ""

    def work(what: str, **body: str) -> None:
        path = f"/api/v1/flags/{flag}/{what}"
        answer = client.post(path, headers=clinic.nurse.headers, **({"json": body} if body else {}))
        assert answer.status_code == 200

    put(patient, uuid4(), body_of(now - timedelta(hours=9)))
    worrying = put(patient, uuid4(), body_of(now - timedelta(hours=8), warning_signs=["pus"])).json
    assert worrying["follow_up"]["state"] == "waiting"
    assert listed(patient)[1]["follow_up"] == worrying["follow_up"]
    flag = reviewed()
    assert states() == ["none", "waiting"]
    for step, state in (("claim", "seen"), ("contacts", "contacted"), ("resolve", "closed")):
        bodies = {"contacts": {"result": "reached"}, "resolve": {"outcome": "irritation", "comment": "Fine."}}
        work(step, **bodies.get(step, {}))
        assert states() == ["none", state]
    # A new worry waits, whatever became of the one before.
    again = put(patient, uuid4(), body_of(now - timedelta(hours=1), warning_signs=["fever"])).json
    assert again["follow_up"]["state"] == "waiting"
    assert states() == ["none", "closed", "waiting"]
    flag = reviewed()
    assert states() == ["none", "closed", "waiting"]
    work("claim")
    assert states() == ["none", "closed", "seen"]


def test_a_report_is_listed_even_by_a_clock_that_is_behind(
    put: Callable[..., Any],
    listed: Callable[[Patient], list[dict[str, Any]]],
    sessions: sessionmaker[Session],
    patient: Patient,
    now: datetime,
) -> None:
    put(patient, uuid4(), body_of(now))
    with sessions.begin() as session:
        session.query(StoredAssessment).update({"review_after": datetime.now(UTC) + timedelta(seconds=5)})
    assert len(listed(patient)) == 1
