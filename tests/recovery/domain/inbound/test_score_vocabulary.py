from __future__ import annotations

from collections.abc import Mapping

import pytest

from recovery.domain.clinical.symptoms import Symptom
from recovery.domain.inbound import vocabulary
from recovery.domain.inbound.vocabulary import Vocabulary


@pytest.mark.parametrize(
    ("before", "after", "place"),
    [
        ('r = ["redness"]', 'r = ["rash"]', "letters.r: is not a symptom"),
        ("[same_scores]\n", '[same_scores]\nnearly = ["x"]\n', "same_scores.nearly: is not known"),
        ("twos = 2", "twos = 20", "plural_numbers.twos: must lie between 0 and 10"),
        ("oh = 0", "oh = -1", "sounds_like.oh: must lie between 0 and 10"),
    ],
)
def test_faults_name_their_place(
    inbound_files: Mapping[str, str], before: str, after: str, place: str
) -> None:
    assert before in inbound_files["en"]
    with pytest.raises(vocabulary.VocabularyError, match=place):
        vocabulary.parse({"en": inbound_files["en"].replace(before, after, 1)})


def test_the_words_of_every_language_are_one(words: Vocabulary) -> None:
    scores = words.scores
    assert {"three", "tres", "trois"} <= scores.numbers.keys()
    assert scores.others >= {("the", "rest"), ("lo", "demas"), ("le", "reste")}
    assert scores.letters["d"] == (Symptom.PEELING, Symptom.PAIN)
    assert scores.same.search(" lo mismo ")


def test_only_long_names_are_known_when_misspelt(words: Vocabulary) -> None:
    names = {name for long in words.scores.long_names.values() for name, _ in long}
    assert "redness" in names
    assert "pain" not in names
    assert all(first == name[0] for first, long in words.scores.long_names.items() for name, _ in long)
