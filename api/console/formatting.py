"""Words of the pages: enums, figures and times, formatted for nurses."""

from __future__ import annotations

import datetime as clock
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from recovery.domain.clinic.opening_hours import OpeningHours
from recovery.domain.clinic.staff_roles import Role
from recovery.domain.clinical import symptoms
from recovery.domain.clinical.bands import CurveChoice, CurveReason
from recovery.domain.clinical.findings import AssessmentRule, Finding
from recovery.domain.clinical.symptoms import (
    Acid,
    AnswerScale,
    Area,
    Device,
    Level,
    Symptom,
    TreatmentFacts,
    WarningSign,
)
from recovery.domain.content import finding_wording, score_wording
from recovery.domain.content.check_in import AnswerBand, CheckInWords
from recovery.domain.core.language import Language
from recovery.domain.flags.flag_lifecycle import FlagOutcome, FlagState, Urgency
from recovery.domain.inbound.no_answer import NoAnswer
from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.domain.patients.consent import ConsentKind, EndReason
from recovery.domain.patients.consultation import Condition
from recovery.domain.patients.contact import AnswersBy
from recovery.domain.patients.precautions import Beside, Prompt
from recovery.domain.review.escalation import EscalationStep
from recovery.domain.treatments.indication import Indication
from recovery.models.flags.flags import EventKind
from recovery.models.reports.reports import DeviceClock
from recovery.services.changes.ended_follow_up import Ending
from recovery.services.flags.flag_work import ContactResult

URGENCIES = {
    Urgency.EMERGENCY: "Needs someone now",
    Urgency.SAME_DAY: "In the next opening hours",
    Urgency.NEXT_BUSINESS_DAY: "By the next working day",
}
LEVELS = {
    Level.EXPECTED: "no finding",
    Level.WATCH: "watch",
    Level.ABNORMAL: "abnormal",
    Level.EMERGENCY: "emergency",
}
STATES = {
    FlagState.OPEN: "Nobody yet",
    FlagState.CLAIMED: "Claimed",
    FlagState.CONTACTED: "Patient reached",
    FlagState.RESOLVED: "Closed",
}
OUTCOMES = {
    FlagOutcome.EXPECTED_HEALING: "Expected healing",
    FlagOutcome.IRRITATION: "Irritation",
    FlagOutcome.INFECTION_SUSPECTED: "Infection suspected",
    FlagOutcome.COLD_SORE: "Cold sore",
    FlagOutcome.ALLERGY_OR_GRANULOMA: "Allergy or granuloma",
    FlagOutcome.BURN: "Burn",
    FlagOutcome.SCAR: "Scar",
    FlagOutcome.BRUISE: "Bruise beyond the expected",
    FlagOutcome.PIGMENT_CHANGE: "Pigment change",
    FlagOutcome.REFERRED: "Referred to a doctor",
    FlagOutcome.EMERGENCY: "Sent to emergency care",
    FlagOutcome.NOT_REACHED: "Patient not reached",
    FlagOutcome.OTHER: "Something else",
}
TOLD = {
    EscalationStep.HOLDER: "whoever holds it was reminded",
    EscalationStep.ON_CALL: "the on-call number was texted",
    EscalationStep.MANAGER: "the managers were told",
}
CONTACTS = {
    ContactResult.REACHED: "Reached the patient",
    ContactResult.NO_ANSWER: "No answer",
    ContactResult.LEFT_MESSAGE: "Left a message",
}
RULES = {
    AssessmentRule.WARNING_SIGN: "warning sign",
    AssessmentRule.FAR_ABOVE: "far above the band",
    AssessmentRule.REBOUND: "back after improving",
    AssessmentRule.PERSISTENCE: "not falling",
    AssessmentRule.LATE: "lasting too long",
    AssessmentRule.ITCH: "itch",
    AssessmentRule.CLUSTER: "several together",
    AssessmentRule.PERSONAL_BAND: "unlike this patient before",
    AssessmentRule.OVERRIDE: "patient's own setting",
    AssessmentRule.SILENCE: "no answer",
    AssessmentRule.TOLD: "told to the staff",
}
TEXT_STATES = {
    MessageState.PLANNED: "planned",
    MessageState.CLAIMED: "being sent",
    MessageState.IN_DOUBT: "not known whether sent",
    MessageState.ACCEPTED: "handed over",
    MessageState.SENT: "sent",
    MessageState.DELIVERED: "delivered",
    MessageState.UNDELIVERED: "not delivered",
    MessageState.FAILED: "failed",
    MessageState.EXPIRED: "not sent, too late",
    MessageState.CANCELLED: "not sent",
    MessageState.QUARANTINED: "held back",
}
TEMPLATES = {
    "day0": "Care on the day",
    "first_text": "Check-in by text",
    "dayN_text": "Check-in by text",
    "marks_text": "Late check-in by text",
    "emergency": "Emergency: what to do",
    "emergency_sign": "Emergency, its sign named: what to do",
    "emergency_self_harm": "Thoughts of self-harm: the crisis line",
    "flag_same_day": "A nurse will call soon",
    "flag_after_hours": "A nurse will call when open",
    "flag_next_day": "A nurse will look next working day",
    "on_call_alert": "Alert to the on-call number",
    "staff_alert": "Alert to staff",
    "invitation": "Link to the app",
    "optin_confirm": "Texts confirmed",
    "ask_signs": "Thanks for the scores, asked for signs",
    "ask_signs_tip": "Thanks for the scores, asked for signs",
    "got_scores": "Thanks for the scores",
    "as_expected": "Scores as expected, no sign",
    "asked_again": "Thanks for the scores, asked once more later",
    "which_sign": "Asked which sign it is",
    "marks_none": "Thanks: no patches, bumps or lines",
    "got_text": "Answer to a message",
    "maybe_emergency": "May be an emergency: what to do",
    "repair_scores": "Asked for numbers again",
    "stopped": "Texts ended, said back",
    "stopped_danger": "Texts ended, and what to do in danger",
    "stopped_self_harm": "Texts ended, and the crisis line",
    "texts_paused": "Texts wait for a nurse",
    "photos": "How to send photos",
    "late": "Nobody has read it in time: whom to call",
    "late_emergency": "Nobody has opened it yet: what to do",
    "help": "Answer to HELP",
    "last": "Last text to somebody silent",
    "login_code": "Code to sign in",
    "again_link": "Asked once more, with link",
    "again_text": "Asked once more by text",
    "reminder_link": "Reminder with link",
    "reminder_text": "Reminder by text",
    "session_reminder": "Next session",
    "start_ack": "Answer to START",
    "stop_ack": "Answer to STOP",
    "seen": "A nurse has looked",
    "tried_to_call": "We tried to call",
}
UNANSWERED = {
    NoAnswer.TOO_MANY: "The patient got no answer: too many texts within an hour",
    NoAnswer.OPTED_OUT: "The patient got no answer: no texts are wanted",
}
INDICATIONS = {
    Indication.ACNE_SCARS: "Acne scars",
    Indication.SURGICAL_SCARS: "Surgical scars",
    Indication.STRETCH_MARKS: "Stretch marks",
    Indication.WRINKLES: "Wrinkles",
    Indication.FINE_LINES: "Fine lines",
    Indication.HYPERPIGMENTATION: "Hyperpigmentation",
    Indication.UNEVEN_TONE: "Uneven tone",
    Indication.TEXTURE: "Texture",
}
CONDITIONS = {
    Condition.BLEEDING: "Bleeding disorder or blood thinners",
    Condition.DIABETES_UNCONTROLLED: "Diabetes that is not controlled",
    Condition.SKIN_INFECTION: "Infection or herpes now",
    Condition.ACTIVE_ACNE: "Active acne",
    Condition.ROSACEA: "Rosacea",
    Condition.KELOID: "Tends to keloids",
    Condition.SOLAR_KERATOSIS: "Solar keratosis",
    Condition.OPEN_SKIN: "Open wound or eczema",
    Condition.RECENT_SCAR: "A fresh scar",
    Condition.SYSTEMIC_INFECTION: "Ill with an infection",
    Condition.IMMUNE_TREATMENT: "Chemotherapy, radiotherapy or high-dose steroids",
    Condition.RECENT_FILLER: "Filler not long ago",
    Condition.RECENT_SURGERY: "Surgery not long ago",
    Condition.ANAESTHETIC_ALLERGY: "Allergy to anaesthetics or numbing cream",
    Condition.ISOTRETINOIN: "Isotretinoin now or not long ago",
    Condition.PREGNANCY: "Pregnant or may be",
    Condition.COLD_SORES: "Has had cold sores",
    Condition.DARK_MARKS: "Tends to dark marks",
    Condition.RETINOID: "Retinoid or acid in the last days",
    Condition.SUNBURN: "Sunburn not long ago",
    Condition.PACEMAKER: "Pacemaker or another implanted device",
    Condition.METAL_IMPLANT: "Metal implant in the area",
    Condition.NICKEL_ALLERGY: "Allergy to nickel or another metal",
    Condition.TOPICAL_ALLERGY: "Allergy to a serum, cream or dressing",
    Condition.VITILIGO: "Vitiligo",
    Condition.PSORIASIS: "Psoriasis",
    Condition.LICHEN: "Lichen planus",
    Condition.HIV_OR_TRANSPLANT: "HIV, a transplant or another weak defence",
    Condition.G6PD_DEFICIENCY: "G6PD deficiency or methaemoglobinaemia",
    Condition.BREASTFEEDING: "Breastfeeding",
}
BESIDES = {Beside.NUMBING: "numbing", Beside.TOPICAL: "what is put on"}
ENDINGS = {
    Ending.TEXTS: "All texts to this number",
    Ending.RECOVERY_TEXTS: "Recovery texts",
    Ending.SESSION_REMINDERS: "Session reminders",
    Ending.FOLLOW_UP: "The whole follow-up",
}
END_REASONS = {
    EndReason.ASKED: "Asked for it",
    EndReason.WRONG_NUMBER: "Wrong number",
    EndReason.DIED: "Has died",
    EndReason.OTHER: "Another reason",
}
CONSENTS = {ConsentKind.RECOVERY_TEXTS: "Recovery texts", ConsentKind.SESSION_REMINDERS: "Session reminders"}
AREAS = {area: area.value.replace("_", " ").capitalize() for area in Area}
ROLES = {
    Role.NURSE: "Nurse",
    Role.PRACTITIONER: "Practitioner",
    Role.MANAGER: "Manager",
    Role.MEDICAL_DIRECTOR: "Medical director",
}
SKIN_TYPES = ("I", "II", "III", "IV", "V", "VI")
LANGUAGES = {Language.ENGLISH: "English", Language.SPANISH: "Spanish", Language.FRENCH: "French"}
ANSWERS = {AnswersBy.LINK: "answers on the page", AnswersBy.TEXT: "answers by text"}
DEVICES = {Device.PEN: "pen", Device.ROLLER: "roller", Device.RF: "radio-frequency"}
ACIDS = {Acid.NONE: "None", Acid.SUPERFICIAL: "Superficial acid", Acid.TCA: "TCA"}
CLOCKS = {
    DeviceClock.TRUSTED: "",
    DeviceClock.CORRECTED: "phone clock corrected",
    DeviceClock.AHEAD: "phone clock ahead",
}
_CHECK_IN = re.compile(r"day(\d+)_link")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def format_duration(length: timedelta) -> str:
    """A length of time in one or two units: `40 s`, `35 min`, `2 h 10 min`, `3 days`."""
    seconds = max(0, int(length.total_seconds()))
    if seconds < 60:
        return f"{seconds} s"
    minutes = seconds // 60
    if minutes < 60:
        return f"{minutes} min"
    hours, rest = divmod(minutes, 60)
    if hours < 6 and rest:
        return f"{hours} h {rest} min"
    if hours < 48:
        return f"{hours} h"
    return f"{hours // 24} days"


def capitalize_first(text: str) -> str:
    """The same text with a capital at its start."""
    return text[:1].upper() + text[1:]


def lower_first(text: str) -> str:
    """The same text as it stands within a sentence; a name in capitals, like HIV, stays."""
    return text if text[1:2].isupper() or text[1:2].isdigit() else text[:1].lower() + text[1:]


def format_when(prompt: Prompt) -> str:
    """With which treatment a prompt is meant, in brackets; nothing where it is with any."""
    with_what = [DEVICES[device] for device in prompt.devices]
    if prompt.beside is not None:
        with_what.append(BESIDES[prompt.beside])
    return f" (with {', '.join(with_what)})" if with_what else ""


def format_treatment(facts: TreatmentFacts) -> str:
    """What was done in a few words: `pen 1.5 mm, face, with TCA`."""
    depth = "" if facts.depth_mm is None else f" {facts.depth_mm:g} mm"
    areas = ", ".join(area.value.replace("_", " ") for area in facts.areas)
    acid = {Acid.NONE: "", Acid.SUPERFICIAL: ", with a superficial acid", Acid.TCA: ", with TCA"}
    return f"{DEVICES[facts.device]}{depth}, {areas}{acid[facts.acid]}"


def format_unknown_depth(chosen: CurveChoice) -> str:
    """Which curve stood in for a depth that nobody recorded; empty where the curve is the treatment's own."""
    if chosen.because is not CurveReason.DEPTH_NOT_RECORDED:
        return ""
    return f"depth not recorded: held against {chosen.curve.title}"


@dataclass(frozen=True, kw_only=True)
class PageFormatter:
    """How one page speaks: at one moment, in the clinic's zone, in the nurse's words."""

    now: datetime
    hours: OpeningHours
    words: finding_wording.FindingWords
    asked: CheckInWords
    bands: Sequence[AnswerBand]

    @property
    def zone(self) -> ZoneInfo:
        """The clinic's zone."""
        return self.hours.zone

    def wall(self, moment: datetime) -> str:
        """A moment as a clock on the clinic's wall shows it, with the day unless it is today."""
        local, today = moment.astimezone(self.zone), self.now.astimezone(self.zone)
        clock = f"{local.hour:02d}:{local.minute:02d}"
        apart = (local.date() - today.date()).days
        if apart in (-1, 0, 1):
            return f"{('yesterday ', '', 'tomorrow ')[apart + 1]}{clock}"
        if abs(apart) < 7:
            return f"{_DAYS[local.weekday()]} {clock}"
        return f"{self.date(moment)} {clock}"

    def date(self, moment: datetime) -> str:
        """A date with its month, and with its year unless it is this one."""
        local = moment.astimezone(self.zone)
        year = "" if local.year == self.now.astimezone(self.zone).year else f" {local.year}"
        return f"{local.day} {_MONTHS[local.month - 1]}{year}"

    def day_of_year(self, day: clock.date) -> str:
        """A day of the calendar, with its year unless it is this one."""
        year = "" if day.year == self.now.astimezone(self.zone).year else f" {day.year}"
        return f"{_DAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]}{year}"

    def heard(self, moment: datetime) -> str:
        """How long ago something that comes every few seconds was last there, not to the second."""
        passed = self.now - moment
        return "less than a minute ago" if passed < timedelta(minutes=1) else self.ago(moment)

    def ago(self, moment: datetime) -> str:
        """How long a moment is past: `12 min ago`."""
        passed = self.now - moment
        return "just now" if passed < timedelta(seconds=5) else f"{format_duration(passed)} ago"

    def due(self, moment: datetime, urgency: Urgency | None = None) -> str:
        """How far off a due time is in the clinic's opening hours: `due in 35 min`, `overdue 2 h`.

        Where the clinic is closed for a part of it, that is said: `due in 10 opening hours`. An emergency
        runs on the clock. Where no opening time lies between, the clock is told.
        """
        first, last = sorted((moment, self.now))
        between = last - first
        staffed = (
            between
            if urgency is Urgency.EMERGENCY
            else self.hours.staffed_time_between(first, last) or between
        )
        length = format_duration(staffed)
        if staffed < between:
            length = (
                length.removesuffix(" h") + " opening hours"
                if length.endswith(" h")
                else f"{length} of opening"
            )
        return f"{'overdue' if self.late(moment) else 'due in'} {length}"

    def closed(self) -> str | None:
        """When the clinic opens again; None while it is open, or where it does not."""
        opens = None if self.hours.is_open(self.now) else self.hours.next_opening(self.now)
        return None if opens is None else self.wall(opens)

    def late(self, moment: datetime) -> bool:
        """Whether a due time has passed."""
        return moment < self.now

    def finding(self, finding: Finding) -> str:
        """A finding as a sentence, figures and all."""
        return capitalize_first(finding_wording.render_for_nurse(finding, self.words))

    def figure(self, finding: Finding) -> str:
        """What a finding is about in figures, empty where it has none."""
        return finding_wording.value_text(finding)

    def symptom(self, symptom: Symptom) -> str:
        """A symptom's name, with a capital."""
        return capitalize_first(self.words.symptoms_nurse[symptom])

    def answer(self, symptom: Symptom, score: int, scale: AnswerScale) -> str:
        """A score as it was given: `6`, or `easy to see (5-7)`."""
        return score_wording.answer_text(symptom, score, scale=scale, bands=self.bands, words=self.asked)

    def sign(self, sign: WarningSign) -> str:
        """What a ticked warning sign asks for, in the nurse's words, with a capital."""
        return capitalize_first(self.words.signs.nurse_ticked(sign))

    def phone(self, number: str) -> str:
        """A number in groups that can be read aloud."""
        rest = number[2:]
        groups = [rest[start : start + 3] for start in range(0, len(rest), 3)]
        if len(groups) > 1 and len(groups[-1]) == 1:
            groups[-2:] = [groups[-2] + groups[-1]]
        return f"{number[:2]} {' '.join(groups)}"

    def event(self, kind: EventKind, detail: dict[str, str]) -> str:
        """What happened to a flag, in a few words."""
        if kind is EventKind.CONTACT:
            return CONTACTS[ContactResult(detail["result"])]
        if kind is EventKind.RESOLVED:
            return f"Closed: {OUTCOMES[FlagOutcome(detail['outcome'])].lower()}"
        if kind is EventKind.TEXT:
            return f"Text planned: {TEMPLATES[detail['text']].lower()}"
        if kind is EventKind.ESCALATED:
            return f"Past its due time: {TOLD[EscalationStep(detail['to'])]}"
        return {
            EventKind.OPENED: "Flag opened",
            EventKind.EXTENDED: "A further report added",
            EventKind.RAISED: "Raised to a higher urgency",
            EventKind.CLAIMED: "Claimed",
            EventKind.RELEASED: "Given back to the queue",
            EventKind.NOTE: "Note",
            EventKind.REOPENED: "Opened again",
            EventKind.HANDED_OVER: "Handed over",
            EventKind.UNDONE: "Taken back",
        }[kind]

    def text(self, template: str, day: int | None) -> str:
        """What a text was about."""
        if template in TEMPLATES:
            name = TEMPLATES[template]
        elif asks := _CHECK_IN.fullmatch(template):
            name, day = "Check-in with link", int(asks[1]) if day is None else day
        else:
            name = capitalize_first(template.replace("_", " "))
        return name if day is None else f"{name}, day {day}"

    def day(self, day: int) -> str:
        """A recovery day in words."""
        return "day of treatment" if day <= 0 else f"day {day}"

    def level(self, level: symptoms.Level) -> str:
        """How a report stands."""
        return LEVELS[level]
