"""Bodies and answers of the endpoints in treatments: one recorded, corrected, withdrawn, with its warnings
and overlaps."""

from __future__ import annotations

import marshmallow as ma

from api.formats.request_bodies import (
    Body,
    Millimetres,
    PlainText,
    StrictBoolean,
    StrictInteger,
    Timestamp,
    no_repeats,
)
from api.openapi.document import Problem
from recovery.domain.clinical.symptoms import Acid, Area, Device
from recovery.domain.patients.consultation import Condition
from recovery.domain.treatments.indication import Indication


class TreatmentIn(Body):
    """What was done. Depth in millimetres; without a protocol the clinic's own holds.

    `lot` is as printed, of the needles or of what was put on: figures tell lots apart by these characters.
    `performed_by` is who of the staff held the needle.
    `anyway`: record it though one alike is recorded already, within an hour, with its device and one of its
    areas.
    """

    performed_at = Timestamp(required=True)
    device = ma.fields.Enum(Device, by_value=True, required=True)
    depth_mm = Millimetres(most=5, load_default=None, allow_none=True)
    areas = ma.fields.List(
        ma.fields.Enum(Area, by_value=True),
        load_default=lambda: [Area.FACE],
        validate=[ma.validate.Length(min=1, max=len(Area)), no_repeats],
        metadata={"uniqueItems": True},
    )
    acid = ma.fields.Enum(Acid, by_value=True, load_default=Acid.NONE)
    indication = ma.fields.Enum(Indication, by_value=True, load_default=None, allow_none=True)
    numbing = PlainText(longest=200, load_default=None, allow_none=True)
    topical = PlainText(longest=200, load_default=None, allow_none=True)
    lot = PlainText(longest=100, load_default=None, allow_none=True)
    performed_by = ma.fields.UUID(load_default=None, allow_none=True)
    session_number = StrictInteger(minimum=1, maximum=50, load_default=1)
    protocol = PlainText(longest=100, load_default=None, allow_none=True)
    anyway = StrictBoolean(load_default=False)


class TreatmentChangeIn(TreatmentIn):
    """What was really done, and why it is corrected. What is left out stays.

    The version of the expected course is not changed here.
    """

    class Meta(Body.Meta):
        """The expected course is decided by its own rules, and a correction asks nothing first."""

        exclude = ("protocol", "anyway")

    reason = PlainText(required=True, longest=1000, lines=True)


class AlikeProblem(Problem):
    """The treatments that are alike, each recorded already. Send it again with `anyway` if it is another."""

    treatments = ma.fields.List(ma.fields.UUID())


class WithdrawIn(Body):
    """Why a treatment is withdrawn; it is not taken back."""

    reason = PlainText(required=True, longest=1000, lines=True)


class WarningOut(ma.Schema):
    """What the patient's consultation says of this treatment: for a person to weigh, nothing is refused."""

    condition = ma.fields.Enum(Condition, by_value=True, required=True)
    say = ma.fields.String(required=True)
    source = ma.fields.String(required=True)


class OtherTreatmentOut(ma.Schema):
    """Another treatment of the same patient."""

    id = ma.fields.UUID(required=True)
    performed_at = Timestamp(required=True)


class TreatmentOut(ma.Schema):
    """A treatment, with the version of the expected course it is held against.

    `warnings` are made anew at each reading, from the newest consultation. `takes_over` are the patient's
    earlier treatments whose follow-up was not over when this one was done: from then on they are asked about
    marks alone, and judged by warning signs alone. `taken_over_by` is the treatment that did so to this one.
    """

    id = ma.fields.UUID(required=True)
    patient_id = ma.fields.UUID(required=True)
    performed_at = Timestamp(required=True)
    device = ma.fields.Enum(Device, by_value=True, required=True)
    depth_mm = ma.fields.Float(required=True, allow_none=True)
    areas = ma.fields.List(ma.fields.String(), required=True)
    acid = ma.fields.Enum(Acid, by_value=True, required=True)
    indication = ma.fields.Enum(Indication, by_value=True, required=True, allow_none=True)
    numbing = ma.fields.String(required=True, allow_none=True)
    topical = ma.fields.String(required=True, allow_none=True)
    lot = ma.fields.String(required=True, allow_none=True)
    performed_by = ma.fields.UUID(required=True, allow_none=True)
    session_number = ma.fields.Integer(required=True)
    protocol = ma.fields.String(required=True)
    created_at = Timestamp(required=True)
    withdrawn_at = Timestamp(required=True, allow_none=True)
    warnings = ma.fields.List(ma.fields.Nested(WarningOut), required=True)
    takes_over = ma.fields.List(ma.fields.Nested(OtherTreatmentOut), required=True)
    taken_over_by = ma.fields.Nested(OtherTreatmentOut, required=True, allow_none=True)
