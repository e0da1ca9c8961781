"""Stored or simulated courses judged again: one course a line in, one line of verdicts out, as NDJSON."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar

from recovery.domain.clinical import assessment, symptoms
from recovery.domain.clinical.protocol import Protocol

_Word = TypeVar("_Word", symptoms.Symptom, symptoms.WarningSign, symptoms.Area, symptoms.Device)

_SYMPTOMS = {symptom.value: symptom for symptom in symptoms.Symptom}
_SIGNS = {sign.value: sign for sign in symptoms.WarningSign}
_AREAS = {area.value: area for area in symptoms.Area}
_DEVICES = {device.value: device for device in symptoms.Device}


class ReplayError(ValueError):
    """A line is not a course; `line` is its number, counted from 1, and the message begins with it."""

    def __init__(self, line: int, what: str) -> None:
        super().__init__(f"line {line}: {what}")
        self.line = line


class _Refused(ValueError):
    """What is wrong with a line, without its number."""


def replay_lines(lines: Iterable[str], protocol: Protocol) -> Iterator[str]:
    """The verdicts on each course, in order, a line each, without line ends; empty lines are passed over.

    Each report is judged on those with earlier hours only, as if its hold had ended; `ask_again` lists
    its doubtful entries that are not confirmed. Raises `ReplayError` at the first line that is not a
    course.
    """
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            yield _replayed(json.loads(line), protocol)
        except json.JSONDecodeError as error:
            raise ReplayError(number, f"not JSON: {error.msg}") from error
        except _Refused as error:
            raise ReplayError(number, str(error)) from error


def _replayed(course: object, protocol: Protocol) -> str:
    given = _mapping(course, "a course")
    past = _past(given)
    earlier = [_past(_mapping(item, "earlier")) for item in _list(given, "earlier")]
    assessments = assessment.assess_all(
        past.observations, treatment=past.treatment, protocol=protocol, earlier=earlier
    )
    reports = [
        {
            "level": item.level.value,
            "rules": list(dict.fromkeys(finding.rule.value for finding in item.findings)),
            "ask_again": [symptom.value for symptom in item.ask_again],
        }
        for item in assessments
    ]
    return json.dumps({"course": given.get("course"), "reports": reports}, ensure_ascii=False)


def _past(course: Mapping[str, Any]) -> assessment.PastCourse:
    if "treatment" not in course:
        raise _Refused("treatment is missing")
    return assessment.PastCourse(
        treatment=_treatment(_mapping(course["treatment"], "treatment")),
        observations=tuple(
            _observation(_mapping(report, "a report")) for report in _list(course, "reports", needed=True)
        ),
    )


def _treatment(given: Mapping[str, Any]) -> symptoms.TreatmentFacts:
    if "device" not in given:
        raise _Refused("treatment: device is missing")
    depth, skin = given.get("depth_mm"), given.get("skin_type")
    if skin is not None and (isinstance(skin, bool) or skin not in range(1, 7)):
        raise _Refused("treatment: skin_type must be 1 to 6")
    areas = tuple(_word(area, _AREAS, "area") for area in _list(given, "areas"))
    session = given.get("session_number")
    if session is not None and (isinstance(session, bool) or not isinstance(session, int) or session < 1):
        raise _Refused("treatment: session_number must be 1 or more")
    return symptoms.TreatmentFacts(
        device=_word(given["device"], _DEVICES, "device"),
        depth_mm=None if depth is None else _number(depth, "depth_mm"),
        areas=areas or (symptoms.Area.FACE,),
        skin_type=None if skin is None else int(skin),
        session_number=session or 1,
    )


def _observation(given: Mapping[str, Any]) -> symptoms.Observation:
    if "hours" not in given:
        raise _Refused("hours is missing in a report")
    scores = {
        _word(name, _SYMPTOMS, "symptom"): _score(score)
        for name, score in _mapping(given.get("scores"), "scores").items()
    }
    for symptom in symptoms.REQUIRED:
        if symptom not in scores:
            raise _Refused(f"{symptom.value} is missing in a report")
    return symptoms.Observation(
        hours=_number(given["hours"], "hours"),
        scores=scores,
        warning_signs=frozenset(_word(sign, _SIGNS, "sign") for sign in _list(given, "warning_signs")),
        confirmed=frozenset(_word(name, _SYMPTOMS, "symptom") for name in _list(given, "confirmed")),
    )


def _mapping(value: object, name: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise _Refused(f"{name} must be an object")
    return value


def _list(given: Mapping[str, Any], key: str, *, needed: bool = False) -> list[Any]:
    value = given.get(key)
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
