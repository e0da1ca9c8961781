"""Writing answers."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
import orjson
from flask import Response


def dump(value: Any, *, schema: ma.Schema) -> bytes:
    """A value as JSON bytes, in the shape of its schema."""
    return orjson.dumps(schema.dump(value))


def json(value: Any, *, schema: ma.Schema, status: int = 200) -> Response:
    """A value as a JSON answer, in the shape of its schema."""
    return raw(dump(value, schema=schema), status=status)


def raw(body: bytes, *, status: int = 200) -> Response:
    """Bytes that are JSON already."""
    return Response(body, status=status, content_type="application/json")
