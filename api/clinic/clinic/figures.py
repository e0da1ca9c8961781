"""Endpoint and bodies: the clinic's figures over some days, what the rules find and miss among them."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from flask import Response

from api import auth, database
from api.formats.request_bodies import Blueprint, DateOnly, Timestamp
from api.formats.responses import json
from api.openapi.document import Problem
from recovery.domain.clinic.staff_roles import Duty
from recovery.domain.clinical.findings import AssessmentRule
from recovery.domain.clinical.symptoms import Device, WarningSign
from recovery.domain.core.confidence_intervals import Share
from recovery.domain.flags.flag_lifecycle import FlagOutcome
from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.models.clinic import clinics
from recovery.models.read_models.check_in_figures import CheckInCounts
from recovery.models.read_models.clinic_figures import DurationKind
from recovery.services.read_models import clinic_summary
from recovery.services.read_models.clinic_summary import ClinicSummary
from recovery.services.read_models.detection import Complications, Detection

blueprint = Blueprint(
    "figures", __name__, url_prefix="/reports", description="What became of the clinic's treatments."
)
blueprint.before_request(auth.require_staff)


class SummaryQuery(ma.Schema):
    """Which days, in the clinic's zone, both included; the last 90 where none are named, 366 at most."""

    first = DateOnly(data_key="from", load_default=None)
    last = DateOnly(data_key="until", load_default=None)


class CheckInsOut(ma.Schema):
    """Check-ins that reached patients. Those of the last 24 hours that are not answered yet wait.

    Answered is: a report came within 24 hours, or signs seen on the very day that was asked about.
    """

    asked = ma.fields.Integer(required=True)
    answered = ma.fields.Integer(required=True)
    missed = ma.fields.Integer(required=True)
    waiting = ma.fields.Integer(required=True)
    answered_share = ma.fields.Float(required=True, allow_none=True)


class CheckInsOfDayOut(CheckInsOut):
    """Those about one day of recovery."""

    day = ma.fields.Integer(required=True)


class DurationOut(ma.Schema):
    """How long a step took, in minutes on the clock.

    `review` runs from a report's arrival to when its rules were applied and a flag raised where one is
    due; the others from when a flag was raised: to the first thing a person did about it, to the first
    attempt to reach the patient, to its closing. `within_24h` is the share of all that were done within
    24 hours or could have been.
    """

    what = ma.fields.Enum(DurationKind, by_value=True, required=True)
    done = ma.fields.Integer(required=True)
    waiting = ma.fields.Integer(required=True)
    median_minutes = ma.fields.Float(required=True, allow_none=True)
    p95_minutes = ma.fields.Float(required=True, allow_none=True)
    within_24h = ma.fields.Float(required=True, allow_none=True)


class OutcomeOut(ma.Schema):
    """How many flags were closed as this."""

    outcome = ma.fields.Enum(FlagOutcome, by_value=True, required=True)
    flags = ma.fields.Integer(required=True)


class FlagFiguresOut(ma.Schema):
    """Flags of these treatments.

    `precision`: of those closed with an outcome that says so, the share that was more than expected
    healing; `not_reached` and `other` say nothing.
    """

    count = ma.fields.Integer(required=True)
    per_100_treatments = ma.fields.Float(required=True, allow_none=True)
    precision = ma.fields.Float(required=True, allow_none=True)
    outcomes = ma.fields.List(ma.fields.Nested(OutcomeOut), required=True)


class SkinGroupOut(ma.Schema):
    """Fitzpatrick types taken together; `closed` are the flags that `precision` is of."""

    group = ma.fields.String(required=True)
    treatments = ma.fields.Integer(required=True)
    flags = ma.fields.Integer(required=True)
    flags_per_100 = ma.fields.Float(required=True, allow_none=True)
    closed = ma.fields.Integer(required=True)
    precision = ma.fields.Float(required=True, allow_none=True)


class PromisesOut(ma.Schema):
    """Promised times that have passed or were met before, of flags and of words, and those by which somebody
    looked."""

    made = ma.fields.Integer(required=True)
    kept = ma.fields.Integer(required=True)
    kept_share = ma.fields.Float(required=True, allow_none=True)


class TextsCountedOut(ma.Schema):
    """So many texts that were to have left stand so, for this reason; empty where there is none to give."""

    state = ma.fields.Enum(MessageState, by_value=True, required=True)
    reason = ma.fields.String(required=True, allow_none=True)
    texts = ma.fields.Integer(required=True)
    segments = ma.fields.Integer(required=True)
    measured = ma.fields.Integer(required=True)


class ChargedOut(ma.Schema):
    """Texts that the carrier took and charges, and the segments of the `measured` ones among them."""

    texts = ma.fields.Integer(required=True)
    measured = ma.fields.Integer(required=True)
    segments = ma.fields.Integer(required=True)


class WeekOut(ma.Schema):
    """What became of the treatments of one week."""

    monday = ma.fields.Date(required=True)
    treatments = ma.fields.Integer(required=True)
    flags = ma.fields.Integer(required=True)
    flags_per_100 = ma.fields.Float(required=True, allow_none=True)
    asked = ma.fields.Integer(required=True)
    answered = ma.fields.Integer(required=True)
    answered_share = ma.fields.Float(required=True, allow_none=True)


class ShareOut(ma.Schema):
    """So many of so many, with the Wilson 95 % interval of the share; null where nothing was counted.

    `says_little`: fewer than ten, too few to say anything.
    """

    hits = ma.fields.Integer(required=True)
    total = ma.fields.Integer(required=True)
    value = ma.fields.Float(required=True, allow_none=True)
    low = ma.fields.Float(required=True, allow_none=True)
    high = ma.fields.Float(required=True, allow_none=True)
    says_little = ma.fields.Boolean(required=True)


class RulePrecisionOut(ma.Schema):
    """How often the flags of one rule were right."""

    rule = ma.fields.Enum(AssessmentRule, by_value=True, required=True)
    precision = ma.fields.Nested(ShareOut, required=True)


class SignPrecisionOut(ma.Schema):
    """How often the flags of one warning sign were right."""

    sign = ma.fields.Enum(WarningSign, by_value=True, required=True)
    precision = ma.fields.Nested(ShareOut, required=True)


class SkinDetectionOut(ma.Schema):
    """What was found, and how often flags were right, on Fitzpatrick types taken together."""

    group = ma.fields.String(required=True)
    sensitivity = ma.fields.Nested(ShareOut, required=True)
    precision = ma.fields.Nested(ShareOut, required=True)


class DeviceComplicationsOut(ma.Schema):
    """Treatments with one device, their flags, and the share with a known complication."""

    device = ma.fields.Enum(Device, by_value=True, required=True)
    treatments = ma.fields.Integer(required=True)
    flags = ma.fields.Integer(required=True)
    complications = ma.fields.Nested(ShareOut, required=True)


class LotComplicationsOut(ma.Schema):
    """The same for one lot, as it was written down."""

    lot = ma.fields.String(required=True)
    treatments = ma.fields.Integer(required=True)
    flags = ma.fields.Integer(required=True)
    complications = ma.fields.Nested(ShareOut, required=True)


class DetectionOut(ma.Schema):
    """What the rules find and miss.

    Known are complications that a flag was closed as, or that were recorded without one. `sensitivity`: of
    the treatments with one, those where anything but words told to the staff raised the flag. Precision: of
    the flags that a rule or sign raised and that were closed with an outcome that says so, those that were
    right.
    Lots with the most complications come first, thirty at most.
    """

    sensitivity = ma.fields.Nested(ShareOut, required=True)
    by_rule = ma.fields.List(ma.fields.Nested(RulePrecisionOut), required=True)
    by_sign = ma.fields.List(ma.fields.Nested(SignPrecisionOut), required=True)
    by_skin_type = ma.fields.List(ma.fields.Nested(SkinDetectionOut), required=True)
    by_device = ma.fields.List(ma.fields.Nested(DeviceComplicationsOut), required=True)
    by_lot = ma.fields.List(ma.fields.Nested(LotComplicationsOut), required=True)


class SummaryOut(ma.Schema):
    """Figures of the treatments performed in these days, as they stand now; shares are from 0 to 1.

    What was recorded while the clinic was in training is in no figure: `counts_from` is since when it is
    live. `open` counts all flags that are unresolved now, by age, whenever the treatment was.
    """

    first = ma.fields.Date(data_key="from", required=True)
    last = ma.fields.Date(data_key="until", required=True)
    counts_from = Timestamp(required=True, allow_none=True)
    treatments = ma.fields.Integer(required=True)
    check_ins = ma.fields.Nested(CheckInsOut, required=True)
    check_ins_by_day = ma.fields.List(ma.fields.Nested(CheckInsOfDayOut), required=True)
    durations = ma.fields.List(ma.fields.Nested(DurationOut), required=True)
    flags = ma.fields.Nested(FlagFiguresOut, required=True)
    groups = ma.fields.List(ma.fields.Nested(SkinGroupOut), data_key="skin_types", required=True)
    promises = ma.fields.Nested(PromisesOut, required=True)
    texts = ma.fields.List(ma.fields.Nested(TextsCountedOut), required=True)
    charged = ma.fields.Nested(ChargedOut, required=True)
    open = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.Integer(), required=True)
    weeks = ma.fields.List(ma.fields.Nested(WeekOut), required=True)
    detection = ma.fields.Nested(DetectionOut, required=True)


_SUMMARY = SummaryOut()


@blueprint.get("/summary")
@blueprint.doc(security=[{"staff": []}])
@blueprint.arguments(SummaryQuery(), location="query")
@blueprint.response(200, _SUMMARY)
@blueprint.alt_response(403, schema=Problem)
def get_summary(query: dict[str, Any]) -> Response:
    """The clinic's figures over some days."""
    caller, session, now = auth.staff_for(Duty.SETTING_UP), database.current(), database.request_time()
    clinic = clinics.get_one(session, caller.clinic_id)
    period = clinic_summary.parse_period(clinic, **query, now=now)
    return json(
        _shown(clinic_summary.summarize(session, clinic=clinic, period=period, now=now)), schema=_SUMMARY
    )


def _shown(found: ClinicSummary) -> dict[str, Any]:
    same = ("counts_from", "treatments", "durations", "groups", "texts", "charged", "open", "weeks")
    return {
        **{name: getattr(found, name) for name in same},
        "detection": _detection(found.detection),
        "first": found.period.first,
        "last": found.period.last,
        "check_ins": _counted(found.check_ins),
        "check_ins_by_day": [{"day": counts.key, **_counted(counts)} for counts in found.check_ins_by_day],
        "promises": {
            "made": found.promises.made,
            "kept": found.promises.kept,
            "kept_share": found.promises_kept,
        },
        "flags": {
            "count": found.flags,
            "per_100_treatments": found.flags_per_100,
            "precision": found.precision,
            "outcomes": [{"outcome": outcome, "flags": count} for outcome, count in found.outcomes.items()],
        },
    }


def _detection(found: Detection) -> dict[str, Any]:
    return {
        "sensitivity": _share(found.sensitivity),
        "by_rule": [{"rule": rule, "precision": _share(share)} for rule, share in found.by_rule],
        "by_sign": [{"sign": sign, "precision": _share(share)} for sign, share in found.by_sign],
        "by_skin_type": [
            {"group": one.group, "sensitivity": _share(one.sensitivity), "precision": _share(one.precision)}
            for one in found.by_skin
        ],
        "by_device": [{"device": device, **_known(those)} for device, those in found.by_device],
        "by_lot": [{"lot": lot, **_known(those)} for lot, those in found.by_lot],
    }


def _known(those: Complications) -> dict[str, Any]:
    return {
        "treatments": those.treatments,
        "flags": those.flags,
        "complications": _share(those.complications),
    }


def _share(share: Share) -> dict[str, Any]:
    low, high = share.interval if share.total else (None, None)
    return {
        "hits": share.hits,
        "total": share.total,
        "value": share.value if share.total else None,
        "low": low,
        "high": high,
        "says_little": share.says_little,
    }


def _counted(one: CheckInCounts) -> dict[str, Any]:
    return {
        "asked": one.asked,
        "answered": one.answered,
        "waiting": one.waiting,
        "missed": clinic_summary.missed_count(one),
        "answered_share": clinic_summary.answered_share(one),
    }
