"""One flag: the reasons, the course, and what a nurse can do about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from uuid import UUID

import marshmallow as ma
from flask import redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from api import app_state, auth, bodies, database
from api.console import course_chart, page_frame, site
from recovery.domain.symptoms import Symptom, WarningSign
from recovery.domain.triage import FlagState, Outcome
from recovery.services import course, triage
from recovery.services.triage import ContactResult

Answer = AnyResponse | tuple[str, int] | str

LONGEST_WRITTEN = 4000
"""Characters of a comment or a note; the same as over the API."""


class Refused(ValueError):
    """A form that cannot be taken; the message says what to do."""


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """Why nothing was changed, and whether the form or the state of the flag is the reason."""

    text: str
    status: HTTPStatus


@site.blueprint.get("/flags/<uuid:flag_id>")
def flag(flag_id: UUID) -> str:
    """The page of one flag."""
    return _page(flag_id)


@site.blueprint.post("/flags/<uuid:flag_id>/claim")
def claim(flag_id: UUID) -> Answer:
    """Take the flag."""

    def act(session: Session) -> None:
        triage.claim(session, caller=auth.staff(), flag_id=flag_id, now=database.now())

    return _act(flag_id, act, done="claimed")


@site.blueprint.post("/flags/<uuid:flag_id>/release")
def release(flag_id: UUID) -> Answer:
    """Give the flag back."""

    def act(session: Session) -> None:
        triage.release(session, caller=auth.staff(), flag_id=flag_id, now=database.now())

    return _act(flag_id, act, done="released")


@site.blueprint.post("/flags/<uuid:flag_id>/contact")
def contact(flag_id: UUID) -> Answer:
    """Note an attempt to reach the patient."""

    def act(session: Session) -> None:
        result = _chosen("result", ContactResult, "Say how the attempt ended.")
        note = _written("note", "The note")
        triage.contact(
            session,
            caller=auth.staff(),
            flag_id=flag_id,
            result=ContactResult(result),
            note=note or None,
            now=database.now(),
        )

    return _act(flag_id, act, done="noted")


@site.blueprint.post("/flags/<uuid:flag_id>/resolve")
def resolve(flag_id: UUID) -> Answer:
    """Close the flag with what it was; on to the queue."""

    def act(session: Session) -> None:
        outcome = _chosen("outcome", Outcome, "Choose what it turned out to be.")
        comment = _written("comment", "The comment")
        triage.resolve(
            session,
            caller=auth.staff(),
            flag_id=flag_id,
            outcome=Outcome(outcome),
            comment=comment,
            now=database.now(),
        )

    return _act(flag_id, act, done="resolved")


@site.blueprint.get("/flags/<uuid:flag_id>/<any(claim, release, contact, resolve):step>")
def form_address(flag_id: UUID, step: str) -> AnyResponse:
    """A form's address opened as a page, as after a reload: the flag's page is meant."""
    return redirect(url_for("console.flag", flag_id=flag_id), code=HTTPStatus.SEE_OTHER)


def _act(flag_id: UUID, act: Callable[[Session], None], *, done: str) -> Answer:
    """Do it and go on to a page, or show the flag with the reason why not and what was typed."""
    session = database.current()
    try:
        with session.begin_nested():
            act(session)
    except Refused as error:
        trouble = Trouble(text=str(error), status=HTTPStatus.UNPROCESSABLE_ENTITY)
    except triage.CommentRequired:
        trouble = Trouble(
            text="Write a comment before closing: what was seen, said and done.",
            status=HTTPStatus.UNPROCESSABLE_ENTITY,
        )
    except triage.HeldBySomeoneElse as error:
        trouble = Trouble(text=_held(error), status=HTTPStatus.CONFLICT)
    except triage.IllegalMove as error:
        trouble = Trouble(text=_illegal(error.state), status=HTTPStatus.CONFLICT)
    else:
        if done == "resolved":
            return redirect(url_for("console.home", done=done, flag=flag_id), code=HTTPStatus.SEE_OTHER)
        return redirect(url_for("console.flag", flag_id=flag_id, done=done), code=HTTPStatus.SEE_OTHER)
    # The page shows a patient's data although the answer is an error: that it was read is kept.
    database.keep_what_was_counted()
    return _page(flag_id, trouble=trouble), trouble.status


def _page(flag_id: UUID, *, trouble: Trouble | None = None) -> str:
    caller = auth.staff()
    frame = page_frame.frame(caller)
    content = app_state.state().content
    shown = course.read_flag(
        database.current(), caller=caller, flag_id=flag_id, content=content, now=database.now()
    )
    say = frame["say"]
    return render_template(
        "console/flag.html",
        **frame,
        file=shown,
        flag=shown.flag,
        own=shown.flag.holder_id == caller.staff_id,
        is_open=shown.flag.state is FlagState.OPEN,
        is_closed=shown.flag.state is FlagState.RESOLVED,
        charts=course_chart.panels(
            shown.course,
            names={symptom: say.symptom(symptom) for symptom in Symptom},
            signs={sign: say.words.signs_nurse[sign] for sign in WarningSign},
        ),
        table_symptoms=[series.symptom for series in shown.course.series],
        trouble=trouble,
        typed=request.form,
    )


def _held(error: triage.HeldBySomeoneElse) -> str:
    say = page_frame.frame(auth.staff())["say"]
    since = "" if error.since is None else f" since {say.wall(error.since)}"
    return f"{error.holder or 'Someone else'} holds this flag{since}. Nothing was changed."


def _illegal(state: FlagState) -> str:
    if state is FlagState.RESOLVED:
        return "This flag is closed already. Nothing was changed."
    if state is FlagState.OPEN:
        return "Nobody holds this flag. Claim it first; nothing was changed."
    return "The flag cannot do that now. Nothing was changed."


def _chosen(field: str, kind: type[ContactResult] | type[Outcome], missing: str) -> str:
    """One of the words of a list. Raises Refused."""
    word = request.form.get(field, "")
    if word not in {member.value for member in kind}:
        raise Refused(missing)
    return word


def _written(field: str, name: str) -> str:
    """Text over lines, trimmed. Raises Refused for one too long or with control characters."""
    words = bodies.Words(longest=LONGEST_WRITTEN, lines=True, shortest=0)
    try:
        text: str = words.deserialize(request.form.get(field, "").replace("\r\n", "\n"))
    except ma.ValidationError:
        raise Refused(
            f"{name} holds at most {LONGEST_WRITTEN} characters and no control characters."
        ) from None
    return text
