"""Reports in the five words of a check-in: each stands for a range of scores, and is judged so."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.clinical.symptoms import AnswerScale
from recovery.models.reports.reports import ReportRevision
from tests.support.access.documented_client import DocumentedClient
from tests.support.data.people import Clinic, Patient

WORDED = {"redness": 4, "swelling": 2, "peeling": 0}


def put(
    client: DocumentedClient, patient: Patient, at: datetime, *, report_id: UUID | None = None, **said: Any
) -> Any:
    body = {"seen_at": at.isoformat(), "scores": WORDED} | said
    return client.put(patient.report_path(report_id or uuid4()), json=body, headers=patient.headers)


@pytest.mark.parametrize("note", [None, "Warm"])
def test_how_scores_were_given_is_kept_and_given_back(
    client: DocumentedClient,
    patient: Patient,
    sessions: sessionmaker[Session],
    now: datetime,
    note: str | None,
) -> None:
    # With a note a report goes the long way, without one the short way.
    words = put(client, patient, now, answers="words", note=note)
    assert (words.status_code, words.json["answers"], words.json["scores"]) == (201, "words", WORDED)
    numbers = put(client, patient, now - timedelta(hours=9), answers="numbers", note=note)
    unsaid = put(client, patient, now - timedelta(hours=18), note=note)
    assert [numbers.json["answers"], unsaid.json["answers"]] == ["numbers", "numbers"]
    path = f"/api/v1/me/treatments/{patient.treatment_id}/reports"
    listed = client.get(path, headers=patient.headers).get_json()["items"]
    assert [one["answers"] for one in listed] == ["numbers", "numbers", "words"]
    with sessions() as session:
        kept = session.scalars(select(ReportRevision.scale).order_by(ReportRevision.seen_at)).all()
    assert kept == [AnswerScale.NUMBERS, AnswerScale.NUMBERS, AnswerScale.WORDS]


def test_words_are_judged_by_the_range_they_stand_for(
    client: DocumentedClient, clinic: Clinic, now: datetime
) -> None:
    rules = {}
    for answers in ("numbers", "words"):
        patient = clinic.add_patient(now=now, hours_ago=124)
        for hours_ago in (24, 12):
            put(client, patient, now - timedelta(hours=hours_ago), answers=answers, confirmed=["redness"])
        last = put(client, patient, now, answers=answers, confirmed=["redness"])
        rules[answers] = {finding["rule"] for finding in last.json["assessment"]["findings"]}
    # A 4 on day 5 is late for certain; "a little" may be a 3.
    assert "late" in rules["numbers"]
    assert "late" not in rules["words"]


def test_a_score_between_the_steps_is_no_answer_in_words(
    client: DocumentedClient, patient: Patient, rows: Any, now: datetime
) -> None:
    before = rows()
    scores = WORDED | {"redness": 5, "itching": 1}
    refused = put(client, patient, now, scores=scores, answers="words")
    assert refused.status_code == 422
    assert refused.json["errors"] == [
        {"pointer": f"#/scores/{symptom}", "detail": "Answers in words must be one of 0, 2, 4, 6, 9."}
        for symptom in ("redness", "itching")
    ]
    assert rows() == before
    assert put(client, patient, now, scores=scores).status_code == 201
    unknown = put(client, patient, now, answers="letters")
    assert [error["pointer"] for error in unknown.json["errors"]] == ["#/answers"]


def test_nobody_but_a_patient_is_told_which_steps_there_are(
    client: DocumentedClient, patient: Patient, now: datetime
) -> None:
    body = {"seen_at": now.isoformat(), "scores": WORDED | {"redness": 5}, "answers": "words"}
    for headers in ({}, {"Authorization": "Bearer nobody's"}):
        assert client.put(patient.report_path(uuid4()), json=body, headers=headers).status_code == 401


def test_the_same_scores_in_words_are_another_report_than_in_numbers(
    client: DocumentedClient, patient: Patient, now: datetime
) -> None:
    report_id = uuid4()
    first = put(client, patient, now, report_id=report_id)
    again = put(client, patient, now, report_id=report_id, answers="numbers")
    assert (again.status_code, again.data) == (200, first.data)
    assert put(client, patient, now, report_id=report_id, answers="words").status_code == 409
    changed = put(client, patient, now, report_id=report_id, answers="words", revision=2)
    assert (changed.status_code, changed.json["answers"]) == (200, "words")


def test_a_finding_about_a_word_names_the_scores_it_stands_for(
    client: DocumentedClient, patient: Patient, now: datetime
) -> None:
    scores = {"redness": 9, "swelling": 9, "peeling": 0}
    said: dict[str, Any] = {"scores": scores, "confirmed": ["redness", "swelling"]}
    for answers, meant in (("words", [8, 10]), ("numbers", None)):
        found = put(client, patient, now, answers=answers, **said).json["assessment"]["findings"]
        (redness,) = (one for one in found if (one["rule"], one["symptom"]) == ("far_above", "redness"))
        assert (redness["value"], redness["value_range"]) == (9, meant)
