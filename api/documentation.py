"""The API described: OpenAPI 3.1, and a page to read it on. All assets are served by us."""

from __future__ import annotations

import secrets
from importlib import resources
from typing import Any

import marshmallow as ma
from apispec import APISpec
from flask import Blueprint, Response, render_template_string, send_from_directory

TITLE = "Afterglow"
VERSION = "1.0.0"

CONFIG: dict[str, Any] = {
    "API_TITLE": TITLE,
    "API_VERSION": VERSION,
    "OPENAPI_VERSION": "3.1.0",
    "OPENAPI_URL_PREFIX": "/api/v1",
    "OPENAPI_JSON_PATH": "openapi.json",
}

blueprint = Blueprint("documentation", __name__)

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{{ title }} API</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="/assets/swagger-ui/swagger-ui.css">
</head><body><div id="api"></div>
<script src="/assets/swagger-ui/swagger-ui-bundle.js"></script>
<script nonce="{{ nonce }}">
SwaggerUIBundle({url: "/api/v1/openapi.json", dom_id: "#api", deepLinking: true, validatorUrl: null});
</script></body></html>
"""


class ProblemError(ma.Schema):
    """One place in a body that is wrong."""

    pointer = ma.fields.String(required=True, metadata={"example": "#/scores/redness"})
    detail = ma.fields.String(required=True)


class Problem(ma.Schema):
    """RFC 9457 problem details. `type` is stable; the words may change."""

    type = ma.fields.String(required=True, metadata={"example": "urn:afterglow:problem:not-found"})
    title = ma.fields.String(required=True)
    status = ma.fields.Integer(required=True)
    detail = ma.fields.String(required=True)
    errors = ma.fields.List(ma.fields.Nested(ProblemError))


def describe(spec: APISpec) -> None:
    """What holds for every operation."""
    spec.options["info"] = {
        "description": (
            "Patients report how their skin recovers; clinics work what was flagged. "
            "Errors are RFC 9457 problem documents. Times are RFC 3339, with their offset in and UTC out."
        )
    }
    spec.components.security_scheme("patient", {"type": "http", "scheme": "bearer"})
    spec.components.security_scheme("staff", {"type": "http", "scheme": "bearer"})


@blueprint.get("/api/v1/docs")
def page() -> Response:
    """The document as a page."""
    nonce = secrets.token_urlsafe(16)
    response = Response(render_template_string(_PAGE, title=TITLE, nonce=nonce), mimetype="text/html")
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; connect-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; "
        f"script-src 'self' 'nonce-{nonce}'; base-uri 'none'; frame-ancestors 'none'"
    )
    return response


@blueprint.get("/assets/swagger-ui/<path:name>")
def swagger_ui(name: str) -> Response:
    """Swagger UI's own files, from its package."""
    with resources.as_file(resources.files("flask_swagger_ui") / "dist") as folder:
        response = send_from_directory(folder, name, max_age=86_400)
    response.headers["Cache-Control"] = "public, max-age=86400"
    return response
