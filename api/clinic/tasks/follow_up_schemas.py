"""Queries and answers of the endpoints in tasks and inbox: tasks, and what is to be read."""

from __future__ import annotations

import marshmallow as ma

from api.clinic.flags.flag_schemas import FlagPatientOut
from api.formats.pagination import RoomQuery
from api.formats.request_bodies import Body, PlainText, Timestamp
from recovery.domain.flags.flag_lifecycle import Urgency
from recovery.domain.inbound.text_meaning import TextMeaning
from recovery.models.inbound.inbound_texts import InboundSource
from recovery.models.tasks.tasks import TaskKind


class TaskQuery(RoomQuery):
    """Which tasks; without a kind all that are open."""

    kind = ma.fields.Enum(TaskKind, by_value=True, load_default=None)


class TaskOut(ma.Schema):
    """One task; `patient` is empty for a text from a shared or unknown number.

    `danger`: a patient who may not be texted named what may be an emergency, so call at once. What is more
    urgent than the next business day stands in the console's queue; `held_by` is who sees to it. No health
    data in `detail`.
    """

    id = ma.fields.UUID(required=True)
    kind = ma.fields.Enum(TaskKind, by_value=True, required=True)
    patient = ma.fields.Nested(FlagPatientOut, required=True, allow_none=True)
    treatment_id = ma.fields.UUID(required=True, allow_none=True)
    urgency = ma.fields.Enum(Urgency, by_value=True, required=True)
    opened_at = Timestamp(required=True)
    due_at = Timestamp(required=True)
    held_by = ma.fields.UUID(required=True, allow_none=True)
    done_at = Timestamp(required=True, allow_none=True)
    done_by = ma.fields.UUID(required=True, allow_none=True)
    comment = ma.fields.String(required=True, allow_none=True)
    danger = ma.fields.Boolean(required=True)
    detail = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.String(), required=True)


class TaskPage(ma.Schema):
    """Open tasks, the one due first in front."""

    items = ma.fields.List(ma.fields.Nested(TaskOut), required=True)
    next = ma.fields.String(required=True, allow_none=True)


class TaskDoneIn(Body):
    """What was done, where there is something to say."""

    comment = PlainText(longest=4000, lines=True, shortest=0, load_default=None, allow_none=True)


class InboxEntry(ma.Schema):
    """One text or note. `meaning` is what it was taken as; `phone` is where a text came from; `due_at` by
    when somebody should have read it."""

    id = ma.fields.UUID(required=True)
    source = ma.fields.Enum(InboundSource, by_value=True, required=True)
    meaning = ma.fields.Enum(TextMeaning, by_value=True, required=True)
    body = ma.fields.String(required=True)
    pictures = ma.fields.Integer(required=True)
    phone = ma.fields.String(required=True, allow_none=True)
    patient = ma.fields.Nested(FlagPatientOut, required=True, allow_none=True)
    treatment_id = ma.fields.UUID(required=True, allow_none=True)
    report_id = ma.fields.UUID(required=True, allow_none=True)
    received_at = Timestamp(required=True)
    due_at = Timestamp(required=True, allow_none=True)
    read_at = Timestamp(required=True, allow_none=True)
    read_by = ma.fields.UUID(required=True, allow_none=True)


class InboxPage(ma.Schema):
    """What waits to be read, oldest first."""

    items = ma.fields.List(ma.fields.Nested(InboxEntry), required=True)
    next = ma.fields.String(required=True, allow_none=True)
