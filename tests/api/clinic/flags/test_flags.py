from __future__ import annotations

import base64
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
from flask import Flask
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.flags.flag_lifecycle import Urgency
from recovery.models.core.audit import AuditEntry
from recovery.models.flags.flags import FlagEvent
from tests.support.access.documented_client import DocumentedClient
from tests.support.data.people import Clinic, Patient

DONE = {"outcome": "irritation", "comment": "Seen at noon."}
HOUR = timedelta(hours=1)
WRONG_QUERIES: list[dict[str, str]] = [
    {"limit": "0"},
    {"limit": "201"},
    {"limit": "2.5"},
    {"limit": "many"},
    {"state": "closed"},
    {"urgency": "SAME_DAY"},
    {"assigned_to": "me"},
    {"urgencey": "same_day"},
    {"cursor": ""},
    {"cursor": "x"},
    {"cursor": "\x00"},
    {"cursor": "é"},
    {"cursor": "A" * 201},
    *(
        {"cursor": base64.urlsafe_b64encode(orjson.dumps(key)).decode()}
        for key in (
            None,
            7,
            [],
            [0, "2026-11-23T08:12:00Z"],
            [7, "2026-11-23T08:12:00Z", str(UUID(int=0))],
            [10**18, "2026-11-23T08:12:00Z", str(UUID(int=0))],
            ["0", "2026-11-23T08:12:00Z", str(UUID(int=0))],
            [0, "2026-11-23T08:12:00", str(UUID(int=0))],
            [0, "9999-12-31T23:59:59-23:59", str(UUID(int=0))],
            [0, 3, str(UUID(int=0))],
            [0, "2026-11-23T08:12:00Z", 5],
            [0, "2026-11-23T08:12:00Z", "x"],
        )
    ),
]


def queue(client: DocumentedClient, clinic: Clinic, **query: Any) -> list[UUID]:
    answer = client.get("/api/v1/flags", query_string=query, headers=clinic.nurse.headers)
    assert answer.status_code == 200, answer.json
    return [UUID(one["id"]) for one in answer.get_json()["items"]]


def test_most_urgent_first_then_by_when_they_are_due(
    client: DocumentedClient, clinic: Clinic, patient: Patient, raise_flags: Callable[..., list[UUID]]
) -> None:
    same, later, soon, emergency, second = raise_flags(
        clinic,
        patient,
        [
            (Urgency.SAME_DAY, 2 * HOUR),
            (Urgency.NEXT_BUSINESS_DAY, -HOUR),
            (Urgency.SAME_DAY, HOUR),
            (Urgency.EMERGENCY, 3 * HOUR),
            (Urgency.SAME_DAY, 2 * HOUR),
        ],
    )
    assert queue(client, clinic) == [emergency, soon, same, second, later]


def test_filters(
    client: DocumentedClient,
    clinic: Clinic,
    patient: Patient,
    raise_flags: Callable[..., list[UUID]],
    work: Callable[..., Any],
    now: datetime,
) -> None:
    urgencies = [Urgency.EMERGENCY, Urgency.SAME_DAY, Urgency.SAME_DAY, Urgency.NEXT_BUSINESS_DAY]
    open_one, claimed, contacted, resolved = raise_flags(clinic, patient, [(one, HOUR) for one in urgencies])
    other = clinic.add_nurse(now=now)
    for nurse, flag_id in ((clinic.nurse, claimed), (clinic.nurse, contacted), (other, resolved)):
        assert work(nurse, flag_id, "claim").status_code == 200
    assert work(clinic.nurse, contacted, "contacts", result="reached").status_code == 200
    assert work(other, resolved, "resolve", **DONE).status_code == 200
    assert queue(client, clinic) == [open_one, claimed, contacted]
    for state, expected in (
        ("open", [open_one]), ("claimed", [claimed]), ("contacted", [contacted]), ("resolved", [resolved]),
    ):  # fmt: skip
        assert queue(client, clinic, state=state) == expected
    assert queue(client, clinic, urgency="same_day") == [claimed, contacted]
    assert queue(client, clinic, urgency="same_day", state="contacted") == [contacted]
    assert queue(client, clinic, assigned_to=clinic.nurse.id) == [claimed, contacted]
    assert queue(client, clinic, assigned_to=other.id) == []
    assert queue(client, clinic, assigned_to=other.id, state="resolved") == [resolved]


def test_walking_the_queue_sees_every_flag_once(
    client: DocumentedClient, clinic: Clinic, patient: Patient, raise_flags: Callable[..., list[UUID]]
) -> None:
    # Many share urgency and due time, so that only the id keeps them apart.
    wanted = [(list(Urgency)[number % 3], HOUR * (number % 4)) for number in range(120)]
    made = raise_flags(clinic, patient, wanted)
    seen: list[UUID] = []
    cursor: str | None = None
    added = False
    while True:
        query = {"limit": "7"} | ({} if cursor is None else {"cursor": cursor})
        page = client.get("/api/v1/flags", query_string=query, headers=clinic.nurse.headers).get_json()
        assert len(page["items"]) <= 7
        seen += [UUID(one["id"]) for one in page["items"]]
        cursor = page["next"]
        if not added:
            # What comes in before the place reached moves nothing of what is left.
            raise_flags(clinic, patient, [(Urgency.EMERGENCY, -HOUR)])
            added = True
        if cursor is None:
            break
    assert len(seen) == 120
    assert set(seen) == set(made)
    assert queue(client, clinic, limit=200)[1:] == seen


def test_wrong_queries_are_refused(client: DocumentedClient, clinic: Clinic) -> None:
    for query in WRONG_QUERIES:
        answer = client.get("/api/v1/flags", query_string=query, headers=clinic.nurse.headers)
        assert answer.status_code == 422, query
        (name,) = query
        assert [error["pointer"] for error in answer.get_json()["errors"]] == [f"#/query/{name}"]


def test_one_nurse_holds_a_flag(clinic: Clinic, flag: UUID, work: Callable[..., Any], now: datetime) -> None:
    other = clinic.add_nurse(now=now)
    first = work(clinic.nurse, flag, "claim")
    assert (first.json["state"], first.json["held_by"]) == ("claimed", str(clinic.nurse.id))
    assert work(clinic.nurse, flag, "claim").json == first.json
    for what, body in (
        ("claim", {}), ("release", {}), ("contacts", {"result": "no_answer"}), ("resolve", DONE),
    ):  # fmt: skip
        refused = work(other, flag, what, **body)
        assert refused.status_code == 409
        assert refused.json["type"] == "urn:afterglow:problem:held-by-someone-else"
        assert refused.json["holder"] == f"Nurse {clinic.nurse.email}"
        assert datetime.fromisoformat(refused.json["since"]) >= now - timedelta(minutes=1)
    released = work(clinic.nurse, flag, "release")
    assert (released.json["state"], released.json["held_by"]) == ("open", None)
    assert work(other, flag, "claim").json["held_by"] == str(other.id)


def test_an_open_flag_is_claimed_before_anything_else(
    clinic: Clinic, flag: UUID, work: Callable[..., Any]
) -> None:
    for what, body in (
        ("release", {}),
        ("contacts", {"result": "reached"}),
        ("contacts", {"result": "left_message"}),
        ("resolve", DONE),
    ):
        refused = work(clinic.nurse, flag, what, **body)
        assert (refused.status_code, refused.json["state"]) == (409, "open"), what


def test_attempts_and_contact_are_kept(
    clinic: Clinic, flag: UUID, work: Callable[..., Any], sessions: sessionmaker[Session]
) -> None:
    work(clinic.nurse, flag, "claim")
    for result, state in (
        ("no_answer", "claimed"),
        ("left_message", "claimed"),
        ("reached", "contacted"),
        ("no_answer", "contacted"),
    ):  # fmt: skip
        assert (
            work(clinic.nurse, flag, "contacts", result=result, note=f"note {result}").json["state"] == state
        )
    with sessions() as session:
        kept = session.query(FlagEvent).where(FlagEvent.flag_id == flag).order_by(FlagEvent.id)
        events = [(event.kind.value, event.detail.get("result")) for event in kept]
        audited = [entry.action for entry in session.query(AuditEntry) if entry.subject_id == flag]
        assert all("note" not in str(entry.detail) for entry in session.query(AuditEntry))
    attempts = ["no_answer", "left_message", "reached", "no_answer"]
    assert events == [("claimed", None), *(("contact", result) for result in attempts)]
    assert sorted(audited) == ["flag.claimed", *["flag.contact"] * 4]


def test_a_resolved_flag_stays_as_it_was_closed(
    clinic: Clinic, flag: UUID, work: Callable[..., Any], client: DocumentedClient
) -> None:
    work(clinic.nurse, flag, "claim")
    closed = work(clinic.nurse, flag, "resolve", outcome="referred", comment="  Sent to Dr. Sample.\n ").json
    assert (closed["state"], closed["outcome"]) == ("resolved", "referred")
    assert closed["comment"] == "Sent to Dr. Sample."
    assert closed["resolved_at"] is not None
    for what, body in (
        ("claim", {}), ("release", {}), ("contacts", {"result": "reached"}), ("resolve", DONE),
    ):  # fmt: skip
        refused = work(clinic.nurse, flag, what, **body)
        assert (refused.status_code, refused.json.get("state")) == (409, "resolved"), what
    assert client.get(f"/api/v1/flags/{flag}", headers=clinic.nurse.headers).json == closed


@pytest.mark.parametrize("comment", ["", "   ", "\n\t"])
def test_a_flag_is_not_closed_without_a_comment(
    clinic: Clinic, flag: UUID, work: Callable[..., Any], comment: str
) -> None:
    work(clinic.nurse, flag, "claim")
    refused = work(clinic.nurse, flag, "resolve", outcome="other", comment=comment)
    assert refused.status_code == 422
    assert refused.json["errors"][0]["pointer"] == "#/comment"


def test_of_many_who_claim_at_once_one_wins(app: Flask, clinic: Clinic, flag: UUID, now: datetime) -> None:
    nurses = [clinic.add_nurse(now=now) for _ in range(6)]
    answers: list[tuple[int, str]] = []
    begin = threading.Barrier(len(nurses))

    def claim(number: int) -> None:
        begin.wait()
        answer = app.test_client().post(f"/api/v1/flags/{flag}/claim", headers=nurses[number].headers)
        answers.append((answer.status_code, answer.get_json()["holder"]))

    threads = [threading.Thread(target=claim, args=(number,)) for number in range(len(nurses))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(status for status, _ in answers) == [200, 409, 409, 409, 409, 409]
    assert len({holder for _, holder in answers}) == 1


def test_unknown_flags(clinic: Clinic, work: Callable[..., Any]) -> None:
    assert work(clinic.nurse, uuid4(), "claim").status_code == 404
