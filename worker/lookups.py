"""Asking the carrier's records about several texts side by side; no session is open meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from recovery.services.messaging.doubt import Doubtful, Found
from recovery.services.messaging.sweep import Unfinished
from recovery.sms.port import LookupFailed, Sighting
from worker.duties import Duties

AT_ONCE = 8
BATCH = 40
"""With the carrier's longest silence for each a batch is over well within the lease on what it asks about."""
FAILURES_TO_STOP = 8
"""Records that cannot be read this often in one batch are not asked any more in it."""

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")


def find(duties: Duties, doubtful: Sequence[Doubtful]) -> list[Found]:
    """What the records show of each text; those that were not asked about any more are left out."""
    ledger = duties.ledger
    if ledger is None:
        return [Found(doubtful=one, sightings=None) for one in doubtful]
    seen = _side_by_side(duties, doubtful, lambda one: ledger.find(one.outgoing, one.claimed_at))
    return [Found(doubtful=one, sightings=sightings) for one, sightings in seen]


def fetch(duties: Duties, unfinished: Sequence[Unfinished]) -> list[tuple[Unfinished, Sighting | None]]:
    """The record of each text, None where there is none or it could not be read; else as `find`."""
    ledger = duties.ledger
    if ledger is None:
        return []
    return _side_by_side(duties, unfinished, lambda one: ledger.fetch(one.carrier_id))


def _side_by_side(
    duties: Duties, wanted: Sequence[Asked], ask: Callable[[Asked], Answer]
) -> list[tuple[Asked, Answer | None]]:
    answers: list[tuple[Asked, Answer | None]] = []
    failures: list[Asked] = []

    def look(one: Asked) -> None:
        if duties.stopping.is_set() or len(failures) >= FAILURES_TO_STOP:
            return
        try:
            answers.append((one, ask(one)))
        except LookupFailed:
            failures.append(one)
            answers.append((one, None))

    if wanted:
        with ThreadPoolExecutor(min(AT_ONCE, len(wanted)), thread_name_prefix="look") as threads:
            for looking in [threads.submit(look, one) for one in wanted]:
                looking.result()
    return answers
