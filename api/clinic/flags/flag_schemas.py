"""Bodies and answers of all flag endpoints: a flag with its findings, each step of the work on it, told
flags, complications."""

from __future__ import annotations

import marshmallow as ma

from api.formats.request_bodies import (
    Body,
    DateOnly,
    PlainText,
    Timestamp,
    no_repeats,
)
from api.openapi.document import Problem
from recovery.domain.clinic.rooms import Room
from recovery.domain.clinical.symptoms import Area, WarningSign
from recovery.domain.flags.flag_lifecycle import FlagOutcome, FlagState, NurseText, Urgency
from recovery.services.flags.flag_work import ContactResult


class FlagFinding(ma.Schema):
    """One reason for a flag, in words for the nurse.

    `value_range` are the lowest and the highest score meant where an answer in words was judged, of which
    `value` is the middle; null for a number. `strongest` is in which of several areas the patient sees most.
    """

    report_id = ma.fields.UUID(required=True, allow_none=True)
    day = ma.fields.Integer(required=True)
    rule = ma.fields.String(required=True)
    symptom = ma.fields.String(required=True, allow_none=True)
    value = ma.fields.Float(required=True, allow_none=True)
    value_range = ma.fields.List(ma.fields.Integer(), required=True, allow_none=True)
    bound = ma.fields.Float(required=True, allow_none=True)
    strongest = ma.fields.Enum(Area, by_value=True, required=True, allow_none=True)
    text = ma.fields.String(required=True)
    protocol_version = ma.fields.String(required=True)


class FlagPatientOut(ma.Schema):
    """Whom a flag is about."""

    id = ma.fields.UUID(required=True)
    first_name = ma.fields.String(required=True)
    last_name = ma.fields.String(required=True)
    phone = ma.fields.String(required=True)


class FlagToldOut(ma.Schema):
    """What a patient told the staff outside a check-in, who wrote it down, and when."""

    at = Timestamp(required=True)
    by = ma.fields.String(required=True, allow_none=True)
    told = ma.fields.String(required=True)


class FlagOut(ma.Schema):
    """A treatment that wants a nurse. `told` is what was told to the staff about it, oldest first."""

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
    told = ma.fields.List(ma.fields.Nested(FlagToldOut), required=True)


class FlagToldIn(Body):
    """What a patient told the staff, how urgent it is, and the warning signs among it, if any.

    A sign that is more urgent by the protocol makes the flag so.
    """

    told = PlainText(required=True, longest=4000, lines=True)
    urgency = ma.fields.Enum(Urgency, by_value=True, required=True)
    warning_signs = ma.fields.List(
        ma.fields.Enum(WarningSign, by_value=True), load_default=list, validate=no_repeats
    )


class FlagOnItsWayOut(ma.Schema):
    """The flag that is on its way: how urgent it will be, and due by when where none is open before."""

    treatment_id = ma.fields.UUID(required=True)
    urgency = ma.fields.Enum(Urgency, by_value=True, required=True)
    due_at = Timestamp(required=True)


class ComplicationIn(Body):
    """What followed a treatment and nobody flagged, and the day of the clinic's calendar on which it began.

    `expected_healing`, `not_reached` and `other` are no complications.
    """

    outcome = ma.fields.Enum(FlagOutcome, by_value=True, required=True)
    began_on = DateOnly(required=True)
    comment = PlainText(longest=2000, lines=True, load_default=None, allow_none=True)


class ComplicationOut(ma.Schema):
    """A complication on record; `withdrawn_at` where it was entered in error."""

    id = ma.fields.UUID(required=True)
    treatment_id = ma.fields.UUID(required=True)
    outcome = ma.fields.Enum(FlagOutcome, by_value=True, required=True)
    began_on = ma.fields.Date(required=True)
    comment = ma.fields.String(required=True, allow_none=True)
    recorded_at = Timestamp(required=True)
    recorded_by = ma.fields.UUID(required=True, allow_none=True)
    withdrawn_at = Timestamp(required=True, allow_none=True)


class ComplicationsOut(ma.Schema):
    """What is on record for one treatment, in the order in which it was recorded."""

    items = ma.fields.List(ma.fields.Nested(ComplicationOut), required=True)


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
    """Which flags; without a state those that are not resolved.

    Without a room, those of real patients in a live clinic and everybody's in one in training.
    """

    state = ma.fields.Enum(FlagState, by_value=True, load_default=None)
    urgency = ma.fields.Enum(Urgency, by_value=True, load_default=None)
    assigned_to = ma.fields.UUID(load_default=None)
    room = ma.fields.Enum(Room, by_value=True, load_default=None)
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
