"""A test client that holds every answer against the API's own document."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from openapi_schema_validator import OAS31Validator
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect
from werkzeug.test import TestResponse

DOCUMENT_PATH = "/api/v1/openapi.json"
OWN_PAGES = frozenset({DOCUMENT_PATH, "/api/v1/docs"})
"""The document and the page to read it on: not operations themselves."""
PROBLEM = "application/problem+json"


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One documented operation. `path` still has its parameters in braces."""

    id: str
    method: str
    path: str
    described: Mapping[str, Any]

    @property
    def callers(self) -> frozenset[str]:
        """The security schemes of which one is needed; none for a sign-in."""
        return frozenset(name for one in self.described["security"] for name in one)

    @property
    def body(self) -> str | None:
        """The name of the body's schema, where the body is JSON."""
        json = self.described.get("requestBody", {"content": {}})["content"].get("application/json")
        return None if json is None else str(json["schema"]["$ref"]).rsplit("/", 1)[1]

    @property
    def parameters(self) -> list[str]:
        """The names in the path, in their order."""
        return [part[1:-1] for part in self.path.split("/") if part.startswith("{")]


@functools.lru_cache(maxsize=4)
def document(app: Flask) -> dict[str, Any]:
    """The OpenAPI document as it is served."""
    served = FlaskClient(app).get(DOCUMENT_PATH)
    read: dict[str, Any] = served.get_json()
    return read


def operations(app: Flask) -> Iterator[Operation]:
    """Every documented operation."""
    for path, methods in document(app)["paths"].items():
        for method, described in methods.items():
            if method != "parameters":
                yield Operation(
                    id=described["operationId"], method=method.upper(), path=path, described=described
                )


class DocumentedClient(FlaskClient):
    """Refuses an answer whose status, type, shape or headers its operation does not document."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Send a request and check what comes back."""
        response = super().open(*args, **kwargs)
        found = self._operation(response)
        if found is not None:
            check(self.application, found, response)
        return response

    def _operation(self, response: TestResponse) -> Operation | None:
        request = response.request
        try:
            if request.method in ("OPTIONS", "HEAD"):
                return None
            places = self.application.url_map.bind("localhost")
            rule, _ = places.match(request.path, request.method, return_rule=True)
        except (HTTPException, RequestRedirect):
            return None
        path = re.sub(r"<(?:[^:>]+:)?([^>]+)>", r"{\1}", rule.rule)
        if not path.startswith("/api/v1/") or path in OWN_PAGES:
            return None
        return _by_place(self.application)[request.method, path]


def check(app: Flask, operation: Operation, response: TestResponse) -> None:
    """Raise AssertionError where the answer is not as documented."""
    where = f"{operation.id} answered {response.status_code}"
    described = operation.described["responses"].get(str(response.status_code))
    assert described is not None, f"{where}, which is not documented: {response.get_data(as_text=True)[:300]}"
    assert response.headers["Cache-Control"] == "no-store", where
    described = _resolved(app, described)
    if "content" not in described:
        assert response.data == b"", where
        return
    media_type = str(response.mimetype)
    assert media_type in described["content"], where
    charset = "; charset=utf-8" if media_type == "text/html" else ""
    assert response.content_type == media_type + charset, where
    if response.status_code >= 400:
        assert media_type == PROBLEM, where
    schema = described["content"][media_type]["schema"]
    if schema.get("type") == "string":
        return
    errors = [error.message for error in _validator(app, schema["$ref"]).iter_errors(response.json)]
    assert errors == [], where


@functools.lru_cache(maxsize=4)
def _by_place(app: Flask) -> Mapping[tuple[str, str], Operation]:
    return {(operation.method, operation.path): operation for operation in operations(app)}


def _resolved(app: Flask, described: Mapping[str, Any]) -> Mapping[str, Any]:
    if "$ref" not in described:
        return described
    name = described["$ref"].rsplit("/", 1)[1]
    found: Mapping[str, Any] = document(app)["components"]["responses"][name]
    return found


@functools.lru_cache(maxsize=200)
def _validator(app: Flask, reference: str) -> Any:
    return OAS31Validator({"$ref": reference, "components": document(app)["components"]})
