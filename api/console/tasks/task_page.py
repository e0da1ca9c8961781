"""One task: the words it is about, and what a nurse can do about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from uuid import UUID

from flask import redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as AnyResponse

from api import auth, clinic_content, database
from api.console import console_blueprint, formatting, labels, page_layout
from recovery.domain.flags.flag_lifecycle import UNDO_WITHIN, NurseText
from recovery.domain.review.escalation import EscalationStep
from recovery.models.clinic import clinics
from recovery.models.inbound import inbound_texts
from recovery.models.inbound.inbound_texts import InboundSource, InboundText, InboxItem
from recovery.models.patients import patients
from recovery.models.patients.patients import Patient
from recovery.models.tasks import task_events, tasks
from recovery.models.tasks.task_events import TaskEvent, TaskEventKind
from recovery.models.tasks.tasks import Task, TaskKind, TaskWithPatient
from recovery.services.core import audit
from recovery.services.flags import escalation_results, nurse_texts
from recovery.services.flags.escalation_results import EscalationResult
from recovery.services.flags.nurse_texts import TextNotAllowed
from recovery.services.inbound import given_texts, opt_outs
from recovery.services.messaging import put_aside
from recovery.services.patients import enrolment, patient_search
from recovery.services.tasks import task_work, urgent_matters

Answer = str | tuple[str, int] | AnyResponse
MOST_FOUND = 10
NOT_KNOWN = "Not known"

SAID = {
    TaskEventKind.EXTENDED: "More of it came",
    TaskEventKind.RAISED: "Raised to a higher urgency",
    TaskEventKind.CLAIMED: "Claimed",
    TaskEventKind.RELEASED: "Given back",
    TaskEventKind.GIVEN: "Given to a patient",
    TaskEventKind.DONE: "Done",
    TaskEventKind.UNDONE: "Taken back",
    TaskEventKind.DUE_MOVED: "Due time moved with the opening hours",
}


@dataclass(frozen=True, kw_only=True)
class TaskStep:
    """One thing that happened to a task; `who` is empty for what happened by itself."""

    at: datetime
    what: str
    who: str | None
    taken_back: bool


@console_blueprint.blueprint.get("/tasks/<uuid:task_id>")
def task_page(task_id: UUID) -> Answer:
    """The page of one task."""
    return _page(task_id)


@console_blueprint.blueprint.post("/tasks/<uuid:task_id>/claim")
def claim_task(task_id: UUID) -> Answer:
    """See to the task."""
    try:
        task_work.claim(database.current(), caller=auth.staff(), task_id=task_id, now=database.request_time())
    except TROUBLES as error:
        return refused(task_id, error)
    return _back_to(task_id, done="task_claimed")


@console_blueprint.blueprint.post("/tasks/<uuid:task_id>/release")
def release_task(task_id: UUID) -> Answer:
    """Give the task back."""
    try:
        task_work.release(
            database.current(), caller=auth.staff(), task_id=task_id, now=database.request_time()
        )
    except TROUBLES as error:
        return refused(task_id, error)
    return _back_to(task_id, done="task_released")


@console_blueprint.blueprint.post("/tasks/<uuid:task_id>/undo")
def undo_task(task_id: UUID) -> Answer:
    """Take back one's own last step."""
    try:
        task_work.undo(database.current(), caller=auth.staff(), task_id=task_id, now=database.request_time())
    except TROUBLES as error:
        return refused(task_id, error)
    return _back_to(task_id, done="undone")


@console_blueprint.blueprint.post("/tasks/<uuid:task_id>/text")
def text_task(task_id: UUID) -> Answer:
    """Text the patient in an approved wording."""
    chosen = request.form.get("template", "")
    if chosen not in list(NurseText):
        return _page(task_id, trouble="Choose what to text."), HTTPStatus.UNPROCESSABLE_ENTITY
    try:
        nurse_texts.text_about_task(
            database.current(),
            caller=auth.staff(),
            task_id=task_id,
            template=NurseText(chosen),
            content=clinic_content.running_or_shipped(),
            now=database.request_time(),
        )
    except TROUBLES as error:
        return refused(task_id, error)
    return _back_to(task_id, done="texted")


@console_blueprint.blueprint.post("/tasks/<uuid:task_id>/give")
def give_task(task_id: UUID) -> Answer:
    """What was written is this patient's, and judged as theirs."""
    try:
        given_texts.give_to_patient(
            database.current(),
            caller=auth.staff(),
            task_id=task_id,
            patient_id=UUID(request.form.get("patient", "")),
            content=clinic_content.running_or_shipped(),
            now=database.request_time(),
        )
    except (ValueError, enrolment.UnknownPatient):
        return _page(task_id, trouble="Choose whose it is."), HTTPStatus.UNPROCESSABLE_ENTITY
    except TROUBLES as error:
        return refused(task_id, error)
    return _back_to(task_id, done="given")


@console_blueprint.blueprint.post("/tasks/<uuid:task_id>/send-again")
def send_again(task_id: UUID) -> Answer:
    """What was put aside is due once more."""
    try:
        put_aside.send_again(
            database.current(), caller=auth.staff(), task_id=task_id, now=database.request_time()
        )
    except TROUBLES as error:
        return refused(task_id, error)
    return _back_to(task_id, done="sent_again")


@console_blueprint.blueprint.get(
    "/tasks/<uuid:task_id>/<any(claim, release, undo, text, give, 'send-again'):step>"
)
def task_form_address(task_id: UUID, step: str) -> AnyResponse:
    """A form's address opened as a page, as after a reload: the task's page is meant."""
    return _back_to(task_id)


TROUBLES = (
    task_work.UnknownTask,
    task_work.TaskDone,
    task_work.TaskHeldByAnother,
    task_work.NoStepToUndo,
    given_texts.NotAStrayText,
    put_aside.NothingPutAside,
    TextNotAllowed,
)
"""What can stand in the way of a step and is told on the task's page."""


def _trouble(error: Exception) -> str:
    """Why nothing was changed, in a sentence. Raises NotFound for a task that is not there."""
    match error:
        case task_work.UnknownTask():
            raise NotFound
        case task_work.TaskDone():
            said = "This is done already."
        case task_work.TaskHeldByAnother():
            say = page_layout.page_context(auth.staff())["say"]
            since = "" if error.since is None else f" since {say.wall(error.since)}"
            said = f"{error.holder or 'Someone else'} sees to this{since}."
        case task_work.NoStepToUndo():
            said = (
                "A step can be taken back for one minute, by who did it, and while nobody did anything since."
            )
        case put_aside.NothingPutAside():
            said = "Nothing of it waits any more."
        case TextNotAllowed():
            said = f"No text may go to this patient: {error.reason.value}."
        case _:
            said = "This text belongs to a patient already."
    return f"{said} Nothing was changed."


def refused(task_id: UUID, error: Exception) -> tuple[str, int]:
    """The task's page with the reason why nothing was changed."""
    page = _page(task_id, trouble=_trouble(error))
    # An error page shows a patient's words, too, so the reading is audited and committed.
    database.commit_despite_error()
    return page, HTTPStatus.CONFLICT


def _back_to(task_id: UUID, *, done: str | None = None) -> AnyResponse:
    return redirect(url_for("console.task_page", task_id=task_id, done=done), code=HTTPStatus.SEE_OTHER)


def _page(task_id: UUID, *, trouble: str | None = None) -> str:
    caller, session, now = auth.staff(), database.current(), database.request_time()
    item = tasks.get_task(session, caller.clinic_id, task_id)
    if item is None:
        raise NotFound
    task, patient = item.task, item.patient
    audit.record(
        session,
        clinic_id=caller.clinic_id,
        actor=audit.staff(caller.staff_id),
        action="task.read",
        subject=("task", task.id),
        now=now,
    )
    names = clinics.staff_names(session, caller.clinic_id)
    events = task_events.list_events(session, caller.clinic_id, task.id)
    undoable = task_work.find_undoable(task, events, staff_id=caller.staff_id, now=now)
    texts = urgent_matters.words_of(session, caller.clinic_id, [item])[task.id]
    asked = request.args.get("q", "").strip()
    may_give = patient is None and bool(texts)
    return render_template(
        "console/task.html",
        **page_layout.page_context(caller),
        task=task,
        patient=patient,
        who=NOT_KNOWN if patient is None else f"{patient.first_name} {patient.last_name}",
        phone=_phone(item, texts),
        danger=opt_outs.names_danger(task),
        texts=texts,
        notes=_notes(task),
        aside=[] if task.done_at is not None else put_aside.list_texts(session, task),
        events=_steps(events, names),
        undo_until=None if undoable is None else undoable.at + UNDO_WITHIN,
        own=task.held_by == caller.staff_id,
        holder=None if task.held_by is None else names.get(task.held_by),
        done_by=None if task.done_by is None else names.get(task.done_by),
        may_stop=task.kind is TaskKind.MAY_STOP,
        texts_offered=_offered(task, patient),
        may_give=may_give,
        asked=asked,
        found=_candidates(asked, texts) if may_give and task.done_at is None else [],
        typed=request.form,
        trouble=trouble,
    )


def _notes(task: Task) -> Sequence[InboxItem]:
    """What is to be read of the notes with the patient's reports."""
    if task.kind is not TaskKind.NOTE_TO_READ or task.patient_id is None:
        return ()
    unread = inbound_texts.list_unread_of_patient(
        database.current(), task.clinic_id, task.patient_id, source=InboundSource.NOTE
    )
    return [item for item in unread if item.entry.treatment_id == task.treatment_id]


def _phone(item: TaskWithPatient, texts: Sequence[InboundText]) -> str | None:
    if item.patient is not None:
        return item.patient.phone
    return texts[0].phone if texts else None


def _candidates(asked: str, texts: Sequence[InboundText]) -> Sequence[Patient]:
    """Who may have written it: who was looked for, else everybody on that number."""
    caller, session = auth.staff(), database.current()
    if asked:
        return patient_search.search(
            session, caller=caller, typed=asked, after=None, limit=MOST_FOUND, now=database.request_time()
        )
    on_number = patients.find_by_phone(session, texts[0].phone or "") if texts else ()
    return [patient for patient in on_number if patient.clinic_id == caller.clinic_id]


def _offered(task: Task, patient: Patient | None) -> Mapping[NurseText, str]:
    """The approved texts in the patient's language; none where no text may go."""
    session, content = database.current(), clinic_content.running_or_shipped()
    if patient is None or task.done_at is not None:
        return {}
    if any(
        nurse_texts.reason_not_to_text(session, patient, content=content, template=template)
        for template in NurseText
    ):
        return {}
    return nurse_texts.preview_texts(session, patient, content=content, now=database.request_time())


def _steps(events: Sequence[TaskEvent], names: Mapping[UUID, str]) -> list[TaskStep]:
    """What happened, the newest first; an undone step is marked, and the undo itself is not listed."""
    session, now = database.current(), database.request_time()
    results = escalation_results.read_results(session, auth.staff().clinic_id, events, now=now)
    undone = {event.detail.get("undoes") for event in events if event.kind is TaskEventKind.UNDONE}
    return [
        TaskStep(
            at=event.at,
            what=_what(event, results.get(event.id)),
            who=None if event.staff_id is None else names.get(event.staff_id),
            taken_back=str(event.id) in undone,
        )
        for event in reversed(events)
        if event.kind is not TaskEventKind.UNDONE
    ]


def _what(event: TaskEvent, came_of_it: EscalationResult | None) -> str:
    if event.kind is TaskEventKind.ESCALATED:
        return formatting.format_escalation(EscalationStep(event.detail["to"]), came_of_it)
    if event.kind is TaskEventKind.TEXT:
        return f"Text planned: {labels.TEMPLATES[event.detail['text']].lower()}"
    return SAID[event.kind]
