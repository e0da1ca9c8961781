"""Looking over the whole installation: is the worker at work, do texts leave, are reports reviewed."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from operations import workers
from operations.rules.alarms import Incident
from operations.rules.standing import Standing
from recovery.domain.flags.triage import FlagState, Urgency
from recovery.domain.review.escalation import Step
from recovery.models.operations import figures
from recovery.models.operations import workers as worker_rows
from recovery.models.operations.alerts import Trouble
from recovery.models.reports import reports

DAY = timedelta(days=1)
MOST_FLAGS = 100


def look(session: Session, *, now: datetime, counts: bool = False) -> Standing:
    """How everything stands. `now` is the database's clock; the number of queries is constant.

    Texts by state and the workers that hold their place are counted only with `counts`: the first take longer
    the more texts there ever were, the second tries each worker's lock.
    """
    due = figures.texts_due(session, now=now)
    unreviewed, review_since = reports.count_unreviewed(session, now=now)
    flags_open, flags_overdue = figures.flags(session, now=now)
    circuits = figures.circuits(session)
    return Standing(
        at=now,
        worker_seen_at=worker_rows.last_beat(session),
        workers_alive=sum(one.alive for one in workers.standing(session)) if counts else 0,
        texts_due=due.count,
        text_due_since=due.since,
        doubt_since=figures.doubt_since(session),
        unreviewed=unreviewed,
        review_since=review_since,
        flags_open=flags_open,
        flags_overdue=flags_overdue,
        texts=figures.texts_without_end(session) if counts else {},
        texts_last_day=figures.texts_handed_over(session, since=now - DAY) if counts else {},
        circuits={row.account: row.known() for row in circuits},
        refused_by={row.account: row.refused_code for row in circuits if row.refused_code is not None},
    )


def incidents_of_flags(session: Session, *, now: datetime) -> list[Incident]:
    """Flags of live clinics that somebody outside the queue has to hear of.

    An emergency that nobody has taken by its due time, and every flag whose escalation reached the manager,
    concern the clinic's managers and whoever runs the installation; one that is held past its due time
    concerns its holder.
    """
    overdue = figures.overdue_flags(session, now=now, limit=MOST_FLAGS)
    managers = figures.managers(session, {flag.clinic_id for flag in overdue})
    holders = figures.mails_of(session, [flag.held_by for flag in overdue if flag.held_by is not None])
    found = []
    for flag in overdue:
        subject = flag.id.hex[-6:]
        unseen = flag.urgency is Urgency.EMERGENCY and flag.state is FlagState.OPEN
        if unseen or flag.escalated is Step.MANAGER:
            mails = tuple(managers.get(flag.clinic_id, ()))
            found.append(Incident(trouble=Trouble.FLAG_UNSEEN, subject=subject, mails=mails))
        if flag.held_by in holders and flag.escalated is not None:
            found.append(
                Incident(
                    trouble=Trouble.FLAG_HELD_LATE,
                    subject=subject,
                    mails=(holders[flag.held_by],),
                    only_them=True,
                )
            )
    return found
