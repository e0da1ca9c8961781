"""Bodies and answers of the endpoints in patients: a patient, consents, changes, endings, bands,
invitations."""

from __future__ import annotations

from typing import Any

import marshmallow as ma

from api.formats.patient_fields import PatientFields
from api.formats.request_bodies import (
    Body,
    Digits,
    Factor,
    PersonName,
    PlainText,
    StrictBoolean,
    StrictInteger,
    Timestamp,
    ZoneName,
)
from recovery.domain.clinical.symptoms import Level
from recovery.domain.core.language import Language
from recovery.domain.patients.consent import MOST_VERSION, UNKNOWN_WORDS, ConsentKind, EndReason
from recovery.domain.patients.contact import AnswersBy
from recovery.services.changes.ended_follow_up import Ending
from recovery.services.core import phone_numbers


class ConsentIn(Body):
    """What was agreed to, in which words, when.

    `version` is that of our statement where the words say all that it says. Who agreed in older words, or in
    words of one's own, is asked as seldom as the first version said.
    """

    kind = ma.fields.Enum(ConsentKind, by_value=True, required=True)
    wording = PlainText(required=True, longest=2000, lines=True)
    given_at = Timestamp(required=True)
    version = StrictInteger(minimum=1, maximum=MOST_VERSION, load_default=UNKNOWN_WORDS)


class PatientIn(Body):
    """Who is enrolled. A phone without its country code is one of the clinic's; skin type Fitzpatrick 1 to 6.

    Somebody with one name has it as `first_name`, and no `last_name`. The year of birth is one in which
    somebody who is alive was born. `training`: for practice, nobody is texted but proved phones of the staff,
    and no figure counts it; left out it goes by the clinic, and in a clinic in training everybody is.
    """

    first_name = PersonName(called="The first name", required=True)
    last_name = PersonName(called="The last name", shortest=0, load_default="")
    phone = PlainText(required=True, longest=32, metadata={"example": "+14155550123"})
    year_of_birth = StrictInteger(minimum=1900, maximum=2100, required=True)
    pin = Digits(shortest=4, longest=8, load_default=None, allow_none=True)
    language = ma.fields.Enum(Language, by_value=True, load_default=Language.ENGLISH)
    time_zone = ZoneName(load_default=None, allow_none=True)
    skin_type = StrictInteger(minimum=1, maximum=6, load_default=None, allow_none=True)
    answers_by = ma.fields.Enum(AnswersBy, by_value=True, load_default=AnswersBy.LINK)
    consents = ma.fields.List(
        ma.fields.Nested(ConsentIn), load_default=list, validate=ma.validate.Length(max=10)
    )
    training = StrictBoolean(load_default=None, allow_none=True)


class PatientChangeIn(PatientIn):
    """What changes; what is left out stays. A new phone number needs its own consents.

    A number that another patient has needs a PIN.
    """

    class Meta:
        exclude = ("training",)

    pin = Digits(shortest=4, longest=8)


class PatientOut(PatientFields):
    """A patient of the clinic. Texts may not reach a number that is a landline's.

    `training`: the staff practises on this patient.
    """

    phone_is_landline = ma.fields.Boolean(required=True)

    ended_because = ma.fields.Enum(EndReason, by_value=True, required=True, allow_none=True)
    training = ma.fields.Boolean(required=True)

    @ma.post_dump
    def _tell_landline(self, shown: dict[str, Any], **_: Any) -> dict[str, Any]:
        return shown | {"phone_is_landline": phone_numbers.is_landline(shown["phone"])}


class EndIn(Body):
    """What ends, and why. `texts` holds for everybody of the clinic on the number. A death ends all."""

    ending = ma.fields.Enum(Ending, by_value=True, required=True)
    because = ma.fields.Enum(EndReason, by_value=True, required=True)
    comment = PlainText(longest=1000, lines=True, shortest=0, load_default=None, allow_none=True)


class BandIn(Body):
    """How many times stronger this skin reacts and longer it heals, and the least a finding is worth."""

    level = Factor(load_default=1.0)
    duration = Factor(load_default=1.0)
    at_least = ma.fields.Enum(Level, by_value=True, load_default=None, allow_none=True)
    because = PlainText(required=True, longest=1000, lines=True)


class BandOut(ma.Schema):
    """What is known of a patient's skin, and why."""

    level = ma.fields.Float(required=True)
    duration = ma.fields.Float(required=True)
    at_least = ma.fields.Enum(Level, by_value=True, required=True, allow_none=True)
    because = ma.fields.String(required=True, allow_none=True)


class InvitationIn(Body):
    """How the invitation reaches the patient: as a text, or on the screen at the desk."""

    via = ma.fields.String(load_default="text", validate=ma.validate.OneOf(["text", "desk"]))


class InvitationOut(ma.Schema):
    """A texted invitation is on its way; one for the desk is shown once, to be scanned there."""

    via = ma.fields.String(required=True)
    invitation = ma.fields.String(required=True, allow_none=True)
    link = ma.fields.String(required=True, allow_none=True)
    expires_at = Timestamp(required=True, allow_none=True)
