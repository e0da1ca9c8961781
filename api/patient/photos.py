"""Endpoints: photos with a report, put once however often they are sent, listed and shown to their
patient."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO
from uuid import UUID

from flask import Response, request

from api import auth, database
from api.app_state import state
from api.errors.problems import WrongPhotoType
from api.formats import photo_responses
from api.formats.request_bodies import Blueprint
from api.formats.responses import json
from api.openapi.document import Problem
from recovery.photos import photo_decoder
from recovery.services.reports import photos

LARGEST = 15 * 1024 * 1024
TYPES = ("image/jpeg", "image/png", "image/webp", "image/heic", "image/heif")
_CHUNK = 256 * 1024

blueprint = Blueprint(
    "patient photos",
    __name__,
    url_prefix="/me/reports/<uuid:report_id>/photos",
    description="Pictures of the skin, with the report they belong to.",
)
blueprint.before_request(auth.require_patient)

_ONE = photo_responses.PhotoOut()
_PAGE = photo_responses.PhotoPage()


@blueprint.put("/<uuid:photo_id>")
@blueprint.doc(
    security=[{"patient": []}],
    requestBody={
        "required": True,
        "content": {name: {"schema": photo_responses.DOCUMENTED} for name in TYPES},
    },
)
@blueprint.response(201, _ONE)
@blueprint.alt_response(200, schema=photo_responses.PhotoOut, description="these bytes are stored already")
@blueprint.alt_response(409, schema=Problem, description="other bytes have this id, or four photos are there")
def put_photo(report_id: UUID, photo_id: UUID) -> Response:
    """Send a photo with a report that was sent before; at most four with one report.

    The body is the file, at most 15 MB and 40 megapixels; JPEG can be that large, other formats as far as
    they can be read in 200 MB. The id is the client's, so a photo may be sent again safely. What is kept is
    a JPEG of at most 1600 pixels a side, upright, without place, time, device or any other data about it.
    """
    if request.mimetype not in TYPES:
        raise WrongPhotoType
    caller, session = auth.patient(), database.current()
    photos.get_own_report(session, caller=caller, report_id=report_id)
    database.commit_before_waiting()
    with _received() as (sent, fingerprint):
        known = photos.find_stored_copy(
            session, caller=caller, report_id=report_id, photo_id=photo_id, fingerprint=fingerprint
        )
        if known is not None:
            return json(known, schema=_ONE)
        database.commit_before_waiting()
        read = photo_decoder.decode(sent)
    begun = photos.begin_upload(
        session,
        caller=caller,
        report_id=report_id,
        photo_id=photo_id,
        fingerprint=fingerprint,
        pictures=read,
        now=database.request_time(),
    )
    database.commit_before_waiting()
    state().photos.put(begun.object_name, read.photo)
    state().photos.put(begun.thumbnail_name, read.thumbnail)
    photo, is_new = photos.finish_upload(
        session, caller=caller, photo_id=photo_id, now=database.request_time()
    )
    return json(photo, schema=_ONE, status=201 if is_new else 200)


@blueprint.get("")
@blueprint.doc(security=[{"patient": []}])
@blueprint.response(200, _PAGE)
def list_own_photos(report_id: UUID) -> Response:
    """The photos of a report, in the order they came."""
    stored = photos.list_own(database.current(), caller=auth.patient(), report_id=report_id)
    return json(photo_responses.photo_page(stored), schema=_PAGE)


@blueprint.get("/<uuid:photo_id>")
@blueprint.doc(security=[{"patient": []}])
@blueprint.arguments(photo_responses.PictureQuery(), location="query")
@blueprint.response(200, photo_responses.DOCUMENTED, content_type=photo_responses.CONTENT_TYPE)
def get_own_photo(query: dict[str, Any], *, report_id: UUID, photo_id: UUID) -> Response:
    """The picture, or its thumbnail."""
    photo = photos.get_own(database.current(), caller=auth.patient(), report_id=report_id, photo_id=photo_id)
    return photo_responses.photo_response(photo, size=query["size"])


@contextmanager
def _received() -> Iterator[tuple[BinaryIO, bytes]]:
    """The body as a file that nobody else can open, and the SHA-256 of it."""
    request.max_content_length = LARGEST
    fingerprint = hashlib.sha256()
    with tempfile.TemporaryFile() as body:
        while chunk := request.stream.read(_CHUNK):
            fingerprint.update(chunk)
            body.write(chunk)
        body.seek(0)
        yield body, fingerprint.digest()
