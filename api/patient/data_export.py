"""Endpoint: everything that is kept of a patient, as JSON or as a page to print."""

from __future__ import annotations

import functools
import secrets
import tomllib
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Response, render_template, request

from api import auth, clinic_content, database
from api.formats.request_bodies import Blueprint
from api.formats.responses import dump, raw
from api.patient import export_schemas
from config import content_files as files
from recovery.domain.clinic import opening_hours
from recovery.domain.clinical import findings
from recovery.domain.content import finding_wording, score_wording
from recovery.domain.content.finding_wording import FindingWords
from recovery.domain.core.language import Language
from recovery.models.reports.reports import StoredAssessment
from recovery.services.flags.flag_work import ContactResult
from recovery.services.read_models import patient_data_export
from recovery.services.read_models.patient_data_export import ExportedTreatment, PatientExport

blueprint = Blueprint(
    "patient export",
    __name__,
    url_prefix="/me/export",
    description="The patient's own data, complete.",
    template_folder="templates",
)
blueprint.before_request(auth.require_patient)

_DATA = export_schemas.OwnData()
_PAGE = {"text/html": {"schema": {"type": "string"}}}
_WORDS: Mapping[Language, Mapping[str, Any]] = {
    language: tomllib.loads(files.read_export(language.value)) for language in Language
}


@blueprint.get("")
@blueprint.doc(security=[{"patient": []}], responses={200: {"content": _PAGE}})
@blueprint.arguments(export_schemas.ExportQuery(), location="query")
@blueprint.response(200, _DATA)
def export_own_data(query: dict[str, Any]) -> Response:
    """Take everything along: as JSON, or as a page to read and print. Each time is noted in the audit."""
    data = patient_data_export.export(database.current(), caller=auth.patient(), now=database.request_time())
    shown = _shown(data, words=clinic_content.running().words_for(data.patient.language))
    wanted = query["format"] or _preferred()
    if wanted == "html":
        return _printed(
            shown, language=data.patient.language, zone=opening_hours.zone_named(data.patient.time_zone)
        )
    return raw(dump(shown, schema=_DATA))


def _preferred() -> str:
    best = request.accept_mimetypes.best_match(("application/json", "text/html"), "application/json")
    return "html" if best == "text/html" else "json"


def _printed(shown: Mapping[str, Any], *, language: Language, zone: ZoneInfo) -> Response:
    nonce = secrets.token_urlsafe(16)

    def local(moment: datetime) -> str:
        return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M")

    content = clinic_content.running()
    page = render_template(
        "patient/export.html",
        data=shown,
        said=_WORDS[language],
        words=content.words_for(language),
        asked=content.check_in_for(language),
        answer=functools.partial(
            score_wording.answer_text, bands=content.check_in_bands, words=content.check_in_for(language)
        ),
        language=language.value,
        local=local,
        nonce=nonce,
    )
    response = Response(page, content_type="text/html; charset=utf-8")
    response.headers["Content-Security-Policy"] = (
        f"default-src 'none'; style-src 'nonce-{nonce}'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    )
    return response


def _shown(data: PatientExport, *, words: FindingWords) -> dict[str, Any]:
    return {
        "exported_at": database.request_time(),
        "patient": data.patient,
        "clinic": data.clinic,
        "consents": data.consents,
        "devices": data.devices,
        "treatments": [_treatment(treatment, words=words) for treatment in data.treatments],
        "texts_sent": [
            {"sent_at": sent.text.claimed_at, "state": sent.text.state.value, "words": sent.words}
            for sent in data.texts
        ],
        "texts_received": [
            {"received_at": received.received_at, "words": received.body} for received in data.received
        ],
    }


def _treatment(data: ExportedTreatment, *, words: FindingWords) -> dict[str, Any]:
    treatment = data.treatment
    facts = (
        "id", "performed_at", "device", "depth_mm", "acid", "indication", "numbing", "topical", "lot",
        "session_number", "withdrawn_at",
    )  # fmt: skip
    return {
        **{name: getattr(treatment, name) for name in facts},
        "areas": treatment.facts(skin_type=None).areas,
        "reports": [
            {
                "id": exported.report.id,
                "revisions": exported.revisions,
                "photos": exported.photos,
                "assessments": [_judged(judged, words=words) for judged in exported.assessments],
            }
            for exported in data.reports
        ],
        "silences": [_judged(judged, words=words) for judged in data.silences],
        "told": [_judged(judged, words=words) for judged in data.told],
        "complications": data.complications,
        "flags": [
            {
                **{
                    name: getattr(raised.flag, name)
                    for name in ("urgency", "state", "opened_at", "resolved_at", "outcome")
                },
                "contacts": [
                    {"at": event.at, "result": ContactResult(event.detail["result"])}
                    for event in raised.contacts
                ],
            }
            for raised in data.flags
        ],
    }


def _judged(judged: StoredAssessment, *, words: FindingWords) -> dict[str, Any]:
    sentences = [
        finding_wording.render_for_patient(findings.from_dict(finding), words) for finding in judged.findings
    ]
    return {
        "revision": judged.revision,
        "cause": judged.cause,
        "judged_at": judged.created_at,
        "level": judged.level,
        "day": judged.day,
        "protocol_version": judged.protocol,
        "findings": sentences,
    }
