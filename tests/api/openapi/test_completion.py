from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from api.errors import problems
from api.openapi import completion
from tests.support.access.documented_client import DocumentedClient, document, operations

SIGN_INS = {
    "requestSignInCode",
    "renewInvitation",
    "signInPatient",
    "signInStaff",
}
PATIENTS = ("/api/v1/me/", "/api/v1/patient/", "/api/v1/knowledge")
NO_TOKENS = [
    None,
    "",
    "Bearer",
    "Bearer ",
    "Basic eDp4",
    "Bearer x",
    f"Bearer ag_{'0' * 32}_{'A' * 43}",
    f"Bearer ag_{'z' * 32}_{'A' * 43}",
    "Bearer \xe9\xff",
    "Bearer " + "a" * 4000,
]


def filled(path: str) -> str:
    return re.sub(r"\{[^}]+\}", lambda _: str(uuid4()), path)


def test_the_document_is_valid_openapi_3_1(app: Flask) -> None:
    served = document(app)
    assert served["openapi"].startswith("3.1")
    OpenAPIV31SpecValidator(served).validate()


def described_bodies(app: Flask) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every JSON body of every operation, sent or answered, with where it is."""
    served = document(app)
    for operation in operations(app):
        answers = operation.described["responses"].items()
        for where, one in [("body", operation.described.get("requestBody", {})), *answers]:
            found = one
            if "$ref" in one:
                found = served["components"]["responses"][one["$ref"].rsplit("/", 1)[1]]
            for media_type, content in found.get("content", {}).items():
                if media_type.endswith("json"):
                    yield f"{operation.id} {where}", content


def test_every_body_has_an_example_that_fits_its_schema(app: Flask) -> None:
    components = document(app)["components"]
    bodies = list(described_bodies(app))
    assert len(bodies) > 500
    for where, content in bodies:
        schema = {**content["schema"], "components": components}
        errors = [error.message for error in OAS31Validator(schema).iter_errors(content["example"])]
        assert errors == [], where


def test_every_error_names_its_types_and_shows_one(app: Flask) -> None:
    known = {f"{problems.TYPE_BASE}{kind.type}" for kind in completion.list_problem_types()}
    told = set()
    for status, described in document(app)["components"]["responses"].items():
        if status.startswith("problem_") and status != "problem_default":
            (content,) = described["content"].values()
            assert content["example"]["type"] in known, status
            assert content["example"]["status"] == int(status.removeprefix("problem_"))
            told |= set(re.findall(r"`(urn:[^`]+)`", described["description"]))
    for operation in operations(app):
        for described in operation.described["responses"].values():
            told |= set(re.findall(r"`(urn:[^`]+)`", described.get("description", "")))
    assert told == known


def test_a_parameter_is_absent_and_never_null(app: Flask) -> None:
    for operation in operations(app):
        for parameter in operation.described.get("parameters", ()):
            assert "null" not in str(parameter["schema"]), operation.id


def test_every_operation_has_a_name_of_its_own_and_says_what_it_does(app: Flask) -> None:
    found = list(operations(app))
    assert len({operation.id for operation in found}) == len(found) > 0
    for operation in found:
        assert re.fullmatch(r"[a-z]+([A-Z][a-z]*)+", operation.id)
        assert operation.described["summary"]
        assert operation.described["tags"]
        assert operation.path.startswith("/api/v1/")


def test_every_route_of_the_api_is_documented(app: Flask) -> None:
    served = {
        (method, re.sub(r"<(?:[^:>]+:)?([^>]+)>", r"{\1}", rule.rule))
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    own_pages = {("GET", "/api/v1/openapi.json"), ("GET", "/api/v1/docs")}
    assert {(one.method, one.path) for one in operations(app)} == served - own_pages


def test_who_may_call_an_operation(app: Flask) -> None:
    assert set(document(app)["components"]["securitySchemes"]) == {"patient", "staff"}
    for operation in operations(app):
        own = operation.path.startswith(PATIENTS) or operation.path == "/api/v1/me"
        expected = set() if operation.id in SIGN_INS else {"patient" if own else "staff"}
        assert operation.callers == expected, operation.id


def test_without_a_valid_token_every_operation_answers_401(client: DocumentedClient, app: Flask) -> None:
    guarded = [operation for operation in operations(app) if operation.id not in SIGN_INS]
    bodies = set()
    for authorization in NO_TOKENS:
        headers = {} if authorization is None else {"Authorization": authorization}
        for operation in guarded:
            # A body that could not be read must not be looked at before the token.
            answer = client.open(filled(operation.path), method=operation.method, headers=headers, data=b"{")
            assert answer.status_code == 401, operation.id
            assert answer.headers["WWW-Authenticate"] == "Bearer"
            bodies.add(answer.data)
    assert len(bodies) == 1


def test_the_page_is_readable_without_anything_from_elsewhere(client: DocumentedClient) -> None:
    first, second = client.get("/api/v1/docs"), client.get("/api/v1/docs")
    assert first.status_code == 200
    assert first.mimetype == "text/html"
    assert re.findall(r"(?:https?:)?//[^\s\"'/]", first.text) == []
    policy = first.headers["Content-Security-Policy"]
    (nonce,) = re.findall(r"script-src 'self' 'nonce-([\w-]{20,})'", policy)
    assert f'<script nonce="{nonce}">' in first.text
    assert nonce not in second.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe-inline" not in policy.split("script-src")[1]
    assets = re.findall(r'(?:src|href)="([^"]+)"', first.text)
    assert len(assets) == 2
    for path in assets:
        asset = client.get(path)
        assert asset.status_code == 200
        assert asset.mimetype in ("text/css", "text/javascript")
        assert asset.headers["Cache-Control"].startswith("public")
        assert asset.headers["X-Content-Type-Options"] == "nosniff"
        asset.close()
    document_path = re.findall(r'url: "([^"]+)"', first.text)
    assert client.get(document_path[0]).status_code == 200


@pytest.mark.parametrize(
    "name", ["../__init__.py", "..%2f__init__.py", "no-such-file.js", "%00", "%2e%2e%2f__init__.py"]
)
def test_only_the_page_s_own_assets_are_served(client: DocumentedClient, name: str) -> None:
    assert client.get(f"/assets/swagger-ui/{name}").status_code == 404
