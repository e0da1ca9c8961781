from __future__ import annotations

import pytest

from recovery.domain.inbound import text_normalization
from recovery.domain.inbound.scores import score_parser
from recovery.domain.inbound.scores.number_run import IN_ORDER
from recovery.domain.inbound.vocabulary import Vocabulary


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("6 (tomato), 4 (hamster cheeks), 1, 2", (6, 4, 1, 2)),
        ("4 (coup de soleil léger), 2 (les joues), 0, 1 (au lavage)", (4, 2, 0, 1)),
        ("3 still pink / 0 / 7 flaking / 0", (3, 0, 7, 0)),
        ("6 (sore), 4, 1, 2", (None, None, None, None)),
    ],
)
def test_remarks_stand_beside_four_numbers(
    words: Vocabulary, text: str, expected: tuple[int | None, ...]
) -> None:
    read = score_parser.parse_scores(text_normalization.normalize(text), words).scores
    assert tuple(read.get(symptom) for symptom in IN_ORDER) == expected


def test_four_numbers_of_one_symptom_are_days(words: Vocabulary) -> None:
    read = score_parser.parse_scores("pain 2, 4, 6, 7 over the four days", words)
    assert read.scores == {}
