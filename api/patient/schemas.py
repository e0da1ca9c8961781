"""Bodies and answers of the patient's reports and treatments: scores, assessment, follow-up, what to avoid,
the clinic to call."""

from __future__ import annotations

import marshmallow as ma

from api.formats.pagination import PageQuery
from api.formats.request_bodies import Body, PlainText, Score, StoredEnum, StrictInteger, Timestamp
from api.openapi.document import Problem
from recovery.domain.clinical.recovery_phase import RecoveryPhase
from recovery.domain.clinical.symptoms import AnswerScale, Area, Device, Level, Symptom, WarningSign
from recovery.domain.content.emergency_text import HelpLine
from recovery.domain.flags.flag_lifecycle import FollowUpState, Urgency
from recovery.domain.treatments.avoidance_rules import AvoidItem

LONGEST_NOTE = 2000
RFC_3339 = r"^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$"


class Scores(Body):
    """0 (none) to 10 (worst). Redness means redness or change from the usual colour."""

    redness = Score(required=True)
    swelling = Score(required=True)
    peeling = Score(required=True)
    pain = Score()
    itching = Score()
    dryness = Score()
    bruising = Score()


class ReportIn(Body):
    """What was seen in the mirror at one moment.

    `answers` says how the scores were given: as `numbers` from 0 to 10, or in `words`, the five answers of
    the check-in, each sent as the score of its step (`bands` of the check-in). A word is judged as any of the
    scores that its step stands for. `strongest` is in which of several treated areas it is strongest, one of
    `where` of the check-in; it may be left out.
    """

    seen_at = Timestamp(required=True, metadata={"example": "2026-11-23T08:12:00+01:00"})
    scores = ma.fields.Nested(Scores, required=True)
    answers = ma.fields.Enum(AnswerScale, by_value=True, load_default=AnswerScale.NUMBERS)
    warning_signs = ma.fields.List(
        ma.fields.Enum(WarningSign, by_value=True),
        load_default=list,
        validate=ma.validate.Length(max=len(WarningSign)),
    )
    note = PlainText(longest=LONGEST_NOTE, lines=True, shortest=0, load_default=None, allow_none=True)
    strongest = ma.fields.Enum(Area, by_value=True, load_default=None, allow_none=True)
    confirmed = ma.fields.List(
        ma.fields.Enum(Symptom, by_value=True),
        load_default=list,
        validate=ma.validate.Length(max=len(Symptom)),
    )
    revision = StrictInteger(minimum=1, maximum=1000, load_default=1)


class OwnFinding(ma.Schema):
    """One reason why a report stands out, in words for the patient.

    `value_range` are the lowest and the highest score meant where an answer in words was judged, of which
    `value` is the middle; null for a number.
    """

    rule = ma.fields.String(required=True)
    symptom = ma.fields.String(required=True, allow_none=True)
    value = ma.fields.Float(required=True, allow_none=True)
    value_range = ma.fields.List(ma.fields.Integer(), required=True, allow_none=True)
    bound = ma.fields.Float(required=True, allow_none=True)
    text = ma.fields.String(required=True)


class AssessmentOut(ma.Schema):
    """How the report stands against the expected course. Never "all clear".

    `help` says which number of the emergency screen comes first, the emergency number or the crisis line; it
    is null where there is no emergency, or a nurse has closed it.
    """

    level = ma.fields.Enum(Level, by_value=True, required=True)
    protocol_version = ma.fields.String(required=True)
    findings = ma.fields.List(ma.fields.Nested(OwnFinding), required=True)
    advice = ma.fields.String(required=True)
    help = ma.fields.Enum(HelpLine, by_value=True, required=True, allow_none=True)


class FollowUpOut(ma.Schema):
    """Whether a nurse looks at it: `waiting` until somebody does, by when, `seen` while a nurse has it.

    `by` is null unless it waits; once it has passed, show whom to call. `urgency` is null where nothing is
    followed up.
    """

    state = ma.fields.Enum(FollowUpState, by_value=True, required=True)
    by = Timestamp(required=True, allow_none=True)
    urgency = ma.fields.Enum(Urgency, by_value=True, required=True, allow_none=True)


class TreatmentFollowUpOut(FollowUpOut):
    """The same of a treatment. `help` is null unless an emergency is not closed: then it says which number of
    the emergency screen comes first, the emergency number or the crisis line.
    """

    help = ma.fields.Enum(HelpLine, by_value=True, required=True, allow_none=True)


class UnconfirmedOut(ma.Schema):
    """What becomes of a report whose question in `ask_again` has no answer by `at`."""

    at = Timestamp(required=True)
    follow_up = ma.fields.Nested(FollowUpOut, required=True)


class ScoresOut(ma.Schema):
    """What was scored; what was not is absent."""

    redness = ma.fields.Integer()
    swelling = ma.fields.Integer()
    peeling = ma.fields.Integer()
    pain = ma.fields.Integer()
    itching = ma.fields.Integer()
    dryness = ma.fields.Integer()
    bruising = ma.fields.Integer()


class ReportOut(ma.Schema):
    """A stored report with how it was judged. `answers` says how its scores were given.

    `asks_again_at` is when the patient is asked once more before a nurse looks at what the report showed;
    null where nothing waits for that, or once they were asked. Such a report is not to be called as expected.
    """

    id = ma.fields.UUID(required=True)
    treatment_id = ma.fields.UUID(required=True)
    revision = ma.fields.Integer(required=True)
    seen_at = Timestamp(required=True)
    received_at = Timestamp(required=True)
    scores = ma.fields.Nested(ScoresOut, required=True)
    answers = ma.fields.Enum(AnswerScale, by_value=True, required=True)
    warning_signs = ma.fields.List(StoredEnum(WarningSign), required=True)
    note = ma.fields.String(required=True, allow_none=True)
    strongest = ma.fields.Enum(Area, by_value=True, required=True, allow_none=True)
    confirmed = ma.fields.List(StoredEnum(Symptom), required=True)
    day = ma.fields.Integer(required=True)
    assessment = ma.fields.Nested(AssessmentOut, required=True)
    ask_again = ma.fields.List(StoredEnum(Symptom), required=True)
    unconfirmed = ma.fields.Nested(UnconfirmedOut, required=True, allow_none=True)
    asks_again_at = Timestamp(required=True, allow_none=True)
    follow_up = ma.fields.Nested(FollowUpOut, required=True)


class RevisionProblem(Problem):
    """Another content is stored under this id, or another revision comes next; `stored` is what we have."""

    stored = ma.fields.Nested(ReportOut)


class WholePage(PageQuery):
    """How much of a list, and from where on; most lists of a patient are one page."""

    limit = ma.fields.Integer(load_default=200, validate=ma.validate.Range(min=1, max=200))


class ReportPage(ma.Schema):
    """Reports in the order the signs were seen."""

    items = ma.fields.List(ma.fields.Nested(ReportOut), required=True)
    next = ma.fields.String(required=True, allow_none=True)


CLOCK = Timestamp()
CLOCK_HEADER = "Afterglow-Sent-At"
SENT_AT = {
    "in": "header",
    "name": CLOCK_HEADER,
    "required": False,
    "description": "The device's clock when it sent; from a minute on the difference to ours is added to "
    "`seen_at`.",
    "schema": {
        "type": "string",
        "format": "date-time",
        "pattern": RFC_3339,
        "example": "2026-11-23T08:12:05+01:00",
    },
}
"""A header of its own, so that a replay is the same body however late it is sent."""


class AvoidOut(ma.Schema):
    """One thing to stay away from until a moment; `over` once it has passed.

    While it is `held` the moment does not hold: the skin was told to be open, or a nurse is to look at it.
    Then it is to be left until the clinic says so.
    """

    what = ma.fields.Enum(AvoidItem, by_value=True, required=True)
    label = ma.fields.String(required=True)
    until = Timestamp(required=True)
    over = ma.fields.Boolean(required=True)
    held = ma.fields.Boolean(required=True)


class OwnTreatment(ma.Schema):
    """One treatment as its patient sees it.

    `status` is `waiting` while nobody has taken up its flag, `with_nurse` from then until the flag is closed.
    `follow_up` says more of the same. While its `urgency` is `emergency` and its state not `closed`, show the
    number first that its `help` names. `taken_over_at` is when the patient's next treatment was done, null
    without one: from then on the check-ins are the next one's, which ask about the marks of both.
    """

    id = ma.fields.UUID(required=True)
    performed_at = Timestamp(required=True)
    device = ma.fields.Enum(Device, by_value=True, required=True)
    depth_mm = ma.fields.Float(required=True, allow_none=True)
    areas = ma.fields.List(ma.fields.Enum(Area, by_value=True), required=True)
    session_number = ma.fields.Integer(required=True)
    recovery_day = ma.fields.Integer(required=True)
    status = ma.fields.Enum(RecoveryPhase, by_value=True, required=True)
    follow_up = ma.fields.Nested(TreatmentFollowUpOut, required=True)
    avoid = ma.fields.List(ma.fields.Nested(AvoidOut), required=True)
    taken_over_at = Timestamp(required=True, allow_none=True)


class OwnTreatmentPage(ma.Schema):
    """Treatments, newest first."""

    items = ma.fields.List(ma.fields.Nested(OwnTreatment), required=True)
    next = ma.fields.String(required=True, allow_none=True)


class ClinicOut(ma.Schema):
    """Whom to call, and when somebody is there: hours by weekday in the clinic's own zone."""

    name = ma.fields.String(required=True)
    phone = ma.fields.String(required=True)
    out_of_hours_phone = ma.fields.String(required=True)
    emergency_number = ma.fields.String(required=True)
    time_zone = ma.fields.String(required=True)
    weekly_hours = ma.fields.Dict(
        keys=ma.fields.String(),
        values=ma.fields.List(ma.fields.List(ma.fields.String())),
        required=True,
        metadata={"example": {"mon": [["09:00", "12:30"], ["13:30", "17:30"]]}},
    )
    holidays = ma.fields.Dict(
        keys=ma.fields.String(),
        values=ma.fields.String(),
        required=True,
        metadata={"example": {"2026-12-25": "Christmas"}},
    )
