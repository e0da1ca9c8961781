"""Every error answered as an RFC 9457 problem document, with what it knows of the place; use case, HTTP,
database, unexpected."""

from __future__ import annotations

import math
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import orjson
import psycopg
import structlog
from flask import Flask, Response, request
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException, InternalServerError

from api import database, refusals
from api.errors.problem_types import (
    KINDS,
    InvalidBody,
    RepeatedName,
    UnreadableBody,
    UnreadableKey,
    WrongContentType,
    WrongPhotoType,
    WrongRole,
)
from recovery.domain.clinical import protocol
from recovery.domain.content.knowledge_pages import PageFault
from recovery.domain.patients.birth_year import ImplausibleBirthYear
from recovery.services.access import authentication, rate_limits, sign_in_codes
from recovery.services.clinic import clinic_setup
from recovery.services.content import protocols, wordings
from recovery.services.core.phone_numbers import NotAPhoneNumber
from recovery.services.flags import flag_work
from recovery.services.read_models import clinic_summary
from recovery.services.reports import reports, strongest_area
from recovery.services.tasks import task_work
from recovery.services.treatments import treatments

__all__ = (
    "CONTENT_TYPE",
    "KINDS",
    "TYPE_BASE",
    "InvalidBody",
    "RepeatedName",
    "UnreadableBody",
    "UnreadableKey",
    "WrongContentType",
    "WrongPhotoType",
    "WrongRole",
    "answer",
    "init_app",
)

log = structlog.get_logger()
TYPE_BASE = "urn:afterglow:problem:"
CONTENT_TYPE = "application/problem+json"


_HTTP = {
    400: "bad-request",
    401: "not-signed-in",
    403: "forbidden",
    404: "not-found",
    405: "method-not-allowed",
    413: "body-too-large",
    415: "wrong-content-type",
    429: "too-many-requests",
    503: "try-later",
}
"""Types of the framework's own errors. Python renames its phrases from version to version; these stay."""


def answer(
    status: int,
    *,
    type: str,
    title: str,
    detail: str | None = None,
    errors: list[tuple[str, str]] | None = None,
    extra: Mapping[str, Any] | None = None,
) -> Response:
    """A problem document. `errors` are pairs of JSON pointer and detail."""
    body: dict[str, Any] = {"type": TYPE_BASE + type, "title": title, "status": status}
    body["detail"] = detail or title
    if errors:
        body["errors"] = [{"pointer": pointer, "detail": text} for pointer, text in errors]
    body.update(extra or {})
    return Response(orjson.dumps(body), status=status, content_type=CONTENT_TYPE)


def init_app(app: Flask) -> None:
    """Answer every error in one form. Nothing of ours leaves as a stack, and nothing of a patient's."""
    for error_class in KINDS:
        app.register_error_handler(error_class, _of_use_case)
    app.register_error_handler(InvalidBody, _invalid)
    app.register_error_handler(HTTPException, _of_http)
    app.register_error_handler(DBAPIError, _of_database)
    app.register_error_handler(psycopg.Error, _of_database)
    app.register_error_handler(PoolTimeout, _database_away)
    app.register_error_handler(Exception, _unexpected)


def _of_use_case(error: Exception) -> Response:
    kind = next(KINDS[error_class] for error_class in type(error).__mro__ if error_class in KINDS)
    if kind.counts:
        database.commit_despite_error()
    if isinstance(error, WrongRole):
        refusals.note_access()
    errors = _places(error) or (None if kind.pointer is None else [(kind.pointer, kind.title)])
    response = answer(kind.status, type=kind.type, title=kind.title, errors=errors, extra=_more_of(error))
    if kind.status == HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = "Bearer"
    if isinstance(
        error, authentication.TooManyWrongSecrets | rate_limits.TooManyTries | reports.TooManyReports
    ):
        response.headers["Retry-After"] = str(max(1, math.ceil(error.wait.total_seconds())))
    if kind.status == HTTPStatus.SERVICE_UNAVAILABLE:
        log.error("cannot be answered now", error_class=type(error).__name__)
        response.headers["Retry-After"] = "5"
    return response


def _of_work(error: Exception) -> dict[str, Any]:
    """What a refused step on a flag or task says beside its title."""
    if isinstance(error, flag_work.HeldBySomeoneElse | task_work.TaskHeldByAnother):
        return {"holder": error.holder, "since": error.since}
    if isinstance(error, flag_work.AnotherFlagOpen):
        return {"flag_id": error.flag_id}
    if isinstance(error, flag_work.IllegalTransition):
        return {"state": error.state}
    return {}


def _more_of(error: Exception) -> dict[str, Any]:
    """What an answer carries beside its problem, so that a program can go on."""
    extra = _of_work(error)
    if isinstance(error, treatments.AlikeTreatment):
        extra["treatments"] = error.treatment_ids
    if isinstance(error, reports.RevisionConflict) and error.stored is not None:
        extra["stored"] = orjson.loads(error.stored)
    if isinstance(error, sign_in_codes.SeveralRecords):
        extra["records"] = [{"record": record.id, "clinic": record.clinic} for record in error.records]
    if isinstance(error, authentication.InvitationEnded):
        extra["clinic"] = {"name": error.clinic.name, "phone": error.clinic.phone}
    if isinstance(error, protocols.AboveAlertBudget):
        extra["budget"], extra["figures"] = error.budget, error.comparison.figures()
    return extra


def _places(error: Exception) -> list[tuple[str, str]]:
    """What exactly is wrong, for the errors that know; empty for the others."""
    if isinstance(error, wordings.FaultyWording):
        return [("#/template", fault.detail) for fault in error.faults]
    if isinstance(error, NotAPhoneNumber | ImplausibleBirthYear) and str(error):
        return [(KINDS[type(error)].pointer or "#", str(error))]
    if isinstance(error, clinic_setup.WrongSetting):
        return [(f"#/{name}", why) for name, why in error.wrong.items()]
    if isinstance(error, clinic_summary.WrongPeriod):
        return [(f"#/query/{error.name}", str(error))]
    if isinstance(error, clinic_setup.NotReady):
        return [("#", step.told) for step in error.missing]
    if isinstance(error, strongest_area.UnknownArea):
        allowed = f"Must be one of: {', '.join(error.allowed)}." if error.allowed else "One area was treated."
        return [("#/strongest", allowed)]
    if isinstance(error, protocol.ProtocolError | PageFault):
        return [("#/text", str(error))]
    return []


def _invalid(error: InvalidBody) -> Response:
    return answer(422, type="invalid", title="The body is not as documented", errors=error.errors)


def _of_http(error: HTTPException) -> Response:
    if isinstance(error, InternalServerError) and error.original_exception is not None:
        # Raised while the answer was already under way, as by the commit.
        return _of_late(error.original_exception)
    status = error.code or 500
    response = answer(status, type=_HTTP.get(status, f"http-{status}"), title=error.name)
    for name, value in error.get_headers():
        if name.lower() in ("allow", "retry-after", "location"):
            response.headers[name] = value
    if status >= 500:
        log.error("request failed", path=request.path, status=status)
    return response


def _of_late(error: BaseException) -> Response:
    if isinstance(error, DBAPIError):
        return _of_database(error)
    return _unexpected(error)


_AWAY = OperationalError | InterfaceError | psycopg.OperationalError | psycopg.InterfaceError


def _of_database(error: DBAPIError | psycopg.Error) -> Response:
    away = isinstance(error, _AWAY) or (isinstance(error, DBAPIError) and error.connection_invalidated)
    return _database_away(error) if away else _unexpected(error)


def _database_away(error: DBAPIError | PoolTimeout | psycopg.Error) -> Response:
    log.error("database away", error_class=type(error).__name__, path=request.path)
    response = answer(503, type="try-later", title="Try again in a moment; nothing was lost")
    response.headers["Retry-After"] = "5"
    return response


def _unexpected(error: BaseException) -> Response:
    # The message may quote what a patient sent: only the class and the place are kept.
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    where = None if place is None else f"{place.tb_frame.f_code.co_filename}:{place.tb_lineno}"
    log.error("unexpected error", error_class=type(error).__name__, where=where, path=request.path)
    return answer(500, type="unexpected", title="Something went wrong on our side")
