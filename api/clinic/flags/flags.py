"""Endpoints: the queue as a list, one flag, and each step of working it, from claim to undo."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import marshmallow as ma
import orjson
from flask import Response

from api import auth, clinic_content, database
from api.clinic import repeats
from api.clinic.flags import flag_schemas
from api.errors import problems
from api.formats.request_bodies import Blueprint, Timestamp
from api.formats.responses import json
from recovery.domain.clinical import assessment
from recovery.domain.content import finding_wording
from recovery.domain.core.language import Language
from recovery.domain.flags.flag_lifecycle import FlagState, Urgency
from recovery.models.clinic import clinics
from recovery.models.flags import flags, queue_rows
from recovery.models.flags.flags import Flag
from recovery.models.patients import patients
from recovery.models.patients.patients import Patient
from recovery.models.treatments import treatments
from recovery.services.core import audit
from recovery.services.flags import flag_work

UNRESOLVED = (FlagState.OPEN, FlagState.CLAIMED, FlagState.CONTACTED)

blueprint = Blueprint("flags", __name__, url_prefix="/flags", description="Recoveries that want a nurse.")
blueprint.before_request(auth.require_staff)

_FLAG = flag_schemas.FlagOut()
_PAGE = flag_schemas.FlagPage()


@blueprint.get("")
@blueprint.doc(security=[{"staff": []}])
@blueprint.arguments(flag_schemas.FlagQuery(), location="query")
@blueprint.response(200, _PAGE)
def list_flags(query: dict[str, Any]) -> Response:
    """Flags, most urgent first, then by when they are due."""
    caller = auth.staff()
    rows = queue_rows.list_queue(
        database.current(),
        caller.clinic_id,
        states=UNRESOLVED if query["state"] is None else (query["state"],),
        urgency=query["urgency"],
        held_by=query["assigned_to"],
        room=query["room"] or clinics.room_of(database.current(), caller.clinic_id),
        after=None if query["cursor"] is None else _read_cursor(query["cursor"]),
        limit=query["limit"] + 1,
    )
    audit.read_list(
        database.current(), caller.clinic_id, caller.staff_id, action="flag.list", now=database.request_time()
    )
    more = len(rows) > query["limit"]
    rows = rows[: query["limit"]]
    items = _shown([(flag, patient) for flag, _, patient in rows], clinic_id=caller.clinic_id)
    return json({"items": items, "next": _cursor(rows[-1][0]) if more else None}, schema=_PAGE)


@blueprint.get("/<uuid:flag_id>")
@blueprint.doc(security=[{"staff": []}])
@blueprint.response(200, _FLAG)
def get_flag(flag_id: UUID) -> Response:
    """One flag with its findings."""
    caller = auth.staff()
    flag = flags.get(database.current(), caller.clinic_id, flag_id)
    if flag is None:
        raise flag_work.UnknownFlag(flag_id)
    audit.record(
        database.current(),
        clinic_id=caller.clinic_id,
        actor=audit.staff(caller.staff_id),
        action="flag.read",
        subject=("flag", flag.id),
        now=database.request_time(),
    )
    return _answer(flag)


@blueprint.post("/<uuid:flag_id>/claim")
@blueprint.doc(security=[{"staff": []}])
@blueprint.response(200, _FLAG)
@blueprint.alt_response(
    409, schema=flag_schemas.FlagProblem, description="somebody else holds it; `holder` says who"
)
def claim_flag(flag_id: UUID) -> Response:
    """Take a flag. Of several who try at once, one wins."""
    return _answer(
        flag_work.claim(database.current(), caller=auth.staff(), flag_id=flag_id, now=database.request_time())
    )


@blueprint.post("/<uuid:flag_id>/release")
@blueprint.doc(security=[{"staff": []}])
@blueprint.response(200, _FLAG)
@blueprint.alt_response(409, schema=flag_schemas.FlagProblem)
def release_flag(flag_id: UUID) -> Response:
    """Give a flag back to the queue."""
    return _answer(
        flag_work.release(
            database.current(), caller=auth.staff(), flag_id=flag_id, now=database.request_time()
        )
    )


@blueprint.post("/<uuid:flag_id>/contacts")
@blueprint.doc(security=[{"staff": []}], **repeats.DOC)
@blueprint.arguments(flag_schemas.ContactIn())
@blueprint.response(200, _FLAG)
@blueprint.alt_response(409, schema=flag_schemas.FlagProblem)
@repeats.once()
def create_flag_contact(body: dict[str, Any], *, flag_id: UUID) -> Response:
    """Note an attempt to reach the patient."""
    return _answer(
        flag_work.record_contact(
            database.current(), caller=auth.staff(), flag_id=flag_id, now=database.request_time(), **body
        )
    )


@blueprint.post("/<uuid:flag_id>/resolve")
@blueprint.doc(security=[{"staff": []}])
@blueprint.arguments(flag_schemas.ResolveIn())
@blueprint.response(200, _FLAG)
@blueprint.alt_response(409, schema=flag_schemas.FlagProblem)
def resolve_flag(body: dict[str, Any], *, flag_id: UUID) -> Response:
    """Close a flag with what it was, and a comment. With a text the patient hears of it a minute later."""
    return _answer(
        flag_work.resolve(
            database.current(),
            caller=auth.staff(),
            flag_id=flag_id,
            content=clinic_content.running_or_shipped(),
            now=database.request_time(),
            **body,
        )
    )


@blueprint.post("/<uuid:flag_id>/hand-over")
@blueprint.doc(security=[{"staff": []}])
@blueprint.arguments(flag_schemas.HandOverIn())
@blueprint.response(200, _FLAG)
@blueprint.alt_response(409, schema=flag_schemas.FlagProblem)
def hand_over_flag(body: dict[str, Any], *, flag_id: UUID) -> Response:
    """Give a flag to a colleague. A manager or medical director may give on what somebody else holds."""
    return _answer(
        flag_work.hand_over(
            database.current(),
            caller=auth.staff(),
            flag_id=flag_id,
            to=body["to"],
            now=database.request_time(),
        )
    )


@blueprint.post("/<uuid:flag_id>/notes")
@blueprint.doc(security=[{"staff": []}], **repeats.DOC)
@blueprint.arguments(flag_schemas.NoteIn())
@blueprint.response(200, _FLAG)
@repeats.once()
def create_flag_note(body: dict[str, Any], *, flag_id: UUID) -> Response:
    """Write something down about a flag, whoever holds it."""
    return _answer(
        flag_work.add_note(
            database.current(),
            caller=auth.staff(),
            flag_id=flag_id,
            text=body["note"],
            now=database.request_time(),
        )
    )


@blueprint.post("/<uuid:flag_id>/texts")
@blueprint.doc(security=[{"staff": []}], **repeats.DOC)
@blueprint.arguments(flag_schemas.TextIn())
@blueprint.response(200, _FLAG)
@blueprint.alt_response(409, schema=flag_schemas.FlagProblem)
@repeats.once()
def create_flag_text(body: dict[str, Any], *, flag_id: UUID) -> Response:
    """Text the patient in an approved wording. It leaves after a minute, in which it can be taken back."""
    return _answer(
        flag_work.text_patient(
            database.current(),
            caller=auth.staff(),
            flag_id=flag_id,
            template=body["template"],
            content=clinic_content.running_or_shipped(),
            now=database.request_time(),
        )
    )


@blueprint.post("/<uuid:flag_id>/reopen")
@blueprint.doc(security=[{"staff": []}])
@blueprint.response(200, _FLAG)
@blueprint.alt_response(
    409, schema=flag_schemas.FlagProblem, description="not resolved, or `flag_id` of the treatment is open"
)
def reopen_flag(flag_id: UUID) -> Response:
    """Open a resolved flag again; its time counts from now."""
    return _answer(
        flag_work.reopen(
            database.current(),
            caller=auth.staff(),
            flag_id=flag_id,
            content=clinic_content.running_or_shipped(),
            now=database.request_time(),
        )
    )


@blueprint.post("/<uuid:flag_id>/undo")
@blueprint.doc(security=[{"staff": []}])
@blueprint.response(200, _FLAG)
@blueprint.alt_response(
    409,
    schema=flag_schemas.FlagProblem,
    description="the last step is not the caller's, or a minute has passed",
)
def undo_flag_action(flag_id: UUID) -> Response:
    """Take back one's own last step, within a minute."""
    return _answer(
        flag_work.undo(database.current(), caller=auth.staff(), flag_id=flag_id, now=database.request_time())
    )


def _answer(flag: Flag) -> Response:
    session = database.current()
    treatment = treatments.get(session, flag.clinic_id, flag.treatment_id)
    patient = None if treatment is None else patients.get(session, flag.clinic_id, treatment.patient_id)
    if patient is None:
        raise flag_work.UnknownFlag(flag.id)
    return json(_shown([(flag, patient)], clinic_id=flag.clinic_id)[0], schema=_FLAG)


def _shown(rows: Sequence[tuple[Flag, Patient]], *, clinic_id: UUID) -> list[dict[str, Any]]:
    session = database.current()
    names = clinics.staff_names(session, clinic_id)
    raised = flags.assessments_by_flag(session, clinic_id, [flag.id for flag, _ in rows])
    return [
        {
            **{name: getattr(flag, name) for name in _FLAG.fields if hasattr(flag, name)},
            "patient": patient,
            "holder": None if flag.held_by is None else names.get(flag.held_by),
            "told": [
                {"at": one.created_at, "by": one.told_to and names.get(one.told_to), "told": one.told}
                for one in reversed(raised.get(flag.id, ()))
                if one.told is not None
            ],
            "findings": [
                _finding(finding, of=judged)
                for judged in raised.get(flag.id, ())
                for finding in judged.findings
            ],
        }
        for flag, patient in rows
    ]


def _finding(finding: Mapping[str, Any], *, of: Any) -> dict[str, Any]:
    read = assessment.from_dict(finding)
    words = clinic_content.running_or_shipped().words_for(Language.ENGLISH)
    return {
        "report_id": of.report_id,
        "day": read.day,
        "rule": read.rule.value,
        "symptom": read.symptom,
        "value": read.value,
        "value_range": read.value_range,
        "bound": None if read.bound is None else round(read.bound, 1),
        "strongest": read.strongest,
        "text": finding_wording.render_for_nurse(read, words),
        "protocol_version": of.protocol,
    }


def _cursor(flag: Flag) -> str:
    key = orjson.dumps([flag.urgency_rank, flag.due_at, flag.id])
    return base64.urlsafe_b64encode(key).decode().rstrip("=")


def _read_cursor(text: str) -> tuple[int, datetime, UUID]:
    try:
        rank, due_at, flag_id = orjson.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        key = list(Urgency)[rank].rank, Timestamp().deserialize(due_at), UUID(flag_id)
    except (ma.ValidationError, ValueError, TypeError, AttributeError, LookupError) as error:
        raise problems.InvalidBody([("#/query/cursor", "Not a cursor of ours.")]) from error
    return key
