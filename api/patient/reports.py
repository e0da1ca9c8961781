"""Reports from the companion app: put once, however often they are sent."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response

from api import auth, database
from api.answers import dump, json, raw
from api.app_state import state
from api.bodies import Blueprint
from api.patient import schemas
from recovery.domain import wording
from recovery.domain.people import Language
from recovery.domain.symptoms import Symptom, WarningSign
from recovery.services import enrolment, reports, treatments
from recovery.services.reports import Answer, Outcome, Submission

blueprint = Blueprint(
    "patient reports",
    __name__,
    url_prefix="/me/treatments/<uuid:treatment_id>/reports",
    description="What the patient saw, held against the expected course.",
)
blueprint.before_request(auth.require_patient)

_ONE = schemas.ReportOut()
_PAGE = schemas.ReportPage()


@blueprint.put("/<uuid:report_id>")
@blueprint.doc(security=[{"patient": []}])
@blueprint.arguments(schemas.SentAt(), location="headers")
@blueprint.arguments(schemas.ReportIn())
@blueprint.response(201, _ONE)
@blueprint.alt_response(200, schema=schemas.ReportOut, description="the same again, or a new revision")
@blueprint.alt_response(
    409, schema=schemas.RevisionProblem, description="another content; `stored` is what we have"
)
def put(headers: dict[str, Any], body: dict[str, Any], *, treatment_id: UUID, report_id: UUID) -> Response:
    """Report how the skin looks. The id is the client's, so a report may be sent again safely.

    The same body again gets the same bytes again. A change sends the stored revision plus one.
    """
    caller = auth.patient()
    session = database.current()
    patient = enrolment.patient_of(session, clinic_id=caller.clinic_id, patient_id=caller.patient_id)
    recorded = reports.record(
        session,
        caller=caller,
        treatment_id=treatment_id,
        submission=_submission(report_id, body, headers=headers),
        content=state().content,
        render=lambda answer: dump(_shown(answer, patient.language), schema=_ONE),
        now=database.now(),
    )
    return raw(recorded.answer, status=201 if recorded.outcome is Outcome.CREATED else 200)


@blueprint.get("")
@blueprint.doc(security=[{"patient": []}])
@blueprint.response(200, _PAGE)
def listed(treatment_id: UUID) -> Response:
    """The reports of a treatment as they stand now, in the order the signs were seen."""
    caller = auth.patient()
    session = database.current()
    treatment = treatments.treatment_of(
        session, clinic_id=caller.clinic_id, treatment_id=treatment_id, patient_id=caller.patient_id
    )
    patient = enrolment.patient_of(session, clinic_id=caller.clinic_id, patient_id=caller.patient_id)
    found = reports.answers(session, treatment=treatment, content=state().content, now=database.now())
    return json({"items": [_shown(one, patient.language) for one in found], "next": None}, schema=_PAGE)


def _submission(report_id: UUID, body: dict[str, Any], *, headers: dict[str, Any]) -> Submission:
    scores = {Symptom(name): score for name, score in body["scores"].items()}
    signs = frozenset(WarningSign(sign) for sign in body["warning_signs"])
    confirmed = frozenset(Symptom(name) for name in body["confirmed"])
    return Submission(
        report_id=report_id,
        revision=body["revision"],
        seen_at=body["seen_at"],
        sent_at=headers["sent_at"],
        scores=scores,
        warning_signs=signs,
        confirmed=confirmed,
        note=body["note"] or None,
        body={
            "seen_at": body["seen_at"].timestamp(),
            "scores": dict(sorted((symptom.value, score) for symptom, score in scores.items())),
            "warning_signs": sorted(signs),
            "confirmed": sorted(confirmed),
            "note": body["note"] or None,
            "revision": body["revision"],
        },
    )


def _shown(answer: Answer, language: Language) -> dict[str, Any]:
    words = state().content.words_for(language)
    said = answer.revision
    return {
        "id": answer.report_id,
        "treatment_id": answer.treatment_id,
        "revision": said.revision,
        "seen_at": said.seen_at,
        "received_at": said.received_at,
        "scores": said.scores,
        "warning_signs": said.warning_signs,
        "note": said.note,
        "confirmed": said.confirmed,
        "day": answer.day,
        "assessment": {
            "level": answer.level,
            "protocol_version": answer.protocol,
            "findings": [
                {
                    "rule": finding.rule.value,
                    "symptom": finding.symptom,
                    "value": finding.value,
                    "bound": None if finding.bound is None else round(finding.bound, 1),
                    "text": wording.for_patient(finding, words),
                }
                for finding in answer.findings
            ],
            "advice": wording.advice(answer.level, answer.day, words),
        },
        "ask_again": [symptom.value for symptom in answer.ask_again],
        "follow_up": {"state": answer.follow_up.state, "by": answer.follow_up.by},
    }
