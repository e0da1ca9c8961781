"""Stored or simulated courses judged again: a course as a line of NDJSON read and checked, its verdicts as a
line out."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from recovery.domain.clinical import asking, assessment, symptoms, taking_over
from recovery.domain.clinical.findings import AssessmentRule
from recovery.domain.clinical.protocol import Protocol
from recovery.domain.clinical.symptoms import AnswerScale, Level
from recovery.domain.messaging import text_schedule
from recovery.domain.messaging.text_schedule import TextSchedule
from recovery.domain.patients.contact import AnswersBy
from recovery.domain.review import silence

_Word = TypeVar(
    "_Word",
    symptoms.Symptom,
    symptoms.WarningSign,
    symptoms.Area,
    symptoms.Acid,
    symptoms.Device,
    symptoms.AnswerScale,
)

_SYMPTOMS = {symptom.value: symptom for symptom in symptoms.Symptom}
_SIGNS = {sign.value: sign for sign in symptoms.WarningSign}
_AREAS = {area.value: area for area in symptoms.Area}
_ACIDS = {acid.value: acid for acid in symptoms.Acid}
_DEVICES = {device.value: device for device in symptoms.Device}
_SCALES = {scale.value: scale for scale in AnswerScale}
_CHANNELS = {"link": AnswersBy.LINK, "app": AnswersBy.LINK, "text": AnswersBy.TEXT}
"""How patients are asked; the app's are sent the link as well."""

_UTC = ZoneInfo("UTC")
_AT_RISK = assessment.BandOverride(at_least=Level.ABNORMAL)


class ReplayError(ValueError):
    """A line is not a course; `line` is its number, counted from 1, and the message begins with it."""

    def __init__(self, line: int, what: str) -> None:
        super().__init__(f"line {line}: {what}")
        self.line = line


class _Refused(ValueError):
    """What is wrong with a line, without its number."""


@dataclass(frozen=True, kw_only=True)
class _Course:
    """One course as given: `moments` in the order given, an answer or None for a question without one."""

    name: object
    treatment: symptoms.TreatmentFacts
    earlier: tuple[assessment.PastCourse, ...]
    moments: tuple[tuple[float, symptoms.Observation | None], ...]
    override: assessment.BandOverride | None
    answers_by: AnswersBy
    performed_at: datetime | None


def replay_lines(lines: Iterable[str], *, protocol: Protocol, schedule: TextSchedule) -> Iterator[str]:
    """The verdicts on each course, in order, a line each, without line ends; empty lines are passed over.

    Each report is judged on those with earlier hours only, as if its hold had ended; `ask_again` lists
    its doubtful entries that are not confirmed. A question without an answer is judged as silence; once a
    later treatment has taken the course over (`taken_over_hours`) it is none. The line
    ends with `ask_next_hours`: when this course is asked next, by `schedule` or by what was left open, after
    the last moment given; None when nothing more is to be asked. Raises `ReplayError` at the first line that
    is not a course.
    """
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            yield _replayed(_course(_mapping(json.loads(line), "a course")), protocol, schedule)
        except (_Refused, json.JSONDecodeError) as error:
            raise ReplayError(number, str(error)) from error


def _replayed(course: _Course, protocol: Protocol, schedule: TextSchedule) -> str:
    answered = [seen for _, seen in course.moments if seen is not None]
    judged = assessment.assess_all(
        answered,
        treatment=course.treatment,
        protocol=protocol,
        earlier=course.earlier,
        override=course.override,
    )
    by_report = {id(seen): one for seen, one in zip(answered, judged, strict=True)}
    verdicts = []
    for hours, seen in course.moments:
        if seen is None:
            level = _silence(course, hours, by_report, protocol)
            rules = [] if level is Level.EXPECTED else [AssessmentRule.SILENCE.value]
            verdicts.append({"level": level.value, "rules": rules, "ask_again": []})
        else:
            one = by_report[id(seen)]
            verdicts.append(
                {
                    "level": one.level.value,
                    "rules": list(dict.fromkeys(finding.rule.value for finding in one.findings)),
                    "ask_again": [symptom.value for symptom in one.ask_again],
                }
            )
    flagged = any(verdict["level"] != Level.EXPECTED.value for verdict in verdicts)
    asked = _ask_next(course, by_report, protocol, schedule, flagged=flagged)
    return json.dumps(
        {"course": course.name, "reports": verdicts, "ask_next_hours": asked}, ensure_ascii=False
    )


def _silence(
    course: _Course, hours: float, by_report: Mapping[int, assessment.Assessment], protocol: Protocol
) -> Level:
    """What no answer to a question at `hours` is a finding for."""
    before = sorted(
        (seen for _, seen in course.moments if seen is not None and seen.hours < hours),
        key=lambda seen: seen.hours,
    )
    if not before or taking_over.is_taken_over(course.treatment, hours=hours):
        return Level.EXPECTED
    last = by_report[id(before[-1])]
    rising = assessment.scores_are_rising(
        before[-1],
        history=before[:-1],
        treatment=course.treatment,
        protocol=protocol,
        earlier=course.earlier,
        override=course.override,
    )
    return silence.level_of_silence(
        last=last.level,
        held=max(
            (finding.level for finding in last.held), key=lambda level: level.rank, default=Level.EXPECTED
        ),
        rising=rising,
        flag_open=False,
        rule=protocol.rules.silence,
    )


def _ask_next(
    course: _Course,
    by_report: Mapping[int, assessment.Assessment],
    protocol: Protocol,
    schedule: TextSchedule,
    *,
    flagged: bool,
) -> float | None:
    since, last = max(course.moments, key=lambda moment: moment[0], default=(0.0, None))
    days = {symptoms.recovery_day(hours) for hours, _ in course.moments}
    plan = _plan(course, schedule)
    about = None
    if course.moments and not flagged and course.treatment.taken_over_hours is None:
        about = asking.OpenMatter.UNANSWERED if last is None else by_report[id(last)].open_matter
    following = asking.next_question(
        since=since,
        plan=[hours for day, hours in plan.items() if day not in days],
        about=about,
        asked_more=sum(symptoms.recovery_day(hours) >= 1 for hours, _ in course.moments)
        - len(days & plan.keys()),
        rule=protocol.rules.asking,
    )
    if following is None:
        return None
    if following.about is None or course.performed_at is None:
        return following.from_hours
    at = course.performed_at + timedelta(hours=following.from_hours)
    allowed = text_schedule.next_allowed_time(schedule, at=at, zone=_UTC)
    return (allowed - course.performed_at).total_seconds() / 3600


def _plan(course: _Course, schedule: TextSchedule) -> dict[int, float]:
    """The hours at which the plan asks, by recovery day."""
    asking_steps = [
        step for step in schedule.steps if step.answers_by is course.answers_by and step.day is not None
    ]
    if course.performed_at is None:
        by_day = {step.day: step.day * 24.0 for step in asking_steps if step.day is not None}
        return {day: hours for day, hours in by_day.items() if _still_asks(course, day, hours)}
    planned = text_schedule.plan(
        schedule,
        performed_at=course.performed_at,
        zone=_UTC,
        answers_by=course.answers_by,
        now=course.performed_at,
    )
    by_day = {
        text.step.day: (text.due_at - course.performed_at).total_seconds() / 3600
        for text in planned
        if text.step in asking_steps and text.step.day is not None
    }
    return {day: hours for day, hours in by_day.items() if _still_asks(course, day, hours)}


def _still_asks(course: _Course, day: int, hours: float) -> bool:
    return day >= taking_over.MARKS_FROM_DAY or not taking_over.is_taken_over(course.treatment, hours=hours)


def _course(parsed: Mapping[str, Any]) -> _Course:
    treatment = _mapping(parsed.get("treatment"), "treatment")
    channel = treatment.get("channel", "link")
    if channel not in _CHANNELS:
        raise _Refused(f"treatment: channel must be one of {', '.join(_CHANNELS)}")
    at_risk = treatment.get("at_risk", False)
    if not isinstance(at_risk, bool):
        raise _Refused("treatment: at_risk must be true or false")
    return _Course(
        name=parsed.get("course"),
        treatment=_facts(parsed),
        earlier=tuple(_past(_mapping(item, "earlier")) for item in _list(parsed, "earlier")),
        moments=tuple(
            _moment(_mapping(report, "a report")) for report in _list(parsed, "reports", needed=True)
        ),
        override=_AT_RISK if at_risk else None,
        answers_by=_CHANNELS[channel],
        performed_at=_wall_clock(treatment.get("performed_at")),
    )


def _wall_clock(parsed: object) -> datetime | None:
    """The clock on the patient's wall when the treatment was, as if the patient lived in UTC: hours count."""
    if parsed is None:
        return None
    try:
        moment = datetime.fromisoformat(parsed) if isinstance(parsed, str) else None
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise _Refused("treatment: performed_at must be a time with its offset")
    return moment.replace(tzinfo=UTC)


def _moment(parsed: Mapping[str, Any]) -> tuple[float, symptoms.Observation | None]:
    unanswered = parsed.get("unanswered", False)
    if not isinstance(unanswered, bool):
        raise _Refused("unanswered must be true or false")
    if unanswered:
        if "hours" not in parsed:
            raise _Refused("hours is missing in a report")
        return _number(parsed["hours"], "hours"), None
    seen = _observation(parsed)
    return seen.hours, seen


def _past(course: Mapping[str, Any]) -> assessment.PastCourse:
    healed = course.get("healed", True)
    if not isinstance(healed, bool):
        raise _Refused("healed must be true or false")
    moments = [_moment(_mapping(report, "a report")) for report in _list(course, "reports", needed=True)]
    return assessment.PastCourse(
        treatment=_facts(course),
        observations=tuple(seen for _, seen in moments if seen is not None),
        healed=healed,
    )


def _facts(course: Mapping[str, Any]) -> symptoms.TreatmentFacts:
    if "treatment" not in course:
        raise _Refused("treatment is missing")
    return _treatment(_mapping(course["treatment"], "treatment"))


def _treatment(parsed: Mapping[str, Any]) -> symptoms.TreatmentFacts:
    if "device" not in parsed:
        raise _Refused("treatment: device is missing")
    depth, skin = parsed.get("depth_mm"), parsed.get("skin_type")
    if skin is not None and (isinstance(skin, bool) or skin not in range(1, 7)):
        raise _Refused("treatment: skin_type must be 1 to 6")
    areas = tuple(_word(area, _AREAS, "area") for area in _list(parsed, "areas"))
    session = parsed.get("session_number")
    if session is not None and (isinstance(session, bool) or not isinstance(session, int) or session < 1):
        raise _Refused("treatment: session_number must be 1 or more")
    taken_over = parsed.get("taken_over_hours")
    return symptoms.TreatmentFacts(
        device=_word(parsed["device"], _DEVICES, "device"),
        depth_mm=None if depth is None else _number(depth, "depth_mm"),
        areas=areas or (symptoms.Area.FACE,),
        acid=_word(parsed.get("acid", "none"), _ACIDS, "acid"),
        skin_type=None if skin is None else int(skin),
        session_number=session or 1,
        taken_over_hours=None if taken_over is None else _number(taken_over, "taken_over_hours"),
    )


def _observation(parsed: Mapping[str, Any]) -> symptoms.Observation:
    if "hours" not in parsed:
        raise _Refused("hours is missing in a report")
    scores = {
        _word(name, _SYMPTOMS, "symptom"): _score(score)
        for name, score in _mapping(parsed.get("scores"), "scores").items()
    }
    for symptom in symptoms.REQUIRED:
        if symptom not in scores:
            raise _Refused(f"{symptom.value} is missing in a report")
    return symptoms.Observation(
        hours=_number(parsed["hours"], "hours"),
        scores=scores,
        warning_signs=frozenset(_word(sign, _SIGNS, "sign") for sign in _list(parsed, "warning_signs")),
        confirmed=frozenset(_word(name, _SYMPTOMS, "symptom") for name in _list(parsed, "confirmed")),
        scale=_word(parsed.get("answers", "numbers"), _SCALES, "scale"),
    )


def _mapping(value: object, name: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise _Refused(f"{name} must be an object")
    return value


def _list(parsed: Mapping[str, Any], key: str, *, needed: bool = False) -> list[Any]:
    value = parsed.get(key)
    if value is None and not needed:
        return []
    if not isinstance(value, list):
        raise _Refused(f"{key} must be a list")
    return value


def _word(value: object, known: Mapping[str, _Word], name: str) -> _Word:
    word = known.get(value) if isinstance(value, str) else None
    if word is None:
        raise _Refused(f"{value!r} is not a {name}")
    return word


def _number(value: object, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise _Refused(f"{name} must be a number")
    return float(value)


def _score(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= symptoms.MAX_SCORE:
        raise _Refused(f"a score must be a whole number from 0 to {symptoms.MAX_SCORE}")
    return value
