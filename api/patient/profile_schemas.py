"""Bodies and answers of profile: the patient, which texts they want, and their clinic."""

from __future__ import annotations

import marshmallow as ma

from api.formats.request_bodies import Body, PlainText, StrictBoolean, ZoneName
from api.patient.schemas import ClinicOut
from recovery.domain.core.language import Language
from recovery.domain.patients.contact import AnswersBy


class TextsIn(Body):
    """Which texts are wanted: two separate consents. Only false is of use for `stopped`."""

    recovery_texts = StrictBoolean()
    session_reminders = StrictBoolean()
    stopped = StrictBoolean()
    wording = PlainText(longest=2000, lines=True, metadata={"example": "Text me how to care for my skin."})


class ProfileChangeIn(Body):
    """What changes; what is left out stays. No time zone means the clinic's."""

    language = ma.fields.Enum(Language, by_value=True)
    time_zone = ZoneName(allow_none=True)
    answers_by = ma.fields.Enum(AnswersBy, by_value=True)
    texts = ma.fields.Nested(TextsIn)


class TextsOut(ma.Schema):
    """Which consents stand; `stopped` after STOP was texted: then nothing comes until it is taken back."""

    recovery_texts = ma.fields.Boolean(required=True)
    session_reminders = ma.fields.Boolean(required=True)
    stopped = ma.fields.Boolean(required=True)


class ProfileOut(ma.Schema):
    """The patient, and their clinic."""

    id = ma.fields.UUID(required=True)
    first_name = ma.fields.String(required=True)
    language = ma.fields.Enum(Language, by_value=True, required=True)
    time_zone = ma.fields.String(required=True)
    answers_by = ma.fields.Enum(AnswersBy, by_value=True, required=True)
    texts = ma.fields.Nested(TextsOut, required=True)
    clinic = ma.fields.Nested(ClinicOut, required=True)
