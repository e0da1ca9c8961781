"""Endpoint: a flag opened for a patient who phones or comes by."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response

from api import auth, clinic_content, database
from api.clinic import repeats
from api.clinic.flags import flag_schemas
from api.formats.request_bodies import Blueprint
from api.formats.responses import json
from recovery.services.flags import told_flags
from recovery.services.flags.told_flags import ToldByPatient

blueprint = Blueprint(
    "told flags",
    __name__,
    url_prefix="/treatments",
    description="What patients tell the staff outside check-ins.",
)
blueprint.before_request(auth.require_staff)

_ON_ITS_WAY = flag_schemas.FlagOnItsWayOut()


@blueprint.post("/<uuid:treatment_id>/flags")
@blueprint.doc(security=[{"staff": []}], **repeats.DOC)
@blueprint.arguments(flag_schemas.FlagToldIn())
@blueprint.response(202, _ON_ITS_WAY)
@repeats.once()
def open_flag(body: dict[str, Any], *, treatment_id: UUID) -> Response:
    """Open the treatment's flag for what its patient told the staff, or add it to the one that is open.

    The worker opens it within seconds, and it stands in the queue like any other: due by its urgency,
    escalated when that passes. The patient is not texted about it.
    """
    flag = told_flags.tell(
        database.current(),
        caller=auth.staff(),
        treatment_id=treatment_id,
        told=ToldByPatient(
            words=body["told"], urgency=body["urgency"], signs=frozenset(body["warning_signs"])
        ),
        content=clinic_content.running_or_shipped(),
        now=database.request_time(),
    )
    return json(flag, schema=_ON_ITS_WAY, status=202)
