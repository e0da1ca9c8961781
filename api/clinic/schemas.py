"""The shapes that travel between a clinic's staff and us."""

from __future__ import annotations

import marshmallow as ma

from api.formats.request_bodies import (
    Body,
    Digits,
    Factor,
    Millimetres,
    PlainText,
    StrictInteger,
    Timestamp,
    ZoneName,
    no_repeats,
)
from api.openapi.document import Problem
from recovery.domain.clinical.symptoms import Area, Device, Level
from recovery.domain.core.language import Language
from recovery.domain.flags.flag_lifecycle import FlagOutcome, FlagState, NurseText, Urgency
from recovery.domain.patients.consent import ConsentKind
from recovery.domain.patients.contact import AnswersBy
from recovery.domain.treatments.indication import Indication
from recovery.services.flags.flag_work import ContactResult


class StaffSignIn(Body):
    """E-mail and password, and the code of the second factor, or a recovery code, where one is set."""

    email = PlainText(required=True, longest=254)
    password = ma.fields.String(required=True, validate=ma.validate.Length(max=1000))
    totp = PlainText(longest=24, load_default=None, allow_none=True)


class ConsentIn(Body):
    """What was agreed to, in which words, when."""

    kind = ma.fields.Enum(ConsentKind, by_value=True, required=True)
    wording = PlainText(required=True, longest=2000, lines=True)
    given_at = Timestamp(required=True)


class PatientIn(Body):
    """Who is enrolled. The phone with its country code; skin type Fitzpatrick 1 to 6."""

    first_name = PlainText(required=True, longest=100)
    last_name = PlainText(required=True, longest=100)
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


class PatientChangeIn(PatientIn):
    """What changes; what is left out stays. A new phone number needs its own consents.

    A number that another patient has needs a PIN.
    """

    pin = Digits(shortest=4, longest=8)


class PatientOut(ma.Schema):
    """A patient of the clinic."""

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


class TreatmentIn(Body):
    """What was done. Depth in millimetres; without a protocol the clinic's own holds."""

    performed_at = Timestamp(required=True)
    device = ma.fields.Enum(Device, by_value=True, required=True)
    depth_mm = Millimetres(most=5, load_default=None, allow_none=True)
    areas = ma.fields.List(
        ma.fields.Enum(Area, by_value=True),
        load_default=lambda: [Area.FACE],
        validate=[ma.validate.Length(min=1, max=len(Area)), no_repeats],
        metadata={"uniqueItems": True},
    )
    indication = ma.fields.Enum(Indication, by_value=True, load_default=None, allow_none=True)
    numbing = PlainText(longest=200, load_default=None, allow_none=True)
    topical = PlainText(longest=200, load_default=None, allow_none=True)
    session_number = StrictInteger(minimum=1, maximum=50, load_default=1)
    protocol = PlainText(longest=100, load_default=None, allow_none=True)


class TreatmentChangeIn(TreatmentIn):
    """What was really done, and why it is corrected. What is left out stays.

    The version of the expected course is not changed here.
    """

    class Meta(Body.Meta):
        """The expected course is decided by its own rules."""

        exclude = ("protocol",)

    reason = PlainText(required=True, longest=1000, lines=True)


class WithdrawIn(Body):
    """Why a treatment is withdrawn; it is not taken back."""

    reason = PlainText(required=True, longest=1000, lines=True)


class TreatmentOut(ma.Schema):
    """A treatment, with the version of the expected course it is held against."""

    id = ma.fields.UUID(required=True)
    patient_id = ma.fields.UUID(required=True)
    performed_at = Timestamp(required=True)
    device = ma.fields.Enum(Device, by_value=True, required=True)
    depth_mm = ma.fields.Float(required=True, allow_none=True)
    areas = ma.fields.List(ma.fields.String(), required=True)
    indication = ma.fields.Enum(Indication, by_value=True, required=True, allow_none=True)
    numbing = ma.fields.String(required=True, allow_none=True)
    topical = ma.fields.String(required=True, allow_none=True)
    session_number = ma.fields.Integer(required=True)
    protocol = ma.fields.String(required=True)
    created_at = Timestamp(required=True)
    withdrawn_at = Timestamp(required=True, allow_none=True)


class FlagFinding(ma.Schema):
    """One reason for a flag, in words for the nurse."""

    report_id = ma.fields.UUID(required=True, allow_none=True)
    day = ma.fields.Integer(required=True)
    rule = ma.fields.String(required=True)
    symptom = ma.fields.String(required=True, allow_none=True)
    value = ma.fields.Float(required=True, allow_none=True)
    bound = ma.fields.Float(required=True, allow_none=True)
    text = ma.fields.String(required=True)
    protocol_version = ma.fields.String(required=True)


class FlagPatientOut(ma.Schema):
    """Whom a flag is about."""

    id = ma.fields.UUID(required=True)
    first_name = ma.fields.String(required=True)
    last_name = ma.fields.String(required=True)
    phone = ma.fields.String(required=True)


class FlagOut(ma.Schema):
    """A treatment that wants a nurse."""

    id = ma.fields.UUID(required=True)
    treatment_id = ma.fields.UUID(required=True)
    patient = ma.fields.Nested(FlagPatientOut, required=True)
    state = ma.fields.Enum(FlagState, by_value=True, required=True)
    urgency = ma.fields.Enum(Urgency, by_value=True, required=True)
    opened_at = Timestamp(required=True)
    due_at = Timestamp(required=True)
    held_by = ma.fields.UUID(required=True, allow_none=True)
    holder = ma.fields.String(required=True, allow_none=True)
    outcome = ma.fields.Enum(FlagOutcome, by_value=True, required=True, allow_none=True)
    comment = ma.fields.String(required=True, allow_none=True)
    resolved_at = Timestamp(required=True, allow_none=True)
    findings = ma.fields.List(ma.fields.Nested(FlagFinding), required=True)


class FlagProblem(Problem):
    """The flag cannot do that: `holder` has it `since` then, it is in this `state`, or `flag_id` is open."""

    flag_id = ma.fields.UUID()
    holder = ma.fields.String()
    since = Timestamp()
    state = ma.fields.Enum(FlagState, by_value=True)


class FlagPage(ma.Schema):
    """Flags, most urgent first, then by when they are due."""

    items = ma.fields.List(ma.fields.Nested(FlagOut), required=True)
    next = ma.fields.String(required=True, allow_none=True)


class FlagQuery(ma.Schema):
    """Which flags; without a state those that are not resolved."""

    state = ma.fields.Enum(FlagState, by_value=True, load_default=None)
    urgency = ma.fields.Enum(Urgency, by_value=True, load_default=None)
    assigned_to = ma.fields.UUID(load_default=None)
    limit = ma.fields.Integer(load_default=50, validate=ma.validate.Range(min=1, max=200))
    cursor = ma.fields.String(load_default=None, validate=ma.validate.Length(max=200))


class ContactIn(Body):
    """How an attempt to reach the patient ended."""

    result = ma.fields.Enum(ContactResult, by_value=True, required=True)
    note = PlainText(longest=2000, lines=True, shortest=0, load_default=None, allow_none=True)


class ResolveIn(Body):
    """What it was, what was seen, said and done, and in which wording the patient is told, if at all."""

    outcome = ma.fields.Enum(FlagOutcome, by_value=True, required=True)
    comment = PlainText(required=True, longest=4000, lines=True)
    text = ma.fields.Enum(NurseText, by_value=True, load_default=None, allow_none=True)


class HandOverIn(Body):
    """To whom: someone of the clinic who may sign in."""

    to = ma.fields.UUID(required=True)


class NoteIn(Body):
    """What is to be remembered about the flag."""

    note = PlainText(required=True, longest=4000, lines=True)


class TextIn(Body):
    """One of the approved wordings, in the patient's language."""

    template = ma.fields.Enum(NurseText, by_value=True, required=True)
