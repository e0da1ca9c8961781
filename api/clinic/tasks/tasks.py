"""Endpoints: open follow-up tasks listed, and one closed."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response

from api import auth, database
from api.clinic.flags.flag_schemas import FlagProblem
from api.clinic.tasks import follow_up_schemas as schemas
from api.formats import pagination
from api.formats.request_bodies import Blueprint
from api.formats.responses import json
from api.openapi.document import Problem
from recovery.models.clinic import clinics
from recovery.models.tasks import tasks as task_rows
from recovery.models.tasks.tasks import TaskWithPatient
from recovery.services.core import audit
from recovery.services.inbound import opt_outs
from recovery.services.tasks import task_work

blueprint = Blueprint(
    "tasks", __name__, url_prefix="/tasks", description="Silence, opt-outs, texts and notes to read."
)
blueprint.before_request(auth.require_staff)

_TASK = schemas.TaskOut()
_PAGE = schemas.TaskPage()


@blueprint.get("")
@blueprint.doc(security=[{"staff": []}])
@blueprint.arguments(schemas.TaskQuery(), location="query")
@blueprint.response(200, _PAGE)
@blueprint.alt_response(401, schema=Problem)
def list_tasks(query: dict[str, Any]) -> Response:
    """Open tasks, the one due first in front."""
    rows = task_rows.list_open(
        database.current(),
        auth.staff().clinic_id,
        kinds=None if query["kind"] is None else (query["kind"],),
        room=query["room"] or clinics.room_of(database.current(), auth.staff().clinic_id),
        after=pagination.decode_cursor(query["cursor"]),
        limit=query["limit"] + 1,
    )
    caller = auth.staff()
    audit.read_list(
        database.current(), caller.clinic_id, caller.staff_id, action="task.list", now=database.request_time()
    )
    page, more = rows[: query["limit"]], len(rows) > query["limit"]
    cursor = pagination.encode_cursor(page[-1].task.due_at, page[-1].task.id) if more else None
    return json({"items": [_shown(task) for task in page], "next": cursor}, schema=_PAGE)


@blueprint.post("/<uuid:task_id>/done")
@blueprint.doc(security=[{"staff": []}])
@blueprint.arguments(schemas.TaskDoneIn())
@blueprint.response(200, _TASK)
@blueprint.alt_response(401, schema=Problem)
@blueprint.alt_response(404, schema=Problem)
@blueprint.alt_response(409, schema=FlagProblem, description="somebody else sees to this task")
def close_task(body: dict[str, Any], *, task_id: UUID) -> Response:
    """Close a task. One that is closed already stays as it was closed first."""
    closed = task_work.close_task(
        database.current(),
        caller=auth.staff(),
        task_id=task_id,
        comment=body["comment"] or "",
        now=database.request_time(),
    )
    return json(_shown(closed), schema=_TASK)


@blueprint.post("/<uuid:task_id>/claim")
@blueprint.doc(security=[{"staff": []}])
@blueprint.response(200, _TASK)
@blueprint.alt_response(401, schema=Problem)
@blueprint.alt_response(404, schema=Problem)
@blueprint.alt_response(409, schema=FlagProblem, description="somebody else sees to this task, or it is done")
def claim_task(task_id: UUID) -> Response:
    """See to a task, so that nobody else calls too. Taking one's own again changes nothing."""
    task_work.claim(database.current(), caller=auth.staff(), task_id=task_id, now=database.request_time())
    return _answer(task_id)


@blueprint.post("/<uuid:task_id>/release")
@blueprint.doc(security=[{"staff": []}])
@blueprint.response(200, _TASK)
@blueprint.alt_response(401, schema=Problem)
@blueprint.alt_response(404, schema=Problem)
@blueprint.alt_response(409, schema=FlagProblem, description="somebody else sees to this task, or it is done")
def release_task(task_id: UUID) -> Response:
    """Give a task back."""
    task_work.release(database.current(), caller=auth.staff(), task_id=task_id, now=database.request_time())
    return _answer(task_id)


@blueprint.post("/<uuid:task_id>/undo")
@blueprint.doc(security=[{"staff": []}])
@blueprint.response(200, _TASK)
@blueprint.alt_response(401, schema=Problem)
@blueprint.alt_response(404, schema=Problem)
@blueprint.alt_response(409, schema=Problem, description="nothing of one's own of the last minute to undo")
def undo_task(task_id: UUID) -> Response:
    """Take back one's own last step about a task, within a minute."""
    task_work.undo(database.current(), caller=auth.staff(), task_id=task_id, now=database.request_time())
    return _answer(task_id)


def _answer(task_id: UUID) -> Response:
    found = task_rows.get_task(database.current(), auth.staff().clinic_id, task_id)
    if found is None:
        raise task_work.UnknownTask(task_id)
    return json(_shown(found), schema=_TASK)


def _shown(one: TaskWithPatient) -> dict[str, Any]:
    fields = {name: getattr(one.task, name) for name in _TASK.fields if hasattr(one.task, name)}
    detail = {name: said for name, said in one.task.detail.items() if name != opt_outs.DANGER}
    return {
        **fields,
        "patient": one.patient,
        "danger": opt_outs.names_danger(one.task),
        "detail": detail,
    }
