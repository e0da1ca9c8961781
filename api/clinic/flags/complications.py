"""Endpoints: complications that nobody flagged, recorded, listed, withdrawn."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response

from api import auth, database
from api.clinic import repeats
from api.clinic.flags import flag_schemas
from api.formats.request_bodies import Blueprint
from api.formats.responses import json
from api.openapi.document import Problem
from recovery.domain.clinic.staff_roles import Duty
from recovery.models.flags import complications as rows
from recovery.services.core import audit
from recovery.services.flags import complications
from recovery.services.flags.complications import NewComplication
from recovery.services.treatments import treatments

blueprint = Blueprint(
    "complications", __name__, url_prefix="", description="Complications that became known without a flag."
)
blueprint.before_request(auth.require_staff)

_COMPLICATION = flag_schemas.ComplicationOut()
_ALL = flag_schemas.ComplicationsOut()


@blueprint.post("/treatments/<uuid:treatment_id>/complications")
@blueprint.doc(security=[{"staff": []}], **repeats.DOC)
@blueprint.arguments(flag_schemas.ComplicationIn())
@blueprint.response(201, _COMPLICATION)
@repeats.once()
def record_complication(body: dict[str, Any], *, treatment_id: UUID) -> Response:
    """Record what followed a treatment and nobody flagged: the figures count it among what was missed."""
    kept = complications.record(
        database.current(),
        caller=auth.staff(),
        treatment_id=treatment_id,
        new=NewComplication(**body),
        now=database.request_time(),
    )
    return json(kept, schema=_COMPLICATION, status=201)


@blueprint.get("/treatments/<uuid:treatment_id>/complications")
@blueprint.doc(security=[{"staff": []}])
@blueprint.response(200, _ALL)
def list_complications(treatment_id: UUID) -> Response:
    """What is on record for a treatment, without what was withdrawn."""
    caller, session = auth.staff(), database.current()
    treatment = treatments.get_treatment(session, clinic_id=caller.clinic_id, treatment_id=treatment_id)
    audit.record(
        session,
        clinic_id=caller.clinic_id,
        actor=audit.staff(caller.staff_id),
        action="complication.list",
        subject=("treatment", treatment.id),
        now=database.request_time(),
    )
    kept = rows.by_treatment(session, caller.clinic_id, [treatment.id])[treatment.id]
    return json({"items": kept}, schema=_ALL)


@blueprint.post("/complications/<uuid:complication_id>/withdraw")
@blueprint.doc(security=[{"staff": []}])
@blueprint.response(200, _COMPLICATION)
@blueprint.alt_response(403, schema=Problem)
def withdraw_complication(complication_id: UUID) -> Response:
    """Take back a complication that was entered in error. It stays on record and counts no more."""
    caller = auth.staff_for(Duty.CORRECTION)
    withdrawn = complications.withdraw(
        database.current(), caller=caller, complication_id=complication_id, now=database.request_time()
    )
    return json(withdrawn, schema=_COMPLICATION)
