"""What the worker does at each tick: open a session, call one service, commit, batch after batch; what failed
is logged."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog

from operations import monitoring_round, worker_registry
from recovery.models.clinic import clinics
from recovery.models.reports.reports import StoredAssessment
from recovery.services.access import sign_in_codes
from recovery.services.changes import signed_follow_up
from recovery.services.messaging import put_aside, receipt_recovery, unconfirmed_sends
from recovery.services.read_models.figures import kept_figures
from recovery.services.review import escalation, late_promises, report_review, silence
from recovery.services.training import training_week
from worker import carrier_lookups
from worker.clock import database_now
from worker.context import WorkerContext

log = structlog.get_logger()

REVIEW_BATCH = 50
SILENCE_BATCH = 200
CODES_BATCH = 20
ESCALATION_BATCH = 50
PRACTICE_BATCH = 50
FIGURES_BATCH = 20


def review_reports(duties: WorkerContext, *, after_each: Callable[[], None]) -> int:
    """Take up unreviewed assessments, a batch a transaction, until none waits; how many there were.

    `after_each` is called when a batch is committed: its texts are due and wait for no later one.
    Assessments that fail are skipped, however many, and tried again at the next tick.
    """
    taken, passed = 0, _FailedReviews()
    while not duties.stopping.is_set():
        passed.count = 0
        with duties.sessions.begin() as session:
            reviewed = report_review.review_due(
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
class _FailedReviews:
    """Assessments that cannot be reviewed: how many of the batch, and the last place among all of them."""

    count: int = 0
    last: tuple[datetime, UUID] | None = None

    def note(self, assessed: StoredAssessment, error: Exception) -> None:
        """Another one."""
        place = assessed.review_after, assessed.id
        self.count, self.last = self.count + 1, max(self.last or place, place)
        # Only the class: the message may quote what a patient wrote.
        log.error("not reviewed", assessment=str(assessed.id), error_class=type(error).__name__)


def make_codes(duties: WorkerContext) -> int:
    """Make the sign-in codes that were asked for, a batch a transaction; how many asks there were."""
    made = 0
    while not duties.stopping.is_set():
        with duties.sessions.begin() as session:
            batch = sign_in_codes.create_requested_codes(
                session, now=database_now(session), limit=CODES_BATCH
            )
        made += batch
        if batch < CODES_BATCH:
            break
    return made


def follow_up_silence(duties: WorkerContext) -> int:
    """Look at check-ins nobody answered, a batch a transaction, until none is due; how many there were."""
    looked = 0
    while not duties.stopping.is_set():
        with duties.sessions.begin() as session:
            batch = silence.check_silences(
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


def escalate_flags(duties: WorkerContext) -> int:
    """Bring flags and tasks that are past their due time to somebody else, until none waits; how many."""
    looked = 0
    while not duties.stopping.is_set():
        with duties.sessions.begin() as session:
            batch = escalation.escalate_due(
                session, content=duties.wording.content, now=database_now(session), limit=ESCALATION_BATCH
            )
        looked += batch
        if batch < ESCALATION_BATCH:
            break
    return looked


def bring_put_aside(duties: WorkerContext) -> int:
    """Bring texts that were put aside to a person, until none waits; how many there were."""
    brought = 0
    while not duties.stopping.is_set():
        with duties.sessions.begin() as session:
            batch = put_aside.bring_to_staff(
                session, content=duties.wording.content, now=database_now(session), limit=ESCALATION_BATCH
            )
        brought += batch
        if batch < ESCALATION_BATCH:
            break
    return brought


def tell_late_promises(duties: WorkerContext) -> int:
    """Tell patients whose promised time has passed whom to call, until none waits; how many there were."""
    told = 0
    while not duties.stopping.is_set():
        with duties.sessions.begin() as session:
            batch = late_promises.tell_late(session, now=database_now(session), limit=ESCALATION_BATCH)
        told += batch
        if batch < ESCALATION_BATCH:
            break
    return told


def follow_signed_content(duties: WorkerContext) -> int:
    """Bring what was signed or taken back to everybody who is followed, until nobody is left; how many
    steps that took. Rounds whose content cannot be read wait for the next tick."""
    followed, waiting = 0, list[UUID]()
    while not duties.stopping.is_set():
        with duties.sessions.begin() as session:
            step = signed_follow_up.follow_next(
                session,
                content=duties.wording.content,
                leave=waiting,
                now=database_now(session),
                on_failure=_not_followed,
            )
        if step is None:
            break
        if step.waits:
            waiting.append(step.round_id)
        else:
            followed += 1
    return followed


def _not_followed(key: UUID, error: Exception) -> None:
    log.error("signed content not followed", subject=str(key), error_class=type(error).__name__)


def advance_training_weeks(duties: WorkerContext) -> int:
    """Bring the practice weeks of clinics in training to where they should be; how many run."""
    with duties.sessions.begin() as session:
        return training_week.advance_weeks(session, now=database_now(session), limit=PRACTICE_BATCH)


def keep_figures(duties: WorkerContext) -> int:
    """Count the days of clinics' figures that are not kept, some a transaction; how many there were."""
    counted = 0
    with duties.sessions() as session:
        clinic_ids = [clinic.id for clinic in clinics.list_all(session)]
    for clinic_id in clinic_ids:
        batch = FIGURES_BATCH
        while batch == FIGURES_BATCH and not duties.stopping.is_set():
            with duties.sessions.begin() as session:
                clinic = session.get_one(clinics.Clinic, clinic_id)
                now = database_now(session)
                batch = kept_figures.keep_days(session, clinic, now=now, limit=FIGURES_BATCH)
            counted += batch
    return counted


def notify_operators(duties: WorkerContext) -> int:
    """Notify operators of incidents that began or ended; returns how many notifications were delivered."""
    return 0 if duties.outlets is None else monitoring_round.run_round(duties.sessions, duties.outlets)


def call_heartbeat(duties: WorkerContext) -> int:
    """Call the heartbeat address, which alerts when calls stop; returns how many calls were made."""
    return 0 if duties.outlets is None else monitoring_round.send_heartbeat(duties.sessions, duties.outlets)


def _not_looked_at(message_id: UUID, error: Exception) -> None:
    log.error("silence not looked at", message=str(message_id), error_class=type(error).__name__)


def settle_unconfirmed(duties: WorkerContext) -> int:
    """Ask the carrier's records about texts in doubt whose quiet time is over, until none is left that may
    be asked about; how many there were. No session is open while the carrier answers.
    """
    asked = 0
    while not duties.stopping.is_set():
        with duties.sessions.begin() as session:
            now = database_now(session)
            doubtful = unconfirmed_sends.lease_unconfirmed(
                session, now=now, quiet=duties.waits.before_first_lookup, limit=carrier_lookups.BATCH
            )
        results = carrier_lookups.find_records(duties, doubtful)
        if results:
            with duties.sessions.begin() as session:
                unconfirmed_sends.settle_unconfirmed(
                    session,
                    found=results,
                    wording=duties.wording,
                    wait=duties.waits.before_second_lookup,
                    now=database_now(session),
                )
        asked += len(results)
        if len(results) < carrier_lookups.BATCH:
            break
    return asked


def recover_receipts(duties: WorkerContext) -> int:
    """Ask about texts whose receipts got lost, until none is left; how many were asked about."""
    asked = 0
    while not duties.stopping.is_set() and duties.ledger is not None:
        with duties.sessions.begin() as session:
            now = database_now(session)
            unfinished = receipt_recovery.lease_awaiting_receipt(
                session, now=now, after=duties.waits.before_receipt_recovery, limit=carrier_lookups.BATCH
            )
        seen = carrier_lookups.fetch_records(duties, unfinished)
        for text, sighting in seen:
            with duties.sessions.begin() as session:
                receipt_recovery.record_lookup(
                    session, unfinished=text, seen=sighting, now=database_now(session)
                )
        asked += len(seen)
        if len(seen) < carrier_lookups.BATCH:
            break
    return asked


def record_heartbeat(duties: WorkerContext) -> int:
    """Say that this worker lives, and take from dead ones what they held; how many texts that was."""
    with duties.sessions.begin() as session:
        now = database_now(session)
        worker_registry.record_heartbeat(session, worker_id=duties.worker_id, now=now)
        buried = worker_registry.recover_from_dead(session, now=now)
        duties.workers_alive = worker_registry.count_alive(session, now=now)
    return buried
