"""The schema of what staff and the patient both read of a patient's record."""

from __future__ import annotations

import marshmallow as ma

from api.formats.request_bodies import Timestamp
from recovery.domain.core.language import Language
from recovery.domain.patients.contact import AnswersBy


class PatientFields(ma.Schema):
    """Who a patient is and how the clinic reaches them."""

    id = ma.fields.UUID(required=True)
    first_name = ma.fields.String(required=True)
    last_name = ma.fields.String(required=True)
    phone = ma.fields.String(required=True)
    year_of_birth = ma.fields.Integer(required=True)
    language = ma.fields.Enum(Language, by_value=True, required=True)
    time_zone = ma.fields.String(required=True)
    skin_type = ma.fields.Integer(required=True, allow_none=True)
    answers_by = ma.fields.Enum(AnswersBy, by_value=True, required=True)
    created_at = Timestamp(required=True)
    ended_at = Timestamp(required=True, allow_none=True)
