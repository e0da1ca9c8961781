from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask, Response, jsonify, request

from api import database
from api.app import API, LARGEST_BODY, create_app
from api.app_state import AppState, state
from config.settings import Settings
from recovery.domain.core.language import Language

NOWHERE = "postgresql+psycopg://afterglow_api@/x?host=/nowhere&port=5432"
FORWARDED = {"X-Forwarded-For": "192.0.2.1, 192.0.2.2", "X-Forwarded-Proto": "https"}


def let_go(made: Flask) -> None:
    with made.app_context():
        database.db.engine.dispose()


@pytest.fixture(scope="module")
def whole(settings: Settings) -> Iterator[Flask]:
    """The application as it is put together. None of these tests comes to its database."""
    made = create_app(settings, database_url=NOWHERE)
    yield made
    let_go(made)


def seen_through(hops: int) -> dict[str, Any]:
    """What the application takes a request for that came through proxies."""
    made = create_app(Settings(_env_file=None, trusted_hops=hops), database_url=NOWHERE)  # type: ignore[call-arg]

    @made.get("/seen")
    def seen() -> Response:
        return jsonify(address=request.remote_addr, scheme=request.scheme)

    answer: dict[str, Any] = made.test_client().get("/seen", headers=FORWARDED).get_json()
    let_go(made)
    return answer


def test_the_views_find_the_settings_the_content_and_the_photos(whole: Flask, settings: Settings) -> None:
    with whole.app_context():
        found = state()
    assert isinstance(found, AppState)
    assert found.settings is settings
    assert set(found.newest.catalogues) == set(Language)


def test_an_application_made_otherwise_has_no_state() -> None:
    other = Flask(__name__)
    other.extensions["afterglow"] = {}
    with other.app_context(), pytest.raises(TypeError, match="create_app"):
        state()


def test_no_proxy_is_believed_unless_it_is_named() -> None:
    assert seen_through(0) == {"address": "127.0.0.1", "scheme": "http"}


def test_as_many_proxies_are_believed_as_are_named() -> None:
    assert seen_through(1) == {"address": "192.0.2.2", "scheme": "https"}
    assert seen_through(2)["address"] == "192.0.2.1"


@pytest.mark.parametrize(
    "path", [f"{API}/me", f"{API}/openapi.json", "/healthz", "/console/sign-in", "/nowhere"]
)
def test_every_answer_is_kept_by_nobody_and_guessed_by_nobody(whole: Flask, path: str) -> None:
    headers = whole.test_client().get(path).headers
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "Referrer-Policy" in headers
    if path.startswith("/api/"):
        assert headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"


def test_what_says_itself_how_long_it_is_kept_stays_so(whole: Flask) -> None:
    with whole.test_client().get("/assets/swagger-ui/swagger-ui.css") as asset:
        assert asset.headers["Cache-Control"] == "public, max-age=86400"
    docs = whole.test_client().get(f"{API}/docs")
    assert "script-src 'self' 'nonce-" in docs.headers["Content-Security-Policy"]


def test_the_document_is_the_same_bytes_each_time(whole: Flask) -> None:
    first, second = (whole.test_client().get(f"{API}/openapi.json") for _ in range(2))
    assert first.content_type == "application/json"
    assert first.data == second.data
    assert all(path.startswith(f"{API}/") for path in json.loads(first.data)["paths"])


def test_a_body_has_a_largest_size(whole: Flask) -> None:
    client, path = whole.test_client(), f"{API}/patient/codes"
    too_large = client.post(path, data=b" " * (LARGEST_BODY + 1), content_type="application/json")
    assert (too_large.status_code, too_large.get_json()["type"]) == (
        413,
        "urn:afterglow:problem:body-too-large",
    )
    just_fits = client.post(path, data=b" " * LARGEST_BODY, content_type="application/json")
    assert just_fits.status_code == 400


def test_nothing_is_served_from_a_folder_of_the_code(whole: Flask) -> None:
    assert whole.static_folder is None
    assert whole.test_client().get("/static/app.py").status_code == 404
