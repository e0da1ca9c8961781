"""The many ways in which people write their scores, each kind with its dangers."""

from __future__ import annotations

import pytest

from recovery.domain.inbound import text_normalization
from recovery.domain.inbound.scores import number_run, score_parser
from recovery.domain.inbound.vocabulary import Vocabulary

Scores = tuple[int | None, ...]


def read(text: str, words: Vocabulary) -> Scores | None:
    """The scores in the order asked, None for each that is not given."""
    found = score_parser.parse_scores(text_normalization.normalize(text), words).scores
    return tuple(found.get(symptom) for symptom in number_run.IN_ORDER) if found else None


@pytest.mark.parametrize(
    "text",
    ["5_2_1_1", "5... 2... 1... 1", "5.. 2.. 1.. and another 1", "5>2>1>1", "5 | 2 | 1 | 1", "5&2&1&1"],
)
def test_any_mark_may_part_the_numbers(words: Vocabulary, text: str) -> None:
    assert read(text, words) == (5, 2, 1, 1)


@pytest.mark.parametrize("text", ["0 0 ... 8", "0 0 - 8", "3 _ 0 1", "5 2 … 1"])
def test_a_gap_is_never_closed(words: Vocabulary, text: str) -> None:
    assert read(text, words) is None


@pytest.mark.parametrize(
    ("text", "scores"),
    [
        ("6 (tomato), 4 (hamster cheeks), 1, 2", (6, 4, 1, 2)),
        ("6 (tomato), 4, 1, 2. My dog is delighted", (6, 4, 1, 2)),
        ("3 still pink / 0 / 7 nose is flaking / 0", (3, 0, 7, 0)),
        ("3 por la nariz, 2 en los párpados, 1, 0", (3, 2, 1, 0)),
        ("peel 4 (nose), red 2 (cheeks), swell 0, pain 1", (2, 0, 4, 1)),
        ("2 kids, 3 dogs, 1 cat and 4 fish", None),
        ("2 eggs (large), 3 apples (green), 1 bread, 4 milks", None),
        ("4 pills at 8, 2 at noon, 1 at 6 and 3", None),
        ("6 (sore), 4, 1, 2", None),
    ],
)
def test_remarks_may_stand_between_four_numbers(words: Vocabulary, text: str, scores: Scores | None) -> None:
    assert read(text, words) == scores


@pytest.mark.parametrize(
    ("text", "scores"),
    [
        ("4 x4", (4, 4, 4, 4)),
        ("2 on all counts", (2, 2, 2, 2)),
        ("1 all round thanks love", (1, 1, 1, 1)),
        ("zero on everything and she went out", (0, 0, 0, 0)),
        ("le pongo 3 a las cuatro cosas", (3, 3, 3, 3)),
        ("mettez 2 aux quatre", (2, 2, 2, 2)),
        ("puros ceros doctora", (0, 0, 0, 0)),
        ("2 and the others are all 0", (2, 0, 0, 0)),
        ("2, 0s after that", (2, 0, 0, 0)),
        ("4 y cero en lo que falta", (4, 0, 0, 0)),
        ("5 3 y dos ceros", (5, 3, 0, 0)),
        ("1 1 et deux fois zéro", (1, 1, 0, 0)),
        ("deux et trois fois un", (2, 1, 1, 1)),
        ("un seis, un tres, un uno y otro uno", (6, 3, 1, 1)),
        ("two of everything please", None),
        ("wet ones, green ones", None),
        ("six on each cheek", None),
    ],
)
def test_one_number_may_be_meant_several_times(words: Vocabulary, text: str, scores: Scores | None) -> None:
    assert read(text, words) == scores


@pytest.mark.parametrize(
    ("text", "scores"),
    [
        ("his head is a 6 for red", (6, None, None, None)),
        ("pain's only a 2 honest", (None, None, None, 2)),
        ("dice que dolor 1, está dormido", (None, None, None, 1)),
        ("swelling is 2, pain she say 1", (None, 2, None, 1)),
        ("3 for red and 2 for swelling, what were the other ones", (3, 2, None, None)),
        ("peeling 4 rest dunno", (None, None, 4, None)),
        ("redness 4, same for the swelling, peeling 0, pain 1", (4, 4, 0, 1)),
        ("3 pour rougeur, pareil pour gonflement", (3, 3, None, None)),
        ("zéro douleur", (None, None, None, 0)),
        ("no pain, zero", (None, None, None, 0)),
        ("pain 3 nights in a row", None),
        ("red 7 bus", None),
        ("my inhaler does nothing and I am on puff 6", None),
        ("swollen 1 side", None),
        ("zero pain and happy", None),
    ],
)
def test_one_or_two_symptoms_among_other_words(words: Vocabulary, text: str, scores: Scores | None) -> None:
    assert read(text, words) == scores


@pytest.mark.parametrize(
    ("text", "scores"),
    [
        ("redness 3, no swelling, peeling or pain", (3, 0, 0, 0)),
        ("color 2, swelling 1, nothing for peeling or pain", (2, 1, 0, 0)),
        ("rouge 3, pas de gonflement ni de douleur", (3, 0, None, 0)),
        ("rojo 3, hinchado 1, cascaritas 4, dolor no", (3, 1, 4, 0)),
        ("red 2, swelling 1, peeling 2, pain nope", (2, 1, 2, 0)),
        ("color six swelling two peeling don't have pain also don't have", (6, 2, 0, 0)),
        ("no pain, all good", None),
        ("no swelling or redness, thanks", None),
    ],
)
def test_several_symptoms_may_be_denied_at_once(words: Vocabulary, text: str, scores: Scores | None) -> None:
    assert read(text, words) == scores


@pytest.mark.parametrize(
    ("text", "scores"),
    [
        ("swelling went from 5 to 1 overnight", (None, 1, None, None)),
        ("dolor bajó de 3 a 1", (None, None, None, 1)),
        ("rougeur passée de 5 à 2", (2, None, None, None)),
        ("la douleur est redescendue à 1 (4 hier)", (None, None, None, 1)),
        ("peeling has gone up to a 5, was 2 last time", (None, None, 5, None)),
        ("from 5 2 4 1 to 3 0 2 0", (3, 0, 2, 0)),
        ("redness, swelling, peeling, pain from 0 to 10", None),
    ],
)
def test_of_two_days_the_new_value_counts(words: Vocabulary, text: str, scores: Scores | None) -> None:
    assert read(text, words) == scores


@pytest.mark.parametrize(
    ("text", "scores"),
    [
        ("clr 4 swl 2 pel 1 pn 0", (4, 2, 1, 0)),
        ("CC 4 / SW 2 / PE 0 / PA 1", (4, 2, 0, 1)),
        ("color chnage 4 sweling 3 peelng 0 pian 2", (4, 3, 0, 2)),
        ("rednes 3 swollin 2 peelin 2 payne 1", (3, 2, 2, 1)),
        ("rougeure 3 gonflemant 2 desq 1 doul 0", (3, 2, 1, 0)),
        ("c3 s1 p2 p0", (3, 1, 2, 0)),
        ("c4/h2/d1/d0", (4, 2, 1, 0)),
        ("c3 g2 p1 d0", (3, 2, 1, 0)),
        ("pink 4, puffy 2, shedding 1, ouch 0", (4, 2, 1, 0)),
        ("rosée 3, gonflé 2, écailles 1, bobo 0", (3, 2, 1, 0)),
        ("color 2 of 10 swelling 0 of 10", (2, 0, None, None)),
        ("redness 3, pain 2 maybe 3", (3, None, None, 3)),
    ],
)
def test_symptoms_have_many_names(words: Vocabulary, text: str, scores: Scores) -> None:
    assert read(text, words) == scores


@pytest.mark.parametrize(
    "text",
    [
        "Day 2 of 7, 3 / 2 / 0 / 1",
        "Mardi, 7h15, 3 2 0 1",
        "10:45 3 2 0 1",
        "deuxième jour 3 2 0 1",
        "2nd day 3 2 0 1",
        "maybe 3 maybe 2 deffo 0 deffo 1",
        "3, eh, 2 again, 0, and 1 eh",
        "3 2 0 1 desde el bus",
        "3 2 0 1 ampollas",
    ],
)
def test_what_stands_around_the_four_changes_nothing(words: Vocabulary, text: str) -> None:
    assert read(text, words) == (3, 2, 0, 1)


@pytest.mark.parametrize(
    "text",
    [
        "1 2 3 go",
        "we won 3-2",
        "they lost 3 2 and 1 0",
        "12 Rose Street apt 3 2",
        "my code is 4 3 2 1",
        "4471 Oak Rd",
    ],
)
def test_results_codes_and_addresses_are_no_scores(words: Vocabulary, text: str) -> None:
    assert read(text, words) is None


@pytest.mark.parametrize(
    ("text", "unclear"),
    [("3 2", True), ("0 0 - 8", True), ("3 2 0 11", True), ("3 2 0 1961", False), ("07700 900 318", False)],
)
def test_numbers_that_cannot_be_read_are_told(words: Vocabulary, text: str, unclear: bool) -> None:
    assert score_parser.parse_scores(text, words).unclear is unclear
