"""The shapes in which flags and the work on them travel."""

from __future__ import annotations

import marshmallow as ma

from api.formats.request_bodies import (
    Body,
    PlainText,
    Timestamp,
)
from api.openapi.document import Problem
from recovery.domain.flags.flag_lifecycle import FlagOutcome, FlagState, NurseText, Urgency
from recovery.services.flags.flag_work import ContactResult


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
