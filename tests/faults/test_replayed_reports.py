"""Reports sent again and again, answers lost on the way: each is kept once and answered alike.

At full size: `AFTERGLOW_REPORTS=1000 AFTERGLOW_ROUNDS=200 pytest tests/faults/test_replayed_reports.py`.
"""

from __future__ import annotations

import http.client
import json
import os
import random
import threading
from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from recovery.models.core.audit import AuditEntry
from recovery.models.flags.flags import Flag
from recovery.models.reports.reports import AssessmentCause, Report, ReportRevision, StoredAssessment
from recovery.services.content.content import Content
from recovery.services.review import report_review
from tests.support.data.people import Clinic, Patient
from tests.support.machine.connection_cutter import Cutter
from tests.support.machine.processes import Processes, say

pytestmark = pytest.mark.faults

REPORTS = int(os.environ.get("AFTERGLOW_REPORTS", "150"))
ROUNDS = int(os.environ.get("AFTERGLOW_ROUNDS", "20"))
REPLAYS = 5
OF_A_PATIENT = 10
AT_ONCE = 50
SEED = 20_261


@dataclass(frozen=True, kw_only=True)
class Sent:
    """One report as a device keeps it until it is answered."""

    id: UUID
    patient: Patient
    body: bytes

    def put(self, port: int) -> tuple[int, bytes] | None:
        """Status and bytes; None where the connection broke."""
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        headers = {"Content-Type": "application/json", "Connection": "close", **self.patient.headers}
        try:
            connection.request("PUT", self.patient.report_path(self.id), self.body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()


def reports_of(patient: Patient, *, count: int) -> list[Sent]:
    """A report every four hours; every third has a sign that wants a nurse the same day."""
    made = []
    for number in range(count):
        seen_at = patient.performed_at + timedelta(hours=14 + 4 * number)
        body: dict[str, Any] = {
            "seen_at": seen_at.isoformat(),
            "scores": {"redness": 3, "swelling": 2, "peeling": 1},
            "warning_signs": ["pus"] if number % 3 == 1 else [],
        }
        made.append(Sent(id=uuid4(), patient=patient, body=json.dumps(body).encode()))
    return made


@pytest.fixture
def web(processes: Processes) -> int:
    """The port of the web as it is served."""
    return processes.web(workers=2).port


@pytest.fixture
def flags_of(sessions: sessionmaker[Session], content: Content) -> Callable[[Sequence[Patient]], list[int]]:
    """How many flags each of these patients has once everything is reviewed."""

    def count(patients: Sequence[Patient]) -> list[int]:
        while True:
            with sessions.begin() as session:
                if not report_review.review_due(session, content=content, now=datetime.now(UTC), limit=200):
                    break
        with sessions() as session:
            found = dict(
                session.execute(select(Flag.treatment_id, func.count()).group_by(Flag.treatment_id)).all()
            )
        return [found.get(patient.treatment_id, 0) for patient in patients]

    return count


def count_of(sessions: sessionmaker[Session], *wanted: Any) -> int:
    with sessions() as session:
        return session.scalar(select(func.count()).where(*wanted)) or 0


def test_answers_lost_on_the_way_lose_and_double_nothing(
    web: int,
    clinic: Clinic,
    sessions: sessionmaker[Session],
    flags_of: Callable[[Sequence[Patient]], list[int]],
    now: datetime,
) -> None:
    chance = random.Random(SEED)
    patients = [clinic.add_patient(now=now, hours_ago=72) for _ in range(REPORTS // OF_A_PATIENT)]
    everything = [one for patient in patients for one in reports_of(patient, count=OF_A_PATIENT)]
    sendings = everything * REPLAYS
    chance.shuffle(sendings)
    answers: dict[UUID, list[tuple[int, bytes]]] = defaultdict(list)
    with Cutter(web, cut=lambda: chance.random() < 0.5) as network, ThreadPoolExecutor(8) as devices:
        for one, answer in zip(
            sendings, devices.map(lambda one: one.put(network.port), sendings), strict=True
        ):
            if answer is not None:
                answers[one.id].append(answer)
        lost = sum(1 for _ in sendings) - sum(map(len, answers.values()))
        assert lost == network.cuts
    say(f"{len(everything)} reports sent {REPLAYS} times, {lost} answers lost")
    assert 0.4 < lost / len(sendings) < 0.6

    for one in everything:
        final = one.put(web)
        assert final is not None
        assert final[0] == 200
        seen = answers[one.id]
        assert {data for _, data in seen} <= {final[1]}
        assert {status for status, _ in seen} <= {200, 201}
        assert sum(status == 201 for status, _ in seen) <= 1
    assert count_of(sessions, Report.id.is_not(None)) == len(everything)
    assert count_of(sessions, ReportRevision.revision.is_not(None)) == len(everything)
    assert count_of(sessions, StoredAssessment.cause == AssessmentCause.REPORT) == len(everything)
    assert count_of(sessions, AuditEntry.action == "report.put") == len(everything)
    assert flags_of(patients) == [1] * len(patients)


def test_of_fifty_at_once_one_makes_the_report(
    web: int,
    clinic: Clinic,
    sessions: sessionmaker[Session],
    flags_of: Callable[[Sequence[Patient]], list[int]],
    now: datetime,
) -> None:
    patients = []
    for _ in range(ROUNDS):
        patient = clinic.add_patient(now=now, hours_ago=72)
        patients.append(patient)
        one = reports_of(patient, count=2)[1]
        begin = threading.Barrier(AT_ONCE)

        def send(one: Sent = one, begin: threading.Barrier = begin) -> tuple[int, bytes] | None:
            begin.wait(30)
            return one.put(web)

        with ThreadPoolExecutor(AT_ONCE) as devices:
            answers = [device.result() for device in [devices.submit(send) for _ in range(AT_ONCE)]]
        assert None not in answers
        got = [answer for answer in answers if answer is not None]
        assert sorted(status for status, _ in got) == [200] * (AT_ONCE - 1) + [201]
        assert len({data for _, data in got}) == 1
    say(f"{ROUNDS} rounds of {AT_ONCE} at once")
    assert count_of(sessions, Report.id.is_not(None)) == ROUNDS
    assert count_of(sessions, ReportRevision.revision.is_not(None)) == ROUNDS
    assert count_of(sessions, StoredAssessment.cause == AssessmentCause.REPORT) == ROUNDS
    assert flags_of(patients) == [1] * ROUNDS
