"""Asking the carrier's records about several texts side by side, and its failures counted; no session is open
meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from recovery.services.messaging.receipt_recovery import AwaitingReceipt
from recovery.services.messaging.unconfirmed_sends import LookupResult, UnconfirmedText
from recovery.sms.gateway_interface import CarrierRecord, LookupFailed
from worker.context import WorkerContext

AT_ONCE = 8
BATCH = 40
"""With the carrier's longest silence for each a batch is over well within the lease on what it asks about."""
FAILURES_TO_STOP = 8
"""Records that cannot be read this often in one batch are not asked any more in it."""

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")


def find_records(duties: WorkerContext, doubtful: Sequence[UnconfirmedText]) -> list[LookupResult]:
    """What the records show of each text; those that were not asked about any more are left out."""
    ledger = duties.ledger
    if ledger is None:
        return [LookupResult(text=text, records=None) for text in doubtful]
    seen = _side_by_side(duties, doubtful, lambda text: ledger.find(text.outgoing, text.claimed_at))
    return [LookupResult(text=text, records=sightings) for text, sightings in seen]


def fetch_records(
    duties: WorkerContext, unfinished: Sequence[AwaitingReceipt]
) -> list[tuple[AwaitingReceipt, CarrierRecord | None]]:
    """The record of each text, None where there is none or it could not be read; else as `find`."""
    ledger = duties.ledger
    if ledger is None:
        return []
    return _side_by_side(duties, unfinished, lambda one: ledger.fetch(one.carrier_id))


def _side_by_side(
    duties: WorkerContext, wanted: Sequence[Asked], ask: Callable[[Asked], Answer]
) -> list[tuple[Asked, Answer | None]]:
    answers: list[tuple[Asked, Answer | None]] = []
    failures: list[Asked] = []

    def look(text: Asked) -> None:
        if duties.stopping.is_set() or len(failures) >= FAILURES_TO_STOP:
            return
        try:
            answers.append((text, ask(text)))
        except LookupFailed:
            failures.append(text)
            answers.append((text, None))

    if wanted:
        with ThreadPoolExecutor(min(AT_ONCE, len(wanted)), thread_name_prefix="look") as threads:
            for looking in [threads.submit(look, text) for text in wanted]:
                looking.result()
    return answers
