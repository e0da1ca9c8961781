from __future__ import annotations

import pytest

from recovery.domain.inbound.scores import score_item
from recovery.domain.inbound.scores.item import Item, ItemKind
from recovery.domain.inbound.vocabulary import Vocabulary


def read(text: str, words: Vocabulary, *, sounds: bool = False) -> list[Item]:
    idle = words.polite | words.scores.joins
    return score_item.read_items(text, words.scores, idle=idle, sounds=sounds)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("3 two", [3, 2]),
        ("3-4 and 1 to 2", [4, 2]),
        ("between 2 and 4", [4]),
        ("3-2", [3, 2]),
        ("1-2-3-4", [1, 2, 3, 4]),
        ("three (3)", [3]),
        ("6 (was 8)", [6]),
        ("un 3", [3]),
        ("10 twos", [10, 2]),
    ],
)
def test_numbers_are_read_with_what_belongs_to_them(words: Vocabulary, text: str, values: list[int]) -> None:
    assert [item.value for item in read(text, words) if item.number] == values


@pytest.mark.parametrize(
    "text", ["38.2", "9:30", "11", "06", "3 days", "3rd", "£3", "50%", "1987", "123", "2 kids"]
)
def test_a_number_that_is_no_score_is_a_figure(words: Vocabulary, text: str) -> None:
    assert {item.kind for item in read(text, words)} & {ItemKind.FIGURE, ItemKind.NUMBER} == {ItemKind.FIGURE}


def test_letters_are_digits_only_where_sounds_are_asked_for(words: Vocabulary) -> None:
    assert [item.value for item in read("2 o l", words, sounds=True)] == [2, 0, 1]
    assert [item.number for item in read("2 o l", words)] == [True, False, False]
    assert read("3o21", words, sounds=True)[0].words == ("3021",)
    assert read("3o21", words)[0].words == ("3",)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("the rest", ItemKind.OTHERS),
        ("partout", ItemKind.EVERYTHING),
        ("sin", ItemKind.NO),
        ("nothing", ItemKind.NOTHING),
        ("redness", ItemKind.NAME),
        ("but", ItemKind.TURN),
        ("thanks", ItemKind.IDLE),
        ("at all", ItemKind.IDLE),
        ("day 2", ItemKind.IDLE),
        ("3201", ItemKind.JOINED),
        ("garden", ItemKind.WORD),
    ],
)
def test_every_word_has_its_kind(words: Vocabulary, text: str, kind: ItemKind) -> None:
    assert [item.kind for item in read(text, words)] == [kind]
