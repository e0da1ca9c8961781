"""What the worker does at each tick: open a session, call one service, commit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog

from operations import rounds, workers
from recovery.models.reports.reports import Assessment
from recovery.services.access import codes
from recovery.services.messaging import doubt, sweep
from recovery.services.review import escalation, review, silence
from recovery.services.training import practice
from worker import lookups
from worker.clock import database_now
from worker.duties import Duties

log = structlog.get_logger()

REVIEW_BATCH = 50
SILENCE_BATCH = 200
CODES_BATCH = 20
ESCALATION_BATCH = 50
PRACTICE_BATCH = 50


def review_reports(duties: Duties, *, after_each: Callable[[], None]) -> int:
    """Take up unreviewed assessments, a batch a transaction, until none waits; how many there were.

    `after_each` is called when a batch is committed: its texts are due and wait for no later one. Those
    that cannot be reviewed are gone past, however many they are, and tried again at the next tick.
    """
    taken, passed = 0, _PassedOver()
    while not duties.stopping.is_set():
        passed.count = 0
        with duties.sessions.begin() as session:
            reviewed = review.review(
                session,
                content=duties.wording.content,
                now=database_now(session),
                limit=REVIEW_BATCH,
                after=passed.last,
                on_failure=passed.note,
            )
        taken += reviewed
        if reviewed:
            after_each()
        if reviewed + passed.count < REVIEW_BATCH:
            break
    return taken


@dataclass
class _PassedOver:
    """Assessments that cannot be reviewed: how many of the batch, and the last place among all of them."""

    count: int = 0
    last: tuple[datetime, UUID] | None = None

    def note(self, assessed: Assessment, error: Exception) -> None:
        """Another one."""
        place = assessed.review_after, assessed.id
        self.count, self.last = self.count + 1, max(self.last or place, place)
        # Only the class: the message may quote what a patient wrote.
        log.error("not reviewed", assessment=str(assessed.id), error_class=type(error).__name__)


def make_codes(duties: Duties) -> int:
    """Make the sign-in codes that were asked for, a batch a transaction; how many asks there were."""
    made = 0
    while not duties.stopping.is_set():
        with duties.sessions.begin() as session:
            batch = codes.make_waiting(session, now=database_now(session), limit=CODES_BATCH)
        made += batch
        if batch < CODES_BATCH:
            break
    return made


def follow_up_silence(duties: Duties) -> int:
    """Look at check-ins nobody answered, a batch a transaction, until none is due; how many there were."""
    looked = 0
    while not duties.stopping.is_set():
        with duties.sessions.begin() as session:
            batch = silence.follow_up(
                session,
                content=duties.wording.content,
                now=database_now(session),
                limit=SILENCE_BATCH,
                on_failure=_not_looked_at,
            )
        looked += batch
        if batch < SILENCE_BATCH:
            break
    return looked


def escalate_flags(duties: Duties) -> int:
    """Bring flags that are past their due time to somebody else, until none waits; how many there were."""
    looked = 0
    while not duties.stopping.is_set():
        with duties.sessions.begin() as session:
            batch = escalation.escalate(
                session, content=duties.wording.content, now=database_now(session), limit=ESCALATION_BATCH
            )
        looked += batch
        if batch < ESCALATION_BATCH:
            break
    return looked


def move_practice_on(duties: Duties) -> int:
    """Bring the practice weeks of clinics in training to where they should be; how many run."""
    with duties.sessions.begin() as session:
        return practice.move_on(session, now=database_now(session), limit=PRACTICE_BATCH)


def tell_outside(duties: Duties) -> int:
    """Tell somebody outside what is wrong and what is over; how many tellings arrived."""
    return 0 if duties.outlets is None else rounds.go_round(duties.sessions, duties.outlets)


def say_all_is_well(duties: Duties) -> int:
    """Call the address that misses us when we stop; how many calls were made."""
    return 0 if duties.outlets is None else rounds.beat(duties.sessions, duties.outlets)


def _not_looked_at(message_id: UUID, error: Exception) -> None:
    log.error("silence not looked at", message=str(message_id), error_class=type(error).__name__)


def settle_doubts(duties: Duties) -> int:
    """Ask the carrier's records about texts in doubt whose quiet time is over, until none is left that may
    be asked about; how many there were. No session is open while the carrier answers.
    """
    asked = 0
    while not duties.stopping.is_set():
        with duties.sessions.begin() as session:
            now = database_now(session)
            doubtful = doubt.take(session, now=now, quiet=duties.waits.quiet, limit=lookups.BATCH)
        found = lookups.find(duties, doubtful)
        if found:
            with duties.sessions.begin() as session:
                doubt.settle(
                    session,
                    found=found,
                    wording=duties.wording,
                    wait=duties.waits.second_look,
                    now=database_now(session),
                )
        asked += len(found)
        if len(found) < lookups.BATCH:
            break
    return asked


def follow_unfinished(duties: Duties) -> int:
    """Ask about texts whose receipts got lost, until none is left; how many were asked about."""
    asked = 0
    while not duties.stopping.is_set() and duties.ledger is not None:
        with duties.sessions.begin() as session:
            now = database_now(session)
            unfinished = sweep.take(session, now=now, after=duties.waits.sweep, limit=lookups.BATCH)
        seen = lookups.fetch(duties, unfinished)
        for one, sighting in seen:
            with duties.sessions.begin() as session:
                sweep.note(session, unfinished=one, seen=sighting, now=database_now(session))
        asked += len(seen)
        if len(seen) < lookups.BATCH:
            break
    return asked


def heartbeat(duties: Duties) -> int:
    """Say that this worker lives, and take from dead ones what they held; how many texts that was."""
    with duties.sessions.begin() as session:
        now = database_now(session)
        workers.beat(session, worker_id=duties.worker_id, now=now)
        buried = workers.bury_dead(session, now=now)
        duties.workers_alive = workers.count_alive(session, now=now)
    return buried
