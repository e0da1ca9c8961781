from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest

from recovery.domain.clinical.symptoms import MAX_SCORE, Area, Level, Symptom
from recovery.domain.content import check_in
from recovery.domain.messaging.text_schedule import PlannedText, ScheduleStep

CONFIG = Path(__file__).resolve().parents[4] / "config"
LANGUAGES = sorted(path.parent.name for path in CONFIG.glob("messages/*/check-in.toml"))
ENGLISH = (CONFIG / "messages" / "en" / "check-in.toml").read_text("utf-8")
BANDS = (CONFIG / "check-in.toml").read_text("utf-8")
NINE = datetime(2026, 11, 24, 9, tzinfo=UTC)


@pytest.fixture(scope="module")
def bands() -> tuple[check_in.AnswerBand, ...]:
    return check_in.parse_bands(BANDS)


def planned(day: int | None, *, template: str = "check_in", due_at: datetime = NINE) -> PlannedText:
    step = ScheduleStep(
        name=f"{template} {day}",
        template=template,
        answers_by=None,
        day=day,
        at=time(9),
        after=None,
        latest=None,
        until=time(20),
    )
    return PlannedText(step=step, due_at=due_at, useful_until=due_at + timedelta(hours=11))


def test_check_ins_are_the_texts_that_ask_in_the_order_of_their_times() -> None:
    plan: Sequence[PlannedText] = [
        planned(2, due_at=NINE + timedelta(days=1)),
        planned(1),
        planned(1, template="greeting"),
        planned(None),
    ]
    check_ins = check_in.list_check_ins(plan, asking={"check_in"}, reported={2, 9})
    assert [(asked.day, asked.opens_at, asked.done) for asked in check_ins] == [
        (1, NINE, False),
        (2, NINE + timedelta(days=1), True),
    ]
    assert check_ins[0].closes_at == NINE + timedelta(hours=11)


def test_the_treatments_own_day_is_asked_about_too() -> None:
    (asked,) = check_in.list_check_ins([planned(0)], asking={"check_in"}, reported=())
    assert (asked.day, asked.done) == (0, False)


def test_every_score_is_told_by_one_step_of_the_shipped_ones(
    bands: tuple[check_in.AnswerBand, ...],
) -> None:
    told = [score for band in bands for score in range(band.least, band.most + 1)]
    assert told == list(range(MAX_SCORE + 1))
    assert all(band.least <= band.score <= band.most for band in bands)
    assert len({band.name for band in bands}) == len(bands)


@pytest.mark.parametrize(
    ("before", "after", "complaint"),
    [
        ("least = 1\nmost = 2", "least = 2\nmost = 2", "must tell every score from 0 to 10 once"),
        ("least = 5\nmost = 7", "least = 4\nmost = 7", "must tell every score from 0 to 10 once"),
        ("least = 8\nmost = 10", "least = 8\nmost = 9", "must tell every score from 0 to 10 once"),
        ("score = 9\n", "score = 7\n", r"bands\.4\.score: must lie between least and most"),
        ("score = 2\n", "score = 3\n", r"bands\.1\.score: must lie between least and most"),
        ("most = 10", "most = 11", r"bands\.4\.most: must lie between 0 and 10"),
        ("score = 4\n", 'score = 4\ncolour = "red"\n', r"bands\.2\.colour: is not known"),
        ('name = "mild"\n', "", r"bands\.2: name is missing"),
        ("[[bands]]", "[[bands]", "not valid TOML"),
        ("[[bands]]", "scale = 1\n\n[[bands]]", "scale: is not known"),
    ],
)
def test_steps_that_leave_a_doubt_about_a_score_are_refused(before: str, after: str, complaint: str) -> None:
    assert before in BANDS
    with pytest.raises(check_in.CheckInError, match=complaint):
        check_in.parse_bands(BANDS.replace(before, after, 1))


def test_no_steps_are_refused() -> None:
    with pytest.raises(check_in.CheckInError, match="line 1: the bands must tell every score"):
        check_in.parse_bands("")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_all_words_of_a_check_in(
    bands: tuple[check_in.AnswerBand, ...], language: str
) -> None:
    text = (CONFIG / "messages" / language / "check-in.toml").read_text("utf-8")
    words = check_in.parse(text, bands=bands)
    assert words.language == language
    assert set(words.symptoms) == set(Symptom)
    assert tuple(words.groups) == check_in.URGENT
    assert set(words.bands) == set(words.meanings) == {band.name for band in bands}
    for answers in words.answers.values():
        assert list(answers) == [band.name for band in bands]
        assert len(set(answers.values())) == len(bands), "no two steps of a question are called the same"
    assert "{signs}" in words.emergency["anywhere"]
    assert "{number}" in words.emergency["call"]
    assert "{number}" in words.emergency["then"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_step_in_the_upper_middle_cannot_be_read_as_none_or_pale(
    bands: tuple[check_in.AnswerBand, ...], language: str
) -> None:
    text = (CONFIG / "messages" / language / "check-in.toml").read_text("utf-8")
    words = check_in.parse(text, bands=bands)
    said = {words.bands["clear"], *(answers["clear"] for answers in words.answers.values())}
    assert not {"clear", "claro", "clara", "clair", "claire", "net"} & {word.lower() for word in said}


@pytest.mark.parametrize("language", LANGUAGES)
def test_gray_is_a_sign_and_never_the_usual_change_of_color(language: str) -> None:
    folder = CONFIG / "messages" / language
    usual = tomllib.loads((folder / "findings.toml").read_text("utf-8"))["patient"]["symptoms"]["redness"]
    burn = tomllib.loads((folder / "signs.toml").read_text("utf-8"))["signs"]["burn_marks"]["asks"]
    page = (CONFIG / "knowledge" / language / "what-to-expect.md").read_text("utf-8")
    gray = re.compile(r"\b(gr[ae]y|gris(es?|e)?)\b", re.IGNORECASE)
    assert gray.search(burn)
    assert not gray.search(usual)
    assert not gray.search(page)


def test_signs_are_asked_in_groups_of_every_level_that_asks_for_a_nurse_the_most_urgent_first() -> None:
    ranks = [level.rank for level in check_in.URGENT]
    assert ranks == sorted(ranks, reverse=True)
    assert {*check_in.URGENT, Level.EXPECTED} == set(Level)


@pytest.mark.parametrize(
    ("before", "after", "complaint"),
    [
        ('note = "Anything else for the nurse?"\n', "", "form: note is missing"),
        ('watch = "Anything', 'expected = "Anything', "groups: watch is missing"),
        ('clear = "A lot"', 'clear = ""', "bands.clear: must be a text"),
        ('clear = "It is hard', 'plain = "It is hard', "band_meanings: clear is missing"),
        ('none = "No pain"\n', "", "answers.pain: none is missing"),
        ("[answers.pain]", "[answers.ache]", "answers: pain is missing"),
        ('bruising = "bruising"', 'bruising = "bruising"\nlumps = "lumps"', "symptoms.lumps: is not known"),
        ("[ask]", "[asked]", "ask is missing"),
        ('language = "en"', 'language = "en"\nother = "x"', "other: is not known"),
        ('language = "en"', "language = ", "not valid TOML"),
    ],
)
def test_a_word_that_is_missing_or_unknown_is_refused(
    bands: tuple[check_in.AnswerBand, ...], before: str, after: str, complaint: str
) -> None:
    assert before in ENGLISH
    with pytest.raises(check_in.CheckInError, match=complaint):
        check_in.parse(ENGLISH.replace(before, after, 1), bands=bands)


@pytest.mark.parametrize("language", LANGUAGES)
def test_where_it_is_strongest_has_words_for_every_area(
    language: str, bands: tuple[check_in.AnswerBand, ...]
) -> None:
    text = (CONFIG / "messages" / language / "check-in.toml").read_text("utf-8")
    words = check_in.parse(text, bands=bands)
    assert set(words.areas) == set(Area)
    assert set(words.where) == {"question", "hint"}
    assert check_in.WHERE_FROM in {band.name for band in bands}
    begins, ends = text.index("[where]"), text.index("[ask]")
    older = check_in.parse(text[:begins] + text[ends:], bands=bands)
    assert (older.where, older.areas) == ({}, {}), "words of before it was asked"
    with pytest.raises(check_in.CheckInError, match="scalp is missing"):
        check_in.parse(re.sub("\nscalp = .*", "", text), bands=bands)
