"""Page Follow-up: open tasks, patients nobody has heard from or can reach by text, and closing one.

Not flags: nothing abnormal is known.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from uuid import UUID

from flask import Response, redirect, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as AnyResponse

from api import auth, clinic_content, database
from api.console import console_blueprint, labels, navigation, page_layout, practice_room
from api.console.tasks import task_page
from api.formats import pagination
from recovery.domain.clinic.rooms import Room
from recovery.domain.clinical import symptoms
from recovery.domain.clinical.symptoms import TreatmentFacts
from recovery.domain.flags.flag_lifecycle import UNDO_WITHIN
from recovery.models.clinic import clinics
from recovery.models.inbound import inbound_texts
from recovery.models.tasks import tasks as task_rows
from recovery.models.tasks.tasks import TaskKind, TaskWithPatient
from recovery.models.training import training_week
from recovery.services.core import audit
from recovery.services.inbound import opt_outs, text_answers
from recovery.services.read_models import flag_queue
from recovery.services.tasks import task_work, tasks

ROWS = 50
LONGEST_COMMENT = 4000


@dataclass(frozen=True, kw_only=True)
class TaskRow:
    """One task as it is shown. `day` is the recovery day now, where it is about a treatment. `danger`: the
    patient, who may not be texted, named a warning sign. `unanswered` says why no text went back."""

    id: UUID
    what: str
    patient_id: UUID | None
    who: str
    practised: bool
    phone: str | None
    day: int | None
    facts: TreatmentFacts | None
    due_at: datetime
    holder: str | None
    said: str | None
    may_stop: bool
    danger: bool
    unanswered: str | None

    @property
    def done(self) -> str:
        """What closing it says. Whoever closes the question whether texts are wanted lets them go on."""
        return "Texts go on" if self.may_stop else "Done"


@console_blueprint.blueprint.get("/follow-up")
def follow_up_page() -> Response:
    """The open tasks, the one due first in front."""
    caller, session, now = auth.staff(), database.current(), database.request_time()
    frame = page_layout.page_context(caller)
    after = pagination.decode_cursor(request.args.get("after"))
    room = practice_room.asked_room()
    open_tasks = task_rows.list_open(
        session, caller.clinic_id, kinds=tasks.FOLLOW_UP, urgent=False, room=room, after=after, limit=ROWS + 1
    )
    shown, more = open_tasks[:ROWS], len(open_tasks) > ROWS
    written = [UUID(item.task.detail["text"]) for item in shown if "text" in item.task.detail]
    words = {
        str(entry.id): (entry.body or "", entry.phone)
        for entry in inbound_texts.list_by_id(session, caller.clinic_id, written)
    }
    practised = training_week.training_patient_ids(session, caller.clinic_id)
    names = clinics.staff_names(session, caller.clinic_id)
    totals = navigation.queue_totals(session, caller, now)
    lanes = flag_queue.read_lanes(
        session,
        caller=caller,
        totals=totals,
        room=clinics.room_of(session, caller.clinic_id),
        reports_refused=clinic_content.is_unreadable(),
        now=now,
    )
    return page_layout.render_live_page(
        "console/follow_up.html",
        note_reading=lambda: audit.read_list(
            session, caller.clinic_id, caller.staff_id, action="task.list", now=now
        ),
        **frame,
        rows=[_row(item, words, practised=practised, names=names, now=now) for item in shown],
        calm=lanes.calm_beside_follow_up and room is not Room.PRACTICE,
        task_id=_uuid(request.args.get("task")),
        minute=UNDO_WITHIN,
        count=task_rows.count_open(session, caller.clinic_id, kinds=tasks.FOLLOW_UP, room=room, now=now),
        in_practice_room=room is Room.PRACTICE,
        older=_after(shown[-1]) if more else None,
        first=after is None,
    )


@console_blueprint.blueprint.post("/tasks/<uuid:task_id>/done")
def task_done(task_id: UUID) -> str | tuple[str, int] | AnyResponse:
    """Close a task; what it was to read is read. On to the lane it stood in."""
    comment = request.form.get("comment", "")[:LONGEST_COMMENT]
    try:
        closed = task_work.close_task(
            database.current(),
            caller=auth.staff(),
            task_id=task_id,
            comment=comment,
            now=database.request_time(),
        )
    except task_work.TaskHeldByAnother as error:
        return task_page.refused(task_id, error)
    except task_work.UnknownTask:
        raise NotFound from None
    lane = "console.home" if closed.task.is_urgent else "console.follow_up_page"
    return redirect(url_for(lane, done="task_done", task=task_id), code=HTTPStatus.SEE_OTHER)


@console_blueprint.blueprint.get("/tasks/<uuid:task_id>/done")
def task_done_address(task_id: UUID) -> AnyResponse:
    """The form's address opened as a page, as after a reload: the list is meant."""
    return redirect(url_for("console.follow_up_page"), code=HTTPStatus.SEE_OTHER)


def _after(last: TaskWithPatient) -> str:
    return url_for(
        "console.follow_up_page",
        room=request.args.get("room"),
        after=pagination.encode_cursor(last.task.due_at, last.task.id),
    )


def _row(
    item: TaskWithPatient,
    words: dict[str, tuple[str, str | None]],
    *,
    practised: Collection[UUID],
    names: Mapping[UUID, str],
    now: datetime,
) -> TaskRow:
    said, number = words.get(item.task.detail.get("text", ""), (None, None))
    treatment, patient = item.treatment, item.patient
    skin_type = None if patient is None else patient.skin_type
    return TaskRow(
        id=item.task.id,
        what=labels.TASKS[item.task.kind],
        practised=patient is not None and patient.id in practised,
        patient_id=None if patient is None else patient.id,
        who="Not known" if patient is None else patient.full_name,
        phone=number if patient is None else patient.phone,
        day=None
        if treatment is None
        else symptoms.recovery_day(symptoms.hours_between(treatment.performed_at, now)),
        facts=None if treatment is None else treatment.facts(skin_type=skin_type),
        due_at=item.task.due_at,
        holder=None if item.task.held_by is None else names.get(item.task.held_by),
        said=said,
        may_stop=item.task.kind is TaskKind.MAY_STOP,
        danger=opt_outs.names_danger(item.task),
        unanswered=labels.UNANSWERED.get(item.task.detail.get(text_answers.UNANSWERED, "")),
    )


def _uuid(text: str | None) -> UUID | None:
    try:
        return None if text is None else UUID(text)
    except ValueError:
        return None
