"""Completes the OpenAPI document from the schemas: examples, headers, which problems each status may be,
nothing nullable."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any

from api.errors import problem_types, problems
from api.openapi import examples
from api.openapi.document import PROBLEM_TYPE

METHODS = ("get", "put", "post", "patch", "delete")
RETRY_AFTER = {"Retry-After": {"description": "seconds to wait", "schema": {"type": "string"}}}
HEADERS: Mapping[str, Mapping[str, Any]] = {
    "401": {"WWW-Authenticate": {"description": "always `Bearer`", "schema": {"type": "string"}}},
    "429": RETRY_AFTER,
    "503": RETRY_AFTER,
}


GENERAL = (
    problem_types.ProblemType(status=413, type="body-too-large", title="The body is too large"),
    problem_types.ProblemType(
        status=422, type="invalid", title="The body is not as documented", pointer="#/language"
    ),
    problem_types.ProblemType(status=503, type="try-later", title="Try again in a moment; nothing was lost"),
)
"""Problems that belong to no use case."""


def list_problem_types() -> tuple[problem_types.ProblemType, ...]:
    """Every kind of problem there is, the general ones first."""
    return (*GENERAL, *problem_types.KINDS.values())


def complete_document(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document with an example for every body and answer, and with what each error may be.

    A parameter that is not sent is absent, never null: no schema of a parameter allows null. What may be
    left out of a body has no default in its schema but words that say it.
    """
    whole: dict[str, Any] = copy.deepcopy(dict(document))
    schemas = whole["components"]["schemas"]
    for schema in schemas.values():
        for member in schema.get("properties", {}).values():
            _optional(member)
    for operation in operations(whole):
        for parameter in operation.get("parameters", ()):
            if "schema" in parameter:
                _never_null(parameter["schema"])
            if parameter.get("in") == "header":
                # Client generators write no dates into headers; the pattern says the same.
                parameter["schema"].pop("format", None)
        body = operation.get("requestBody", {})
        for described in (body, *operation["responses"].values()):
            _exemplify(described, schemas=schemas)
        for status, described in operation["responses"].items():
            if "content" in described and PROBLEM_TYPE in described["content"]:
                _tell(str(status), described)
    for name, described in whole["components"]["responses"].items():
        _exemplify(described, schemas=schemas)
        _tell(name.removeprefix("problem_"), described)
    return whole


def operations(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Every operation of a document."""
    for path in document["paths"].values():
        yield from (described for method, described in path.items() if method in METHODS)


def _optional(described: dict[str, Any]) -> None:
    """Say a default in words: generators take a property that has one for one that is always there."""
    default = described.pop("default", None)
    if default is not None:
        said = f"`{default}` where it is absent."
        described["description"] = f"{described.get('description', '')} {said}".strip()


def _never_null(schema: dict[str, Any]) -> None:
    if schema.get("default", "") is None:
        del schema["default"]
    if isinstance(schema.get("type"), list):
        (schema["type"],) = [kind for kind in schema["type"] if kind != "null"]
    if None in schema.get("enum", ()):
        schema["enum"] = [value for value in schema["enum"] if value is not None]


def _exemplify(described: Mapping[str, Any], *, schemas: Mapping[str, Any]) -> None:
    for media_type, content in described.get("content", {}).items():
        if media_type.endswith("json") and "example" not in content:
            content["example"] = examples.build_example(content["schema"], schemas=schemas)


def _tell(status: str, described: dict[str, Any]) -> None:
    """Which problems a status may be, one of them as the example."""
    possible = [kind for kind in list_problem_types() if str(kind.status) == status]
    if not possible:
        return
    described["description"] += "; `type` is one of " + ", ".join(
        f"`{problems.TYPE_BASE}{one}`" for one in dict.fromkeys(kind.type for kind in possible)
    )
    if status in HEADERS:
        described["headers"] = HEADERS[status]
    example = described["content"][PROBLEM_TYPE]["example"]
    first = possible[0]
    example |= {
        "type": problems.TYPE_BASE + first.type,
        "title": first.title,
        "status": first.status,
        "detail": first.title,
    }
    if first.pointer is None:
        example.pop("errors", None)
    else:
        example["errors"] = [{"pointer": first.pointer, "detail": first.title}]
