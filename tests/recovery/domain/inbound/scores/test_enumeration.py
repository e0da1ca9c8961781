from __future__ import annotations

import pytest

from recovery.domain.inbound.scores import enumeration
from recovery.domain.inbound.vocabulary import Vocabulary


@pytest.mark.parametrize(
    "text",
    [
        "#1 4 #2 3 #3 0 #4 1",
        "q1 4 q2 3 q3 0 q4 1",
        "a) 4 b) 3 c) 0 d) 1",
        "a=4 b=3 c=0 d=1",
        "a 4 b 3 c 0 d 1",
        "1) 4 2) 3 3) 0 4) 1",
        "1. 4 2. 3 3. 0 4. 1",
        "1: 4, 2: 3, 3: 0 and 4: 1",
        "1- 4 / 2- 3 / 3- 0 / 4- 1",
        "1ro 4, 2do 3, 3ro 0, 4to 1",
        "first 4 second 3 third 0 last 1",
        "primera 4 segunda 3 tercera 0 cuarta 1",
    ],
)
def test_what_counts_four_answers_is_left_out(words: Vocabulary, text: str) -> None:
    assert enumeration.without_places(text, words.scores).split() == ["4", "3", "0", "1"]


def test_places_before_names_are_left_out(words: Vocabulary) -> None:
    text = "1) redness 4 2) swelling 3 3) peeling 0 4) pain 1"
    assert enumeration.without_places(text, words.scores).split() == (
        [";", "redness", "4", ";", "swelling", "3", ";", "peeling", "0", ";", "pain", "1"]
    )


@pytest.mark.parametrize(
    "text", ["1 4 2 3 3 0 4 1", "1) 4 2) 3", "a 4 b 3", "1. 4. 2. 3", "first 4 then 3", "1-2-3-4", ""]
)
def test_other_texts_stay_as_they_are(words: Vocabulary, text: str) -> None:
    assert enumeration.without_places(text, words.scores) == text
