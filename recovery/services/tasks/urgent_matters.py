"""What stands in the queue without a flag: urgent words, from whomever, and calls that cannot wait."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from recovery.domain.flags.flag_lifecycle import Urgency
from recovery.models.inbound import inbound_texts, reading
from recovery.models.inbound.inbound_texts import InboundText
from recovery.models.tasks.tasks import TaskKind, TaskWithPatient
from recovery.models.tasks.urgent_tasks import Place

MOST_SAID = 3
"""Texts of one patient that a row shows; the page of the task shows all."""


@dataclass(frozen=True, kw_only=True)
class QueueMatter:
    """One urgent task as the queue tells it. `patient` is empty while nobody knows whose it is; `said` are
    the words, the newest first."""

    task_id: UUID
    kind: TaskKind
    urgency: Urgency
    due_at: datetime
    opened_at: datetime
    holder_id: UUID | None
    holder: str | None
    patient_id: UUID | None
    patient: str | None
    phone: str | None
    said: Sequence[str]
    cursor: Place


def describe(
    session: Session, clinic_id: UUID, found: Sequence[TaskWithPatient], *, names: Mapping[UUID, str]
) -> list[QueueMatter]:
    """These tasks with whom and what they are about. The number of queries is constant."""
    texts = words_of(session, clinic_id, found)
    return [_matter(item, texts[item.task.id], names=names) for item in found]


def words_of(
    session: Session, clinic_id: UUID, found: Sequence[TaskWithPatient]
) -> dict[UUID, list[InboundText]]:
    """What was written that these tasks are about, by task, the newest first; none is left out."""
    about = {item.task.id: item.task for item in found}
    named = [UUID(task.detail["text"]) for task in about.values() if "text" in task.detail]
    by_id = {entry.id: entry for entry in inbound_texts.list_by_id(session, clinic_id, named)}
    reading_of = {
        task.patient_id
        for task in about.values()
        if task.kind is TaskKind.TEXT_TO_READ and task.patient_id is not None
    }
    unread = reading.list_unread_texts(session, clinic_id, reading_of)
    texts: dict[UUID, list[InboundText]] = {}
    for task in about.values():
        if task.kind is TaskKind.TEXT_TO_READ:
            texts[task.id] = [
                entry
                for entry in unread
                if (entry.patient_id, entry.treatment_id) == (task.patient_id, task.treatment_id)
            ]
        else:
            one = by_id.get(UUID(task.detail["text"])) if "text" in task.detail else None
            texts[task.id] = [] if one is None else [one]
    return texts


def _matter(item: TaskWithPatient, texts: Sequence[InboundText], *, names: Mapping[UUID, str]) -> QueueMatter:
    task, patient = item.task, item.patient
    number = texts[0].phone if texts else None
    return QueueMatter(
        task_id=task.id,
        kind=task.kind,
        urgency=task.urgency,
        due_at=task.due_at,
        opened_at=task.opened_at,
        holder_id=task.held_by,
        holder=None if task.held_by is None else names.get(task.held_by),
        patient_id=None if patient is None else patient.id,
        patient=None if patient is None else f"{patient.first_name} {patient.last_name}",
        phone=number if patient is None else patient.phone,
        said=[entry.body or "" for entry in texts[:MOST_SAID]],
        cursor=(task.urgency_rank, task.due_at, task.id),
    )
