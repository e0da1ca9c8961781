"""The audit trail as it is read: of a patient, of a person, of some days, newest first."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Subquery, and_, literal, not_, or_, select, tuple_, union_all
from sqlalchemy.orm import Session

from recovery.domain.patients import person_name
from recovery.models.core.audit import AuditEntry
from recovery.models.flags.flags import Flag
from recovery.models.inbound.inbound_texts import InboundText
from recovery.models.patients.patients import Patient
from recovery.models.reports.photos import Photo
from recovery.models.reports.reports import Report
from recovery.models.tasks.tasks import Task
from recovery.models.treatments.treatments import Treatment

REFUSED = "refused"
"""How the action of an entry ends that says that something was not allowed."""

_READ_ENDS = (".read", "list", "export")
_MARKED_READ = "inbox.read"
"""Somebody saw to a text: nothing that is only looked at."""

_SIGN_IN_ENDS = ("sign_in", "sign_out", "sign_out_everywhere", "sign_out_elsewhere", "sign_in_refused")


class ActKind(StrEnum):
    """What sort of act an entry tells of."""

    READ = "read"
    CHANGE = "change"
    SIGN_IN = "sign_in"
    REFUSED = "refused"


@dataclass(frozen=True, kw_only=True)
class TrailFilter:
    """Which entries of a clinic: about one patient, by one of the staff, from `start` to before `end`, of
    these kinds, of all where none is named."""

    clinic_id: UUID
    patient_id: UUID | None = None
    staff_id: UUID | None = None
    start: datetime | None = None
    end: datetime | None = None
    kinds: frozenset[ActKind] = frozenset()


class SubjectPatient(NamedTuple):
    """Whom something of a patient's is about."""

    id: UUID
    first_name: str
    last_name: str

    @property
    def full_name(self) -> str:
        """Both names, or the one of somebody who has one."""
        return person_name.full_name(self.first_name, self.last_name)


def list_entries(
    session: Session, which: TrailFilter, *, after: tuple[datetime, UUID] | None = None, limit: int
) -> Sequence[AuditEntry]:
    """The newest first. `after` is (at, id) of the last entry of the page before."""
    wanted = select(AuditEntry).where(AuditEntry.clinic_id == which.clinic_id)
    if which.patient_id is not None:
        about = _subjects_of(which.clinic_id, which.patient_id)
        same = (AuditEntry.subject_kind == about.c.kind) & (AuditEntry.subject_id == about.c.id)
        wanted = wanted.join(about, same)
    if which.staff_id is not None:
        wanted = wanted.where(
            or_(
                AuditEntry.actor_id == which.staff_id,
                # What was tried at their account is theirs to be asked about.
                (AuditEntry.subject_kind == "staff") & (AuditEntry.subject_id == which.staff_id),
            )
        )
    if which.start is not None:
        wanted = wanted.where(AuditEntry.at >= which.start)
    if which.end is not None:
        wanted = wanted.where(AuditEntry.at < which.end)
    if which.kinds:
        wanted = wanted.where(or_(*(_is_of(kind) for kind in sorted(which.kinds))))
    if after is not None:
        wanted = wanted.where(tuple_(AuditEntry.at, AuditEntry.id) < after)
    return session.scalars(wanted.order_by(AuditEntry.at.desc(), AuditEntry.id.desc()).limit(limit)).all()


def first_acts(
    session: Session, clinic_id: UUID, treatment_ids: Collection[UUID], *, action: str
) -> dict[UUID, UUID]:
    """Who first did this to each of these treatments, by treatment; only where somebody of the clinic did."""
    rows = session.execute(
        select(AuditEntry.subject_id, AuditEntry.actor_id)
        .where(
            AuditEntry.clinic_id == clinic_id,
            AuditEntry.subject_kind == "treatment",
            AuditEntry.subject_id.in_(treatment_ids),
            AuditEntry.action == action,
        )
        .order_by(AuditEntry.id.desc())
    )
    return {row[0]: row[1] for row in rows if row[0] is not None and row[1] is not None}


def patients_of(
    session: Session, clinic_id: UUID, subjects: Collection[tuple[str, UUID]]
) -> Mapping[tuple[str, UUID], SubjectPatient]:
    """The patient behind each of these subjects, by kind and id; what is about no patient is left out."""
    found: dict[tuple[str, UUID], SubjectPatient] = {}
    for kind, owned in _owned(clinic_id).items():
        ids = {subject_id for subject_kind, subject_id in subjects if subject_kind == kind}
        if not ids:
            continue
        own = owned.subquery()
        rows = session.execute(
            select(own.c.id, Patient.id, Patient.first_name, Patient.last_name)
            .join(Patient, (Patient.clinic_id == clinic_id) & (Patient.id == own.c.patient_id))
            .where(own.c.id.in_(ids))
        )
        found |= {(kind, row[0]): SubjectPatient(row[1], row[2], row[3]) for row in rows}
    return found


def _is_of(kind: ActKind) -> ColumnElement[bool]:
    read = or_(*(AuditEntry.action.like(f"%{end}") for end in _READ_ENDS))
    others: dict[ActKind, ColumnElement[bool]] = {
        ActKind.READ: and_(read, AuditEntry.action != _MARKED_READ),
        ActKind.SIGN_IN: or_(*(AuditEntry.action.like(f"%{end}") for end in _SIGN_IN_ENDS)),
        ActKind.REFUSED: AuditEntry.action.like(f"%{REFUSED}"),
    }
    return not_(or_(*others.values())) if kind is ActKind.CHANGE else others[kind]


def _subjects_of(clinic_id: UUID, patient_id: UUID) -> Subquery:
    """Everything of a patient's that an entry may be about, as kind and id."""
    whole = []
    for kind, owned in _owned(clinic_id).items():
        own = owned.subquery()
        whole.append(
            select(literal(kind).label("kind"), own.c.id.label("id")).where(own.c.patient_id == patient_id)
        )
    return union_all(*whole).subquery()


def _owned(clinic_id: UUID) -> dict[str, Select[UUID, UUID | None]]:
    """By the kind of a subject: its id, and whose it is."""
    course = (Treatment.clinic_id == Report.clinic_id) & (Treatment.id == Report.treatment_id)
    return {
        "patient": select(Patient.id, Patient.id.label("patient_id")).where(Patient.clinic_id == clinic_id),
        "treatment": select(Treatment.id, Treatment.patient_id).where(Treatment.clinic_id == clinic_id),
        "report": select(Report.id, Treatment.patient_id)
        .join(Treatment, course)
        .where(Report.clinic_id == clinic_id),
        "photo": select(Photo.id, Treatment.patient_id)
        .join(Report, (Report.clinic_id == Photo.clinic_id) & (Report.id == Photo.report_id))
        .join(Treatment, course)
        .where(Photo.clinic_id == clinic_id),
        "flag": select(Flag.id, Treatment.patient_id)
        .join(Treatment, (Treatment.clinic_id == Flag.clinic_id) & (Treatment.id == Flag.treatment_id))
        .where(Flag.clinic_id == clinic_id),
        "task": select(Task.id, Task.patient_id).where(Task.clinic_id == clinic_id),
        "inbound_text": select(InboundText.id, InboundText.patient_id).where(
            InboundText.clinic_id == clinic_id
        ),
    }
