"""Page of one flag: the reasons, the course, photos, and the forms of what a nurse can do about it."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from uuid import UUID

from flask import render_template, request
from werkzeug.wrappers import Response as AnyResponse

from api import auth, clinic_content, database
from api.console import console_blueprint, course_chart, page_layout
from api.formats import photo_responses
from recovery.domain.clinical.symptoms import Symptom, WarningSign
from recovery.domain.flags.flag_lifecycle import OFFERED, FlagState, NurseText
from recovery.models.clinic import clinics
from recovery.models.patients import patients
from recovery.models.training import training_week
from recovery.services.flags import nurse_texts
from recovery.services.flags.flag_work import MAY_TAKE_AWAY
from recovery.services.read_models import flag_view
from recovery.services.read_models.flag_view_model import FlagView
from recovery.services.reports import photos


@dataclass(frozen=True, kw_only=True)
class FormProblem:
    """Why nothing was changed, and whether the form or the state of the flag is the reason.

    `flag_id` is another flag to look at.
    """

    text: str
    status: HTTPStatus
    flag_id: UUID | None = None


@console_blueprint.blueprint.get("/flags/<uuid:flag_id>")
def flag(flag_id: UUID) -> str:
    """The page of one flag."""
    return page(flag_id)


@console_blueprint.blueprint.get("/reports/<uuid:report_id>/photos/<uuid:photo_id>")
def photo(report_id: UUID, photo_id: UUID) -> AnyResponse:
    """A photo of a report, or with `?size=thumbnail` a small one. Who looked at it is noted."""
    found = photos.get_for_staff(
        database.current(),
        caller=auth.staff(),
        report_id=report_id,
        photo_id=photo_id,
        now=database.request_time(),
    )
    small = request.args.get("size") == photo_responses.PhotoSize.THUMBNAIL
    return photo_responses.photo_response(
        found, size=photo_responses.PhotoSize.THUMBNAIL if small else photo_responses.PhotoSize.PHOTO
    )


def page(flag_id: UUID, *, trouble: FormProblem | None = None) -> str:
    """The page of one flag, with what went wrong and what was typed."""
    caller = auth.staff()
    frame = page_layout.page_context(caller)
    content = clinic_content.running_or_shipped()
    shown = flag_view.read_flag(
        database.current(), caller=caller, flag_id=flag_id, content=content, now=database.request_time()
    )
    say = frame["say"]
    own = shown.flag.holder_id == caller.staff_id
    closed = shown.flag.state is FlagState.RESOLVED
    return render_template(
        "console/flag.html",
        **frame,
        file=shown,
        practised=shown.patient.id
        in training_week.training_patient_ids(database.current(), caller.clinic_id),
        flag=shown.flag,
        own=own,
        is_open=shown.flag.state is FlagState.OPEN,
        is_closed=closed,
        may_hand_over=not closed and (own or not shown.flag.holder_id or caller.role in MAY_TAKE_AWAY),
        colleagues=_colleagues(shown),
        texts_offered=_texts(shown) if own and not closed else {},
        offered={outcome.value: text.value for outcome, text in OFFERED.items()},
        charts=course_chart.panels(
            shown.course,
            names={symptom: say.symptom(symptom) for symptom in Symptom},
            signs={sign: say.words.signs.nurse_ticked(sign) for sign in WarningSign},
        ),
        table_symptoms=[series.symptom for series in shown.course.series],
        trouble=trouble,
        typed=request.form,
    )


def _colleagues(shown: FlagView) -> list[tuple[UUID, str]]:
    """Everyone whom the flag may be handed to: not its holder; who wants an open one claims it."""
    caller = auth.staff()
    people = clinics.active_names(database.current(), caller.clinic_id)
    holder = shown.flag.holder_id or caller.staff_id
    return [(staff_id, name) for staff_id, name in people.items() if staff_id != holder]


def _texts(shown: FlagView) -> dict[NurseText, str]:
    """The approved texts in the patient's language; none where no text may go."""
    session, content = database.current(), clinic_content.running_or_shipped()
    patient = patients.get(session, auth.staff().clinic_id, shown.patient.id)
    if patient is None or any(
        nurse_texts.reason_not_to_text(session, patient, content=content, template=template)
        for template in NurseText
    ):
        return {}
    return nurse_texts.preview_texts(session, patient, content=content, now=database.request_time())
