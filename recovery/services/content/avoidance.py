"""For how long a clinic wants its patients to avoid what: its own hours beside ours, listed and saved, signed
or not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from recovery.domain.treatments.avoidance_rules import AvoidanceRule, AvoidItem
from recovery.models.content import avoidances
from recovery.models.content.avoidances import ClinicAvoidance
from recovery.services.content.content import Content
from recovery.services.content.own_content import OWN_HOURS
from recovery.services.core import audit
from recovery.services.core.audit import Actor


class UnknownAvoidItem(LookupError):
    """There is nothing to avoid under this name."""


@dataclass(frozen=True, kw_only=True)
class Avoidance:
    """One rule as it holds for the clinic, beside the shipped one; `saved_at` is None where that stands."""

    rule: AvoidanceRule
    shipped: AvoidanceRule
    saved_at: datetime | None


def list_avoidance(session: Session, clinic_id: UUID, *, content: Content) -> Sequence[Avoidance]:
    """Every rule of a clinic, in our order."""
    own = avoidances.list_by_item(session, clinic_id)
    return [_of(shipped, own.get(shipped.what)) for shipped in content.avoidance]


def save(
    session: Session,
    *,
    clinic_id: UUID,
    what: AvoidItem,
    hours: int | None,
    content: Content,
    actor: Actor,
    now: datetime,
) -> Avoidance:
    """So many hours after a treatment, or as shipped again (None). Zero: not to be avoided.

    In a live clinic it holds once it is signed.
    """
    kept = ClinicAvoidance(clinic_id=clinic_id, what=what, hours=hours, saved_at=now, saved_by=actor.id)
    avoidances.save(session, kept)
    audit.record(
        session,
        clinic_id=clinic_id,
        actor=actor,
        action="avoidance.save",
        subject=("avoidance", None),
        now=now,
        detail={"what": what.value, "hours": "as shipped" if hours is None else str(hours)},
    )
    shipped = next(rule for rule in content.avoidance if rule.what is what)
    return _of(shipped, kept)


def _of(shipped: AvoidanceRule, own: ClinicAvoidance | None) -> Avoidance:
    if own is None or own.hours is None:
        return Avoidance(rule=shipped, shipped=shipped, saved_at=None)
    return Avoidance(
        rule=replace(shipped, hours=own.hours, source=OWN_HOURS), shipped=shipped, saved_at=own.saved_at
    )
