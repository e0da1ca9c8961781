"""Endpoint: one recovery as a picture, the expected band, own points, earlier sessions, what to avoid until
when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from flask import Response

from api import auth, clinic_content, database
from api.formats.request_bodies import Blueprint
from api.formats.responses import json
from api.patient import course_schemas
from api.patient.treatments import treatment_json
from recovery.domain.clinical import banded_report, protocol, symptoms
from recovery.domain.clinical.symptoms import Level, Symptom
from recovery.models.reports.reports import ReportRevision, StoredAssessment
from recovery.models.treatments.treatments import Treatment
from recovery.services.read_models import patient_course_view
from recovery.services.read_models.patient_course_view import EarlierSession, PatientCourseView
from recovery.services.treatments import session_plan, treatments

blueprint = Blueprint(
    "patient recovery",
    __name__,
    url_prefix="/me/treatments/<uuid:treatment_id>/recovery",
    description="What is expected of this skin, and what was reported.",
)
blueprint.before_request(auth.require_patient)

_RECOVERY = course_schemas.RecoveryOut()


@blueprint.get("")
@blueprint.doc(security=[{"patient": []}])
@blueprint.response(200, _RECOVERY)
def get_recovery(treatment_id: UUID) -> Response:
    """The expected band per symptom and day, own points, earlier sessions, what to avoid, what is next.

    The band is what the next report will be held against: with the treatment's modifiers and the patient's
    own factors.
    """
    caller, session = auth.patient(), database.current()
    treatment = treatments.get_treatment(
        session, clinic_id=caller.clinic_id, treatment_id=treatment_id, patient_id=caller.patient_id
    )
    shown = patient_course_view.read_recovery_view(
        session, treatment=treatment, content=clinic_content.running(), now=database.request_time()
    )
    course = shown.course
    words = clinic_content.running().words_for(course.patient.language).symptoms_patient
    chosen = course.protocol.curves.choose(treatment.facts(skin_type=course.patient.skin_type))
    return json(
        {
            "treatment": treatment_json(shown.standing, language=course.patient.language),
            "protocol_version": course.protocol.version,
            "held_against": {"curve": chosen.curve.name, "because": chosen.because},
            "symptoms": [
                {
                    "symptom": symptom,
                    "label": words[symptom],
                    "judged": symptom in banded_report.SCORED,
                    "expected": _expected(course, symptom),
                    "points": _points(treatment, course.reports, symptom, judged=shown.judged),
                }
                for symptom in Symptom
                if symptom in course.expected.table.bands
            ],
            "earlier_sessions": [_earlier(earlier, judged=shown.judged) for earlier in shown.earlier],
            "next_check_in": course.next_check_in(now=database.request_time()),
            "series": _series(session_plan.get_status(session, patient=course.patient)),
        },
        schema=_RECOVERY,
    )


def _series(stands: session_plan.SessionPlanStatus) -> dict[str, Any] | None:
    if stands.plan is None:
        return None
    planned = ("sessions", "weeks_between", "maintenance_months", "next_session_on")
    return {
        **{name: getattr(stands.plan, name) for name in planned},
        "done": stands.visits,
        "proposed_on": stands.proposed_on,
    }


def _expected(course: PatientCourseView, symptom: Symptom) -> list[dict[str, Any]]:
    expected = []
    for day in protocol.CHECK_IN_DAYS:
        hours = day * 24.0
        band = course.expected.at(symptom=symptom, hours=hours)
        if band is not None:
            edges = {name: round(getattr(band, name), 2) for name in ("p50", "p90", "p97_5")}
            expected.append({"day": int(day), "hours": hours, **edges})
    return expected


def _points(
    treatment: Treatment,
    said: Sequence[ReportRevision],
    symptom: Symptom,
    *,
    judged: Mapping[UUID, StoredAssessment],
) -> list[dict[str, Any]]:
    points = []
    for revision in said:
        if symptom in revision.scores:
            hours = revision.hours_since(treatment.performed_at)
            assessed = judged[revision.report_id]
            score = revision.scores[symptom]
            least, most = symptoms.stands_for(
                score, scale=revision.scale, answers=clinic_content.running().answers
            )
            points.append(
                {
                    "report_id": revision.report_id,
                    "seen_at": revision.seen_at,
                    "hours": round(hours, 2),
                    "day": symptoms.recovery_day(hours),
                    "score": score,
                    "least": least,
                    "most": most,
                    "in_question": symptom in assessed.ask_again,
                    "flagged": assessed.level is not Level.EXPECTED or bool(assessed.held),
                }
            )
    return points


def _earlier(earlier: EarlierSession, *, judged: Mapping[UUID, StoredAssessment]) -> dict[str, Any]:
    treatment = earlier.treatment
    series = [
        {"symptom": symptom, "points": points}
        for symptom in Symptom
        if (points := _points(treatment, earlier.reports, symptom, judged=judged))
    ]
    return {
        "treatment_id": treatment.id,
        "performed_at": treatment.performed_at,
        "session_number": treatment.session_number,
        "symptoms": series,
    }
