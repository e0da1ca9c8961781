from __future__ import annotations

import pytest

from recovery.domain.clinical.symptoms import Symptom
from recovery.domain.inbound.scores import symptom_name
from recovery.domain.inbound.vocabulary import Vocabulary


@pytest.mark.parametrize(
    ("said", "at", "found"),
    [
        ("redness 3", 0, (Symptom.REDNESS, 1)),
        ("a color change", 1, (Symptom.REDNESS, 2)),
        ("rednes", 0, (Symptom.REDNESS, 1)),
        ("swellign", 0, (Symptom.SWELLING, 1)),
        ("inflamasion", 0, (Symptom.SWELLING, 1)),
        ("gonflemnt", 0, (Symptom.SWELLING, 1)),
        ("tooth pain", 1, None),
        ("dolor de cabeza", 0, None),
        ("dolor 2 y cabeza", 0, (Symptom.PAIN, 1)),
        ("hinchado dos dolor", 2, (Symptom.PAIN, 1)),
        ("paid", 0, None),
        ("calor", 0, None),
        ("feeling", 0, None),
    ],
)
def test_a_name_is_known_with_its_slips_and_not_for_another_part_of_the_body(
    words: Vocabulary, said: str, at: int, found: tuple[Symptom, int] | None
) -> None:
    assert symptom_name.name_at(said.split(), at, words=words.scores) == found


@pytest.mark.parametrize(
    ("word", "name", "slips"),
    [("pain", "pain", 0), ("pian", "pain", 1), ("pin", "pain", 1), ("paiin", "pain", 1), ("pond", "pain", 3)],
)
def test_a_swap_of_neighbours_is_one_slip(word: str, name: str, slips: int) -> None:
    assert symptom_name.slips(word, name) == slips
