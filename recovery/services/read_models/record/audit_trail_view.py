"""The audit trail as a manager or medical director reads it; that it was read is in it, too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from recovery.models.clinic import clinics
from recovery.models.core.audit import AuditEntry
from recovery.models.read_models import audit_trail
from recovery.models.read_models.audit_trail import SubjectPatient, TrailFilter
from recovery.services.access.authentication import StaffCaller
from recovery.services.core import audit

AT_ONCE = 2_000
"""Entries whose names are looked up together."""


@dataclass(frozen=True, kw_only=True)
class TrailRow:
    """One entry: who did it, and whom it is about, where that is a patient or one of the staff."""

    entry: AuditEntry
    who: str | None
    patient: SubjectPatient | None
    member: str | None


def read_trail(
    session: Session,
    *,
    caller: StaffCaller,
    which: TrailFilter,
    after: tuple[datetime, UUID] | None,
    limit: int,
    now: datetime,
    action: str = "audit.read",
) -> list[TrailRow]:
    """Entries of the caller's clinic, the newest first; the reading is audited."""
    names = clinics.staff_names(session, caller.clinic_id)
    rows: list[TrailRow] = []
    while len(rows) < limit:
        entries = audit_trail.list_entries(session, which, after=after, limit=min(AT_ONCE, limit - len(rows)))
        rows += _named(session, which.clinic_id, entries, names=names)
        if not entries or len(entries) < min(AT_ONCE, limit):
            break
        after = entries[-1].at, entries[-1].id
    _note(session, caller, which, action=action, now=now)
    return rows


def _named(
    session: Session, clinic_id: UUID, entries: Sequence[AuditEntry], *, names: Mapping[UUID, str]
) -> list[TrailRow]:
    subjects = [(one.subject_kind, one.subject_id) for one in entries if one.subject_id is not None]
    about = audit_trail.patients_of(session, clinic_id, subjects)
    return [
        TrailRow(
            entry=one,
            who=None if one.actor_id is None else names.get(one.actor_id),
            patient=None if one.subject_id is None else about.get((one.subject_kind, one.subject_id)),
            member=names.get(one.subject_id) if one.subject_kind == "staff" and one.subject_id else None,
        )
        for one in entries
    ]


def _note(session: Session, caller: StaffCaller, which: TrailFilter, *, action: str, now: datetime) -> None:
    audit.record(
        session,
        clinic_id=caller.clinic_id,
        actor=audit.staff(caller.staff_id),
        action=action,
        subject=("clinic", caller.clinic_id) if which.patient_id is None else ("patient", which.patient_id),
        now=now,
    )
