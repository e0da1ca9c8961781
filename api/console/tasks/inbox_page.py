"""Page To read: what patients wrote that raised no flag, marked as read by one key, many at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from uuid import UUID

from flask import Response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from api import auth, database
from api.console import console_blueprint, labels, page_layout, practice_room
from api.formats import pagination
from recovery.domain.clinic.rooms import Room
from recovery.domain.clinical import symptoms
from recovery.domain.flags.flag_lifecycle import UNDO_WITHIN
from recovery.models.flags import flags
from recovery.models.inbound import inbound_texts
from recovery.models.inbound.inbound_texts import InboxItem
from recovery.models.patients.patients import Patient
from recovery.models.tasks import tasks as task_rows
from recovery.models.tasks.tasks import TaskKind
from recovery.models.training import training_week
from recovery.services.core import audit
from recovery.services.tasks import task_work
from recovery.services.tasks.tasks import TO_READ

ROWS = 50


@dataclass(frozen=True, kw_only=True)
class InboxRow:
    """One thing that was written. `day` is the recovery day on which it was, `task_id` the task of reading
    it, `flag_id` an open flag."""

    id: UUID
    source: str
    patient_id: UUID
    who: str
    practised: bool
    phone: str
    day: int | None
    written_at: datetime
    due_at: datetime | None
    said: str
    pictures: int
    unanswered: str | None
    task_id: UUID | None
    flag_id: UUID | None


@console_blueprint.blueprint.get("/to-read")
def to_read_page() -> Response:
    """What waits to be read, oldest first."""
    caller, session, now = auth.staff(), database.current(), database.request_time()
    frame = page_layout.page_context(caller)
    after = pagination.decode_cursor(request.args.get("after"))
    room = practice_room.asked_room()
    unread = inbound_texts.list_unread(
        session, caller.clinic_id, known=True, room=room, after=after, limit=ROWS + 1
    )
    shown, more = unread[:ROWS], len(unread) > ROWS
    treated = [item.entry.treatment_id for item in shown if item.entry.treatment_id is not None]
    flagged = flags.unresolved_by_treatment(session, caller.clinic_id, treated)
    practised = training_week.training_patient_ids(session, caller.clinic_id)
    reading = task_rows.open_by_subject(
        session,
        caller.clinic_id,
        kinds=tuple(TO_READ.values()),
        patient_ids={item.patient.id for item in shown if item.patient is not None},
    )
    return page_layout.render_live_page(
        "console/to_read.html",
        note_reading=lambda: audit.read_list(
            session, caller.clinic_id, caller.staff_id, action="inbox.list", now=now
        ),
        **frame,
        rows=[
            _row(item, item.patient, flagged, reading=reading, practised=practised)
            for item in shown
            if item.patient is not None
        ],
        total=inbound_texts.count_unread(session, caller.clinic_id, room=room),
        in_practice_room=room is Room.PRACTICE,
        older=_after(shown[-1]) if more else None,
        first=after is None,
        undo_read=request.args.get("done") == "read",
        minute=UNDO_WITHIN,
    )


@console_blueprint.blueprint.post("/to-read/undo")
def undo_reading() -> AnyResponse:
    """What one marked as read last waits to be read again, for a minute."""
    back = task_work.undo_reading(database.current(), caller=auth.staff(), now=database.request_time())
    return redirect(
        url_for("console.to_read_page", done="unread" if back else "too_late_to_undo"),
        code=HTTPStatus.SEE_OTHER,
    )


@console_blueprint.blueprint.get("/to-read/undo")
def undo_reading_address() -> AnyResponse:
    """The form's address opened as a page, as after a reload: the list is meant."""
    return redirect(url_for("console.to_read_page"), code=HTTPStatus.SEE_OTHER)


@console_blueprint.blueprint.post("/to-read")
def mark_read() -> AnyResponse:
    """Mark what was chosen as read; what is read already stays so, and what is not ours is passed over."""
    caller, now = auth.staff(), database.request_time()
    for text in request.form.getlist("entry")[: 4 * ROWS]:
        entry_id = _uuid(text)
        if entry_id is None:
            continue
        try:
            task_work.mark_read(database.current(), caller=caller, entry_id=entry_id, now=now)
        except task_work.UnknownInboxEntry:
            continue
    return redirect(url_for("console.to_read_page", done="read"), code=HTTPStatus.SEE_OTHER)


def _after(last: InboxItem) -> str:
    return url_for(
        "console.to_read_page",
        room=request.args.get("room"),
        after=pagination.encode_cursor(last.entry.received_at, last.entry.id),
    )


def _row(
    item: InboxItem,
    patient: Patient,
    flagged: dict[UUID, UUID],
    *,
    reading: Mapping[tuple[TaskKind, UUID, UUID | None], UUID],
    practised: Collection[UUID],
) -> InboxRow:
    entry, treatment = item.entry, item.treatment
    return InboxRow(
        id=entry.id,
        source=labels.SOURCES[entry.source],
        practised=patient.id in practised,
        patient_id=patient.id,
        who=patient.full_name,
        phone=patient.phone,
        day=None
        if treatment is None
        else symptoms.recovery_day(symptoms.hours_between(treatment.performed_at, entry.received_at)),
        written_at=entry.received_at,
        due_at=entry.due_at,
        said=item.body,
        pictures=entry.pictures,
        unanswered=None if entry.no_answer is None else labels.UNANSWERED.get(entry.no_answer),
        task_id=reading.get((TO_READ[entry.source], patient.id, entry.treatment_id)),
        flag_id=None if entry.treatment_id is None else flagged.get(entry.treatment_id),
    )


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
