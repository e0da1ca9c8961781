"""Looking over the whole installation: is the worker at work, do texts leave, are reports reviewed."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from recovery.domain.standing import Standing
from recovery.models import figures, reports
from recovery.models import workers as worker_rows
from recovery.services import workers

DAY = timedelta(days=1)


def look(session: Session, *, now: datetime) -> Standing:
    """How everything stands. `now` is the database's clock; the number of queries is constant."""
    due = figures.texts_due(session, now=now)
    unreviewed, review_since = reports.count_unreviewed(session, now=now)
    flags_open, flags_overdue = figures.flags(session, now=now)
    return Standing(
        at=now,
        worker_seen_at=worker_rows.last_beat(session),
        workers_alive=sum(one.alive for one in workers.standing(session)),
        texts_due=due.count,
        text_due_since=due.since,
        doubt_since=figures.doubt_since(session),
        unreviewed=unreviewed,
        review_since=review_since,
        flags_open=flags_open,
        flags_overdue=flags_overdue,
        texts=figures.texts_without_end(session),
        texts_last_day=figures.texts_handed_over(session, since=now - DAY),
        circuits={row.account: row.known() for row in figures.circuits(session)},
    )
