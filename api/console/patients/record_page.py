"""A patient's whole record: one page to read or print, and the same as a file."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any
from uuid import UUID

import structlog
from flask import Response, render_template, request

from api import app_state, auth, clinic_content, database
from api.console import act_words, console_blueprint, course_chart, page_layout
from recovery.domain.clinic.staff_roles import MAY, Duty
from recovery.domain.clinical.healing_time import HealingTime
from recovery.domain.clinical.symptoms import Symptom, WarningSign
from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.domain.patients import consultation as rules
from recovery.models.reports import photos as photo_rows
from recovery.photos.store import NoSuchObject
from recovery.services.read_models.record import record_view
from recovery.services.read_models.record.record_model import RecordSession, RecordView

log = structlog.get_logger()

STYLES = ("console.css", "course.css", "flag.css", "record.css")
MOST_PICTURES = 80
"""Small pictures in a file: some two megabytes."""

FAILED = frozenset(
    state.value for state in (MessageState.UNDELIVERED, MessageState.FAILED, MessageState.QUARANTINED)
)
ARRIVED = frozenset(
    state.value for state in (MessageState.ACCEPTED, MessageState.SENT, MessageState.DELIVERED)
)


@console_blueprint.blueprint.get("/patients/<uuid:patient_id>/record")
def record_page(patient_id: UUID) -> str:
    """The record; `?all=yes` has everything unfolded, to print it."""
    shown = _read(patient_id, action="record.read")
    return render_template(
        "console/record.html",
        layout="console/base.html",
        whole=request.args.get("all") == "yes",
        picture=None,
        **_names(shown),
    )


@console_blueprint.blueprint.get("/patients/<uuid:patient_id>/record/file")
def record_file(patient_id: UUID) -> Response:
    """The same as one file that needs nothing else: styles and small pictures are in it."""
    shown = _read(patient_id, action="record.export")
    names = _names(shown)
    pictures = _pictures(shown)
    page = render_template(
        "console/record.html",
        layout="console/file.html",
        whole=True,
        picture=pictures.get,
        styles=console_blueprint.read_styles(STYLES),
        **names,
    )
    response = Response(page, content_type="text/html; charset=utf-8")
    name = f"record-{shown.patient.id.hex[-6:]}-{database.request_time():%Y-%m-%d}.html"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Content-Security-Policy"] = (
        f"default-src 'none'; style-src 'nonce-{console_blueprint.nonce()}'; img-src data:; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'"
    )
    return response


def _read(patient_id: UUID, *, action: str) -> RecordView:
    return record_view.read_record_view(
        database.current(),
        caller=auth.staff(),
        patient_id=patient_id,
        content=clinic_content.running(),
        now=database.request_time(),
        action=action,
    )


def _names(shown: RecordView) -> dict[str, Any]:
    caller = auth.staff()
    frame = page_layout.page_context(caller)
    known = shown.consultations[0][0].known() if shown.consultations else []
    return {
        **frame,
        "record": shown,
        "patient": shown.patient,
        "allergies": rules.allergies(known),
        "medicines": rules.medicines(known),
        "other_conditions": [
            one for one in known if one not in rules.ALLERGIES and one not in rules.MEDICINES
        ],
        "healed": _healed(frame["say"].day),
        "panels": _panels(frame["say"]),
        "acts": act_words,
        "most_acts": record_view.MOST_ACTS,
        "failed": FAILED,
        "arrived": ARRIVED,
        "peaks": (Symptom.REDNESS, Symptom.SWELLING),
        "may_read_trail": caller.role in MAY[Duty.AUDIT_TRAIL],
    }


def _healed(day: Callable[[int], str]) -> Callable[[HealingTime], str]:
    """How a skin came through a session, as one sentence."""

    def said(settling: HealingTime) -> str:
        if settling.last_day is None:
            return "Nothing was reported."
        if settling.calm_on is None:
            return f"Not calm by {day(settling.last_day)}, the last report."
        return f"Calm from {day(settling.calm_on)} on."

    return said


def _panels(say: Any) -> Callable[[RecordSession], list[Any]]:
    names = {symptom: say.symptom(symptom) for symptom in Symptom}
    signs = {sign: say.words.signs.nurse_ticked(sign) for sign in WarningSign}
    return lambda one: course_chart.panels(
        one.course, names=names, signs=signs, ident=f"course-{one.treatment.id.hex[-8:]}"
    )


def _pictures(shown: RecordView) -> dict[UUID, str]:
    """The small pictures as addresses that hold them; the store is asked with no session open."""
    wanted = [photo.id for one in shown.sessions for report in one.reports for photo in report.photos][
        :MOST_PICTURES
    ]
    session, clinic_id = database.current(), auth.staff().clinic_id
    stored = [photo_rows.get(session, clinic_id, photo_id) for photo_id in wanted]
    database.commit_before_waiting()
    pictures = {}
    for photo in stored:
        if photo is None:
            continue
        try:
            data = app_state.state().photos.get(photo.thumbnail_name)
        except NoSuchObject:
            log.error("a stored picture is gone", photo=str(photo.id))
            continue
        pictures[photo.id] = f"data:image/jpeg;base64,{base64.b64encode(data).decode()}"
    return pictures
