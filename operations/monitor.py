"""Reads what a monitor looks at: the installation's status, clinics' news, flags that somebody outside the
queue has to hear of."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from operations import worker_registry
from operations.rules.installation_status import InstallationStatus
from operations.rules.operator_alerts import Incident
from recovery.domain.clinic.staff_roles import MAY, Duty, Role
from recovery.domain.flags.flag_lifecycle import FlagState, Urgency
from recovery.domain.review.escalation import EscalationStep
from recovery.models.clinic import role_proposals
from recovery.models.content import follow_ups, withdrawals
from recovery.models.content.follow_ups import FollowUpKind
from recovery.models.flags.flags import Flag
from recovery.models.inbound import stray_texts
from recovery.models.operations import alerts, installation_figures
from recovery.models.operations import workers as worker_rows
from recovery.models.operations.alerts import IncidentKind
from recovery.models.reports import reports
from recovery.models.tasks.tasks import Task

DAY = timedelta(days=1)
MOST_FLAGS = 100
MOST_STRAYS = 10
"""One phone may send hundreds: the next are told of when these were seen to."""
STRAY_FOR = timedelta(days=7)
"""How long it is told that a text of nobody's names danger."""


def read_status(session: Session, *, now: datetime, counts: bool = False) -> InstallationStatus:
    """The status of the installation. `now` is the database's clock; the number of queries is constant.

    Texts by state and the workers that hold their place are counted only with `counts`: the first take longer
    the more texts there ever were, the second tries each worker's lock.
    """
    due = installation_figures.count_due_texts(session, now=now)
    unreviewed, review_since = reports.count_unreviewed(session, now=now)
    flags_open, flags_overdue = installation_figures.count_flags(session, now=now)
    circuits = installation_figures.list_circuits(session)
    return InstallationStatus(
        at=now,
        worker_seen_at=worker_rows.last_heartbeat_at(session),
        workers_alive=sum(worker.alive for worker in worker_registry.list_statuses(session)) if counts else 0,
        texts_due=due.count,
        text_due_since=due.since,
        doubt_since=installation_figures.oldest_unconfirmed_at(session),
        unreviewed=unreviewed,
        review_since=review_since,
        flags_open=flags_open,
        flags_overdue=flags_overdue,
        texts=installation_figures.count_unfinished_texts(session) if counts else {},
        texts_last_day=installation_figures.count_submitted_texts(session, since=now - DAY) if counts else {},
        circuits={row.account: row.to_circuit() for row in circuits},
        refused_by={row.account: row.refused_code for row in circuits if row.refused_code is not None},
    )


def list_clinic_news(session: Session, *, now: datetime) -> list[Incident]:
    """What was done in a clinic that its managers and directors have to hear of: for a day, told once."""
    withdrawn = withdrawals.list_since(session, since=now - DAY, limit=MOST_FLAGS)
    judged = follow_ups.list_finished(session, FollowUpKind.JUDGEMENTS, since=now - DAY, limit=MOST_FLAGS)
    roles = [
        proposal
        for proposal in role_proposals.list_news(session, since=now - DAY, limit=MOST_FLAGS)
        if proposal.accepted is not False
    ]
    emails = installation_figures.emails_with_roles(
        session,
        {row.clinic_id for row in withdrawn}
        | {row.clinic_id for row in judged}
        | {row.clinic_id for row in roles},
        roles=MAY[Duty.SETTING_UP],
    )
    found = [(IncidentKind.CONTENT_WITHDRAWN, row.id, row.clinic_id) for row in withdrawn]
    found += [(IncidentKind.CONTENT_FOLLOWED, row.id, row.clinic_id) for row in judged]
    for proposal in roles:
        kind = IncidentKind.ROLE_GIVEN if proposal.accepted else IncidentKind.ROLE_PROPOSED
        found.append((kind, proposal.id, proposal.clinic_id))
    return [
        Incident(trouble=kind, subject=row_id.hex[-6:], emails=tuple(emails[clinic_id]), exclusive=True)
        for kind, row_id, clinic_id in found
        if clinic_id in emails
    ]


def list_flag_incidents(session: Session, *, now: datetime) -> list[Incident]:
    """Flags and tasks of live clinics that somebody outside the queue has to hear of.

    An emergency that nobody has taken by its due time, and everything whose escalation reached the manager,
    concern the clinic's managers and whoever runs the installation; what is held past its due time concerns
    its holder. Of what waits in its turn outside the queue each clinic is told as one.
    """
    overdue: list[Flag | Task] = [
        *installation_figures.list_overdue_flags(session, now=now, limit=MOST_FLAGS),
        *installation_figures.list_overdue_tasks(session, now=now, limit=MOST_FLAGS),
    ]
    managers = installation_figures.emails_with_roles(
        session, {matter.clinic_id for matter in overdue}, roles=[Role.MANAGER]
    )
    holders = installation_figures.emails_of(
        session, [matter.held_by for matter in overdue if matter.held_by is not None]
    )
    incidents: dict[tuple[IncidentKind, str], Incident] = {}
    for matter in overdue:
        subject = _subject(matter)
        unseen = matter.urgency is Urgency.EMERGENCY and _nobody_has(matter)
        if unseen or matter.escalated is EscalationStep.MANAGER:
            mails = tuple(managers.get(matter.clinic_id, ()))
            incidents[IncidentKind.FLAG_UNSEEN, subject] = Incident(
                trouble=IncidentKind.FLAG_UNSEEN, subject=subject, emails=mails
            )
        if matter.held_by in holders and matter.escalated is not None:
            incidents[IncidentKind.FLAG_HELD_LATE, subject] = Incident(
                trouble=IncidentKind.FLAG_HELD_LATE,
                subject=subject,
                emails=(holders[matter.held_by],),
                exclusive=True,
            )
    return list(incidents.values())


def list_stray_incidents(session: Session, *, now: datetime) -> list[Incident]:
    """Texts that name danger and are no clinic's, some at a time: the operator gives them to a clinic."""
    strays = stray_texts.list_stray_dangers(session, since=now - STRAY_FOR, limit=MOST_STRAYS)
    return [Incident(trouble=IncidentKind.STRAY_DANGER, subject=stray[-6:]) for stray in strays]


def _nobody_has(matter: Flag | Task) -> bool:
    return matter.state is FlagState.OPEN if isinstance(matter, Flag) else matter.held_by is None


def _subject(matter: Flag | Task) -> str:
    if isinstance(matter, Task) and not matter.is_urgent and matter.held_by is None:
        return alerts.subject_of(matter.clinic_id)
    return alerts.subject_of(matter.id)
