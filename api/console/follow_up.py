"""The follow-up section of the queue's page: tasks that are no flag, with the words to read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from uuid import UUID

from flask import redirect, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as AnyResponse

from api import auth, database
from api.console import site
from recovery.models import inbox
from recovery.models import tasks as task_rows
from recovery.models.inbox import Unread
from recovery.models.tasks import Listed, TaskKind
from recovery.services import tasks
from recovery.services.access import StaffCaller

ROWS = 50
LONGEST_COMMENT = 4000
KINDS = {
    TaskKind.SILENCE: "No answer to check-ins: call",
    TaskKind.UNDELIVERABLE: "Texts do not arrive: call, and check the number",
    TaskKind.OPTED_OUT: "Wants no more texts: follow up by phone",
    TaskKind.TEXT_TO_READ: "Text to read",
    TaskKind.NOTE_TO_READ: "Note to read",
    TaskKind.UNMATCHED_TEXT: "Text from a shared or unknown number",
}


@dataclass(frozen=True, kw_only=True)
class Row:
    """One task as it is shown: whom it is about, how to reach them, and what they wrote."""

    id: UUID
    what: str
    who: str
    phone: str | None
    due_at: datetime
    said: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class Section:
    """The tasks due first; `total` counts all that are open."""

    rows: Sequence[Row]
    total: int


def section(caller: StaffCaller) -> Section:
    """The caller's clinic's open tasks."""
    session = database.current()
    listed = task_rows.listed(session, caller.clinic_id, limit=ROWS)
    unread = inbox.unread(session, caller.clinic_id, limit=2 * ROWS)
    return Section(
        rows=[_row(one, unread) for one in listed],
        total=task_rows.count_open(session, caller.clinic_id),
    )


@site.blueprint.post("/tasks/<uuid:task_id>/done")
def task_done(task_id: UUID) -> AnyResponse:
    """Close a task; what it was to read is read."""
    try:
        tasks.done(
            database.current(),
            caller=auth.staff(),
            task_id=task_id,
            comment=request.form.get("comment", "")[:LONGEST_COMMENT],
            now=database.now(),
        )
    except tasks.UnknownTask:
        raise NotFound from None
    return redirect(url_for("console.home", done="task_done", _anchor="follow-up"), code=HTTPStatus.SEE_OTHER)


@site.blueprint.get("/tasks/<uuid:task_id>/done")
def task_done_address(task_id: UUID) -> AnyResponse:
    """The form's address opened as a page, as after a reload: the queue is meant."""
    return redirect(url_for("console.home"), code=HTTPStatus.SEE_OTHER)


def _row(one: Listed, unread: Sequence[Unread]) -> Row:
    about = [entry for entry in unread if _is_about(one, entry)]
    number = next((entry.entry.phone for entry in about if entry.entry.phone), None)
    return Row(
        id=one.task.id,
        what=KINDS[one.task.kind],
        who="Not known" if one.patient is None else f"{one.patient.first_name} {one.patient.last_name}",
        phone=number if one.patient is None else one.patient.phone,
        due_at=one.task.due_at,
        said=[entry.body for entry in about],
    )


def _is_about(one: Listed, unread: Unread) -> bool:
    entry = unread.entry
    if one.task.kind is TaskKind.UNMATCHED_TEXT:
        return one.task.detail.get("text") == str(entry.id)
    return (
        one.task.kind is tasks.TO_READ[entry.source]
        and entry.patient_id == one.task.patient_id
        and entry.treatment_id == one.task.treatment_id
    )
