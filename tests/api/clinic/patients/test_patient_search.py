from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy.orm import Session, sessionmaker

from recovery.services.content.content import Content
from recovery.services.review import report_review
from tests.support.access.documented_client import DocumentedClient
from tests.support.data.inbound_texting import Texting
from tests.support.data.people import Clinic, Patient

PATIENTS = "/api/v1/patients"


def walked(client: DocumentedClient, path: str, clinic: Clinic, **query: object) -> list[Any]:
    """Every page of a list, two a page."""
    items: list[Any] = []
    cursor: str | None = None
    for _ in range(50):
        asked = {"limit": 2, **query} | ({} if cursor is None else {"cursor": cursor})
        answer = client.get(path, query_string=asked, headers=clinic.nurse.headers)
        assert answer.status_code == 200
        items += answer.get_json()["items"]
        cursor = answer.get_json()["next"]
        if cursor is None:
            return items
    raise AssertionError("the list does not end")


@pytest.mark.parametrize(
    ("search", "found"),
    [("", 3), ("sample", 3), ("PAT sam", 3), ("1990", 3), ("1991", 0), ("nobody", 0), ("%", 0), ("_", 0)],
)
def test_patients_are_found_in_pages(
    client: DocumentedClient, clinic: Clinic, other_clinic: Clinic, now: datetime, search: str, found: int
) -> None:
    added = [clinic.add_patient(now=now, hours_ago=hours).id for hours in (50, 40, 30)]
    other_clinic.add_patient(now=now)
    seen = [UUID(one["id"]) for one in walked(client, PATIENTS, clinic, search=search)]
    assert seen == list(reversed(added))[:found]


def test_a_number_finds_its_patient(client: DocumentedClient, clinic: Clinic, now: datetime) -> None:
    one, _ = (clinic.add_patient(now=now, hours_ago=hours) for hours in (30, 31))
    typed = f"({one.phone[2:5]}) {one.phone[5:8]}-{one.phone[8:]}"
    assert [UUID(each["id"]) for each in walked(client, PATIENTS, clinic, search=typed)] == [one.id]


def test_the_timeline_has_everything_in_order(
    client: DocumentedClient,
    clinic: Clinic,
    patient: Patient,
    work: Callable[..., Any],
    texting: Texting,
    sessions: sessionmaker[Session],
    content: Content,
    now: datetime,
) -> None:
    said = {
        "seen_at": (now - timedelta(hours=1)).isoformat(),
        "scores": {"redness": 9, "swelling": 3, "peeling": 0},
        "warning_signs": ["pus"],
        "note": "Yellow since lunch.",
        "confirmed": ["redness"],
    }
    assert client.put(patient.report_path(uuid4()), json=said, headers=patient.headers).status_code == 201
    with sessions.begin() as session:
        report_review.review_due(session, content=content, now=datetime.now(UTC), limit=50)
    (flag,) = client.get("/api/v1/flags", headers=clinic.nurse.headers).get_json()["items"]
    assert work(clinic.nurse, UUID(flag["id"]), "claim").status_code == 200
    assert work(clinic.nurse, UUID(flag["id"]), "contacts", result="no_answer").status_code == 200
    texting.send(patient.phone, "Thank you!", now=datetime.now(UTC))
    moments = walked(client, f"{PATIENTS}/{patient.id}/timeline", clinic)
    assert sorted(one["at"] for one in moments) == [one["at"] for one in moments]
    kinds = [one["kind"] for one in moments]
    for kind in ("enrolled", "consent_given", "treatment", "report", "text_received"):
        assert kinds.count(kind) == 1
    events = [one["detail"]["event"] for one in moments if one["kind"] == "flag"]
    assert events[0] == "opened"
    assert sorted(events) == ["claimed", "contact", "opened"]
    (report,) = [one["detail"] for one in moments if one["kind"] == "report"]
    assert (report["level"], report["note"], report["scores"]) == ("abnormal", said["note"], said["scores"])


def test_a_timeline_of_another_clinic_is_not_there(
    client: DocumentedClient, other_clinic: Clinic, patient: Patient
) -> None:
    answer = client.get(f"{PATIENTS}/{patient.id}/timeline", headers=other_clinic.nurse.headers)
    assert answer.status_code == 404
