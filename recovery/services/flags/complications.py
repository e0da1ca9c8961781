"""Recording, or taking back, a complication that nobody flagged, so that it is known what the rules miss."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from recovery.domain.clinic import opening_hours
from recovery.domain.flags.flag_lifecycle import COMPLICATIONS, FlagOutcome
from recovery.models.clinic import clinics
from recovery.models.flags import complications
from recovery.models.flags.complications import Complication
from recovery.services.access.authentication import StaffCaller
from recovery.services.core import audit
from recovery.services.treatments import treatments


class UnknownComplication(LookupError):
    """No complication has this id, or it was withdrawn."""


class NotAComplication(ValueError):
    """Healing as expected, and what says nothing, is no complication."""


class ImpossibleBeginning(ValueError):
    """A complication begins on the day of its treatment or later, and not after today."""


@dataclass(frozen=True, kw_only=True)
class NewComplication:
    """What it was, on which day of the clinic's calendar it began, and what else is to be known."""

    outcome: FlagOutcome
    began_on: date
    comment: str | None


def record(
    session: Session, *, caller: StaffCaller, treatment_id: UUID, new: NewComplication, now: datetime
) -> Complication:
    """Keep a complication of a treatment. Raises UnknownTreatment, NotAComplication, ImpossibleBeginning."""
    treatment = treatments.get_treatment(session, clinic_id=caller.clinic_id, treatment_id=treatment_id)
    if new.outcome not in COMPLICATIONS:
        raise NotAComplication
    zone = opening_hours.zone_named(clinics.get_one(session, caller.clinic_id).time_zone)
    if not treatment.performed_at.astimezone(zone).date() <= new.began_on <= now.astimezone(zone).date():
        raise ImpossibleBeginning
    complication = Complication(
        clinic_id=caller.clinic_id,
        treatment_id=treatment.id,
        outcome=new.outcome,
        began_on=new.began_on,
        comment=new.comment,
        recorded_at=now,
        recorded_by=caller.staff_id,
    )
    session.add(complication)
    session.flush()
    _note(session, caller, complication, action="complication.record", now=now)
    return complication


def withdraw(session: Session, *, caller: StaffCaller, complication_id: UUID, now: datetime) -> Complication:
    """Take back one that was entered in error; it stays on record. Raises UnknownComplication."""
    complication = complications.get_for_update(session, caller.clinic_id, complication_id)
    if complication is None or complication.withdrawn_at is not None:
        raise UnknownComplication(complication_id)
    complication.withdrawn_at, complication.withdrawn_by = now, caller.staff_id
    session.flush()
    _note(session, caller, complication, action="complication.withdraw", now=now)
    return complication


def _note(
    session: Session, caller: StaffCaller, complication: Complication, *, action: str, now: datetime
) -> None:
    audit.record(
        session,
        clinic_id=caller.clinic_id,
        actor=audit.staff(caller.staff_id),
        action=action,
        subject=("treatment", complication.treatment_id),
        now=now,
    )
