from __future__ import annotations

import pytest

from recovery.domain.inbound.scores import number_repeat, score_item
from recovery.domain.inbound.scores.item import Item
from recovery.domain.inbound.vocabulary import Vocabulary


def read(text: str, words: Vocabulary) -> list[Item]:
    return score_item.read_items(text, words.scores, idle=words.polite | words.scores.joins, sounds=False)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("5 3 and two zeros", [5, 3, 0, 0]),
        ("4 three times 1", [4, 1, 1, 1]),
        ("1 1 deux fois 0", [1, 1, 0, 0]),
    ],
)
def test_a_number_stands_as_often_as_it_is_meant(words: Vocabulary, text: str, values: list[int]) -> None:
    said = number_repeat.spelt_out(read(text, words), words.scores)
    assert said is not None
    assert [item.value for item in said if item.number] == values


@pytest.mark.parametrize("text", ["3 2 0 1", "two zeros", "5 and three zeros and 2", "2, zeros"])
def test_what_makes_no_four_is_not_spelt_out(words: Vocabulary, text: str) -> None:
    assert number_repeat.spelt_out(read(text, words), words.scores) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("redness 4 same for swelling", ["redness", "4", "swelling", "same"]),
        ("4 redness same for swelling", ["4", "redness", "same", "swelling"]),
    ],
)
def test_the_number_before_stands_once_more(words: Vocabulary, text: str, said: list[str]) -> None:
    items = number_repeat.with_again(read(text, words), words.scores)
    kept = [item for item in items if item.number or item.symptoms]
    assert [item.words[0] for item in kept] == said
    assert {item.value for item in kept if item.number} == {4}


def test_without_a_number_before_nothing_is_said_again(words: Vocabulary) -> None:
    items = read("same swelling", words)
    assert number_repeat.with_again(items, words.scores) == items
