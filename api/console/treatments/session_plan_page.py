"""Page of a patient's series: its plan and next session kept, and drawn side by side how the skin came
through each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from http import HTTPStatus
from uuid import UUID

from flask import redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response as AnyResponse

from api import auth, clinic_content, database
from api.console import console_blueprint, course_chart, edited_form, page_layout
from api.console.edited_form import ForeignChange
from api.console.form_reader import Form
from recovery.domain.clinic import opening_hours
from recovery.domain.clinic.staff_roles import MAY, Duty
from recovery.domain.clinical.symptoms import Symptom
from recovery.domain.treatments import session_plan as rules
from recovery.domain.treatments.session_plan import SessionPlan
from recovery.models.patients.patients import Patient
from recovery.services.core import audit
from recovery.services.patients import enrolment
from recovery.services.read_models import healing_history, patient_view
from recovery.services.read_models.healing_history import HealingHistory
from recovery.services.treatments import session_plan
from recovery.services.treatments.session_plan import SessionPlanStatus

USUAL_SESSIONS, USUAL_WEEKS = 3, 4
DRAWN = (Symptom.REDNESS, Symptom.SWELLING)
_COUNTS = {
    "sessions": [(str(one), f"{one} sessions") for one in range(rules.FEWEST, rules.MOST + 1)],
    "weeks": [(str(one), f"{one} weeks") for one in range(rules.CLOSEST, rules.FARTHEST + 1)],
    "months": [(str(one), f"every {one} months") for one in range(rules.SOONEST, rules.LATEST + 1)],
}
_NOT_A_DAY = "A day from today on, at most two years ahead."
Answer = str | AnyResponse | tuple[str, int]


@console_blueprint.blueprint.get("/patients/<uuid:patient_id>/series")
def series_page(patient_id: UUID) -> Answer:
    """The plan, the next session and the sessions so far."""
    patient = _patient(patient_id)
    stands = session_plan.get_status(database.current(), patient=patient)
    return _page(patient, Form(_entries(stands)), stands)


@console_blueprint.blueprint.post("/patients/<uuid:patient_id>/series")
def agree_series(patient_id: UUID) -> Answer:
    """Keep the plan and the day agreed for the next session."""
    caller, session = auth.staff_for(Duty.CONSULTATION), database.current()
    patient, form = _patient(patient_id), Form(request.form)
    stands = session_plan.get_status(session, patient=patient)
    if changes_of_others := edited_form.take_over(form, kept=_entries(stands)):
        return _page(patient, form, stands, changed=changes_of_others), HTTPStatus.CONFLICT
    sessions = form.whole("sessions", least=rules.FEWEST, most=rules.MOST, missing="Choose how many.")
    weeks = form.whole(
        "weeks_between", least=rules.CLOSEST, most=rules.FARTHEST, missing="Choose how far apart."
    )
    months = form.whole("maintenance_months", least=rules.SOONEST, most=rules.LATEST)
    next_on = form.day("next_session_on")
    if sessions and weeks and not form.wrong:
        try:
            session_plan.save_plan(
                session,
                patient=patient,
                plan=SessionPlan(sessions=sessions, weeks_between=weeks, maintenance_months=months),
                next_session_on=next_on,
                content=clinic_content.running(),
                actor=audit.staff(caller.staff_id),
                now=database.request_time(),
            )
            return redirect(url_for("console.series_page", patient_id=patient.id, done="agreed"), code=303)
        except session_plan.ImpossibleSessionDay:
            form.wrong["next_session_on"] = _NOT_A_DAY
    return _page(patient, form, stands), HTTPStatus.UNPROCESSABLE_ENTITY


def _entries(stands: SessionPlanStatus) -> dict[str, str]:
    plan = stands.plan
    if plan is None:
        return {"sessions": str(USUAL_SESSIONS), "weeks_between": str(USUAL_WEEKS)}
    return {
        "sessions": str(plan.sessions),
        "weeks_between": str(plan.weeks_between),
        "maintenance_months": "" if plan.maintenance_months is None else str(plan.maintenance_months),
        "next_session_on": _iso(plan.next_session_on),
    }


def _iso(day: date | None) -> str:
    return "" if day is None else day.isoformat()


def _patient(patient_id: UUID) -> Patient:
    caller, session = auth.staff(), database.current()
    patient = enrolment.get_patient(session, clinic_id=caller.clinic_id, patient_id=patient_id)
    patient_view.audit_reading(
        session, caller=caller, patient=patient, now=database.request_time(), action="series.read"
    )
    return patient


def _panels(healed: HealingHistory) -> list[Markup]:
    if healed.course is None:
        return []
    say = page_layout.page_context(auth.staff())["say"]
    return [
        course_chart.panel(one, course=healed.course, name=say.symptom(one.symptom))
        for one in healed.course.series
        if one.symptom in DRAWN
    ]


def _page(
    patient: Patient, form: Form, stands: SessionPlanStatus, *, changed: Sequence[ForeignChange] = ()
) -> str:
    # A form with an error in it shows a patient all the same, so the reading is audited and committed.
    database.commit_despite_error()
    caller = auth.staff()
    healed = healing_history.read_history(
        database.current(), patient=patient, content=clinic_content.running(), now=database.request_time()
    )
    return render_template(
        "console/series.html",
        **page_layout.page_context(caller),
        patient=patient,
        form=form,
        stands=stands,
        changed=changed,
        base=edited_form.base_of(_entries(stands)),
        healed=healed,
        drawn=DRAWN,
        counts=_COUNTS,
        panels=_panels(healed),
        today=database.request_time()
        .astimezone(opening_hours.zone_named(patient.time_zone))
        .date()
        .isoformat(),
        may_plan=caller.role in MAY[Duty.CONSULTATION],
    )
