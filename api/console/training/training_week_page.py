"""Page of a practice week: begun, how far it is, and its texts as they leave."""

from __future__ import annotations

import re
from dataclasses import dataclass
from http import HTTPStatus

from flask import Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from api import auth, clinic_content, database
from api.console import console_blueprint, page_layout
from api.console.form_reader import Form
from api.console.patients import desk_page
from recovery.domain.clinical import symptoms
from recovery.domain.core.language import Language
from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.domain.patients.contact import AnswersBy
from recovery.domain.training import training_week as pace
from recovery.models.clinic import clinics, staff_phones
from recovery.models.training import training_week
from recovery.models.training.training_week import PracticeWeek
from recovery.services.access import authentication
from recovery.services.access.authentication import StaffCaller
from recovery.services.patients.enrolment import PinRequired
from recovery.services.read_models import send_explanations
from recovery.services.training import training_week as practising
from recovery.services.training.training_week import PhoneNotProved, TrainingOptions

_DAY = re.compile(r"day(\d+)")
_WEEK_ENDS_ON = symptoms.recovery_day(pace.HOURS - 1)


@dataclass(frozen=True, kw_only=True)
class TrainingText:
    """One text of the week as the page tells it."""

    name: str
    state: str
    why: str
    gone: bool
    failed: bool


@console_blueprint.blueprint.get("/clinic/practice")
def practice_page() -> Response:
    """How far the week is, and its texts as they leave."""
    return _page(Form({}))


@console_blueprint.blueprint.post("/clinic/practice")
def start_practice() -> AnyResponse:
    """A treatment now, and the week after it in ten minutes."""
    caller, session, form = auth.staff(), database.current(), Form(request.form)
    language = form.one_of("language", Language, missing="Choose a language.")
    answers_by = form.one_of("answers_by", AnswersBy, missing="Choose how you answer.")
    if language is None or answers_by is None:
        return _wrong(form, "Choose both.", HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        practising.start_week(
            session,
            clinic=clinics.get_one(session, caller.clinic_id),
            member=authentication.member_of(session, caller),
            choice=TrainingOptions(language=language, answers_by=answers_by),
            content=clinic_content.running(),
            now=database.request_time(),
        )
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
    caller = auth.staff()
    names = {
        **page_layout.page_context(caller),
        **_standing(caller),
        "form": form,
        "trouble": trouble,
        "year_of_birth": practising.YEAR_OF_BIRTH,
        "last_day": _WEEK_ENDS_ON,
    }
    if trouble is not None:
        return Response(render_template("console/practice.html", layout="console/base.html", **names))
    # Nobody's data but the reader's own, so reading it is not audited.
    return page_layout.render_live_page("console/practice.html", note_reading=lambda: None, **names)


def _standing(caller: StaffCaller) -> dict[str, object]:
    session = database.current()
    phone = staff_phones.get_for_member(session, caller.clinic_id, caller.staff_id)
    week = training_week.get_for_member(session, caller.clinic_id, caller.staff_id)
    return {
        "phone": phone.phone if phone is not None and phone.proved_at is not None else None,
        "week": week,
        "day": None if week is None else symptoms.recovery_day(week.moved_hours),
        "share": None if week is None else round(100 * week.moved_hours / pace.HOURS),
        "steps": [] if week is None else _steps(week),
    }


def _steps(week: PracticeWeek) -> list[TrainingText]:
    """The texts of the week and those that came in between; not those of later weeks."""
    explanation = send_explanations.explain_treatment(
        database.current(),
        clinic_id=week.clinic_id,
        treatment_id=week.treatment_id,
        content=clinic_content.running(),
        now=database.request_time(),
    )
    shown = []
    for text in explanation.steps:
        day = _DAY.match(text.step)
        if text.id is None or text.step == "session_reminder" or (day and int(day[1]) > _WEEK_ENDS_ON):
            continue
        waits = text.state == MessageState.PLANNED.value
        failed = text.state in desk_page.FAILED
        shown.append(
            TrainingText(
                name=f"Day {day[1]}" if day else "In between",
                state=text.state.replace("_", " "),
                why="Comes when its day does." if waits else text.why,
                gone=not waits and not failed,
                failed=failed,
            )
        )
    return shown
