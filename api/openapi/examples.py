"""An example value for every body that the OpenAPI document describes, made from its schema."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

NAMED: Mapping[str, Any] = {
    "access_token": "ag_01a2148c7c1a7cf0a9d8f7c2b1d3e4f5_Jq3v5yB8fK0mXW2cN6tZrLh1sQeUoPaTdGiYxVbM4nk",
    "advice": "As expected for day 2. Keep to your care steps. If anything gets worse, call us.",
    "because": "Known to react strongly.",
    "body": "thank you",
    "code": "204617",
    "comment": "Called: as expected for day 2.",
    "depth_mm": 1.5,
    "email": "nurse@clinic.example",
    "emergency_number": "911",
    "first_name": "Sam",
    "hours": 26.5,
    "invitation": "4t8fKq0ZyR2mUeXw7bNsQA",
    "last_name": "Sample",
    "name": "Maple Skin Care",
    "note": "A little warm in the evening.",
    "on_call_phone": "+12025550192",
    "out_of_hours_phone": "+12025550191",
    "password": "correct horse battery",
    "phone": "+12025550142",
    "pin": "2468",
    "protocol_version": "standard-2026-12",
    "reason": "A slip of the pen.",
    "scores": {"redness": 3, "swelling": 2, "peeling": 0, "pain": 1},
    "secret": "1987",
    "template": "{clinic}: Day 2 check-in: {link} Skin should be calming. Getting worse? Call {phone} today.",
    "time_zone": "America/Chicago",
    **{key: [["09:00", "17:30"]] for key in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")},
    "weekly_hours": {"mon": [["09:00", "12:30"], ["13:30", "17:30"]]},
    "wording": "I agree to get recovery texts.",
    "year_of_birth": 1987,
}
"""By the name of a property, where it fits its schema; anything else is made from the schema alone."""

_BY_FORMAT: Mapping[str, str] = {
    "date": "2026-11-23",
    "date-time": "2026-11-23T07:12:00Z",
    "email": "nurse@clinic.example",
    "uuid": "0199f8a2-7c1a-7cf0-a9d8-f7c2b1d3e4f5",
}
_DEEPEST = 40


def build_example(
    schema: Mapping[str, Any], *, schemas: Mapping[str, Any], name: str = "", depth: int = 0
) -> Any:
    """A value that fits a schema of the document, the same each time. `schemas` are its components."""
    if "$ref" in schema:
        inner = schemas[str(schema["$ref"]).rsplit("/", 1)[1]]
        return build_example(inner, schemas=schemas, name=name, depth=depth + 1)
    if "example" in schema:
        return schema["example"]
    for several in ("anyOf", "oneOf", "allOf"):
        if several in schema:
            real = [option for option in schema[several] if option.get("type") != "null"]
            return build_example(real[0], schemas=schemas, name=name, depth=depth + 1)
    if "enum" in schema:
        return schema["enum"][0]
    kinds = schema.get("type", "string")
    kind, may_be_null = (kinds, False) if isinstance(kinds, str) else (_first(kinds), "null" in kinds)
    if depth > _DEEPEST or (may_be_null and name not in NAMED):
        return None
    return _of_kind(kind, schema, schemas=schemas, name=name, depth=depth)


def _first(kinds: list[str]) -> str:
    return next(kind for kind in kinds if kind != "null")


def _of_kind(
    kind: str, schema: Mapping[str, Any], *, schemas: Mapping[str, Any], name: str, depth: int
) -> Any:
    named = NAMED.get(name)
    if kind == "object":
        if isinstance(named, dict) and "properties" not in schema:
            return named
        properties = schema.get("properties", {})
        return {
            key: build_example(described, schemas=schemas, name=key, depth=depth + 1)
            for key, described in properties.items()
            if not described.get("readOnly")
        }
    if kind == "array":
        return (
            named
            if isinstance(named, list)
            else [build_example(schema.get("items", {}), schemas=schemas, name=name, depth=depth + 1)]
        )
    if kind == "boolean":
        return True
    if kind in ("integer", "number"):
        if isinstance(named, int | float) and (kind == "number" or isinstance(named, int)):
            return named
        return schema.get("minimum", 1)
    if "format" in schema:
        return _BY_FORMAT.get(schema["format"], name)
    return named if isinstance(named, str) else _words(schema, name=name)


def _words(schema: Mapping[str, Any], *, name: str) -> str:
    text = name.replace("_", " ") or "words"
    longest, shortest = schema.get("maxLength", len(text)), schema.get("minLength", 0)
    return str(text[:longest]).ljust(shortest, "x")
