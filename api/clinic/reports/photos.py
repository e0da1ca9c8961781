"""Photos that patients sent, for the clinic's staff."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response

from api import auth, database
from api.formats import pictures
from api.formats.answers import json
from api.formats.bodies import Blueprint
from recovery.services.reports import photos

blueprint = Blueprint(
    "photos",
    __name__,
    url_prefix="/reports/<uuid:report_id>/photos",
    description="Pictures that patients sent with a report.",
)
blueprint.before_request(auth.require_staff)

_PAGE = pictures.PhotoPage()


@blueprint.get("")
@blueprint.doc(security=[{"staff": []}])
@blueprint.response(200, _PAGE)
def listed(report_id: UUID) -> Response:
    """The photos of a report, in the order they came."""
    found = photos.for_staff(database.current(), caller=auth.staff(), report_id=report_id, now=database.now())
    return json(pictures.page(found), schema=_PAGE)


@blueprint.get("/<uuid:photo_id>")
@blueprint.doc(security=[{"staff": []}])
@blueprint.arguments(pictures.PictureQuery(), location="query")
@blueprint.response(200, pictures.DOCUMENTED, content_type=pictures.CONTENT_TYPE)
def one(query: dict[str, Any], *, report_id: UUID, photo_id: UUID) -> Response:
    """The picture, or its thumbnail. Who looked at it is noted."""
    photo = photos.one_for_staff(
        database.current(), caller=auth.staff(), report_id=report_id, photo_id=photo_id, now=database.now()
    )
    return pictures.picture(photo, size=query["size"])
