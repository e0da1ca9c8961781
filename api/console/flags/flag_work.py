"""The forms sent from a flag's page: each does one step and leads on, or says why not."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from http import HTTPStatus
from typing import TypeVar
from uuid import UUID

import marshmallow as ma
from flask import redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from api import auth, clinic_content, database
from api.console import console_blueprint, page_layout
from api.console.flags import flag_page
from api.console.flags.flag_page import FormProblem
from api.formats import request_bodies
from recovery.domain.flags.flag_lifecycle import FlagOutcome, FlagState, NurseText
from recovery.services.flags import flag_work, nurse_texts
from recovery.services.flags.flag_work import ContactResult

Answer = AnyResponse | tuple[str, int]
Word = TypeVar("Word", bound=StrEnum)

LONGEST_WRITTEN = 4000
"""Characters of a comment or a note; the same as over the API."""


class InvalidForm(ValueError):
    """A form that cannot be taken; the message says what to do."""


@console_blueprint.blueprint.post("/flags/<uuid:flag_id>/claim")
def claim(flag_id: UUID) -> Answer:
    """Take the flag."""

    def act(session: Session) -> None:
        flag_work.claim(session, caller=auth.staff(), flag_id=flag_id, now=database.request_time())

    return _act(flag_id, act, done="claimed")


@console_blueprint.blueprint.post("/flags/<uuid:flag_id>/release")
def release(flag_id: UUID) -> Answer:
    """Give the flag back."""

    def act(session: Session) -> None:
        flag_work.release(session, caller=auth.staff(), flag_id=flag_id, now=database.request_time())

    return _act(flag_id, act, done="released")


@console_blueprint.blueprint.post("/flags/<uuid:flag_id>/hand-over")
def hand_over(flag_id: UUID) -> Answer:
    """Give the flag to a colleague."""

    def act(session: Session) -> None:
        try:
            to = UUID(request.form.get("to", ""))
        except ValueError:
            raise InvalidForm("Choose whom to hand it to.") from None
        flag_work.hand_over(session, caller=auth.staff(), flag_id=flag_id, to=to, now=database.request_time())

    return _act(flag_id, act, done="handed_over")


@console_blueprint.blueprint.post("/flags/<uuid:flag_id>/contact")
def contact(flag_id: UUID) -> Answer:
    """Note an attempt to reach the patient."""

    def act(session: Session) -> None:
        result = _chosen("result", ContactResult, "Say how the attempt ended.")
        note = _written("note", "The note")
        flag_work.record_contact(
            session,
            caller=auth.staff(),
            flag_id=flag_id,
            result=result,
            note=note or None,
            now=database.request_time(),
        )

    return _act(flag_id, act, done="noted")


@console_blueprint.blueprint.post("/flags/<uuid:flag_id>/note")
def note(flag_id: UUID) -> Answer:
    """Write something down."""

    def act(session: Session) -> None:
        written = _written("text", "The note")
        if not written:
            raise InvalidForm("Write the note first.")
        flag_work.add_note(
            session, caller=auth.staff(), flag_id=flag_id, text=written, now=database.request_time()
        )

    return _act(flag_id, act, done="kept")


@console_blueprint.blueprint.post("/flags/<uuid:flag_id>/text")
def text(flag_id: UUID) -> Answer:
    """Text the patient in an approved wording."""

    def act(session: Session) -> None:
        template = _chosen("template", NurseText, "Choose what to text.")
        flag_work.text_patient(
            session,
            caller=auth.staff(),
            flag_id=flag_id,
            template=template,
            content=clinic_content.running_or_shipped(),
            now=database.request_time(),
        )

    return _act(flag_id, act, done="texted")


@console_blueprint.blueprint.post("/flags/<uuid:flag_id>/resolve")
def resolve(flag_id: UUID) -> Answer:
    """Close the flag with what it was; on to the queue."""

    def act(session: Session) -> None:
        outcome = _chosen("outcome", FlagOutcome, "Choose what it turned out to be.")
        comment = _written("comment", "The comment")
        tell = request.form.get("tell") and _chosen("tell", NurseText, "Choose what to tell the patient.")
        flag_work.resolve(
            session,
            caller=auth.staff(),
            flag_id=flag_id,
            outcome=outcome,
            comment=comment,
            text=tell or None,
            content=clinic_content.running_or_shipped(),
            now=database.request_time(),
        )

    return _act(flag_id, act, done="resolved")


@console_blueprint.blueprint.post("/flags/<uuid:flag_id>/reopen")
def reopen(flag_id: UUID) -> Answer:
    """Open a closed flag again."""

    def act(session: Session) -> None:
        flag_work.reopen(
            session,
            caller=auth.staff(),
            flag_id=flag_id,
            content=clinic_content.running_or_shipped(),
            now=database.request_time(),
        )

    return _act(flag_id, act, done="reopened")


@console_blueprint.blueprint.post("/flags/<uuid:flag_id>/undo")
def undo(flag_id: UUID) -> Answer:
    """Take back one's own last step."""

    def act(session: Session) -> None:
        flag_work.undo(session, caller=auth.staff(), flag_id=flag_id, now=database.request_time())

    return _act(flag_id, act, done="undone")


STEPS = "claim, release, 'hand-over', contact, note, text, resolve, reopen, undo"


@console_blueprint.blueprint.get(f"/flags/<uuid:flag_id>/<any({STEPS}):step>")
def form_address(flag_id: UUID, step: str) -> AnyResponse:
    """A form's address opened as a page, as after a reload: the flag's page is meant."""
    return redirect(url_for("console.flag", flag_id=flag_id), code=HTTPStatus.SEE_OTHER)


def _act(flag_id: UUID, act: Callable[[Session], None], *, done: str) -> Answer:
    """Do it and go on to a page, or show the flag with the reason why not and what was typed."""
    session = database.current()
    try:
        with session.begin_nested():
            act(session)
    except TROUBLES as error:
        trouble = _trouble(error)
    else:
        if done == "resolved":
            return redirect(url_for("console.home", done=done, flag=flag_id), code=HTTPStatus.SEE_OTHER)
        return redirect(url_for("console.flag", flag_id=flag_id, done=done), code=HTTPStatus.SEE_OTHER)
    # An error page shows a patient's data, too, so the reading is audited and committed.
    database.commit_despite_error()
    return flag_page.page(flag_id, trouble=trouble), trouble.status


TROUBLES = (
    InvalidForm,
    nurse_texts.TextNotAllowed,
    flag_work.AnotherFlagOpen,
    flag_work.CommentRequired,
    flag_work.HeldBySomeoneElse,
    flag_work.IllegalTransition,
    flag_work.NothingToUndo,
    flag_work.UnknownColleague,
)
"""What can stand in the way of a step and is told on the flag's page."""


def _trouble(error: Exception) -> FormProblem:
    unprocessable, conflict = HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.CONFLICT
    match error:
        case flag_work.CommentRequired():
            error_text = "Write a comment before closing: what was seen, said and done."
            return FormProblem(text=error_text, status=unprocessable)
        case flag_work.UnknownColleague():
            return FormProblem(text="Choose whom to hand it to.", status=unprocessable)
        case flag_work.HeldBySomeoneElse():
            return FormProblem(text=_held(error), status=conflict)
        case flag_work.IllegalTransition():
            return FormProblem(text=_illegal(error.state), status=conflict)
        case flag_work.AnotherFlagOpen():
            error_text = (
                "This treatment has another open flag, so this one stays closed. Nothing was changed."
            )
            return FormProblem(text=error_text, status=conflict, flag_id=error.flag_id)
        case flag_work.NothingToUndo():
            error_text = (
                "A step can be taken back for one minute, by who did it, and while nobody did anything since."
            )
            return FormProblem(text=f"{error_text} Nothing was changed.", status=conflict)
        case nurse_texts.TextNotAllowed():
            error_text = f"No text may go to this patient: {error.reason.value}. Nothing was changed."
            return FormProblem(text=error_text, status=conflict)
    return FormProblem(text=str(error), status=unprocessable)


def _held(error: flag_work.HeldBySomeoneElse) -> str:
    say = page_layout.page_context(auth.staff())["say"]
    since = "" if error.since is None else f" since {say.wall(error.since)}"
    return f"{error.holder or 'Someone else'} holds this flag{since}. Nothing was changed."


def _illegal(state: FlagState) -> str:
    if state is FlagState.RESOLVED:
        return "This flag is closed already. Nothing was changed."
    if state is FlagState.OPEN:
        return "Nobody holds this flag. Claim it first; nothing was changed."
    return "The flag cannot do that now. Nothing was changed."


def _chosen(field: str, kind: type[Word], missing: str) -> Word:
    """One of the words of a list. Raises InvalidForm."""
    try:
        return kind(request.form.get(field, ""))
    except ValueError:
        raise InvalidForm(missing) from None


def _written(field: str, name: str) -> str:
    """Text over lines, trimmed. Raises InvalidForm for one too long or with control characters."""
    words = request_bodies.PlainText(longest=LONGEST_WRITTEN, lines=True, shortest=0)
    try:
        text: str = words.deserialize(request.form.get(field, "").replace("\r\n", "\n"))
    except ma.ValidationError:
        raise InvalidForm(
            f"{name} holds at most {LONGEST_WRITTEN} characters and no control characters."
        ) from None
    return text
