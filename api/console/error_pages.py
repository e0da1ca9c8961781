"""What goes wrong, said on a page of the console: no such thing, wrong role, foreign form, database away."""

from __future__ import annotations

import traceback
from http import HTTPStatus

import structlog
from flask import render_template, request
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.wrappers import Response

from api import refusals
from api.console import console_blueprint, guard
from api.errors import problems
from recovery.services.clinic import staff_account, staff_members
from recovery.services.content import wordings
from recovery.services.content.running_content import UnreadableContent
from recovery.services.flags import complications, flag_work
from recovery.services.patients import enrolment
from recovery.services.reports import photos
from recovery.services.treatments import treatments

log = structlog.get_logger()

_SAID = {
    HTTPStatus.FORBIDDEN: ("Not allowed", "You may not do this."),
    HTTPStatus.NOT_FOUND: (
        "Nothing here",
        "This page does not exist, or it belongs to another clinic.",
    ),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: (
        "Too long",
        "That was too much to take in. Shorten it and try again.",
    ),
    HTTPStatus.SERVICE_UNAVAILABLE: (
        "One moment",
        "The database cannot be reached. Nothing was lost; try again in a moment.",
    ),
    HTTPStatus.INTERNAL_SERVER_ERROR: (
        "Something went wrong on our side",
        "Nothing was changed. Try again; if it happens again, tell whoever runs Afterglow for you.",
    ),
}
_UNREADABLE = (
    "What was signed cannot be read",
    "This page goes by what your medical director signed, and that cannot be read now. Nothing was changed. "
    "The queue, flags and tasks go on; your medical director can sign anew.",
)
_FOREIGN = (
    "This form is out of date",
    "It was not sent from a current page of the console, so nothing was changed. Open the page again and "
    "repeat what you were doing.",
)


@console_blueprint.blueprint.route("/<path:rest>", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
def nowhere(rest: str) -> str:
    """An address the console does not have."""
    raise NotFound


def page(status: int, *, title: str, text: str) -> tuple[str, int]:
    """A page that says what is wrong and leads back to the queue."""
    return render_template("console/problem.html", title=title, text=text), status


@console_blueprint.blueprint.errorhandler(guard.ForeignForm)
def _foreign(_: guard.ForeignForm) -> tuple[str, int]:
    return page(HTTPStatus.FORBIDDEN, title=_FOREIGN[0], text=_FOREIGN[1])


@console_blueprint.blueprint.errorhandler(HTTPException)
def _of_http(error: HTTPException) -> tuple[str, int] | Response:
    status = HTTPStatus(error.code or 500)
    if status < 400:
        return error.get_response()
    title, text = _SAID.get(status, (status.phrase, "The page could not be shown. Go back and try again."))
    return page(status, title=title, text=text)


@console_blueprint.blueprint.errorhandler(problems.WrongRole)
def _wrong_role(_: problems.WrongRole) -> tuple[str, int]:
    refusals.note_access()
    title, text = _SAID[HTTPStatus.FORBIDDEN]
    return page(HTTPStatus.FORBIDDEN, title=title, text=text)


@console_blueprint.blueprint.errorhandler(problems.InvalidBody)
@console_blueprint.blueprint.errorhandler(complications.UnknownComplication)
@console_blueprint.blueprint.errorhandler(flag_work.UnknownFlag)
@console_blueprint.blueprint.errorhandler(enrolment.UnknownPatient)
@console_blueprint.blueprint.errorhandler(treatments.UnknownTreatment)
@console_blueprint.blueprint.errorhandler(photos.UnknownReport)
@console_blueprint.blueprint.errorhandler(photos.UnknownPhoto)
@console_blueprint.blueprint.errorhandler(wordings.UnknownText)
@console_blueprint.blueprint.errorhandler(staff_account.UnknownSession)
@console_blueprint.blueprint.errorhandler(staff_members.UnknownMember)
def _unknown(_: Exception) -> tuple[str, int]:
    title, text = _SAID[HTTPStatus.NOT_FOUND]
    return page(HTTPStatus.NOT_FOUND, title=title, text=text)


@console_blueprint.blueprint.errorhandler(UnreadableContent)
def _unreadable(_: UnreadableContent) -> tuple[str, int]:
    return page(HTTPStatus.SERVICE_UNAVAILABLE, title=_UNREADABLE[0], text=_UNREADABLE[1])


@console_blueprint.blueprint.errorhandler(OperationalError)
@console_blueprint.blueprint.errorhandler(PoolTimeout)
def _database_away(error: OperationalError | PoolTimeout) -> tuple[str, int, dict[str, str]]:
    log.error("database away", error_class=type(error).__name__, path=request.path)
    title, text = _SAID[HTTPStatus.SERVICE_UNAVAILABLE]
    body, status = page(HTTPStatus.SERVICE_UNAVAILABLE, title=title, text=text)
    return body, status, {"Retry-After": "5"}


@console_blueprint.blueprint.errorhandler(Exception)
def _unexpected(error: Exception) -> tuple[str, int]:
    # The message may quote what a patient said: only the class and the place are kept.
    place = traceback.extract_tb(error.__traceback__)[-1]
    log.error(
        "unexpected error",
        error_class=type(error).__name__,
        where=f"{place.filename}:{place.lineno}",
        path=request.path,
    )
    title, text = _SAID[HTTPStatus.INTERNAL_SERVER_ERROR]
    return page(HTTPStatus.INTERNAL_SERVER_ERROR, title=title, text=text)
