"""Answers of check_in and recovery_view: questions, signs, bounds, asking again, the expected band, points,
earlier sessions."""

from __future__ import annotations

import marshmallow as ma

from api.formats.request_bodies import Timestamp
from api.patient.schemas import ClinicOut, OwnTreatment, ScoresOut
from recovery.domain.clinical.bands import CurveReason
from recovery.domain.clinical.symptoms import AnswerScale, Area, Level, Symptom, WarningSign
from recovery.domain.core.language import Language
from recovery.domain.flags.flag_lifecycle import Urgency


class AnswerBandOut(ma.Schema):
    """One of the five steps. Send `score`, and with the report `words` as its `answers`; a number from
    `least` to `most` is told so. Each question has its own words for it in `answers`; `label` and `meaning`
    say it in general.
    """

    name = ma.fields.String(required=True, metadata={"example": "mild"})
    label = ma.fields.String(required=True, metadata={"example": "A little"})
    meaning = ma.fields.String(required=True)
    score = ma.fields.Integer(required=True)
    least = ma.fields.Integer(required=True)
    most = ma.fields.Integer(required=True)


class AnswerOut(ma.Schema):
    """A step in the words that suit one question; `name` is that of the step."""

    name = ma.fields.String(required=True, metadata={"example": "mild"})
    label = ma.fields.String(required=True, metadata={"example": "A little"})


class ItemOut(ma.Schema):
    """One question. `name` is what the symptom is called within a sentence, `answers` its five steps."""

    symptom = ma.fields.Enum(Symptom, by_value=True, required=True)
    label = ma.fields.String(required=True)
    name = ma.fields.String(required=True)
    required = ma.fields.Boolean(required=True)
    answers = ma.fields.List(ma.fields.Nested(AnswerOut), required=True)


class SignOut(ma.Schema):
    """One box. A tick sends its `sign`, which stands for those it `covers` too; `urgency` is its own."""

    sign = ma.fields.Enum(WarningSign, by_value=True, required=True)
    covers = ma.fields.List(ma.fields.Enum(WarningSign, by_value=True), required=True)
    label = ma.fields.String(required=True)
    urgency = ma.fields.Enum(Urgency, by_value=True, required=True)


class SignGroupOut(ma.Schema):
    """The heading over the signs of one urgency."""

    urgency = ma.fields.Enum(Urgency, by_value=True, required=True)
    heading = ma.fields.String(required=True)


class TogetherOut(ma.Schema):
    """Signs that are more urgent together than alone."""

    signs = ma.fields.List(ma.fields.Enum(WarningSign, by_value=True), required=True)
    urgency = ma.fields.Enum(Urgency, by_value=True, required=True)


class NoteOut(ma.Schema):
    """The question for words of the patient's own; at most `longest` characters."""

    label = ma.fields.String(required=True)
    hint = ma.fields.String(required=True)
    longest = ma.fields.Integer(required=True)


class AreaOut(ma.Schema):
    """An area that was treated, in the patient's language."""

    area = ma.fields.Enum(Area, by_value=True, required=True)
    label = ma.fields.String(required=True)


class WhereOut(ma.Schema):
    """The question in which area it is strongest: one of them, or none. Ask it where a score is at least
    `from_score`, and send the answer as `strongest` of the report."""

    label = ma.fields.String(required=True)
    hint = ma.fields.String(required=True)
    from_score = ma.fields.Integer(required=True)
    areas = ma.fields.List(ma.fields.Nested(AreaOut), required=True)


class BoundOut(ma.Schema):
    """What nine in ten, and 39 in 40, do not exceed so many hours after the treatment."""

    hours = ma.fields.Float(required=True)
    p90 = ma.fields.Float(required=True)
    p97_5 = ma.fields.Float(required=True)


class DoubtOut(ma.Schema):
    """One symptom's bounds, straight in between and level outside. `margin` null: only `drop` asks again.

    `rising` symptoms are asked about after a jump too, and count as agreeing.
    """

    symptom = ma.fields.Enum(Symptom, by_value=True, required=True)
    rising = ma.fields.Boolean(required=True)
    margin = ma.fields.Float(required=True, allow_none=True)
    bounds = ma.fields.List(ma.fields.Nested(BoundOut), required=True)


class LastOut(ma.Schema):
    """The report seen last, for comparing. `answers` says how its scores were given."""

    seen_at = Timestamp(required=True)
    scores = ma.fields.Nested(ScoresOut, required=True)
    answers = ma.fields.Enum(AnswerScale, by_value=True, required=True, attribute="scale")


class MeantOut(ma.Schema):
    """What one of the five answers stands for: every score from `least` to `most`."""

    score = ma.fields.Integer(required=True)
    least = ma.fields.Integer(required=True)
    most = ma.fields.Integer(required=True)


class AskAgainOut(ma.Schema):
    """When to ask "is that right?" about a score before or after sending; the server asks by the same rule.

    With p90 and p97.5 of the moment times `widen`: a score is in doubt where it is at least
    max(p97.5 + `margin`, `least`); or, against the same symptom in the last report of the `within_hours`
    before, where it is `drop` lower, or for a `rising` symptom `jump` higher, at least `least` and above p90.
    It is not in doubt within `same` points of that report, nor where `agreeing` or more other `rising`
    symptoms of the report are above their p97.5 too.

    A score given in words stands for what `answers` says of it: the least of it is held against p90, p97.5
    and `least`, and points between two reports count from middle to middle. Where `answers` is empty, and
    for numbers, the score is held as it is.
    """

    within_hours = ma.fields.Float(required=True)
    least = ma.fields.Float(required=True)
    jump = ma.fields.Float(required=True)
    drop = ma.fields.Float(required=True)
    same = ma.fields.Float(required=True)
    agreeing = ma.fields.Integer(required=True)
    widen = ma.fields.Float(required=True)
    last = ma.fields.Nested(LastOut, required=True, allow_none=True)
    answers = ma.fields.List(ma.fields.Nested(MeantOut), required=True)
    symptoms = ma.fields.List(ma.fields.Nested(DoubtOut), required=True)
    heading = ma.fields.String(required=True)
    yes = ma.fields.String(required=True)
    no = ma.fields.String(required=True)


class AdviceOut(ma.Schema):
    """What to do at one level: on recovery day 0, and on later days."""

    level = ma.fields.Enum(Level, by_value=True, required=True)
    first_hours = ma.fields.String(required=True)
    later = ma.fields.String(required=True)


class EmergencyOut(ma.Schema):
    """The screen for an emergency sign; it needs no network. `anywhere` is for before anyone signed in, the
    crisis line for whoever wrote of harming themselves.

    `then_call` holds while the clinic is open, `closed_call` while it is closed; see `clinic` for its hours.
    """

    heading = ma.fields.String(required=True)
    text = ma.fields.String(required=True)
    number = ma.fields.String(required=True)
    call = ma.fields.String(required=True)
    then_number = ma.fields.String(required=True)
    then_call = ma.fields.String(required=True)
    closed_number = ma.fields.String(required=True)
    closed_call = ma.fields.String(required=True)
    anywhere = ma.fields.String(required=True)
    crisis_number = ma.fields.String(required=True)
    crisis_call = ma.fields.String(required=True)


class CheckInTimeOut(ma.Schema):
    """One time the clinic asks. A report is welcome at any other time too."""

    day = ma.fields.Integer(required=True)
    opens_at = Timestamp(required=True)
    closes_at = Timestamp(required=True)
    done = ma.fields.Boolean(required=True)


class AlsoAskedOut(CheckInTimeOut):
    """A check-in for the marks of an earlier treatment, on `day` of that one. No check-in of its own is sent:
    while it is open and not `done`, this treatment's asks for `signs` there too, and one report tells of
    both."""

    treatment_id = ma.fields.UUID(required=True)
    performed_at = Timestamp(required=True)
    signs = ma.fields.List(ma.fields.Enum(WarningSign, by_value=True), required=True)


class CheckInOut(ma.Schema):
    """Everything a device needs to ask without a network.

    `version` changes with the questions and their words, not with the check-ins done; `approved_on` is
    null until a medical director signed them. `where` is null unless several areas were treated.
    `taken_over_at` is when the patient's next treatment was done, null without one: ask that one's check-in
    instead.
    """

    version = ma.fields.String(required=True)
    treatment_id = ma.fields.UUID(required=True)
    language = ma.fields.Enum(Language, by_value=True, required=True)
    protocol_version = ma.fields.String(required=True)
    approved_on = ma.fields.String(required=True, allow_none=True)
    performed_at = Timestamp(required=True)
    heading = ma.fields.String(required=True)
    lead = ma.fields.String(required=True)
    bands = ma.fields.List(ma.fields.Nested(AnswerBandOut), required=True)
    items = ma.fields.List(ma.fields.Nested(ItemOut), required=True)
    where = ma.fields.Nested(WhereOut, required=True, allow_none=True)
    signs_lead = ma.fields.String(required=True)
    sign_groups = ma.fields.List(ma.fields.Nested(SignGroupOut), required=True)
    warning_signs = ma.fields.List(ma.fields.Nested(SignOut), required=True)
    together = ma.fields.List(ma.fields.Nested(TogetherOut), required=True)
    note = ma.fields.Nested(NoteOut, required=True)
    ask_again = ma.fields.Nested(AskAgainOut, required=True)
    advice = ma.fields.List(ma.fields.Nested(AdviceOut), required=True)
    emergency = ma.fields.Nested(EmergencyOut, required=True)
    clinic = ma.fields.Nested(ClinicOut, required=True)
    check_ins = ma.fields.List(ma.fields.Nested(CheckInTimeOut), required=True)
    taken_over_at = Timestamp(required=True, allow_none=True)
    also_asked = ma.fields.List(ma.fields.Nested(AlsoAskedOut), required=True)


class ExpectedOut(ma.Schema):
    """Scores that half, nine in ten and 39 in 40 do not exceed on a recovery day."""

    day = ma.fields.Integer(required=True)
    hours = ma.fields.Float(required=True)
    p50 = ma.fields.Float(required=True)
    p90 = ma.fields.Float(required=True)
    p97_5 = ma.fields.Float(required=True)


class PointOut(ma.Schema):
    """One score as reported; `hours` since the treatment. It stands for any from `least` to `most`: a number
    for itself, an answer in words for what its step tells. Hold `least` against the band.

    While it is `in_question`, or its report is `flagged`, it is not to be called as expected.
    """

    report_id = ma.fields.UUID(required=True)
    seen_at = Timestamp(required=True)
    hours = ma.fields.Float(required=True)
    day = ma.fields.Integer(required=True)
    score = ma.fields.Integer(required=True)
    least = ma.fields.Integer(required=True)
    most = ma.fields.Integer(required=True)
    in_question = ma.fields.Boolean(required=True)
    flagged = ma.fields.Boolean(required=True)


class SeriesOut(ma.Schema):
    """One symptom: its expected band and the patient's own points.

    Reports are not held against the band of one that is not `judged`: say nothing of it.
    """

    symptom = ma.fields.Enum(Symptom, by_value=True, required=True)
    label = ma.fields.String(required=True)
    judged = ma.fields.Boolean(required=True)
    expected = ma.fields.List(ma.fields.Nested(ExpectedOut), required=True)
    points = ma.fields.List(ma.fields.Nested(PointOut), required=True)


class EarlierSeriesOut(ma.Schema):
    """The points of one symptom after an earlier treatment."""

    symptom = ma.fields.Enum(Symptom, by_value=True, required=True)
    points = ma.fields.List(ma.fields.Nested(PointOut), required=True)


class EarlierOut(ma.Schema):
    """An earlier session, on the same axis of hours since its treatment."""

    treatment_id = ma.fields.UUID(required=True)
    performed_at = Timestamp(required=True)
    session_number = ma.fields.Integer(required=True)
    symptoms = ma.fields.List(ma.fields.Nested(EarlierSeriesOut), required=True)


class SeriesPlanOut(ma.Schema):
    """The plan of sessions. `proposed_on` follows from it, `next_session_on` was agreed; local days.

    `done` counts the days on which a session took place.
    """

    sessions = ma.fields.Integer(required=True)
    done = ma.fields.Integer(required=True)
    weeks_between = ma.fields.Integer(required=True)
    maintenance_months = ma.fields.Integer(required=True, allow_none=True)
    next_session_on = ma.fields.Date(required=True, allow_none=True)
    proposed_on = ma.fields.Date(required=True, allow_none=True)


class HeldAgainstOut(ma.Schema):
    """The curve of the protocol from which the band is made, and why: the treatment's `depth`, that the
    depth was not recorded and the usual one stands in, or the `device` where depths make no difference."""

    curve = ma.fields.String(required=True)
    because = ma.fields.Enum(CurveReason, by_value=True, required=True)


class RecoveryOut(ma.Schema):
    """The recovery as a picture: what is expected of this skin, what was reported, what to do and when."""

    treatment = ma.fields.Nested(OwnTreatment, required=True)
    protocol_version = ma.fields.String(required=True)
    held_against = ma.fields.Nested(HeldAgainstOut, required=True)
    symptoms = ma.fields.List(ma.fields.Nested(SeriesOut), required=True)
    earlier_sessions = ma.fields.List(ma.fields.Nested(EarlierOut), required=True)
    next_check_in = ma.fields.Nested(CheckInTimeOut, required=True, allow_none=True)
    series = ma.fields.Nested(SeriesPlanOut, required=True, allow_none=True)
