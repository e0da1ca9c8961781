"""Sentences of the pages made of figures, times, treatments and findings (`PageFormatter`), in the clinic's
zone and nurses' words."""

from __future__ import annotations

import datetime as clock
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from api.console import labels
from recovery.domain.clinic.opening_hours import OpeningHours
from recovery.domain.clinical import symptoms
from recovery.domain.clinical.bands import CurveChoice, CurveReason
from recovery.domain.clinical.findings import Finding
from recovery.domain.clinical.symptoms import (
    Acid,
    AnswerScale,
    Symptom,
    TreatmentFacts,
    WarningSign,
)
from recovery.domain.content import finding_wording, score_wording
from recovery.domain.content.check_in import AnswerBand, CheckInWords
from recovery.domain.flags.flag_lifecycle import FlagOutcome, Urgency
from recovery.domain.patients.precautions import Prompt
from recovery.domain.review.escalation import EscalationStep
from recovery.models.flags.flags import EventKind
from recovery.services.flags.escalation_results import EscalationResult
from recovery.services.flags.flag_work import ContactResult

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


def format_at_most(length: timedelta) -> str:
    """The same, rounded up to what is shown: a length that the true one does not exceed."""
    seconds = max(0, math.ceil(length / timedelta(seconds=1)))
    minutes = math.ceil(seconds / 60)
    hours = math.ceil(minutes / 60)
    if seconds < 60:
        shown = timedelta(seconds=seconds)
    elif minutes < 6 * 60:
        shown = timedelta(minutes=minutes)
    elif hours < 48:
        shown = timedelta(hours=hours)
    else:
        shown = timedelta(days=math.ceil(hours / 24))
    return format_duration(shown)


def capitalize_first(text: str) -> str:
    """The same text with a capital at its start."""
    return text[:1].upper() + text[1:]


def lower_first(text: str) -> str:
    """The same text as it stands within a sentence; a name in capitals, like HIV, stays."""
    return text if text[1:2].isupper() or text[1:2].isdigit() else text[:1].lower() + text[1:]


def format_when(prompt: Prompt) -> str:
    """With which treatment a prompt is meant, in brackets; nothing where it is with any."""
    with_what = [labels.DEVICES[device] for device in prompt.devices]
    if prompt.beside is not None:
        with_what.append(labels.BESIDES[prompt.beside])
    return f" (with {', '.join(with_what)})" if with_what else ""


def format_treatment(facts: TreatmentFacts) -> str:
    """What was done in a few words: `pen 1.5 mm, face, with TCA`."""
    depth = "" if facts.depth_mm is None else f" {facts.depth_mm:g} mm"
    areas = ", ".join(area.value.replace("_", " ") for area in facts.areas)
    acid = {Acid.NONE: "", Acid.SUPERFICIAL: ", with a superficial acid", Acid.TCA: ", with TCA"}
    return f"{labels.DEVICES[facts.device]}{depth}, {areas}{acid[facts.acid]}"


def format_unknown_depth(chosen: CurveChoice) -> str:
    """Which curve stood in for a depth that nobody recorded; empty where the curve is the treatment's own."""
    if chosen.because is not CurveReason.DEPTH_NOT_RECORDED:
        return ""
    return f"depth not recorded: held against {chosen.curve.title}"


def format_escalation(step: EscalationStep, came_of_it: EscalationResult | None) -> str:
    """That something was past its due time; of whom it was brought to no more than came of it."""
    said = labels.TRIED[step] if came_of_it is None else labels.TOLD.get((step, came_of_it))
    return f"Past its due time: {said or labels.TRIED[step]}"


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

    def stamp(self, moment: datetime) -> str:
        """A moment with its whole date, for what is printed or kept: `12 Nov 2026 10:30`."""
        local = moment.astimezone(self.zone)
        return f"{local.day} {_MONTHS[local.month - 1]} {local.year} {local.hour:02d}:{local.minute:02d}"

    def whole_date(self, moment: datetime) -> str:
        """A date with its year, whichever it is."""
        local = moment.astimezone(self.zone)
        return f"{local.day} {_MONTHS[local.month - 1]} {local.year}"

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

    def answer(self, symptom: Symptom, *, score: int, scale: AnswerScale) -> str:
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

    def event(
        self, kind: EventKind, detail: dict[str, str], *, came_of_it: EscalationResult | None = None
    ) -> str:
        """What happened to a flag, in a few words; of an escalation no more than came of it."""
        if kind is EventKind.CONTACT:
            return labels.CONTACTS[ContactResult(detail["result"])]
        if kind is EventKind.RESOLVED:
            return f"Closed: {labels.OUTCOMES[FlagOutcome(detail['outcome'])].lower()}"
        if kind is EventKind.TEXT:
            return f"Text planned: {labels.TEMPLATES[detail['text']].lower()}"
        if kind is EventKind.EXTENDED and "known" in detail:
            return "Added to what is known, nothing new in it"
        if kind is EventKind.ESCALATED:
            return format_escalation(EscalationStep(detail["to"]), came_of_it)
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
            EventKind.DUE_MOVED: "Due time moved with the opening hours",
        }[kind]

    def text(self, template: str, day: int | None) -> str:
        """What a text was about."""
        if template in labels.TEMPLATES:
            name = labels.TEMPLATES[template]
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
        return labels.LEVELS[level]
