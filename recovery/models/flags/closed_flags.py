"""Closed flags as they are looked through again: narrowed, the one closed last first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, tuple_
from sqlalchemy.orm import Session

from recovery.domain.clinic.rooms import Room
from recovery.domain.clinical.findings import AssessmentRule
from recovery.domain.clinical.symptoms import Device
from recovery.domain.flags.flag_lifecycle import FlagOutcome, FlagState
from recovery.models.flags.flags import Flag, FlagAssessment
from recovery.models.patients import patients
from recovery.models.patients.patients import Patient
from recovery.models.reports.reports import StoredAssessment
from recovery.models.treatments.treatments import Treatment


@dataclass(frozen=True, kw_only=True)
class ClosedFilter:
    """Which closed flags of a clinic: closed as `outcome` by `staff_id`, from `start` to before `end`, raised
    by `rule` among others, after a treatment with `device`."""

    clinic_id: UUID
    outcome: FlagOutcome | None = None
    rule: AssessmentRule | None = None
    staff_id: UUID | None = None
    device: Device | None = None
    room: Room = Room.ALL
    start: datetime | None = None
    end: datetime | None = None


class ClosedRow(NamedTuple):
    """A closed flag and whom it is about; whoever holds it has closed it."""

    flag: Flag
    treatment: Treatment
    patient: Patient


def list_closed(
    session: Session, which: ClosedFilter, *, after: tuple[datetime, UUID] | None = None, limit: int
) -> Sequence[ClosedRow]:
    """The one closed last first. `after` is (closed at, id) of the last row of the page before."""
    wanted = (
        select(Flag, Treatment, Patient)
        .join(Treatment, _its_treatment())
        .join(Patient, (Patient.clinic_id == Treatment.clinic_id) & (Patient.id == Treatment.patient_id))
        .where(*_narrowed(which))
    )
    if after is not None:
        wanted = wanted.where(tuple_(Flag.resolved_at, Flag.id) < after)
    rows = session.execute(wanted.order_by(Flag.resolved_at.desc(), Flag.id.desc()).limit(limit))
    return [ClosedRow(row[0], row[1], row[2]) for row in rows]


def count_closed(session: Session, which: ClosedFilter) -> int:
    """How many there are in all."""
    counted = select(func.count()).select_from(Flag).join(Treatment, _its_treatment())
    return session.scalar(counted.where(*_narrowed(which))) or 0


def _its_treatment() -> ColumnElement[bool]:
    return (Treatment.clinic_id == Flag.clinic_id) & (Treatment.id == Flag.treatment_id)


def _narrowed(which: ClosedFilter) -> list[ColumnElement[bool]]:
    wanted = [
        Flag.clinic_id == which.clinic_id,
        Flag.state == FlagState.RESOLVED,
        patients.of_room(Treatment.patient_id, clinic_id=which.clinic_id, room=which.room),
    ]
    if which.outcome is not None:
        wanted.append(Flag.outcome == which.outcome)
    if which.staff_id is not None:
        wanted.append(Flag.held_by == which.staff_id)
    if which.device is not None:
        wanted.append(Treatment.device == which.device)
    if which.start is not None:
        wanted.append(Flag.resolved_at >= which.start)
    if which.end is not None:
        wanted.append(Flag.resolved_at < which.end)
    if which.rule is not None:
        wanted.append(_raised_by(which.rule))
    return wanted


def _raised_by(rule: AssessmentRule) -> ColumnElement[bool]:
    return (
        select(FlagAssessment.flag_id)
        .join(
            StoredAssessment,
            (StoredAssessment.clinic_id == FlagAssessment.clinic_id)
            & (StoredAssessment.id == FlagAssessment.assessment_id),
        )
        .where(
            FlagAssessment.clinic_id == Flag.clinic_id,
            FlagAssessment.flag_id == Flag.id,
            StoredAssessment.findings.contains([{"rule": rule.value}]),
        )
        .correlate(Flag)
        .exists()
    )
