from __future__ import annotations

import pytest

from recovery.domain.inbound.scores import number_run, score_item
from recovery.domain.inbound.scores.item import Item
from recovery.domain.inbound.scores.number_run import NumberRun
from recovery.domain.inbound.vocabulary import Vocabulary


def items_of(text: str, words: Vocabulary) -> list[Item]:
    idle = words.polite | words.scores.joins
    return score_item.read_items(text, words.scores, idle=idle, sounds=False)


def runs_of(text: str, words: Vocabulary) -> list[NumberRun]:
    return number_run.find_runs(items_of(text, words), words.scores)


@pytest.mark.parametrize(
    ("text", "runs"),
    [
        ("3 2 0 1", [((3, 2, 0, 1), True)]),
        ("3, 2 and 0", [((3, 2, 0), True)]),
        ("3 cats 2", [((3,), True), ((2,), True)]),
        ("3! 2 1", [((3,), True), ((2, 1), True)]),
        ("0 0 - 8", [((0, 0, 8), False)]),
        ("3 ? 0 1", [((3, 0, 1), False)]),
        ("3 2 11", [((3, 2, 0), False)]),
        ("3, 2. 0, 1", [((3, 2, 0, 1), False)]),
        ("3 2 0 1 and two dogs", [((3, 2, 0, 1), True)]),
        ("till nine. 3 2", [((9,), True), ((3, 2), True)]),
    ],
)
def test_a_run_ends_where_something_else_is_said_and_tells_of_a_gap(
    words: Vocabulary, text: str, runs: list[tuple[tuple[int, ...], bool]]
) -> None:
    assert [(run.values, run.clear) for run in runs_of(text, words)] == runs


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("here: 3 2 0 1", (3, 2, 0, 1)),
        ("3 2 0 1 then. 4 4 4 4", None),
        ("yesterday 4 4 4 4. 3 2 0 1", (3, 2, 0, 1)),
        ("the code is 3 2 0 1", None),
        ("since 3 2 0 1", None),
        ("3 2 0", None),
    ],
)
def test_the_four_are_taken_where_there_is_no_doubt(
    words: Vocabulary, text: str, values: tuple[int, ...] | None
) -> None:
    run = number_run.the_four(items_of(text, words), runs_of(text, words), words=words.scores)
    assert (None if run is None else run.values) == values


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("3 2 0", (3, 2, 0)),
        ("so tired: 3 2 0, good night", (3, 2, 0)),
        ("bus 3 2 0", None),
        ("3 2 0 geese", None),
        ("3 2 0, fever 39", None),
        ("3 2 0 and the rest 1", None),
    ],
)
def test_three_stand_alone_or_are_none(words: Vocabulary, text: str, values: tuple[int, ...] | None) -> None:
    run = number_run.the_three(items_of(text, words), runs_of(text, words), words=words.scores)
    assert (None if run is None else run.values) == values


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("3201", (0, (3, 2, 0, 1))),
        ("3201, thanks", (0, (3, 2, 0, 1))),
        ("ones mostly. 1111", None),
        ("see you soon. 2211", (3, (2, 2, 1, 1))),
        ("3201 elm street", None),
        ("3201 and 2", None),
        ("1032", None),
        ("I have the receipt no. 7702", None),
        ("tengo el recibo. 7702", None),
    ],
)
def test_four_digits_in_one_are_scores_at_the_start_or_as_the_last_sentence(
    words: Vocabulary, text: str, found: tuple[int, tuple[int, ...]] | None
) -> None:
    assert number_run.joined(items_of(text, words), words.scores, contrast=words.contrast) == found


def test_nothing_is_a_number_beside_numbers(words: Vocabulary) -> None:
    said = number_run.with_nothings(items_of("3 2 1 nothing", words))
    assert [run.values for run in number_run.find_runs(said, words.scores)] == [(3, 2, 1, 0)]
