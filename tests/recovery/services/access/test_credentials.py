from __future__ import annotations

import pytest

from recovery.domain.core.language import Language
from recovery.services.access import credentials

DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


@pytest.mark.parametrize(("language", "mark"), [("en", 0), ("es", 1), ("fr", 2)])
def test_an_invitation_says_its_language_and_nothing_of_its_randomness_is_lost(
    language: str, mark: int
) -> None:
    made = [credentials.new_invitation(Language(language)) for _ in range(400)]
    assert {len(one) for one in made} == {credentials.SHORT_TOKEN_LENGTH}
    last = {DIGITS.index(one[-1]) for one in made}
    assert {one % 16 for one in last} == {mark}
    assert {one // 16 for one in last} == {0, 1, 2, 3}, "its two random bits"
    assert len(set(made)) == len(made)
