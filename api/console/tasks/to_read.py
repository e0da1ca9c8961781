"""To read: what patients wrote that raised no flag. One key marks it read, many at once."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from uuid import UUID

from flask import Response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from api import auth, database
from api.console import page_frame, site
from api.formats import cursors
from recovery.domain.clinical import symptoms
from recovery.models.flags import flags
from recovery.models.inbound import inbox
from recovery.models.inbound.inbox import Source, Unread
from recovery.models.patients.patients import Patient
from recovery.models.training import practice
from recovery.services.core import audit
from recovery.services.tasks import tasks

ROWS = 50
SOURCES = {Source.TEXT: "Text", Source.NOTE: "Note with a report"}


@dataclass(frozen=True, kw_only=True)
class Row:
    """One thing that was written. `day` is the recovery day on which it was; `flag_id` an open flag."""

    id: UUID
    source: str
    patient_id: UUID
    who: str
    practised: bool
    phone: str
    day: int | None
    written_at: datetime
    said: str
    pictures: int
    flag_id: UUID | None


@site.blueprint.get("/to-read")
def to_read_page() -> Response:
    """What waits to be read, oldest first."""
    caller, session, now = auth.staff(), database.current(), database.now()
    frame = page_frame.frame(caller)
    after = cursors.read(request.args.get("after"))
    found = inbox.unread(session, caller.clinic_id, known=True, after=after, limit=ROWS + 1)
    shown, more = found[:ROWS], len(found) > ROWS
    treated = [one.entry.treatment_id for one in shown if one.entry.treatment_id is not None]
    flagged = flags.unresolved_of(session, caller.clinic_id, treated)
    practised = practice.patients(session, caller.clinic_id) if frame["training"] else ()
    return page_frame.live(
        "console/to_read.html",
        note_reading=lambda: audit.read_list(
            session, caller.clinic_id, caller.staff_id, "inbox.list", now=now
        ),
        **frame,
        rows=[
            _row(one, one.patient, flagged, practised=practised) for one in shown if one.patient is not None
        ],
        total=inbox.count_unread(session, caller.clinic_id),
        older=_after(shown[-1]) if more else None,
        first=after is None,
    )


@site.blueprint.post("/to-read")
def mark_read() -> AnyResponse:
    """Mark what was chosen as read; what is read already stays so, and what is not ours is passed over."""
    caller, now = auth.staff(), database.now()
    for text in request.form.getlist("entry")[: 4 * ROWS]:
        entry_id = _uuid(text)
        if entry_id is None:
            continue
        try:
            tasks.read(database.current(), caller=caller, entry_id=entry_id, now=now)
        except tasks.UnknownText:
            continue
    return redirect(url_for("console.to_read_page", done="read"), code=HTTPStatus.SEE_OTHER)


def _after(last: Unread) -> str:
    return url_for("console.to_read_page", after=cursors.written(last.entry.received_at, last.entry.id))


def _row(one: Unread, patient: Patient, flagged: dict[UUID, UUID], *, practised: Collection[UUID]) -> Row:
    entry, treatment = one.entry, one.treatment
    return Row(
        id=entry.id,
        source=SOURCES[entry.source],
        practised=patient.id in practised,
        patient_id=patient.id,
        who=f"{patient.first_name} {patient.last_name}",
        phone=patient.phone,
        day=None
        if treatment is None
        else symptoms.day_of(symptoms.hours_between(treatment.performed_at, entry.received_at)),
        written_at=entry.received_at,
        said=one.body,
        pictures=entry.pictures,
        flag_id=None if entry.treatment_id is None else flagged.get(entry.treatment_id),
    )


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
