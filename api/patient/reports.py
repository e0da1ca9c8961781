"""Endpoints: reports of how the skin looks, put once however often they are sent, and listed as they stand
now."""

from __future__ import annotations

import functools
from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar, cast
from uuid import UUID

import marshmallow as ma
import orjson
import psycopg
from flask import Response, request

from api import auth, clinic_content, database
from api.app_state import state
from api.errors import problems
from api.formats import pagination
from api.formats.request_bodies import Blueprint
from api.formats.responses import json, raw
from api.openapi.document import Problem
from api.patient import schemas
from recovery.domain.clinic import opening_hours
from recovery.domain.clinical import banded_report
from recovery.domain.clinical.symptoms import AnswerScale, Symptom, WarningSign
from recovery.domain.content import emergency_text, finding_wording, time_phrases
from recovery.domain.content.emergency_text import HelpLine
from recovery.domain.core.language import Language
from recovery.domain.flags.flag_lifecycle import FollowUpState
from recovery.services.content.content import Content
from recovery.services.patients import enrolment
from recovery.services.reports import report_fast_path, reports
from recovery.services.reports.follow_up_status import FollowUpStatus
from recovery.services.reports.reports import PutResult, ReportAnswer, Submission
from recovery.services.treatments import treatments

blueprint = Blueprint(
    "patient reports",
    __name__,
    url_prefix="/me/treatments/<uuid:treatment_id>/reports",
    description="What the patient saw, held against the expected course.",
)


@blueprint.before_request
def _guard() -> None:
    """A report that is put reads the token together with all else it needs; here it must only have one."""
    if request.method == "PUT":
        auth.bearer()
    else:
        auth.require_patient()


_OF_READING = (
    problems.InvalidBody,
    problems.UnreadableBody,
    problems.RepeatedName,
    problems.WrongContentType,
)
_Answers = TypeVar("_Answers", bound=Callable[..., Response])


def _callers_only(view: _Answers) -> _Answers:
    """What is wrong with a body is told to nobody but a patient."""

    @functools.wraps(view)
    def guarded(*arguments: Any, **named: Any) -> Response:
        try:
            return view(*arguments, **named)
        except _OF_READING:
            auth.require_patient()
            raise

    return cast(_Answers, guarded)


_ONE = schemas.ReportOut()
_PAGE = schemas.ReportPage()


@blueprint.put("/<uuid:report_id>")
@blueprint.doc(security=[{"patient": []}], parameters=[schemas.SENT_AT])
@_callers_only
@blueprint.arguments(schemas.ReportIn())
@blueprint.response(201, _ONE)
@blueprint.alt_response(200, schema=schemas.ReportOut, description="the same again, or a new revision")
@blueprint.alt_response(
    409, schema=schemas.RevisionProblem, description="another content; `stored` is what we have"
)
@blueprint.alt_response(429, schema=Problem, description="too many new reports of one treatment in a day")
def put_report(body: dict[str, Any], *, treatment_id: UUID, report_id: UUID) -> Response:
    """Report how the skin looks. The id is the client's, so a report may be sent again safely.

    The same body again gets the same bytes again. A change sends the stored revision plus one.
    """
    submission = _submission(report_id, body, sent_at=_sent_at())
    answer = _at_once(treatment_id, submission)
    if answer is not None:
        return raw(answer, status=201)
    auth.require_patient()
    caller = auth.patient()
    session, running = database.current(), clinic_content.running()
    _require_steps(submission, running)
    patient = enrolment.get_patient(session, clinic_id=caller.clinic_id, patient_id=caller.patient_id)
    recorded = reports.record(
        session,
        caller=caller,
        treatment_id=treatment_id,
        submission=submission,
        content=running,
        render=lambda answer: _written(answer, patient.language, running, patient.time_zone),
        now=database.request_time(),
    )
    return raw(recorded.answer, status=201 if recorded.outcome is PutResult.CREATED else 200)


@blueprint.get("")
@blueprint.doc(security=[{"patient": []}])
@blueprint.arguments(schemas.WholePage(), location="query")
@blueprint.response(200, _PAGE)
def list_own_reports(query: dict[str, Any], *, treatment_id: UUID) -> Response:
    """The reports of a treatment as they stand now, in the order the signs were seen."""
    caller = auth.patient()
    session, running = database.current(), clinic_content.running()
    treatment = treatments.get_treatment(
        session, clinic_id=caller.clinic_id, treatment_id=treatment_id, patient_id=caller.patient_id
    )
    patient = enrolment.get_patient(session, clinic_id=caller.clinic_id, patient_id=caller.patient_id)
    answers = reports.list_answers(session, treatment=treatment, content=running, now=database.request_time())
    after, limit = pagination.decode_cursor(query["cursor"]), query["limit"]
    left = [answer for answer in answers if after is None or (answer.said.seen_at, answer.report_id) > after]
    page, more = left[:limit], len(left) > limit
    following = pagination.encode_cursor(page[-1].said.seen_at, page[-1].report_id) if more else None
    return json(
        {
            "items": [_shown(answer, patient.language, running, patient.time_zone) for answer in page],
            "next": following,
        },
        schema=_PAGE,
    )


def _sent_at() -> datetime | None:
    """What the device's clock said when it sent, read by hand: a second parser would cost more than this."""
    header = request.headers.get(schemas.CLOCK_HEADER)
    try:
        return None if header is None else schemas.CLOCK.deserialize(header)
    except ma.ValidationError as error:
        places = [(f"#/headers/{schemas.CLOCK_HEADER}", str(error.messages[0]))]
        raise problems.InvalidBody(places) from error


def _at_once(treatment_id: UUID, submission: Submission) -> bytes | None:
    try:
        with database.driver_connection() as connection:
            return report_fast_path.record_fast(
                connection,
                bearer=auth.bearer(),
                treatment_id=treatment_id,
                submission=submission,
                content=state().newest,
                render=_written,
                now=database.request_time(),
            )
    except psycopg.errors.UniqueViolation:
        # The id exists: the whole way through `reports.record` finds out whose it is.
        return None


def _written(
    answer: ReportAnswer, language: Language, content: Content, time_zone: str | None = None
) -> bytes:
    """As the schema would dump it, at a fraction of the cost; tests hold the bytes against the document."""
    return orjson.dumps(_shown(answer, language, content, time_zone))


def _submission(report_id: UUID, body: dict[str, Any], *, sent_at: datetime | None) -> Submission:
    scores = {Symptom(name): score for name, score in body["scores"].items()}
    signs = frozenset(WarningSign(sign) for sign in body["warning_signs"])
    confirmed = frozenset(Symptom(name) for name in body["confirmed"])
    scale = body["answers"]
    return Submission(
        report_id=report_id,
        revision=body["revision"],
        seen_at=body["seen_at"],
        sent_at=sent_at,
        scores=scores,
        scale=scale,
        warning_signs=signs,
        confirmed=confirmed,
        note=body["note"] or None,
        strongest=body["strongest"],
        body={
            "seen_at": body["seen_at"].timestamp(),
            "scores": dict(sorted((symptom.value, score) for symptom, score in scores.items())),
            "warning_signs": sorted(signs),
            "confirmed": sorted(confirmed),
            "note": body["note"] or None,
            "revision": body["revision"],
            # Numbers are left out: so are they in what was kept before there was a word for it.
            **({} if scale is AnswerScale.NUMBERS else {"answers": scale.value}),
            **({} if body["strongest"] is None else {"strongest": body["strongest"].value}),
        },
    )


def _require_steps(submission: Submission, content: Content) -> None:
    """An answer in words is one of the five steps. Raises InvalidBody."""
    if submission.scale is AnswerScale.NUMBERS:
        return
    steps = [band.score for band in content.check_in_bands]
    if between := [symptom for symptom, score in submission.scores.items() if score not in steps]:
        allowed = ", ".join(map(str, steps))
        raise problems.InvalidBody(
            [(f"#/scores/{symptom}", f"Answers in words must be one of {allowed}.") for symptom in between]
        )


def _shown(
    answer: ReportAnswer, language: Language, content: Content, time_zone: str | None
) -> dict[str, Any]:
    words = content.words_for(language)
    said = answer.said
    closed = answer.follow_up.state is FollowUpState.CLOSED
    line = None if closed else emergency_text.help_line(answer.findings, words=words.signs)
    return {
        "id": answer.report_id,
        "treatment_id": answer.treatment_id,
        "revision": said.revision,
        "seen_at": said.seen_at,
        "received_at": said.received_at,
        "scores": said.scores,
        "answers": said.scale,
        "warning_signs": said.warning_signs,
        "note": said.note,
        "strongest": said.strongest,
        "confirmed": said.confirmed,
        "day": answer.day,
        "assessment": {
            "level": answer.level,
            "protocol_version": answer.protocol,
            "findings": [
                {
                    "rule": finding.rule.value,
                    "symptom": finding.symptom,
                    "value": finding.value,
                    "value_range": finding.value_range,
                    "bound": None if finding.bound is None else round(finding.bound, 1),
                    "text": finding_wording.render_for_patient(finding, words),
                }
                for finding in answer.findings
            ],
            "advice": _advice(answer, line, language=language, content=content, time_zone=time_zone),
            "help": line,
        },
        "ask_again": [symptom.value for symptom in answer.ask_again],
        "unconfirmed": None
        if answer.unconfirmed is None
        else {"at": answer.hold_ends_at, "follow_up": _follow_up_shown(answer.unconfirmed)},
        "asks_again_at": answer.asks_at,
        "follow_up": _follow_up_shown(answer.follow_up),
    }


def _follow_up_shown(status: FollowUpStatus) -> dict[str, Any]:
    return {"state": status.state, "by": status.by, "urgency": status.urgency}


def _advice(
    answer: ReportAnswer,
    line: HelpLine | None,
    *,
    language: Language,
    content: Content,
    time_zone: str | None,
) -> str:
    follow_up = answer.follow_up
    words, names = content.words_for(language), content.check_in_for(language).symptoms
    asked_at = None
    if answer.asks_at is not None and time_zone is not None:
        zone = opening_hours.zone_named(time_zone)
        asked_at = time_phrases.format_deadline(
            answer.asks_at, now=database.request_time(), zone=zone, language=language
        )
    return finding_wording.render_advice(
        answer.level,
        day=answer.day,
        judged=[names[symptom] for symptom in banded_report.SCORED if symptom in answer.said.scores],
        doubt=bool(answer.ask_again),
        held=answer.held,
        asked_at=asked_at,
        state=follow_up.state,
        overdue=follow_up.is_overdue(now=database.request_time()),
        help_line=line,
        unsure=emergency_text.is_conditional(answer.findings, words=words.signs),
        words=words,
    )
