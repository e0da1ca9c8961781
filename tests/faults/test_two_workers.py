"""Two workers and four web processes on one database."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.models.messaging.messages import Message
from tests.support.data import texts
from tests.support.data.people import Clinic, Patient
from tests.support.machine.processes import Processes, eventually, said_by

pytestmark = pytest.mark.faults

DUE = 500
REPORTING = 40


def test_500_due_texts_are_each_sent_once_by_two_workers(
    processes: Processes,
    console_file: Path,
    clinic: Clinic,
    sessions: sessionmaker[Session],
    now: datetime,
) -> None:
    texts.treated(clinic, now=now, patients=60)
    assert texts.make_due(sessions, now=now, limit=DUE) == DUE
    reporting = [clinic.add_patient(now=now, time_zone=texts.zone_at_noon(now)) for _ in range(REPORTING)]
    web = processes.web(workers=4)
    workers = [processes.worker() for _ in range(2)]

    def report(patient: Patient) -> int:
        body = {
            "seen_at": (datetime.now(UTC) - timedelta(minutes=1)).isoformat(),
            "scores": {"redness": 2, "swelling": 2, "peeling": 0},
            "warning_signs": ["pus"],
        }
        return web.request("PUT", patient.report_path(), body=body, headers=patient.headers)[0]

    with ThreadPoolExecutor(8) as senders:
        assert Counter(senders.map(report, reporting)) == {201: REPORTING}

    def done() -> bool:
        for worker in workers:
            said_by(worker)
        with sessions() as session:
            told = or_(Message.step.startswith("flag:"), Message.step.startswith("staff:"))
            flagged = session.scalar(select(func.count()).select_from(Message).where(told))
        return flagged == 2 * REPORTING and texts.none_waits(sessions, now=datetime.now(UTC))

    eventually(done, what="all texts to leave", within=90)
    rows = [row for row in texts.all_rows(sessions) if row.state is not MessageState.PLANNED]
    assert len({row.worker_id for row in rows if row.attempts}) == 2, "one worker did all the sending"
    sent = texts.written(console_file)
    assert {row.state for row in rows if row.attempts} == {MessageState.ACCEPTED}
    assert len(sent) == sum(row.attempts for row in rows) >= DUE + REPORTING
    assert max(Counter(one.reference for one in sent).values()) == 1
    assert max(Counter((one.to, one.body) for one in sent).values()) == 1
    assert {(one.reference, one.to, one.body) for one in sent} == {
        (row.reference, row.to_phone, row.body) for row in rows if row.attempts
    }
