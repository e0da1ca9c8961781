"""kill -9 at random moments, while reports come in and texts fall due."""

from __future__ import annotations

import functools
import random
import threading
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import cycle
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.clinical.symptoms import Level
from recovery.domain.flags.flag_lifecycle import urgency_of
from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.models.flags.flags import EventKind, Flag, FlagAssessment, FlagEvent
from recovery.models.messaging.messages import Message
from recovery.models.reports.reports import AssessmentCause, StoredAssessment
from tests.support.data import texts
from tests.support.data.people import Clinic, Patient
from tests.support.long_runs import sized
from tests.support.machine.processes import Processes, Web, eventually, say

pytestmark = [pytest.mark.faults, pytest.mark.timeout(1200)]

KILLS = sized((4, 4, 4), long=(17, 17, 16))
"""One lane of workers each, so that several live and die beside each other."""
PATIENTS = 200
REPORTERS = 60
REPORTING = 2
MOST_TIMES_MORE = 5
"""So many times the kills, until one met a text in a worker's hands: when that is depends on the machine."""
DUE_A_LIFE = 40
FIXED_SEED = 20261123


def test_kills_lose_no_flag_and_send_no_text_twice(
    processes: Processes,
    console_file: Path,
    clinic: Clinic,
    sessions: sessionmaker[Session],
    now: datetime,
) -> None:
    random_seed = random.SystemRandom().randrange(2**32)
    seeds = (FIXED_SEED, FIXED_SEED + 1, random_seed)
    say(f"seeds {seeds}")
    patients = texts.treated(clinic, now=now, patients=PATIENTS)
    web = processes.web(workers=2)
    killing = threading.Event()
    killing.set()
    with ThreadPoolExecutor(len(KILLS) + REPORTING) as pool:
        reporting = [
            pool.submit(
                _keep_reporting, web, patients[lane:REPORTERS:REPORTING], while_set=killing, seed=lane
            )
            for lane in range(REPORTING)
        ]
        lanes = [
            pool.submit(_live_and_die, processes, sessions, kills=kills, seed=seed)
            for kills, seed in zip(KILLS, seeds, strict=True)
        ]
        try:
            lives = [lane.result() for lane in lanes]
        finally:
            killing.clear()
        stored = sum(one.result() for one in reporting)
    kills, in_work = (sum(counts) for counts in zip(*lives, strict=True))
    say(f"{kills} kills, {in_work} after the first tick; {stored} reports")
    processes.worker_at_work()
    eventually(lambda: _all_done(sessions), what="one worker to finish what the killed ones left", within=150)

    _every_report_has_its_flag(sessions, stored=stored)
    in_doubt = _every_text_left_at_most_once(sessions, console_file)
    assert in_doubt, "no kill ever met a text in a worker's hands: the test shows nothing"
    status = processes.command("worker", "status")
    assert status["texts"]["in_doubt"] == len(in_doubt)
    listed = {UUID(one["id"]) for one in status["in_doubt"]}
    assert listed <= in_doubt
    assert len(listed) == min(len(in_doubt), 200)
    assert [worker["alive"] for worker in status["workers"]] == [True]


def _live_and_die(
    processes: Processes, sessions: sessionmaker[Session], *, kills: int, seed: int
) -> tuple[int, int]:
    """One worker after the other, each killed at a random moment; how many lived and how many worked."""
    dice = random.Random(seed)
    lived = in_work = 0
    while lived < kills or (lived < kills * MOST_TIMES_MORE and not _any_in_doubt(sessions)):
        lived += 1
        began = datetime.now(UTC)
        due = texts.make_due(sessions, now=began, limit=DUE_A_LIFE)
        if dice.random() < 0.1:
            worker = processes.worker(SMS_RATE=str(DUE_A_LIFE))
            time.sleep(dice.uniform(0, 1.5))
        else:
            worker = processes.worker_at_work(SMS_RATE=str(DUE_A_LIFE))
            if due:
                # On a busy machine the first claim is long in coming; killed before it, nothing is shown.
                eventually(functools.partial(_claimed, sessions, since=began), what="a claim of the texts")
            time.sleep(dice.uniform(0, 0.5))
        worker.kill()
        in_work += '"tick"' in worker.said()
    return lived, in_work


def _any_in_doubt(sessions: sessionmaker[Session]) -> bool:
    with sessions() as session:
        doubt = select(Message.id).where(Message.state == MessageState.IN_DOUBT)
        return session.scalar(doubt.limit(1)) is not None


def _claimed(sessions: sessionmaker[Session], *, since: datetime) -> bool:
    with sessions() as session:
        return session.scalar(select(Message.id).where(Message.claimed_at > since).limit(1)) is not None


def _keep_reporting(web: Web, patients: Sequence[Patient], *, while_set: threading.Event, seed: int) -> int:
    """Report for one patient after the other; how many reports were stored."""
    dice = random.Random(seed)
    stored = 0
    for patient in cycle(patients):
        if not while_set.wait(0):
            return stored
        body = {
            "seen_at": (datetime.now(UTC) - timedelta(seconds=1)).isoformat(),
            "scores": {"redness": 1, "swelling": 1, "peeling": 0},
            "warning_signs": dice.choice([[], ["bumps"], ["pus"], ["pus"], ["breathing"]]),
        }
        status, _ = web.request("PUT", patient.report_path(), body=body, headers=patient.headers)
        assert status == 201
        stored += 1
        time.sleep(0.25)
    return stored


def _all_done(sessions: sessionmaker[Session]) -> bool:
    with sessions() as session:
        waiting = session.scalar(
            select(StoredAssessment.id).where(StoredAssessment.reviewed_at.is_(None)).limit(1)
        )
    return waiting is None and texts.none_waits(sessions, now=datetime.now(UTC))


def _every_report_has_its_flag(sessions: sessionmaker[Session], *, stored: int) -> None:
    with sessions() as session:
        judged = session.scalars(select(StoredAssessment)).all()
        flags = {flag.treatment_id: flag for flag in session.scalars(select(Flag))}
        raised = Counter((row.flag_id, row.assessment_id) for row in session.scalars(select(FlagAssessment)))
        events = session.scalars(select(FlagEvent)).all()
    assert len(judged) == stored
    assert {one.cause for one in judged} == {AssessmentCause.REPORT}
    abnormal = [one for one in judged if one.level is not Level.EXPECTED]
    assert raised == Counter((flags[one.treatment_id].id, one.id) for one in abnormal)
    assert Counter(event.kind for event in events)[EventKind.OPENED] == len(flags)
    assert Counter(event.detail["assessment"] for event in events) == Counter(str(one.id) for one in abnormal)
    for flag in flags.values():
        worst = max((one.level for one in abnormal if one.treatment_id == flag.treatment_id), key=_rank)
        assert flag.urgency is urgency_of(worst)
    told = Counter(row.step for row in texts.all_rows(sessions) if row.step.startswith("flag:"))
    risen = [event for event in events if event.kind in (EventKind.OPENED, EventKind.RAISED)]
    assert told == Counter(f"flag:{event.flag_id}:{event.detail['urgency']}" for event in risen)


def _rank(level: Level) -> int:
    return level.rank


def _every_text_left_at_most_once(sessions: sessionmaker[Session], console_file: Path) -> set[UUID]:
    rows = {row.reference: row for row in texts.all_rows(sessions) if row.reference is not None}
    left = Counter(one.reference for one in texts.written(console_file))
    say(f"{sum(left.values())} texts left; {Counter(row.state.value for row in rows.values())}")
    assert max(left.values()) == 1
    # A text sent again would have a new reference: the old one would then belong to no row.
    assert left.keys() <= rows.keys()
    assert {row.state for row in rows.values()} <= {MessageState.ACCEPTED, MessageState.IN_DOUBT}
    accepted = {reference for reference, row in rows.items() if row.state is MessageState.ACCEPTED}
    assert accepted <= left.keys()
    return {row.id for row in rows.values() if row.state is MessageState.IN_DOUBT}
