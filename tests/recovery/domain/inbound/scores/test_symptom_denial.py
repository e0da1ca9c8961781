from __future__ import annotations

import pytest

from recovery.domain.inbound.scores import score_item, symptom_denial
from recovery.domain.inbound.scores.item import Item, ItemKind
from recovery.domain.inbound.vocabulary import Vocabulary


def denied(text: str, words: Vocabulary) -> list[Item]:
    idle = words.polite | words.scores.joins
    return symptom_denial.denied(score_item.read_items(text, words.scores, idle=idle, sounds=False))


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("no pain", ["pain"]),
        ("sin dolor, ni rojez", ["dolor", "rojez"]),
        ("pas de rougeur", ["rougeur"]),
        ("rien de gonfle 0", ["gonfle"]),
        ("pele pas", ["pele"]),
        ("pas mal rouge", []),
        ("no, pain", []),
        ("no more of that awful pain", []),
        ("pain none", []),
    ],
)
def test_a_word_that_denies_takes_the_name_beside_it(words: Vocabulary, text: str, names: list[str]) -> None:
    items = denied(text, words)
    assert [item.words[0] for item in items if item.kind is ItemKind.DENIED] == names
    assert not any(item.number for item in items if names)


@pytest.mark.parametrize(
    ("text", "zeros"),
    [("pain none", 1), ("the rest nothing", 1), ("nothing else", 1), ("nothing works", 0), ("pain, none", 0)],
)
def test_nothing_is_the_number_of_the_name_before_it(words: Vocabulary, text: str, zeros: int) -> None:
    assert sum(item.number and item.value == 0 for item in denied(text, words)) == zeros


def test_a_mark_parts_two_items(words: Vocabulary) -> None:
    items = denied("one, two three", words)
    assert not symptom_denial.follows(items, before=0, at=1)
    assert symptom_denial.follows(items, before=1, at=2)
