from __future__ import annotations

import pytest

from recovery.domain.inbound.scores import named_scores, score_item
from recovery.domain.inbound.scores.named_scores import NamedScores
from recovery.domain.inbound.vocabulary import Vocabulary


def find(text: str, words: Vocabulary, *, answered: bool = False) -> NamedScores:
    idle = words.polite | words.scores.joins
    items = score_item.read_items(text, words.scores, idle=idle, sounds=False)
    return named_scores.find(items, answered=answered)


@pytest.mark.parametrize(
    ("text", "scores"),
    [
        ("redness 3, swelling 2", {"redness": 3, "swelling": 2}),
        ("3 redness, 2 swelling", {"redness": 3, "swelling": 2}),
        ("only the pain, about 2", {"pain": 2}),
        ("redness 2, swelling 3, peeling and pain i tell after work", {"redness": 2, "swelling": 3}),
        ("red 2, no pain", {"redness": 2, "pain": 0}),
        ("r2 s1 p1 p0", {"redness": 2, "swelling": 1, "peeling": 1, "pain": 0}),
        ("r2 s1 d1 pain 0", {"redness": 2, "swelling": 1, "peeling": 1, "pain": 0}),
    ],
)
def test_each_name_has_its_number(words: Vocabulary, text: str, scores: dict[str, int]) -> None:
    found = find(text, words)
    assert {symptom.value: value for symptom, value in found.scores.items()} == scores
    assert not found.failed


@pytest.mark.parametrize(
    "text",
    [
        "redness swelling 2",
        "redness 3, 2 swelling",
        "redness 3, redness 4",
        "r6 h5 d1 p4",
        "everything 9",
        "tooth 3, pain 2, 7",
        "rot 4, swelling 4, peeling 2",
    ],
)
def test_names_and_numbers_that_do_not_fit_fail(words: Vocabulary, text: str) -> None:
    assert find(text, words).failed


def test_denials_alone_are_no_answer_but_add_to_one(words: Vocabulary) -> None:
    assert find("no pain, no swelling", words).scores == {}
    answered = find("no pain", words, answered=True)
    assert {symptom.value: value for symptom, value in answered.scores.items()} == {"pain": 0}


def test_numbers_without_a_name_are_told(words: Vocabulary) -> None:
    assert find("redness 3, swelling 2, took 4 with tea", words).strays == 1
