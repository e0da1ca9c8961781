"""Bodies and answers of sessions: codes, invitations, several records, reception, devices."""

from __future__ import annotations

from typing import Any

import marshmallow as ma

from api.formats.request_bodies import Body, Digits, PlainText, Timestamp
from api.openapi.document import Problem

_PHONE = {"example": "+14155550123"}


class CodeIn(Body):
    """The number that gets the code.

    Without a country code it is of the clinic's country, where the installation has one clinic.
    """

    phone = PlainText(required=True, longest=32, metadata=_PHONE)


class CodeAsked(ma.Schema):
    """Said for every number. `expires_in` are the seconds a code lives once it is sent."""

    expires_in = ma.fields.Integer(required=True, metadata={"example": 600})


class RenewalIn(Body):
    """The invitation in the link that has ended."""

    invitation = PlainText(required=True, longest=64)


class PatientSignIn(Body):
    """Either an invitation, or a phone number and the code it got; and always the second secret.

    The secret is the year of birth or, where one was chosen at the clinic, the PIN. `record` is one of
    those a 409 named.
    """

    invitation = PlainText(longest=64, load_default=None, allow_none=True)
    phone = PlainText(longest=32, load_default=None, allow_none=True, metadata=_PHONE)
    code = Digits(shortest=6, longest=6, load_default=None, allow_none=True)
    record = ma.fields.UUID(load_default=None, allow_none=True)
    secret = PlainText(required=True, longest=64)

    @ma.validates_schema
    def _one_way_in(self, data: dict[str, Any], **_: Any) -> None:
        by_code = data["code"] is not None
        if by_code == (data["invitation"] is not None):
            raise ma.ValidationError("Send an invitation, or a phone number and its code.")
        if by_code != (data["phone"] is not None):
            raise ma.ValidationError("A phone number and a code go together.", "phone")
        if data["record"] is not None and not by_code:
            raise ma.ValidationError("A record goes with a code.", "record")


class RecordOut(ma.Schema):
    """One of several records: the id is to be sent back, the clinic's name to be shown."""

    record = ma.fields.UUID(required=True)
    clinic = ma.fields.String(required=True)


class SeveralRecordsProblem(Problem):
    """The code and the secret open several records; nothing is spent."""

    records = ma.fields.List(ma.fields.Nested(RecordOut), required=True)


class ReceptionOut(ma.Schema):
    """A clinic, and the number that is answered now: at night another than by day."""

    name = ma.fields.String(required=True)
    phone = ma.fields.String(required=True)


class ReceptionIn(Body):
    """The invitation in the link, where there is one."""

    invitation = PlainText(longest=64, load_default=None, allow_none=True)


class ReceptionFoundOut(ma.Schema):
    """Null where it is not certain which clinic is meant."""

    clinic = ma.fields.Nested(ReceptionOut, required=True, allow_none=True)


class RefusedProblem(Problem):
    """Nobody was signed in. `clinic` is there where an invitation has ended: whom to call."""

    clinic = ma.fields.Nested(ReceptionOut)


class DeviceOut(ma.Schema):
    """A signed-in device. `current` is the one that asks."""

    id = ma.fields.UUID(required=True)
    device = ma.fields.String(required=True, metadata={"example": "Safari on iPhone"})
    created_at = Timestamp(required=True)
    last_seen_at = Timestamp(required=True)
    expires_at = Timestamp(required=True)
    current = ma.fields.Boolean(required=True)


class DevicePage(ma.Schema):
    """Signed-in devices, the one seen last first; there is one page."""

    items = ma.fields.List(ma.fields.Nested(DeviceOut), required=True)
    next = ma.fields.String(required=True, allow_none=True)
