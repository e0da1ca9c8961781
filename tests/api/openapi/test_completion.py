from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from flask import Flask
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from api.errors import problems
from api.openapi import completion
from tests.support.access.documented_client import document, operations


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


def test_every_route_of_the_api_is_documented(app: Flask) -> None:
    served = {
        (method, re.sub(r"<(?:[^:>]+:)?([^>]+)>", r"{\1}", rule.rule))
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    own_pages = {("GET", "/api/v1/openapi.json"), ("GET", "/api/v1/docs")}
    assert {(one.method, one.path) for one in operations(app)} == served - own_pages
