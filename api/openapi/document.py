"""The blueprint of the OpenAPI document and its page (Swagger UI); what holds for every operation: common
errors, security, keys.

All assets are served by us.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from importlib import resources
from typing import Any

import marshmallow as ma
from apispec import APISpec, BasePlugin
from flask import Blueprint, Response, render_template_string, send_from_directory

from config.version import VERSION

TITLE = "Afterglow"

CONFIG: dict[str, Any] = {
    "API_TITLE": TITLE,
    "API_VERSION": VERSION,
    "OPENAPI_VERSION": "3.1.0",
}

PROBLEM_TYPE = "application/problem+json"

KEY_FORM = r'"[!#-\[\]-~]{1,128}"|[!#-\[\]-~]{1,128}'
"""A string of a structured header; clients that leave the quotation marks out are understood."""
IDEMPOTENCY_KEY: Mapping[str, Any] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": (
        "A string of your own for this request, like a UUID in quotation marks. The same request with the "
        "same key is answered like the first one for a day, and creates nothing more; secrets are shown only "
        "the first time. 409 while the first is still at work, 422 with another request than before."
    ),
    "schema": {"type": "string", "pattern": f"^({KEY_FORM})$"},
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


class CommonErrors(BasePlugin):
    """Documents what every operation of its kind can answer, so that no blueprint has to repeat it.

    Who needs a token can be told 401, staff 403; who sends a body 400, 413, 415 and 422; who names
    something in the path 404; everyone 503. Every error is a problem document. An operation's id is the
    name of its function as a client's method would be called: `list_own_treatments` is `listOwnTreatments`.
    """

    def operation_helper(
        self, path: str | None = None, operations: dict[str, Any] | None = None, **kwargs: Any
    ) -> None:
        """Called by apispec for the operations of one path."""
        first, *rest = str(kwargs["rule"].endpoint).rpartition(".")[2].split("_")
        name = first + "".join(word.capitalize() for word in rest)
        for operation in (operations or {}).values():
            operation["operationId"] = name
            operation.setdefault("security", [])
            answers = operation["responses"]
            statuses: list[int | str] = [*_expected(path or "", operation), "default"]
            for status in statuses:
                if not isinstance(answers.get(status), Mapping):
                    answers[status] = _component(status)
            for status, described in answers.items():
                if isinstance(described, dict) and (status == "default" or int(status) >= 400):
                    content = described["content"]
                    described["content"] = {PROBLEM_TYPE: next(iter(content.values()))}


def _expected(path: str, operation: Mapping[str, Any]) -> Iterator[int]:
    if operation["security"]:
        yield 401
    if {"staff": []} in operation["security"]:
        yield 403
    if "requestBody" in operation:
        yield from (400, 413, 415)
    if "requestBody" in operation or any(
        "name" in parameter for parameter in operation.get("parameters", ())
    ):
        yield 422
    if any(parameter == IDEMPOTENCY_KEY for parameter in operation.get("parameters", ())):
        yield from (400, 409, 422)
    if "{" in path:
        yield 404
    yield 503


def _component(status: int | str) -> str:
    return f"problem_{status}"


_WHEN: Mapping[int | str, str] = {
    400: "the body is not JSON, or a name stands twice in one object of it",
    401: "no token, or one that is unknown or has ended",
    403: "the caller's role may not do this",
    404: "nothing here has this id, or it is not the caller's",
    409: "the request with this Idempotency-Key is still at work",
    413: "the body is too large",
    415: "the body is not sent as application/json in UTF-8",
    422: "the body is not as documented; `errors` says where",
    503: "the database is away; try again in a moment",
    "default": "something went wrong on our side",
}


def describe_operations(spec: APISpec) -> None:
    """What holds for every operation."""
    for status, when in _WHEN.items():
        content = {PROBLEM_TYPE: {"schema": Problem}}
        spec.components.response(_component(status), {"description": when, "content": content})
    spec.options["info"] = {
        "description": (
            "Patients report how their skin recovers; clinics work what was flagged. "
            "Errors are RFC 9457 problem documents. Times are RFC 3339, with their offset in and UTC out. "
            "Bodies are read as they are: nothing is converted, no unknown field and no name given twice "
            "passes, and whole numbers are written without a decimal point."
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
