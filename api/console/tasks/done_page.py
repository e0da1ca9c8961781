"""What was done: tasks that are done, and texts and notes that were read, with who did it and when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask import render_template, request, url_for

from api import auth, database
from api.console import console_blueprint, labels, page_layout
from api.console.tasks.task_page import NOT_KNOWN
from api.formats import pagination
from recovery.models.clinic import clinics
from recovery.models.inbound import inbound_texts
from recovery.models.inbound.inbound_texts import InboxItem
from recovery.models.patients.patients import Patient
from recovery.models.tasks import tasks
from recovery.models.tasks.tasks import TaskWithPatient
from recovery.services.core import audit

ROWS = 50


@dataclass(frozen=True, kw_only=True)
class DoneRow:
    """One thing that was done; `by` is empty for what settled itself."""

    who: str
    what: str
    said: str | None
    at: datetime
    by: str | None
    task_id: UUID | None
    patient_id: UUID | None


@console_blueprint.blueprint.get("/follow-up/done")
def follow_up_done() -> str:
    """Tasks that are done, the newest first."""
    caller, session = auth.staff(), database.current()
    after = pagination.decode_cursor(request.args.get("after"))
    found = tasks.list_done(session, caller.clinic_id, after=after, limit=ROWS + 1)
    names = clinics.staff_names(session, caller.clinic_id)
    last = found[ROWS - 1].task if len(found) > ROWS else None
    return _list(
        "console.follow_up_page",
        title="What was done",
        rows=[_task(item, names) for item in found[:ROWS]],
        older=None if last is None or last.done_at is None else (last.done_at, last.id),
    )


@console_blueprint.blueprint.get("/to-read/done")
def to_read_done() -> str:
    """Texts and notes that were read, the newest first."""
    caller, session = auth.staff(), database.current()
    after = pagination.decode_cursor(request.args.get("after"))
    found = inbound_texts.list_read(session, caller.clinic_id, after=after, limit=ROWS + 1)
    names = clinics.staff_names(session, caller.clinic_id)
    last = found[ROWS - 1].entry if len(found) > ROWS else None
    return _list(
        "console.to_read_page",
        title="What was read",
        rows=[_entry(item, names) for item in found[:ROWS]],
        older=None if last is None or last.read_at is None else (last.read_at, last.id),
    )


def _list(lane: str, *, title: str, rows: list[DoneRow], older: tuple[datetime, UUID] | None) -> str:
    caller, here = auth.staff(), request.endpoint or lane
    audit.read_list(
        database.current(), caller.clinic_id, caller.staff_id, action="done.list", now=database.request_time()
    )
    return render_template(
        "console/done.html",
        **page_layout.page_context(caller),
        title=title,
        lane=lane,
        lane_name={"console.follow_up_page": "Follow-up"}.get(lane, "To read"),
        rows=rows,
        start=url_for(here),
        older=None if older is None else url_for(here, after=pagination.encode_cursor(*older)),
        first=request.args.get("after") is None,
    )


def _task(item: TaskWithPatient, names: Mapping[UUID, str]) -> DoneRow:
    task = item.task
    return DoneRow(
        who=_name(item.patient),
        what=labels.TASKS[task.kind],
        said=task.comment,
        at=task.done_at or task.opened_at,
        by=None if task.done_by is None else names.get(task.done_by),
        task_id=task.id,
        patient_id=task.patient_id,
    )


def _entry(item: InboxItem, names: Mapping[UUID, str]) -> DoneRow:
    entry = item.entry
    return DoneRow(
        who=_name(item.patient),
        what=labels.SOURCES[entry.source],
        said=item.body,
        at=entry.read_at or entry.received_at,
        by=None if entry.read_by is None else names.get(entry.read_by),
        task_id=None,
        patient_id=entry.patient_id,
    )


def _name(patient: Patient | None) -> str:
    return NOT_KNOWN if patient is None else f"{patient.first_name} {patient.last_name}"
