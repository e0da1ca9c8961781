"""JSON answers in the shape of a schema, or of bytes; the answer with a fresh token."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
import orjson
from flask import Response

from api.formats.request_bodies import Timestamp
from recovery.services.access.authentication import SignedIn


def dump(value: Any, *, schema: ma.Schema) -> bytes:
    """A value as JSON bytes, in the shape of its schema."""
    return orjson.dumps(schema.dump(value))


def json(value: Any, *, schema: ma.Schema, status: int = 200) -> Response:
    """A value as a JSON answer, in the shape of its schema."""
    return raw(dump(value, schema=schema), status=status)


def raw(body: bytes, *, status: int = 200) -> Response:
    """Bytes that are JSON already."""
    return Response(body, status=status, content_type="application/json")


class Token(ma.Schema):
    """A bearer token, shown once."""

    access_token = ma.fields.String(required=True)
    token_type = ma.fields.Constant("Bearer", required=True)
    expires_at = Timestamp(required=True)


TOKEN = Token()


def signed_in(opened: SignedIn) -> Response:
    """A fresh token."""
    return json(
        {"access_token": opened.access_token, "expires_at": opened.expires_at}, schema=TOKEN, status=201
    )
