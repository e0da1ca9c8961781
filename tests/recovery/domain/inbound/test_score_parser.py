from __future__ import annotations

import pytest

from recovery.domain.clinical.symptoms import Symptom
from recovery.domain.inbound import score_parser, text_normalization
from recovery.domain.inbound.score_parser import ParsedScores
from recovery.domain.inbound.vocabulary import Vocabulary

REDNESS, SWELLING, PEELING, PAIN = score_parser.IN_ORDER


def parsed(text: str, words: Vocabulary) -> ParsedScores | None:
    plain = score_parser.strip_out_of_ten(text_normalization.normalize(text), words)
    return score_parser.parse_scores(text_normalization.tokenize(plain), words)


def in_order(text: str, words: Vocabulary) -> tuple[int, ...] | None:
    """The scores in the order in which the check-in asks for them; nothing else may be among them."""
    found = parsed(text, words)
    if found is None:
        return None
    assert list(found.scores) == list(score_parser.IN_ORDER[: len(found.scores)])
    return tuple(found.scores.values())


@pytest.mark.parametrize(
    ("text", "scores"),
    [
        ("3 2 0 1", (3, 2, 0, 1)),
        ("3 2 0", (3, 2, 0)),
        ("10 10 10 10", (10, 10, 10, 10)),
        ("Hi, 3 2 0 1", (3, 2, 0, 1)),
        ("nurse 3 2 0 1", (3, 2, 0, 1)),
        ("3201", (3, 2, 0, 1)),
        ("3,2,0,1", (3, 2, 0, 1)),
        ("3. 2. 0. 1.", (3, 2, 0, 1)),
        ("3;2-0/1", (3, 2, 0, 1)),
        ("2/0/10", (2, 0, 10)),
        ("3 and 2 and 0", (3, 2, 0)),
        ("3 2 0 and", (3, 2, 0)),
        ("3 2 0, thanks", (3, 2, 0)),
        ("three two zero one", (3, 2, 0, 1)),
        ("3/10 2/10 0/10 1/10", (3, 2, 0, 1)),
        ("day 2: 3 2 0 1", (3, 2, 0, 1)),
        ("tres dos cero", (3, 2, 0)),
    ],
)
def test_three_or_four_numbers_are_scores_in_the_order_asked(
    words: Vocabulary, text: str, scores: tuple[int, ...]
) -> None:
    assert in_order(text, words) == scores


@pytest.mark.parametrize(
    "text",
    [
        "",
        "3 2",
        "3 2 0 1 5",
        "11 2 0",
        "3 2 0 11",
        "3101",  # may be 3 10 1
        "320",
        "four",
        "32015",
        "3.5 2 0",
        "3,5 2 0",
        "3, 2. 0, 1",
        "3 2 0 days",
        "since 3 2 0 1",
    ],
)
def test_numbers_that_can_be_read_in_two_ways_are_read_in_none(words: Vocabulary, text: str) -> None:
    assert parsed(text, words) is None


@pytest.mark.parametrize(
    ("text", "scores"),
    [
        ("redness 3", {REDNESS: 3}),
        ("redness 10", {REDNESS: 10}),
        ("redness 3 swelling 2", {REDNESS: 3, SWELLING: 2}),
        ("3 redness, 2 swelling", {REDNESS: 3, SWELLING: 2}),
        ("pain is at 4 and redness about 1", {PAIN: 4, REDNESS: 1}),
        ("color change 3", {REDNESS: 3}),
        ("itchy seven, dry 0", {Symptom.ITCHING: 7, Symptom.DRYNESS: 0}),
        ("day 3 redness 2", {REDNESS: 2}),
        ("dolor 2", {PAIN: 2}),
    ],
)
def test_each_number_belongs_to_the_symptom_beside_it(
    words: Vocabulary, text: str, scores: dict[Symptom, int]
) -> None:
    found = parsed(text, words)
    assert found == ParsedScores(scores=scores, rest=())


def test_every_name_of_a_symptom_is_recognised_before_and_after_its_number(words: Vocabulary) -> None:
    for label, symptom in words.symptoms.items():
        for said in ((*label, "3"), ("3", *label)):
            tokens = text_normalization.tokenize(" ".join(said))
            assert score_parser.parse_scores(tokens, words) == ParsedScores(scores={symptom: 3}, rest=()), (
                said
            )


@pytest.mark.parametrize(
    "text",
    [
        "redness swelling 2",
        "redness 3 swelling",
        "redness 3 redness 4",
        "redness 3, 2 swelling",
        "redness since 3",
        "redness 3 days",
        "redness 3 swelling 2 days",
        "redness 11",
        "redness 2 swelling 11",
        "redness 3 since lunch",
        "redness",
        "3",
    ],
)
def test_a_number_whose_symptom_is_in_doubt_is_no_score(words: Vocabulary, text: str) -> None:
    assert parsed(text, words) is None


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("3 2 0 1 thanks", ()),
        ("3 2 0 1 my chin itches", ("chin", "itches")),
        ("3 2 0 1 and pus", ("pus",)),
        ("redness 3 swelling 2 since lunch", ("since", "lunch")),
        ("day redness 3 swelling 2", ("day",)),
        ("since lunch redness 3 swelling 2", ("since", "lunch")),
    ],
)
def test_what_else_was_said_is_left_for_a_nurse(words: Vocabulary, text: str, rest: tuple[str, ...]) -> None:
    found = parsed(text, words)
    assert found is not None
    assert found.rest == rest


@pytest.mark.parametrize(
    ("text", "stripped"),
    [
        ("3/10", "3"),
        ("3 / 10 pain", "3 pain"),
        ("3 out of 10", "3"),
        ("10/10", "10"),
        ("3 sur 10", "3"),
        ("2/0/10", "2/0/10"),
        ("3/100", "3/100"),
        ("3/10/2026", "3/10/2026"),
        ("1.5/10", "1.5/10"),
        ("123/10", "123/10"),
        ("3 of 10", "3 of 10"),
    ],
)
def test_out_of_ten_is_dropped_where_nothing_else_can_be_meant(
    words: Vocabulary, text: str, stripped: str
) -> None:
    assert score_parser.strip_out_of_ten(text, words) == stripped


def test_a_number_of_any_length_is_read_without_a_word_and_is_no_score(words: Vocabulary) -> None:
    assert parsed("9" * 5_000 + " 2 0", words) is None
    assert parsed("redness " + "9" * 5_000, words) is None
