"""The clinic's figures over the API."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.clinic.staff_roles import Role
from recovery.domain.flags.flag_lifecycle import FlagState, Urgency
from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.models.clinic.clinics import Clinic as ClinicRow
from recovery.models.flags.flags import Flag
from recovery.models.messaging.messages import Message
from recovery.models.treatments.treatments import Treatment
from recovery.services.review import report_review
from tests.support.access.documented_client import DocumentedClient
from tests.support.data.people import Clinic, Nurse, Patient

PATH = "/api/v1/reports/summary"
OPENED_AGO = timedelta(hours=30)


@pytest.fixture
def manager(clinic: Clinic, now: datetime) -> Nurse:
    """Whoever reads the figures."""
    return clinic.add_nurse(now=now, role=Role.MANAGER)


class Scene:
    """Three patients treated three days ago, with what became of them."""

    def __init__(
        self, client: DocumentedClient, clinic: Clinic, sessions: sessionmaker[Session], now: datetime
    ) -> None:
        self.client, self.clinic, self.sessions, self.now = client, clinic, sessions, now
        self.patients = [clinic.add_patient(now=now, hours_ago=72, skin_type=kind) for kind in (2, 5, 6)]

    def asked(self, patient: Patient, *, day: int, ago: timedelta, state: MessageState) -> None:
        """The check-in of this day was sent then and stands so."""
        with self.sessions.begin() as session:
            changed = session.execute(
                update(Message)
                .where(Message.treatment_id == patient.treatment_id, Message.asks_day == day)
                .values(claimed_at=self.now - ago, due_at=self.now - ago, state=state, reason="30003")
                .returning(Message.id)
            )
            assert changed.one()

    def reported(self, patient: Patient, *, ago: timedelta) -> None:
        """A report arrived now about signs seen then."""
        body = {
            "seen_at": (self.now - ago).isoformat(),
            "scores": {"redness": 2, "swelling": 1, "peeling": 0},
        }
        answer = self.client.put(patient.report_path(uuid4()), json=body, headers=patient.headers)
        assert answer.status_code == 201
        with self.sessions.begin() as session:
            report_review.review_due(session, content=self.clinic.content, now=datetime.now(UTC), limit=10)

    def flagged(self, patient: Patient) -> UUID:
        """A flag was raised about the patient 30 hours ago."""
        with self.sessions.begin() as session:
            flag = Flag(
                clinic_id=self.clinic.id,
                treatment_id=patient.treatment_id,
                state=FlagState.OPEN,
                urgency=Urgency.SAME_DAY,
                urgency_rank=Urgency.SAME_DAY.rank,
                opened_at=self.now - OPENED_AGO,
                due_at=self.now,
            )
            session.add(flag)
            session.flush()
            return flag.id

    def did(self, flag_id: UUID, step: str, **body: str) -> None:
        """The nurse does something about a flag."""
        answer = self.client.post(
            f"/api/v1/flags/{flag_id}/{step}", json=body or None, headers=self.clinic.nurse.headers
        )
        assert answer.status_code in (200, 201), answer.json

    def closed(self, flag_id: UUID, outcome: str) -> None:
        """The nurse claims a flag and closes it as this."""
        self.did(flag_id, "claim")
        self.did(flag_id, "resolve", outcome=outcome, comment="Called.")


@pytest.fixture
def scene(client: DocumentedClient, clinic: Clinic, sessions: sessionmaker[Session], now: datetime) -> Scene:
    """The three patients."""
    return Scene(client, clinic, sessions, now)


def figures(client: DocumentedClient, reader: Nurse, **query: str) -> dict[str, Any]:
    answer = client.get(PATH, query_string=query, headers=reader.headers)
    assert answer.status_code == 200, answer.json
    found: dict[str, Any] = answer.get_json()
    return found


def test_what_became_of_the_treatments_is_counted(
    client: DocumentedClient, manager: Nurse, scene: Scene
) -> None:
    first, second, third = scene.patients
    scene.asked(first, day=1, ago=timedelta(hours=49), state=MessageState.DELIVERED)
    scene.asked(second, day=1, ago=timedelta(hours=49), state=MessageState.SENT)
    scene.asked(third, day=1, ago=timedelta(hours=49), state=MessageState.UNDELIVERED)
    scene.asked(second, day=2, ago=timedelta(hours=3), state=MessageState.DELIVERED)
    # Seen on day 1, though it came only now: the day that was asked about is answered.
    scene.reported(first, ago=timedelta(hours=46))
    found, expected, waits = (scene.flagged(one) for one in (first, second, third))
    scene.closed(found, "infection_suspected")
    scene.closed(expected, "expected_healing")
    scene.did(waits, "claim")
    scene.did(waits, "undo")

    told = figures(client, manager)
    assert told["treatments"] == 3
    assert told["check_ins"] == {
        "asked": 3, "answered": 1, "missed": 1, "waiting": 1, "answered_share": 0.5
    }  # fmt: skip
    assert [(one["day"], one["asked"], one["answered"]) for one in told["check_ins_by_day"]] == [
        (1, 2, 1),
        (2, 1, 0),
    ]
    assert told["flags"] == {
        "count": 3,
        "per_100_treatments": 100.0,
        "precision": 0.5,
        "outcomes": told["flags"]["outcomes"],
    }
    assert {one["outcome"]: one["flags"] for one in told["flags"]["outcomes"]} == {
        "infection_suspected": 1,
        "expected_healing": 1,
    }
    took = {one["what"]: one for one in told["durations"]}
    assert (took["first_action"]["done"], took["first_action"]["within_24h"]) == (2, 0.0)
    assert took["first_action"]["median_minutes"] == pytest.approx(30 * 60, abs=10)
    assert (took["contact"]["done"], took["resolve"]["done"], took["review"]["done"]) == (0, 2, 1)
    assert took["review"]["within_24h"] == 1.0
    skin = {one["group"]: (one["treatments"], one["flags"], one["precision"]) for one in told["skin_types"]}
    assert skin == {"I-II": (1, 1, 1.0), "III-IV": (0, 0, None), "V-VI": (2, 2, 0.0), "unknown": (0, 0, None)}
    unmeasured = {"segments": 0, "measured": 0}
    assert {"state": "undelivered", "reason": "30003", "texts": 1, **unmeasured} in told["texts"]
    assert {"state": "delivered", "reason": None, "texts": 2, **unmeasured} in told["texts"]
    assert told["charged"] == {"texts": 4, "measured": 0, "segments": 0}
    assert told["open"] == {"under_4_hours": 0, "under_24_hours": 0, "under_3_days": 1, "older": 0}
    assert sum(week["treatments"] for week in told["weeks"]) == 3
    detected = told["detection"]
    # These flags were raised by nothing that a rule found.
    none_of_one = {"hits": 0, "total": 1, "value": 0.0, "low": 0.0, "says_little": True}
    assert detected["sensitivity"] == none_of_one | {"high": pytest.approx(0.7935, abs=1e-4)}
    assert (detected["by_rule"], detected["by_sign"]) == ([], [])
    nothing = {"hits": 0, "total": 0, "value": None, "low": None, "high": None, "says_little": True}
    unknown = {"group": "unknown", "sensitivity": nothing, "precision": nothing}
    assert detected["by_skin_type"][-1] == unknown
    (pen,) = detected["by_device"]
    assert (pen["device"], pen["treatments"], pen["flags"]) == ("pen", 3, 3)
    assert detected["by_lot"] == []


def test_what_was_recorded_in_training_withdrawn_or_elsewhere_counts_nowhere(
    client: DocumentedClient,
    clinic: Clinic,
    other_clinic: Clinic,
    manager: Nurse,
    scene: Scene,
    sessions: sessionmaker[Session],
    now: datetime,
) -> None:
    other_clinic.add_patient(now=now)
    practised, withdrawn, _ = scene.patients
    for one in (practised, withdrawn):
        scene.flagged(one)
    with sessions.begin() as session:
        session.get_one(ClinicRow, clinic.id).live_since = now - timedelta(hours=80)
        session.get_one(Treatment, (clinic.id, practised.treatment_id)).created_at -= timedelta(days=1)
        session.get_one(Treatment, (clinic.id, withdrawn.treatment_id)).withdrawn_at = now
    told = figures(client, manager)
    assert (told["treatments"], told["flags"]["count"]) == (1, 0)
    with sessions.begin() as session:
        session.get_one(ClinicRow, clinic.id).live_since = None
    told = figures(client, manager)
    assert (told["treatments"], told["counts_from"], sum(told["open"].values())) == (0, None, 0)
    assert told["durations"][0]["within_24h"] is None


def test_only_the_days_asked_for_count(
    client: DocumentedClient, manager: Nurse, scene: Scene, now: datetime
) -> None:
    treated = (now - timedelta(hours=72)).date()
    on_the_day = figures(client, manager, **{"from": treated.isoformat(), "until": treated.isoformat()})
    assert (on_the_day["treatments"], on_the_day["from"], on_the_day["until"]) == (
        3, treated.isoformat(), treated.isoformat()
    )  # fmt: skip
    before = (treated - timedelta(days=1)).isoformat()
    assert figures(client, manager, until=before)["treatments"] == 0


@pytest.mark.parametrize(
    "query",
    [
        {"from": "2026-02-30"},
        {"from": "20260201"},
        {"until": "2999-01-01"},
        {"from": "2020-01-01", "until": "2022-01-01"},
        {"from": "2020-02-01", "until": "2020-01-01"},
        {"from": "0001-01-01", "until": "0001-01-02"},
    ],
)
def test_days_that_cannot_be_summed_up_are_refused(
    client: DocumentedClient, manager: Nurse, query: dict[str, str]
) -> None:
    refused = client.get(PATH, query_string=query, headers=manager.headers)
    assert refused.status_code == 422
    assert refused.get_json()["errors"][0]["pointer"].startswith("#/query/")
