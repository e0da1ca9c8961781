from __future__ import annotations

import pytest

from recovery.domain.inbound.scores import score_item
from recovery.domain.inbound.vocabulary import Vocabulary


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("6 (was 8)", [6]),
        ("from 5 to 1", [1]),
        ("de 3 a 1", [1]),
        ("from a 7 to a 4", [4]),
        ("5 -> 2", [2]),
        ("2 now, 5 yesterday", [2]),
        ("1 (4 hier)", [1]),
        ("from 5 2 4 1 to 3 0 2 0", [3, 0, 2, 0]),
        ("6>2>3>0", [6, 2, 3, 0]),
        ("3 2 0 1 yesterday", [3, 2, 0, 1]),
        ("from 0 to 10", []),
    ],
)
def test_a_number_of_an_earlier_day_is_none(words: Vocabulary, text: str, values: list[int]) -> None:
    items = score_item.read_items(text, words.scores, idle=words.polite | words.scores.joins, sounds=False)
    assert [item.value for item in items if item.number] == values
