from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from recovery.domain.content import aftercare_tips
from recovery.domain.treatments.avoidance_rules import AvoidItem

MESSAGES = Path(__file__).resolve().parents[4] / "config" / "messages"
LANGUAGES = sorted(path.parent.name for path in MESSAGES.glob("*/aftercare.toml"))
ENGLISH = (MESSAGES / "en" / "aftercare.toml").read_text("utf-8")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_says_what_to_avoid_and_what_helps_on_the_same_days(language: str) -> None:
    words = aftercare_tips.parse((MESSAGES / language / "aftercare.toml").read_text("utf-8"))
    assert words.language == language
    assert set(words.avoid) == set(AvoidItem)
    english = aftercare_tips.parse(ENGLISH)
    assert [tip.day for tip in words.tips] == [tip.day for tip in english.tips]


@pytest.mark.parametrize(("day", "hours"), [(0, 0), (1, 12), (2, 36), (28, 660)])
def test_a_tip_begins_with_its_recovery_day(day: int, hours: int) -> None:
    performed = datetime(2026, 11, 23, 9, tzinfo=UTC)
    tip = aftercare_tips.Tip(day=day, title="A title", text="A text", in_a_text="Text")
    assert tip.begins_at(performed) == performed + timedelta(hours=hours)


@pytest.mark.parametrize(
    ("before", "after", "complaint"),
    [
        ("day = 0", "day = 2", "line 1: tips are in order"),
        ("day = 2", "day = 1", "line 1: tips are in order"),
        ("day = 28", "day = 3", "line 1: tips are in order"),
        ("day = 28", "day = 29", "tips.7.day: must lie between 0 and 28"),
        ('title = "Two weeks"', 'titel = "Two weeks"', "tips.6: title is missing"),
        ('title = "Two weeks"', 'title = "Two weeks"\nnote = "x"', "tips.6.note: is not known"),
        ('sun = "Direct sun"', 'sun = " "', "line 8: avoid.sun: must be a text"),
        ('sun = "Direct sun"\n', "", "avoid: sun is missing"),
        ("[avoid]\n", '[avoid]\nmoon = "Moonlight"\n', "line 8: avoid.moon: is not known"),
        ('language = "en"', 'language = "en"\ncolour = "blue"', "line 6: colour: is not known"),
        ("[avoid]", "[avoid", "not valid TOML"),
    ],
)
def test_a_course_of_tips_that_lacks_words_or_order_is_refused_with_its_line(
    before: str, after: str, complaint: str
) -> None:
    assert before in ENGLISH
    with pytest.raises(aftercare_tips.TipsError, match=complaint):
        aftercare_tips.parse(ENGLISH.replace(before, after, 1))


@pytest.mark.parametrize("said", ["x" * (aftercare_tips.LONGEST_IN_TEXT + 1), "Ni soleil ni fenêtre"])
def test_a_tip_that_does_not_fit_a_text_is_refused(said: str) -> None:
    before = 'in_a_text = "Go on with sunscreen each day."'
    assert before in ENGLISH
    with pytest.raises(aftercare_tips.TipsError, match=r"tips\.5\.in_a_text: at most 74 septets"):
        aftercare_tips.parse(ENGLISH.replace(before, f'in_a_text = "{said}"'))


@pytest.mark.parametrize(("day", "tip"), [(-1, 0), (0, 0), (4, 3), (13, 7), (14, 14), (35, 28)])
def test_the_tip_of_a_day_is_the_last_one_that_has_begun(day: int, tip: int) -> None:
    assert aftercare_tips.tip_on_day(aftercare_tips.parse(ENGLISH), day).day == tip


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_first_days_keep_patients_out_of_hot_tubs_by_text_too(language: str) -> None:
    words = aftercare_tips.parse((MESSAGES / language / "aftercare.toml").read_text("utf-8"))
    tub = {"en": "hot tubs", "es": "jacuzzi", "fr": "spa"}[language]
    assert all(tub in tip.in_a_text for tip in words.tips if tip.day <= 3)


def test_no_tips_at_all_are_refused() -> None:
    with pytest.raises(aftercare_tips.TipsError, match="from day 0 on"):
        aftercare_tips.parse(ENGLISH.partition("[[tips]]")[0])
