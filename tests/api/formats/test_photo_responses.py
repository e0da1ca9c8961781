from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from uuid import uuid4

import marshmallow as ma
import pytest
from flask import Flask

from api.app import create_app
from api.app_state import state
from api.formats import photo_responses
from api.formats.photo_responses import PhotoSize
from config.settings import Settings
from recovery.models.reports.photos import Photo
from recovery.photos import store
from recovery.services.reports.photos import UnknownPhoto
from tests.support.data.schema_classes import attributes_of


@pytest.fixture(scope="module")
def app(settings: Settings) -> Iterator[Flask]:
    """An application whose database is nowhere: pictures are not in it."""
    made = create_app(settings, database_url="postgresql+psycopg://afterglow_api@/x?host=/nowhere&port=5432")
    with made.app_context():
        yield made


@pytest.fixture
def photo() -> Photo:
    """A photo whose row is there and whose pictures are not yet."""
    return Photo(
        clinic_id=uuid4(),
        id=uuid4(),
        report_id=uuid4(),
        object_name=store.new_name(),
        thumbnail_name=store.new_name(),
        width=1600,
        height=1200,
        received_at=datetime(2026, 11, 23, 8, 12, tzinfo=UTC),
    )


@pytest.fixture
def stored(app: Flask, photo: Photo) -> Photo:
    """The same with its two pictures."""
    state().photos.put(photo.object_name, b"large")
    state().photos.put(photo.thumbnail_name, b"small")
    return photo


@pytest.mark.parametrize(("size", "data"), [(PhotoSize.PHOTO, b"large"), (PhotoSize.THUMBNAIL, b"small")])
def test_the_picture_of_the_size_asked_for_is_answered(stored: Photo, size: PhotoSize, data: bytes) -> None:
    response = photo_responses.photo_response(stored, size=size)
    assert (response.status_code, response.data) == (200, data)
    assert response.content_type == photo_responses.CONTENT_TYPE
    assert response.headers["Content-Disposition"] == f'attachment; filename="{size.value}.jpg"'


def test_a_picture_runs_nothing_and_is_shown_by_no_other_page(stored: Photo) -> None:
    headers = photo_responses.photo_response(stored, size=PhotoSize.PHOTO).headers
    assert headers["Content-Security-Policy"] == "default-src 'none'; sandbox; frame-ancestors 'none'"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert str(stored.id) not in str(headers)


@pytest.mark.usefixtures("app")
def test_a_picture_that_is_gone_is_not_found_and_its_loss_is_logged(
    photo: Photo, logged: Callable[[], str]
) -> None:
    with pytest.raises(UnknownPhoto):
        photo_responses.photo_response(photo, size=PhotoSize.PHOTO)
    written = json.loads(logged().splitlines()[-1])
    assert (written["level"], written["event"]) == ("error", "a stored picture is gone")
    assert written["photo"] == str(photo.id)
    assert photo.object_name not in logged()


def test_the_large_picture_is_asked_for_where_no_size_is_named() -> None:
    query = photo_responses.PictureQuery()
    assert query.load({}) == {"size": PhotoSize.PHOTO}
    assert query.load({"size": "thumbnail"}) == {"size": PhotoSize.THUMBNAIL}
    for wrong in ("", "huge", "PHOTO"):
        with pytest.raises(ma.ValidationError):
            query.load({"size": wrong})


def test_a_page_of_photos_says_what_a_row_knows_and_not_where_the_picture_lies(photo: Photo) -> None:
    shown = photo_responses.PhotoPage().dump(photo_responses.photo_page([photo]))
    assert shown == {
        "items": [
            {
                "id": str(photo.id),
                "report_id": str(photo.report_id),
                "received_at": "2026-11-23T08:12:00+00:00",
                "width": 1600,
                "height": 1200,
            }
        ],
        "next": None,
    }
    assert set(photo_responses.PhotoOut().fields) <= attributes_of(Photo)
