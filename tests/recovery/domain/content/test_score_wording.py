from __future__ import annotations

import pathlib

import pytest

from recovery.domain.clinical.symptoms import AnswerScale, Symptom
from recovery.domain.content import check_in, score_wording

CONFIG = pathlib.Path(__file__).parents[4] / "config"


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "en",
            ["no change (0)", "barely (1-2)", "a little (3-4)", "easy to see (5-7)", "very strong (8-10)"],
        ),
        ("es", None),
        ("fr", None),
    ],
)
def test_an_answer_in_words_is_told_by_its_word_and_its_range(language: str, said: list[str] | None) -> None:
    bands = check_in.parse_bands((CONFIG / "check-in.toml").read_text(encoding="utf-8"))
    text = (CONFIG / "messages" / language / "check-in.toml").read_text(encoding="utf-8")
    words = check_in.parse(text, bands=bands)
    told = [
        score_wording.answer_text(
            Symptom.REDNESS, band.score, scale=AnswerScale.WORDS, bands=bands, words=words
        )
        for band in bands
    ]
    assert [one[one.index("(") :] for one in told] == ["(0)", "(1-2)", "(3-4)", "(5-7)", "(8-10)"]
    assert said is None or told == said
    for score in range(11):
        number = score_wording.answer_text(
            Symptom.REDNESS, score, scale=AnswerScale.NUMBERS, bands=bands, words=words
        )
        assert number == str(score)


def test_a_range_of_one_score_is_that_score() -> None:
    assert [score_wording.score_range(0, 0), score_wording.score_range(8, 10)] == ["0", "8-10"]
