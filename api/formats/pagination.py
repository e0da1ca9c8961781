"""The query of a page of a list (`limit`, `cursor`), and a place in it as text that comes back unchanged."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime
from uuid import UUID

import marshmallow as ma

from api.errors import problems
from recovery.domain.clinic.rooms import Room


class PageQuery(ma.Schema):
    """How much of a list, and from where on."""

    limit = ma.fields.Integer(load_default=50, validate=ma.validate.Range(min=1, max=200))
    cursor = ma.fields.String(load_default=None, validate=ma.validate.Length(max=200))


class RoomQuery(PageQuery):
    """Whom the list is about: left out, real patients in a live clinic and everybody in one in training."""

    room = ma.fields.Enum(Room, by_value=True, load_default=None)


def encode_cursor(at: datetime, row_id: UUID) -> str:
    """The place after a row of this moment and id."""
    return base64.urlsafe_b64encode(f"{at.isoformat()} {row_id}".encode()).decode().rstrip("=")


def decode_cursor(cursor: str | None) -> tuple[datetime, UUID] | None:
    """The moment and id that `encode_cursor` wrote. Raises InvalidBody for anything else."""
    if cursor is None:
        return None
    try:
        plain = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode()
        at, _, row_id = plain.partition(" ")
        moment = datetime.fromisoformat(at)
        if moment.tzinfo is None:
            raise ValueError
        return moment, UUID(row_id)
    except (binascii.Error, ValueError) as error:
        raise problems.InvalidBody([("#/query/cursor", "Not a cursor of ours.")]) from error
