from __future__ import annotations

import pytest

from recovery.domain.clinical.symptoms import Symptom
from recovery.domain.inbound import text_normalization
from recovery.domain.inbound.scores import number_run, score_parser
from recovery.domain.inbound.scores.score_parser import ParsedScores
from recovery.domain.inbound.vocabulary import Vocabulary

REDNESS, SWELLING, PEELING, PAIN = number_run.IN_ORDER


def parsed(text: str, words: Vocabulary) -> ParsedScores | None:
    found = score_parser.parse_scores(text_normalization.normalize(text), words)
    return found if found.scores else None


def in_order(text: str, words: Vocabulary) -> tuple[int, ...] | None:
    """The scores in the order in which the check-in asks for them; nothing else may be among them."""
    found = parsed(text, words)
    if found is None:
        return None
    assert list(found.scores) == list(number_run.IN_ORDER[: len(found.scores)])
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
        "1032",  # may be 10 3 2
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
    for label, symptom in words.scores.symptoms.items():
        for said in ((*label, "3"), ("3", *label)):
            assert parsed(" ".join(said), words) == ParsedScores(scores={symptom: 3}, rest=()), said


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


def four(text: str, words: Vocabulary) -> tuple[int | None, ...] | None:
    """The scores of what the check-in asks for, None for each that is not given."""
    found = parsed(text, words)
    return None if found is None else tuple(found.scores.get(symptom) for symptom in number_run.IN_ORDER)


@pytest.mark.parametrize(
    ("text", "scores"),
    [
        ("Hi its Maria 3 2 0 1", (3, 2, 0, 1)),
        ("mum says 1 0 3 0", (1, 0, 3, 0)),
        ("3 2 0 1 thanks chest is fine", (3, 2, 0, 1)),
        ("Day two: 4, 3, 0, 2.", (4, 3, 0, 2)),
        ("slept till nine. 3 2 0 1", (3, 2, 0, 1)),
        ("39.4. 3 2 0 1. very tired", (3, 2, 0, 1)),
        ("3 2 0 1 and 38.2", (3, 2, 0, 1)),
        ("3 2 0 1 et une petite tache", (3, 2, 0, 1)),
        ("3 2 0 1, two of them itch", (3, 2, 0, 1)),
        ("2 2 1 8 was 5 yesterday", (2, 2, 1, 8)),
        ("yesterday 4 3 2 1. today 3 2 0 1", (3, 2, 0, 1)),
        ("two, nil, five, nought", (2, 0, 5, 0)),
        ("dos uno cero nada", (2, 1, 0, 0)),
        ("un un zéro zéro", (1, 1, 0, 0)),
        ("un dos, un tres, un cero y un uno", (2, 3, 0, 1)),
        ("quatre, deux, un, rien", (4, 2, 1, 0)),
        ("3 2 o 1", (3, 2, 0, 1)),
        ("l l 0 0", (1, 1, 0, 0)),
        ("3o21", (3, 0, 2, 1)),
        ("one too three zero", (1, 2, 3, 0)),
        ("2110", (2, 1, 1, 0)),
        ("3-4 2 0 1", (4, 2, 0, 1)),
        ("between 3 and 4, 2, 0, 1", (4, 2, 0, 1)),
        ("3 à 4, 2, 1, 1", (4, 2, 1, 1)),
        ("3-4 / 1-2 / 1 / 0-1", (4, 2, 1, 1)),
        ("2 2 3 and no pain", (2, 2, 3, 0)),
        ("2 2 1 et pas mal du tout", (2, 2, 1, 0)),
        ("four out of ten, two out of ten, one out of ten, none", (4, 2, 1, 0)),
        ("five (5), three (3), two (2), one (1)", (5, 3, 2, 1)),
        ("redness 4, 3, 2, 1", (4, 3, 2, 1)),
    ],
)
def test_four_numbers_are_found_wherever_they_stand(
    words: Vocabulary, text: str, scores: tuple[int, ...]
) -> None:
    assert four(text, words) == scores


@pytest.mark.parametrize(
    ("text", "scores"),
    [
        ("R3 S2 P0 P1", (3, 2, 0, 1)),
        ("R:4 S:2 P:3 Pn:1", (4, 2, 3, 1)),
        ("R2S1P1D1", (2, 1, 1, 1)),
        ("r4 h3 d2 d3", (4, 3, 2, 3)),
        ("R5 G2 D0 douleur 1", (5, 2, 0, 1)),
        ("G4 R5 D3 P0", (5, 4, 0, 3)),
        ("Rdness 2, sweling 2", (2, 2, None, None)),
        ("rednes 5 swellign 2 peling 0 pian 1", (5, 2, 0, 1)),
        ("hinch 0, rojo 1, desc 1, dol 0", (1, 0, 1, 0)),
        ("4 for red, 2 for swelling", (4, 2, None, None)),
        ("5 (red) 2 (swollen) 0 (peel) 1 (hurt)", (5, 2, 0, 1)),
        ("red3swell2peel0pain1", (3, 2, 0, 1)),
        ("redness maybe a three", (3, None, None, None)),
        ("the redness is at a 3", (3, None, None, None)),
        ("I could not sleep. Redness 3. The dog barked", (3, None, None, None)),
        ("redness 6 (was 8), swelling 5 (was 7)", (6, 5, None, None)),
        ("rojo entre 5 y 6, hinchado 3", (6, 3, None, None)),
        ("gonflement 4/5, rouge 2", (2, 5, None, None)),
        ("redness 2, no swelling, peeling 1, no pain", (2, 0, 1, 0)),
        ("rojez 2, sin dolor", (2, None, None, 0)),
        ("gonflement 3, pas de rougeur", (0, 3, None, None)),
        ("rouge 4, pèle pas", (4, None, 0, None)),
        ("rojo dos, dolor nada", (2, None, None, 0)),
        ("redness 2/10, pain 3/10", (2, None, None, 3)),
    ],
)
def test_names_are_read_as_people_write_them(
    words: Vocabulary, text: str, scores: tuple[int | None, ...]
) -> None:
    assert four(text, words) == scores


@pytest.mark.parametrize(
    ("text", "scores"),
    [
        ("all zeros", (0, 0, 0, 0)),
        ("all 1s", (1, 1, 1, 1)),
        ("one all round", (1, 1, 1, 1)),
        ("four zeros", (0, 0, 0, 0)),
        ("0s", (0, 0, 0, 0)),
        ("puro cero", (0, 0, 0, 0)),
        ("que des zéros", (0, 0, 0, 0)),
        ("todo en dos menos el dolor que es 0", (2, 2, 2, 0)),
        ("ones, apart from pain, which is nought", (1, 1, 1, 0)),
        ("redness 3, the rest 1", (3, 1, 1, 1)),
        ("rojo 1, lo demás nada", (1, 0, 0, 0)),
        ("1 for redness and 0 for everything else", (1, 0, 0, 0)),
        ("4 puis 2 pour tout le reste", (4, 2, 2, 2)),
        ("3 4, the rest 0", (3, 4, 0, 0)),
        ("All 1s. There is pus on my chin", (1, 1, 1, 1)),
    ],
)
def test_one_number_may_stand_for_all_or_for_the_others(
    words: Vocabulary, text: str, scores: tuple[int, ...]
) -> None:
    assert four(text, words) == scores


@pytest.mark.parametrize(
    "text",
    [
        "1987",
        "2024 was my wedding",
        "4471 Sycamore Ave apt 3",
        "the code from the post office is 3 2 0 1, is it yours?",
        "code 4 8 1 2",
        "10:45",
        "12.45",
        "3/2/61",
        "born 3 2 1961",
        "paid £320 on the 1st",
        "07700 900 318",
        "2 kids 1 dog and 0 free time",
        "just 3 flakes on my chin",
        "everything 10/10",
        "nothing at all",
        "tooth pain 7",
        "i ball pain 8 out of 10",
        "dolor de cabeza 7",
        "no pain, no swelling",
        "0 0 - 8",
        "3 ? 0 1",
        "3 2 1 0 2",
        "R6 H5 D1 P4",
        "3 2 1 0 hours",
        "un peu rouge",
        "très rouge",
        "38.4",
    ],
)
def test_numbers_that_mean_something_else_or_leave_a_gap_are_no_scores(words: Vocabulary, text: str) -> None:
    assert parsed(text, words) is None


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("same as yesterday", True),
        ("Ditto", True),
        ("igual que ayer", True),
        ("lo mismo de anoche, sin novedad", True),
        ("idem", True),
        ("les mêmes chiffres, merci", True),
        ("no change since last time", True),
        ("same pain in my chest", False),
        ("yesterday", False),
        ("eyesight same as always", False),
        ("3 2 0 1 same as yesterday", False),
    ],
)
def test_a_text_may_say_that_all_is_as_the_last_time(words: Vocabulary, text: str, same: bool) -> None:
    assert score_parser.parse_scores(text_normalization.normalize(text), words).same is same


@pytest.mark.parametrize(
    ("text", "unclear"),
    [
        ("3 2", True),
        ("3", True),
        ("1032", True),
        ("0 0 - 8", True),
        ("3 2 0 1 5", True),
        ("redness and swelling 3", True),
        ("R6 H5 D1 P4", True),
        ("4 3 2 forgot what the last one was", True),
        ("3 2 0 1", False),
        ("1987", False),
        ("10:45", False),
        ("38.4", False),
        ("12 Rose Street", False),
        ("2 kids", False),
        ("code 4 8 1 2", False),
        ("none", False),
        ("hi", False),
    ],
)
def test_an_answer_that_cannot_be_read_is_told_from_other_numbers(
    words: Vocabulary, text: str, unclear: bool
) -> None:
    assert score_parser.parse_scores(text_normalization.normalize(text), words).unclear is unclear


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("0 0 - 8", ()),
        ("redness and swelling 3", ()),
        ("same as yesterday", ()),
        ("4 3 2 forgot what", ("forgot", "what")),
        ("12 Rose Street", ("12", "rose", "street")),
    ],
)
def test_numbers_that_cannot_be_read_are_no_words(
    words: Vocabulary, text: str, rest: tuple[str, ...]
) -> None:
    assert score_parser.parse_scores(text_normalization.normalize(text), words).rest == rest
