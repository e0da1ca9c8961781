"""What each error says over HTTP: RFC 9457 problem details, one table."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import orjson
import psycopg
import structlog
from flask import Flask, Response, request
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException, InternalServerError

from api import database
from recovery.domain import protocol
from recovery.domain.hours import HoursError
from recovery.domain.knowledge import PageFault
from recovery.photos import reading, store
from recovery.services import (
    access,
    avoidance,
    clinics,
    codes,
    content,
    corrections,
    devices,
    enrolment,
    knowledge,
    limits,
    nurse_texts,
    phones,
    photos,
    protocols,
    reports,
    second_factor,
    series,
    setting_up,
    signing,
    staff_phones,
    tasks,
    team,
    treatments,
    triage,
    wordings,
)

log = structlog.get_logger()
TYPE_BASE = "urn:afterglow:problem:"
CONTENT_TYPE = "application/problem+json"


class InvalidBody(Exception):
    """The body is readable but not what was asked for. `errors` are pairs of JSON pointer and detail."""

    def __init__(self, errors: list[tuple[str, str]]) -> None:
        super().__init__()
        self.errors = errors


class WrongRole(Exception):
    """The caller's role may not do this."""


class UnreadableBody(Exception):
    """The body is not JSON."""


class RepeatedName(Exception):
    """A name stands twice in one object of the body."""


class WrongPhotoType(Exception):
    """The body is not sent as one of the kinds of picture that are read."""


class WrongContentType(Exception):
    """The body is not sent as application/json in UTF-8."""


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of problem. `type` is stable and may be relied on; `counts` keeps what was written."""

    status: int
    type: str
    title: str
    pointer: str | None = None
    counts: bool = False


KINDS: Mapping[type[Exception], Kind] = {
    access.NotSignedIn: Kind(status=401, type="not-signed-in", title="Sign in first"),
    access.SecondFactorMissing: Kind(
        status=403, type="second-factor-missing", title="Set up a second factor first"
    ),
    second_factor.WrongPassword: Kind(
        status=422, type="invalid", title="That is not your password", pointer="#/password"
    ),
    second_factor.WrongCode: Kind(
        status=422, type="invalid", title="That is not the code the app shows now", pointer="#/code"
    ),
    second_factor.NothingProposed: Kind(
        status=422, type="invalid", title="Ask for a second factor first", pointer="#/code"
    ),
    access.SignInRefused: Kind(
        status=401, type="sign-in-refused", title="That does not sign you in", counts=True
    ),
    access.InvitationEnded: Kind(status=401, type="invitation-ended", title="This invitation has ended"),
    access.TooManySecrets: Kind(
        status=429,
        type="too-many-secrets",
        title="Too many wrong secrets today; call the clinic",
        counts=True,
    ),
    codes.SeveralRecords: Kind(
        status=409, type="several-records", title="This opens several records; say which of `records`"
    ),
    limits.TooManyTries: Kind(
        status=429, type="too-many-requests", title="Tried too often; wait as long as Retry-After says"
    ),
    devices.UnknownDevice: Kind(status=404, type="not-found", title="Not found"),
    enrolment.UnknownPatient: Kind(status=404, type="not-found", title="Not found"),
    enrolment.PinRequired: Kind(
        status=422,
        type="pin-required",
        title="Another patient has this number: let this one choose a PIN of 4 to 8 digits",
        pointer="#/pin",
    ),
    enrolment.PinTaken: Kind(
        status=422,
        type="pin-taken",
        title="Let the patient choose another PIN: this one opens for somebody else on the number",
        pointer="#/pin",
    ),
    enrolment.ConsentFromTheFuture: Kind(
        status=422, type="invalid", title="A consent cannot lie in the future", pointer="#/consents"
    ),
    enrolment.ReasonRequired: Kind(
        status=422, type="invalid", title="A reason is needed", pointer="#/because"
    ),
    series.ImpossibleSessionDay: Kind(
        status=422,
        type="invalid",
        title="A next session lies between today and two years ahead",
        pointer="#/next_session_on",
    ),
    treatments.UnknownTreatment: Kind(status=404, type="not-found", title="Not found"),
    treatments.ImpossibleTreatmentTime: Kind(
        status=422,
        type="invalid",
        title="A treatment lies in the past, at most 60 days back",
        pointer="#/performed_at",
    ),
    corrections.ReportedBefore: Kind(
        status=422,
        type="invalid",
        title="The patient reported earlier than the treatment would then have been",
        pointer="#/performed_at",
    ),
    protocols.UnknownVersion: Kind(status=404, type="not-found", title="Not found"),
    content.UnknownProtocol: Kind(
        status=422, type="invalid", title="No protocol has this version", pointer="#/protocol"
    ),
    phones.NotAPhoneNumber: Kind(
        status=422,
        type="invalid",
        title="A phone number is written with its country code, like +14155550123",
        pointer="#/phone",
    ),
    HoursError: Kind(
        status=422, type="invalid", title="Not an IANA time zone, like America/Chicago", pointer="#/time_zone"
    ),
    reports.ImpossibleTime: Kind(
        status=422,
        type="impossible-time",
        title="The signs cannot have been seen then: before the treatment, or in the future",
        pointer="#/seen_at",
    ),
    reports.TooManyReports: Kind(status=429, type="too-many-reports", title="Too many reports in a day"),
    reports.ReportIdTaken: Kind(status=409, type="report-id-taken", title="Another report has this id"),
    reports.RevisionConflict: Kind(
        status=409, type="revision-conflict", title="This revision is stored with another content"
    ),
    triage.UnknownFlag: Kind(status=404, type="not-found", title="Not found"),
    triage.CommentRequired: Kind(
        status=422, type="invalid", title="A flag is resolved with a comment", pointer="#/comment"
    ),
    triage.HeldBySomeoneElse: Kind(status=409, type="held-by-someone-else", title="Somebody holds this flag"),
    triage.UnknownColleague: Kind(
        status=422, type="invalid", title="Nobody of the clinic who may sign in has this id", pointer="#/to"
    ),
    triage.AnotherIsOpen: Kind(
        status=409, type="another-flag-is-open", title="Another flag of this treatment is open"
    ),
    triage.NothingToUndo: Kind(
        status=409, type="nothing-to-undo", title="Only one's own last step is undone, within a minute"
    ),
    nurse_texts.CannotText: Kind(status=409, type="cannot-text", title="No text may go to this patient"),
    triage.IllegalMove: Kind(status=409, type="illegal-move", title="The flag cannot do that now"),
    tasks.UnknownTask: Kind(status=404, type="not-found", title="Not found"),
    tasks.UnknownText: Kind(status=404, type="not-found", title="Not found"),
    wordings.UnknownText: Kind(status=404, type="not-found", title="Not found"),
    wordings.FaultyWording: Kind(
        status=422, type="faulty-wording", title="These words may not be sent", pointer="#/template"
    ),
    avoidance.UnknownThing: Kind(status=404, type="not-found", title="Not found"),
    knowledge.UnknownPage: Kind(status=404, type="not-found", title="Not found"),
    PageFault: Kind(status=422, type="faulty-page", title="This text is not a page", pointer="#/text"),
    photos.UnknownReport: Kind(status=404, type="not-found", title="Not found"),
    photos.UnknownPhoto: Kind(status=404, type="not-found", title="Not found"),
    photos.PhotoIdTaken: Kind(status=409, type="photo-id-taken", title="Another photo has this id"),
    photos.TooManyPhotos: Kind(
        status=409, type="too-many-photos", title="This report has as many photos as one may have"
    ),
    reading.NotAPhoto: Kind(
        status=422,
        type="not-a-photo",
        title="This cannot be read as a still photo in JPEG, PNG, WebP or HEIC",
    ),
    reading.PhotoTooLarge: Kind(
        status=422, type="photo-too-large", title="This photo has too many pixels; send a smaller copy"
    ),
    reading.TooManyPhotosAtOnce: Kind(
        status=503, type="try-later", title="Try again in a moment; nothing was lost"
    ),
    store.StoreAway: Kind(status=503, type="try-later", title="Try again in a moment; nothing was lost"),
    clinics.EmailTaken: Kind(
        status=409, type="email-taken", title="Somebody signs in with this e-mail address already"
    ),
    team.UnknownMember: Kind(status=404, type="not-found", title="Not found"),
    team.LastOne: Kind(
        status=409, type="last-one", title="Somebody has to be left who can set up the clinic"
    ),
    staff_phones.WrongCode: Kind(
        status=422,
        type="wrong-code",
        title="That is not the code, or it has ended; ask for a new one",
        pointer="#/code",
        counts=True,
    ),
    setting_up.WrongSetting: Kind(status=422, type="invalid", title="This cannot be used"),
    setting_up.NotReady: Kind(
        status=409, type="not-ready", title="Something is missing before the clinic may go live"
    ),
    signing.ChangedSinceRead: Kind(
        status=409, type="changed-since-read", title="It changed since you read it; read it again"
    ),
    protocol.ProtocolError: Kind(status=422, type="invalid", title="This is not a protocol"),
    protocols.VersionTaken: Kind(
        status=409, type="version-taken", title="There is a protocol of this version; name a new one"
    ),
    protocols.AlreadyPublished: Kind(
        status=409, type="already-published", title="A published version does not change"
    ),
    protocols.EffectiveInThePast: Kind(
        status=422,
        type="invalid",
        title="A version takes effect now or later",
        pointer="#/effective_from",
    ),
    protocols.AboveAlertBudget: Kind(
        status=409,
        type="above-alert-budget",
        title="It would flag more than the alert budget; publish it with a reason",
    ),
    clinics.UnknownClinic: Kind(status=404, type="not-found", title="Not found"),
    WrongRole: Kind(status=403, type="wrong-role", title="Your role may not do this"),
    UnreadableBody: Kind(status=400, type="unreadable-body", title="The body is not JSON"),
    RepeatedName: Kind(
        status=400, type="unreadable-body", title="A name stands twice in one object of the body"
    ),
    WrongPhotoType: Kind(
        status=415,
        type="wrong-content-type",
        title="Send the body as image/jpeg, image/png, image/webp, image/heic or image/heif",
    ),
    WrongContentType: Kind(
        status=415, type="wrong-content-type", title="Send the body as application/json in UTF-8"
    ),
}
"""Every error that a use case can raise towards a caller, and those of reading the request."""

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
    kind = next(KINDS[one] for one in type(error).__mro__ if one in KINDS)
    if kind.counts:
        database.keep_what_was_counted()
    extra: dict[str, Any] = {}
    if isinstance(error, triage.HeldBySomeoneElse):
        extra["holder"] = error.holder
        extra["since"] = error.since
    if isinstance(error, triage.AnotherIsOpen):
        extra["flag_id"] = error.flag_id
    if isinstance(error, triage.IllegalMove):
        extra["state"] = error.state
    if isinstance(error, reports.RevisionConflict) and error.stored is not None:
        extra["stored"] = orjson.loads(error.stored)
    if isinstance(error, codes.SeveralRecords):
        extra["records"] = [{"record": one.id, "clinic": one.clinic} for one in error.records]
    errors = _places(error) or (None if kind.pointer is None else [(kind.pointer, kind.title)])
    if isinstance(error, protocols.AboveAlertBudget):
        extra["budget"], extra["figures"] = error.budget, error.comparison.figures()
    response = answer(kind.status, type=kind.type, title=kind.title, errors=errors, extra=extra)
    if kind.status == HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, access.TooManySecrets | limits.TooManyTries | reports.TooManyReports):
        response.headers["Retry-After"] = str(max(1, math.ceil(error.wait.total_seconds())))
    if kind.status == HTTPStatus.SERVICE_UNAVAILABLE:
        log.error("photos cannot be kept now", error_class=type(error).__name__)
        response.headers["Retry-After"] = "5"
    return response


def _places(error: Exception) -> list[tuple[str, str]]:
    """What exactly is wrong, for the errors that know; empty for the others."""
    if isinstance(error, wordings.FaultyWording):
        return [("#/template", fault.detail) for fault in error.faults]
    if isinstance(error, setting_up.WrongSetting):
        return [(f"#/{error.name}", str(error))]
    if isinstance(error, setting_up.NotReady):
        return [("#", step.told) for step in error.missing]
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
