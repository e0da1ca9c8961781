"""Endpoints: photos that patients sent, listed and shown to the clinic's staff."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response

from api import auth, database
from api.formats import photo_responses
from api.formats.request_bodies import Blueprint
from api.formats.responses import json
from recovery.services.reports import photos

blueprint = Blueprint(
    "photos",
    __name__,
    url_prefix="/reports/<uuid:report_id>/photos",
    description="Pictures that patients sent with a report.",
)
blueprint.before_request(auth.require_staff)

_PAGE = photo_responses.PhotoPage()


@blueprint.get("")
@blueprint.doc(security=[{"staff": []}])
@blueprint.response(200, _PAGE)
def list_report_photos(report_id: UUID) -> Response:
    """The photos of a report, in the order they came."""
    stored = photos.list_for_staff(
        database.current(), caller=auth.staff(), report_id=report_id, now=database.request_time()
    )
    return json(photo_responses.photo_page(stored), schema=_PAGE)


@blueprint.get("/<uuid:photo_id>")
@blueprint.doc(security=[{"staff": []}])
@blueprint.arguments(photo_responses.PictureQuery(), location="query")
@blueprint.response(200, photo_responses.DOCUMENTED, content_type=photo_responses.CONTENT_TYPE)
def get_report_photo(query: dict[str, Any], *, report_id: UUID, photo_id: UUID) -> Response:
    """The picture, or its thumbnail. Who looked at it is noted."""
    photo = photos.get_for_staff(
        database.current(),
        caller=auth.staff(),
        report_id=report_id,
        photo_id=photo_id,
        now=database.request_time(),
    )
    return photo_responses.photo_response(photo, size=query["size"])
