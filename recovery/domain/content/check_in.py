"""What a check-in asks and when: five labelled answers over the scores, the times of a plan, and the words of
one language around them."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from recovery.domain.clinical import symptoms
from recovery.domain.clinical.symptoms import Area, Level, Symptom
from recovery.domain.core import toml_reader
from recovery.domain.messaging import text_schedule

URGENT = (Level.EMERGENCY, Level.ABNORMAL, Level.WATCH)
"""The groups in which warning signs are asked, the most urgent first."""

FORM = ("heading", "lead", "signs_lead", "note", "note_hint")
ASK = ("heading", "yes", "no")
WHERE = ("question", "hint")
WHERE_FROM = "mild"
"""Where it is strongest is asked from this answer on: of less there is no place to tell."""
EMERGENCY = ("heading", "call", "then", "anywhere")


class CheckInError(ValueError):
    """The text is not what a check-in needs; the message begins with the line."""


@dataclass(frozen=True, kw_only=True)
class AnswerBand:
    """One labelled step of a question. `score` is what choosing it means, `least` to `most` what it tells."""

    name: str
    score: int
    least: int
    most: int


@dataclass(frozen=True, kw_only=True)
class CheckIn:
    """One time the patient is asked, about one recovery day; `done` once a report saw that day."""

    day: int
    opens_at: datetime
    closes_at: datetime
    done: bool


@dataclass(frozen=True, kw_only=True)
class CheckInWords:
    """The words of one language. `symptoms` are short names; `call` and `then` leave {number} open and
    `anywhere` {signs}. `answers` say the steps of each question, `bands` and `meanings` those in general.
    `where` asks in which of several `areas` it is strongest; words of before that was asked have neither."""

    language: str
    form: Mapping[str, str]
    groups: Mapping[Level, str]
    bands: Mapping[str, str]
    meanings: Mapping[str, str]
    answers: Mapping[Symptom, Mapping[str, str]]
    symptoms: Mapping[Symptom, str]
    ask: Mapping[str, str]
    emergency: Mapping[str, str]
    where: Mapping[str, str]
    areas: Mapping[Area, str]


def list_check_ins(
    plan: Iterable[text_schedule.PlannedText], *, asking: Container[str], reported: Container[int]
) -> tuple[CheckIn, ...]:
    """The times of a plan at which a patient is asked, in their order.

    `asking` are the wordings that ask, `reported` the recovery days of which there is a report.
    """
    check_ins = [
        CheckIn(
            day=planned.step.day,
            opens_at=planned.due_at,
            closes_at=planned.useful_until,
            done=planned.step.day in reported,
        )
        for planned in plan
        if planned.step.day is not None and planned.step.template in asking
    ]
    return tuple(sorted(check_ins, key=lambda check_in: check_in.opens_at))


def parse_bands(text: str) -> tuple[AnswerBand, ...]:
    """The steps from TOML, in rising order. Raises `CheckInError` unless every score has exactly one."""
    try:
        file = toml_reader.parse_toml(text)
        bands = tuple(_band(entry) for entry in file.tables("bands"))
        file.finish()
    except toml_reader.TomlError as error:
        raise CheckInError(str(error)) from error
    covered_scores = [score for band in bands for score in range(band.least, band.most + 1)]
    if covered_scores != list(range(symptoms.MAX_SCORE + 1)):
        raise CheckInError(f"line 1: the bands must tell every score from 0 to {symptoms.MAX_SCORE} once")
    return bands


def answer_ranges(bands: Iterable[AnswerBand]) -> symptoms.AnswerRanges:
    """The scores that each step stands for, as the rules take them."""
    return {band.score: (band.least, band.most) for band in bands}


def parse(text: str, *, bands: tuple[AnswerBand, ...]) -> CheckInWords:
    """The words from TOML. Raises `CheckInError`, which names the line, where a word is missing."""
    steps = [band.name for band in bands]
    try:
        file = toml_reader.parse_toml(text)
        answers = file.table("answers")
        where = _named(file, "where", (*WHERE, *Area)) if file.has("where") else {}
        words = CheckInWords(
            language=file.text("language"),
            form=_named(file, "form", FORM),
            groups={Level(key): said for key, said in _named(file, "groups", URGENT).items()},
            bands=_named(file, "bands", steps),
            meanings=_named(file, "band_meanings", steps),
            answers={symptom: _named(answers, symptom.value, steps) for symptom in Symptom},
            symptoms={Symptom(key): said for key, said in _named(file, "symptoms", Symptom).items()},
            ask=_named(file, "ask", ASK),
            emergency=_named(file, "emergency", EMERGENCY),
            where={key: said for key, said in where.items() if key in WHERE},
            areas={Area(key): said for key, said in where.items() if key not in WHERE},
        )
        answers.finish()
        file.finish()
    except toml_reader.TomlError as error:
        raise CheckInError(str(error)) from error
    return words


def _band(table: toml_reader.TomlTable) -> AnswerBand:
    most = symptoms.MAX_SCORE
    band = AnswerBand(
        name=table.text("name"),
        score=table.whole("score", most=most),
        least=table.whole("least", most=most),
        most=table.whole("most", most=most),
    )
    table.finish()
    if not band.least <= band.score <= band.most:
        raise table.error("must lie between least and most", key="score")
    return band


def _named(file: toml_reader.TomlTable, name: str, keys: Iterable[str]) -> dict[str, str]:
    table = file.table(name)
    words = {str(key): table.text(key) for key in keys}
    table.finish()
    return words
