"""Photos over HTTP for patients and staff alike: their schemas, the list, and the picture with its
headers."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Any

import marshmallow as ma
import structlog
from flask import Response

from api import database
from api.app_state import state
from api.formats.request_bodies import Timestamp
from recovery.models.reports.photos import Photo
from recovery.photos.store import NoSuchObject
from recovery.services.reports.photos import UnknownPhoto

log = structlog.get_logger()

CONTENT_TYPE = "image/jpeg"
DOCUMENTED = {"type": "string", "format": "binary"}


class PhotoSize(StrEnum):
    """How large a picture is wanted."""

    PHOTO = "photo"
    THUMBNAIL = "thumbnail"


class PictureQuery(ma.Schema):
    """`photo` has at most 1600 pixels a side, `thumbnail` 320."""

    size = ma.fields.Enum(PhotoSize, by_value=True, load_default=PhotoSize.PHOTO)


class PhotoOut(ma.Schema):
    """A photo that is stored; `width` and `height` in pixels."""

    id = ma.fields.UUID(required=True)
    report_id = ma.fields.UUID(required=True)
    received_at = Timestamp(required=True)
    width = ma.fields.Integer(required=True)
    height = ma.fields.Integer(required=True)


class PhotoPage(ma.Schema):
    """The photos of a report in the order they came. A report has few: there is one page."""

    items = ma.fields.List(ma.fields.Nested(PhotoOut), required=True)
    next = ma.fields.String(required=True, allow_none=True)


def photo_page(photos: Sequence[Photo]) -> dict[str, Any]:
    """What a PhotoPage is made of."""
    return {"items": photos, "next": None}


def photo_response(photo: Photo, *, size: PhotoSize) -> Response:
    """The picture itself, for a page of ours to show or an app to keep; alone it is only downloaded.

    Commits first, so that no database session is open while the store answers.
    """
    database.commit_before_waiting()
    name = photo.object_name if size is PhotoSize.PHOTO else photo.thumbnail_name
    try:
        data = state().photos.get(name)
    except NoSuchObject:
        log.error("a stored picture is gone", photo=str(photo.id))
        raise UnknownPhoto(photo.id) from None
    response = Response(data, content_type=CONTENT_TYPE)
    response.headers["Content-Disposition"] = f'attachment; filename="{size.value}.jpg"'
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox; frame-ancestors 'none'"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return response
