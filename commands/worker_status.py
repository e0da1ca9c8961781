"""`worker status`: which workers run, where the texts stand, what is in doubt, reports not reviewed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from operations import worker_registry
from recovery.models.messaging import messages
from recovery.models.reports import reports

MOST_IN_DOUBT = 200


def status(session: Session, *, now: datetime) -> dict[str, Any]:
    """Workers with their lives, texts by state, those in doubt, and reports nobody has reviewed."""
    waiting, oldest = reports.count_unreviewed(session, now=now)
    return {
        "workers": [
            {
                "id": str(worker.id),
                "host": worker.host,
                "pid": worker.pid,
                "alive": worker.alive,
                "last_seen_seconds_ago": round((now - worker.beat_at).total_seconds(), 1),
            }
            for worker in worker_registry.list_statuses(session)
        ],
        "texts": {state.value: count for state, count in sorted(messages.count_by_state(session).items())},
        "in_doubt": [
            {"id": str(text.id), "step": text.step, "since": _iso(text.claimed_at), "why": text.reason}
            for text in messages.list_unconfirmed(session, limit=MOST_IN_DOUBT)
        ],
        "reports_not_reviewed": {"count": waiting, "oldest": _iso(oldest)},
    }


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat(timespec="seconds")
