from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta

import pytest

from api.console import formatting
from recovery.domain.clinic import opening_hours
from recovery.domain.clinical.symptoms import Acid, AnswerScale, Area, Device, Symptom, TreatmentFacts
from recovery.domain.core.language import Language
from recovery.domain.flags.flag_lifecycle import Urgency
from recovery.models.flags.flags import EventKind
from recovery.services.content.content import Content

NOW = datetime(2026, 11, 23, 14, 2, tzinfo=UTC)


@pytest.fixture
def say(content: Content) -> formatting.PageFormatter:
    weekdays = {day: [["08:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
    opened = opening_hours.parse(
        time_zone="America/Chicago", weekly=weekdays, holidays={"2026-11-26": "Thanksgiving"}
    )
    return formatting.PageFormatter(
        now=NOW,
        hours=opened,
        words=content.words_for(Language.ENGLISH),
        asked=content.check_in_for(Language.ENGLISH),
        bands=content.check_in_bands,
    )


def test_a_score_is_told_as_it_was_given(say: formatting.PageFormatter) -> None:
    words, numbers = AnswerScale.WORDS, AnswerScale.NUMBERS
    assert say.answer(Symptom.REDNESS, score=6, scale=words) == "easy to see (5-7)"
    assert say.answer(Symptom.PAIN, score=6, scale=words) == "hard to ignore (5-7)"
    assert say.answer(Symptom.PAIN, score=0, scale=words) == "no pain (0)"
    assert say.answer(Symptom.REDNESS, score=6, scale=numbers) == "6"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (-3, "0 s"),
        (59, "59 s"),
        (60, "1 min"),
        (3599, "59 min"),
        (3600, "1 h"),
        (7800, "2 h 10 min"),
        (6 * 3600 + 1800, "6 h"),
        (47 * 3600, "47 h"),
        (49 * 3600, "2 days"),
    ],
)
def test_lengths_of_time(seconds: int, said: str) -> None:
    assert formatting.format_duration(timedelta(seconds=seconds)) == said


@pytest.mark.parametrize(
    ("hours", "said"),
    [
        (0, "08:02"),
        (18, "tomorrow 02:02"),
        (-10, "yesterday 22:02"),
        (72, "Thu 08:02"),
        (-24 * 9, "14 Nov 08:02"),
    ],
)
def test_times_are_those_of_the_clinics_wall(hours: int, said: str, say: formatting.PageFormatter) -> None:
    assert say.wall(NOW + timedelta(hours=hours)) == said


def test_the_year_is_told_where_it_is_another(say: formatting.PageFormatter) -> None:
    assert say.wall(NOW - timedelta(days=365)) == "23 Nov 2025 08:02"


def test_due_times_and_ages(say: formatting.PageFormatter) -> None:
    assert say.due(NOW + timedelta(minutes=35)) == "due in 35 min"
    # Tomorrow at ten there are nine hours less two minutes today, and two tomorrow.
    assert say.due(NOW + timedelta(hours=25, minutes=58)) == "due in 10 opening hours"
    assert say.due(NOW - timedelta(hours=2)) == "overdue 2 min of opening"
    assert say.due(NOW - timedelta(hours=2), Urgency.EMERGENCY) == "overdue 2 h"
    assert say.due(NOW + timedelta(hours=25), Urgency.EMERGENCY) == "due in 25 h"
    assert say.closed() is None
    night = dataclasses.replace(say, now=NOW + timedelta(hours=12))
    assert night.closed() == "tomorrow 08:00"
    assert night.due(night.now + timedelta(hours=2)) == "due in 2 h"
    assert say.heard(NOW - timedelta(seconds=40)) == "less than a minute ago"
    assert say.heard(NOW - timedelta(minutes=3)) == "3 min ago"
    assert say.ago(NOW - timedelta(minutes=12)) == "12 min ago"
    assert say.ago(NOW + timedelta(seconds=2)) == "just now"


def test_treatments_in_a_few_words() -> None:
    facts = TreatmentFacts(device=Device.PEN, depth_mm=1.5, areas=(Area.FACE, Area.EYE_AREA))
    assert formatting.format_treatment(facts) == "pen 1.5 mm, face, eye area"
    assert formatting.format_treatment(TreatmentFacts(device=Device.RF)) == "radio-frequency, face"
    peeled = [TreatmentFacts(device=Device.PEN, acid=acid) for acid in (Acid.SUPERFICIAL, Acid.TCA)]
    assert [formatting.format_treatment(one) for one in peeled] == [
        "pen, face, with a superficial acid",
        "pen, face, with TCA",
    ]


def test_every_event_of_a_flag_is_said(say: formatting.PageFormatter) -> None:
    detail = {"text": "seen", "result": "no_answer", "outcome": "other", "to": "manager"}
    assert all(say.event(kind, detail) for kind in EventKind)


def test_texts_are_named_by_what_they_are_about(say: formatting.PageFormatter) -> None:
    assert say.text("day3_link", 3) == "Check-in with link, day 3"
    assert say.text("dayN_text", 2) == "Check-in by text, day 2"
    assert say.text("something_new", None) == "Something new"


@pytest.mark.parametrize(
    ("text", "within"),
    [("Has had cold sores", "has had cold sores"), ("HIV, a transplant", "HIV, a transplant"),
     ("G6PD deficiency", "G6PD deficiency"), ("", "")],
)  # fmt: skip
def test_a_name_in_capitals_keeps_them_within_a_sentence(text: str, within: str) -> None:
    assert formatting.lower_first(text) == within


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0 s"),
        (0.2, "1 s"),
        (59, "59 s"),
        (59.1, "1 min"),
        (60, "1 min"),
        (61, "2 min"),
        (3541, "1 h"),
        (2 * 3600 + 1, "2 h 1 min"),
        (6 * 3600, "6 h"),
        (6 * 3600 + 1, "7 h"),
        (47 * 3600, "47 h"),
        (47 * 3600 + 1, "2 days"),
        (49 * 3600, "3 days"),
    ],
)
def test_within_what_time_something_was_done_is_never_told_too_short(seconds: float, said: str) -> None:
    assert formatting.format_at_most(timedelta(seconds=seconds)) == said
