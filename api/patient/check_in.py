"""Endpoint: the questionnaire of one treatment with its words, bands and emergency screen, made to be kept on
the device (ETag)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

import orjson
from flask import Response, request

from api import auth, clinic_content, database
from api.formats.request_bodies import Blueprint
from api.formats.responses import json
from api.patient import course_schemas, schemas
from recovery.domain.clinical import banded_report, symptoms, taking_over
from recovery.domain.clinical.protocol import Protocol
from recovery.domain.clinical.symptoms import Level, Symptom
from recovery.domain.content import check_in, finding_wording
from recovery.domain.core.language import Language
from recovery.domain.flags import flag_lifecycle
from recovery.models.clinic import clinics
from recovery.models.clinic.clinics import Clinic
from recovery.services.clinic import crisis_lines
from recovery.services.content.content import Content
from recovery.services.read_models import patient_course_view
from recovery.services.read_models.patient_course_view import PatientCourseView
from recovery.services.reports import strongest_area
from recovery.services.treatments import treatments

blueprint = Blueprint(
    "patient check in",
    __name__,
    url_prefix="/me/treatments/<uuid:treatment_id>/check-in",
    description="What a check-in asks, made to be kept offline.",
)
blueprint.before_request(auth.require_patient)

_CHECK_IN = course_schemas.CheckInOut()


@blueprint.get("")
@blueprint.doc(security=[{"patient": []}])
@blueprint.response(200, _CHECK_IN)
@blueprint.alt_response(304, description="what `If-None-Match` names still holds")
def get_check_in(treatment_id: UUID) -> Response:
    """Questions, bands, warning signs, advice, emergency screen and times, in the patient's language.

    Keep it on the device and ask again with `If-None-Match`: the entity tag changes when anything in it does.
    """
    caller, session = auth.patient(), database.current()
    treatment = treatments.get_treatment(
        session, clinic_id=caller.clinic_id, treatment_id=treatment_id, patient_id=caller.patient_id
    )
    course = patient_course_view.read_course_view(
        session, treatment=treatment, content=clinic_content.running(), now=database.request_time()
    )
    clinic = clinics.get_one(session, caller.clinic_id)
    asked = _asked(course, clinic, content=clinic_content.running())
    shown = {
        **asked,
        "version": hashlib.sha256(orjson.dumps(asked)).hexdigest()[:16],
        "treatment_id": treatment.id,
        "performed_at": treatment.performed_at,
        "ask_again": _ask_again(course, content=clinic_content.running()),
        "clinic": clinic,
        "check_ins": course.check_ins,
        "taken_over_at": course.taken_over_at,
        "also_asked": [
            {
                **asdict(also.check_in),
                "treatment_id": also.treatment.id,
                "performed_at": also.treatment.performed_at,
                "signs": taking_over.MARKS,
            }
            for also in course.also_asked
        ],
    }
    response = json(shown, schema=_CHECK_IN)
    response.add_etag()
    response.make_conditional(request)
    return response


def _asked(course: PatientCourseView, clinic: Clinic, *, content: Content) -> dict[str, Any]:
    """What the version stands for, as plain values."""
    language = Language(course.patient.language)
    asked, words = content.check_in_for(language), content.words_for(language)
    approval = course.protocol.approval
    return {
        "language": language,
        "protocol_version": course.protocol.version,
        "approved_on": approval.on if approval.signed else None,
        "heading": asked.form["heading"],
        "lead": asked.form["lead"],
        "bands": [_band(band, asked) for band in content.check_in_bands],
        "items": [
            {
                "symptom": symptom,
                "label": _capital(words.symptoms_patient[symptom]),
                "name": asked.symptoms[symptom],
                "required": symptom in symptoms.REQUIRED,
                "answers": [
                    {"name": band.name, "label": asked.answers[symptom][band.name]}
                    for band in content.check_in_bands
                ],
            }
            for symptom in Symptom
        ],
        "where": _where(course.treatment.areas, asked, content=content),
        "signs_lead": asked.form["signs_lead"],
        "sign_groups": [
            {"urgency": flag_lifecycle.urgency_of(level), "heading": asked.groups[level]}
            for level in check_in.URGENT
        ],
        **_signs(course.protocol, words),
        "note": {
            "label": asked.form["note"],
            "hint": asked.form["note_hint"],
            "longest": schemas.LONGEST_NOTE,
        },
        "advice": [
            {"level": level, "first_hours": words.advice_first_hours[level], "later": words.advice[level]}
            for level in Level
        ],
        "emergency": _emergency(clinic, asked, words=words),
    }


def _signs(protocol: Protocol, words: finding_wording.FindingWords) -> dict[str, Any]:
    boxes = [(question, question.ticked(protocol.urgency)) for question in words.signs.listed.questions]
    return {
        "warning_signs": [
            {
                "sign": sign,
                "covers": [one for one in question.signs if one is not sign],
                "label": _capital(words.signs.asked(question)),
                "urgency": flag_lifecycle.urgency_of(level),
            }
            for level in check_in.URGENT
            for question, sign in boxes
            if protocol.urgency(sign) is level
        ],
        "together": [
            {"signs": sorted(signs), "urgency": flag_lifecycle.urgency_of(level)}
            for signs, level in protocol.together
        ],
    }


def _where(
    treated: Sequence[str], asked: check_in.CheckInWords, *, content: Content
) -> dict[str, Any] | None:
    areas = strongest_area.to_choose(treated)
    if not areas or not asked.where:
        return None
    (begins,) = (band for band in content.check_in_bands if band.name == check_in.WHERE_FROM)
    return {
        "label": asked.where["question"],
        "hint": asked.where["hint"],
        "from_score": begins.least,
        "areas": [{"area": area, "label": asked.areas[area]} for area in map(symptoms.Area, areas)],
    }


def _emergency(
    clinic: Clinic, asked: check_in.CheckInWords, *, words: finding_wording.FindingWords
) -> dict[str, str]:
    crisis = crisis_lines.number_of(clinic)
    closed_number = clinic.out_of_hours_phone or clinic.emergency_number
    return {
        "heading": asked.emergency["heading"],
        "text": words.advice[Level.EMERGENCY],
        "number": clinic.emergency_number,
        "call": asked.emergency["call"].format(number=clinic.emergency_number),
        "then_number": clinic.phone,
        "then_call": asked.emergency["then"].format(number=clinic.phone),
        "closed_number": closed_number,
        "closed_call": asked.emergency["then"].format(number=closed_number),
        "crisis_number": crisis,
        "crisis_call": asked.emergency["call"].format(number=crisis),
        "anywhere": asked.emergency["anywhere"].format(signs=_capital(words.signs.anywhere)),
    }


def _band(band: check_in.AnswerBand, asked: check_in.CheckInWords) -> dict[str, Any]:
    return {
        "name": band.name,
        "label": asked.bands[band.name],
        "meaning": asked.meanings[band.name],
        "score": band.score,
        "least": band.least,
        "most": band.most,
    }


def _ask_again(course: PatientCourseView, *, content: Content) -> dict[str, Any]:
    rule = course.protocol.rules.plausibility
    words = content.check_in_for(course.patient.language).ask
    table = course.expected.table
    scored = [report for report in course.reports if report.scores]
    return {
        **{
            name: getattr(rule, name)
            for name in ("within_hours", "least", "jump", "drop", "same", "agreeing")
        },
        "widen": course.expected.factors.widen,
        "last": scored[-1] if scored else None,
        "answers": [
            {"score": score, "least": least, "most": most}
            for score, (least, most) in course.protocol.answers.items()
        ],
        "symptoms": [
            {
                "symptom": symptom,
                "rising": symptom in banded_report.WIDENED,
                "margin": rule.margins.get(symptom),
                "bounds": list(_bounds(table.hours, table.bands[symptom])),
            }
            for symptom in Symptom
            if symptom in table.bands
        ],
        **words,
    }


def _bounds(hours: Sequence[float], row: Sequence[Any]) -> Iterator[dict[str, float]]:
    for hour, band in zip(hours, row, strict=True):
        yield {"hours": hour, "p90": band.p90, "p97_5": band.p97_5}


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
