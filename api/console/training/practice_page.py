"""A practice week: a member of staff lives seven days as a patient, in ten minutes, on their own phone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from http import HTTPStatus

from flask import Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from api import app_state, auth, database
from api.console import page_frame, site
from api.console.forms import Form
from api.console.patients import desk_page
from recovery.domain.clinical import symptoms
from recovery.domain.core.language import Language
from recovery.domain.messaging.delivery import MessageState
from recovery.domain.patients.contact import AnswersBy
from recovery.domain.training import practice as pace
from recovery.models.clinic import clinics, staff_phones
from recovery.models.clinic.clinics import Clinic, Mode
from recovery.models.training import practice
from recovery.models.training.practice import PracticeWeek
from recovery.services.access import access
from recovery.services.access.access import StaffCaller
from recovery.services.patients.enrolment import PinRequired
from recovery.services.read_models import explain
from recovery.services.training import practice as practising
from recovery.services.training.practice import Choice, NotInTraining, PhoneNotProved

_DAY = re.compile(r"day(\d+)")
_WEEK_ENDS_ON = symptoms.day_of(pace.HOURS - 1)


@dataclass(frozen=True, kw_only=True)
class Step:
    """One text of the week as the page tells it."""

    name: str
    state: str
    why: str
    gone: bool
    failed: bool


@site.blueprint.get("/clinic/practice")
def practice_page() -> Response:
    """How far the week is, and its texts as they leave."""
    return _page(Form({}))


@site.blueprint.post("/clinic/practice")
def start_practice() -> AnyResponse:
    """A treatment now, and the week after it in ten minutes."""
    caller, session, form = auth.staff(), database.current(), Form(request.form)
    language = form.one_of("language", Language, missing="Choose a language.")
    answers_by = form.one_of("answers_by", AnswersBy, missing="Choose how you answer.")
    if language is None or answers_by is None:
        return _wrong(form, "Choose both.", HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        practising.start(
            session,
            clinic=clinics.get_one(session, caller.clinic_id),
            member=access.member_of(session, caller),
            choice=Choice(language=language, answers_by=answers_by),
            content=app_state.state().content,
            now=database.now(),
        )
    except NotInTraining:
        return _wrong(form, "This clinic is live: practice is for clinics in training.", HTTPStatus.CONFLICT)
    except PhoneNotProved:
        return _wrong(form, "Prove your phone first: the texts go there.", HTTPStatus.CONFLICT)
    except PinRequired:
        return _wrong(form, "A patient here has your number; practice needs it alone.", HTTPStatus.CONFLICT)
    return redirect(url_for("console.practice_page", done="practice"), code=HTTPStatus.SEE_OTHER)


def _wrong(form: Form, trouble: str, status: HTTPStatus) -> AnyResponse:
    response = _page(form, trouble=trouble)
    response.status_code = status
    return response


def _page(form: Form, *, trouble: str | None = None) -> Response:
    caller, session = auth.staff(), database.current()
    clinic = clinics.get_one(session, caller.clinic_id)
    names = {
        **page_frame.frame(caller),
        **_standing(caller, clinic),
        "form": form,
        "trouble": trouble,
        "year_of_birth": practising.YEAR_OF_BIRTH,
        "last_day": _WEEK_ENDS_ON,
    }
    if trouble is not None:
        return Response(render_template("console/practice.html", layout="console/base.html", **names))
    # Nobody's data but the reader's own: their reading of it is no entry of the audit trail.
    return page_frame.live("console/practice.html", note_reading=lambda: None, **names)


def _standing(caller: StaffCaller, clinic: Clinic) -> dict[str, object]:
    session = database.current()
    phone = staff_phones.of_member(session, caller.clinic_id, caller.staff_id)
    week = practice.of_member(session, caller.clinic_id, caller.staff_id)
    return {
        "training": clinic.mode is Mode.TRAINING,
        "phone": phone.phone if phone is not None and phone.proved_at is not None else None,
        "week": week,
        "day": None if week is None else symptoms.day_of(week.moved_hours),
        "share": None if week is None else round(100 * week.moved_hours / pace.HOURS),
        "steps": [] if week is None else _steps(week),
    }


def _steps(week: PracticeWeek) -> list[Step]:
    """The texts of the week and those that came in between; not those of later weeks."""
    told = explain.explain(
        database.current(),
        clinic_id=week.clinic_id,
        treatment_id=week.treatment_id,
        content=app_state.state().content,
        now=database.now(),
    )
    found = []
    for one in told.steps:
        day = _DAY.match(one.step)
        if one.id is None or one.step == "session_reminder" or (day and int(day[1]) > _WEEK_ENDS_ON):
            continue
        waits = one.state == MessageState.PLANNED.value
        failed = one.state in desk_page.FAILED
        found.append(
            Step(
                name=f"Day {day[1]}" if day else "In between",
                state=one.state.replace("_", " "),
                why="Comes when its day does." if waits else one.why,
                gone=not waits and not failed,
                failed=failed,
            )
        )
    return found
