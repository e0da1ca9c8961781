from __future__ import annotations

import pytest

from recovery.domain.content import readability

SYLLABLES = {
    1: "the a skin texts rates scrubs looked called tried breathe clothes tongue queue league worse nurse "
    "bumped lines eye stretched use freeze",
    2: "clinic patches pages table trouble needed treated breathing going dial flaky worried sunscreen even "
    "today before answer special question swollen changes noses",
    3: "recently retinol usual period radio quality gradual exercise medical appointment",
    4: "recovery emergency information",
    5: "communication",
}


@pytest.mark.parametrize(
    ("word", "count"), [(word, count) for count, listed in SYLLABLES.items() for word in listed.split()]
)
def test_syllables_are_judged_by_the_spelling(word: str, count: int) -> None:
    assert readability.count_syllables(word, known={}) == count
    assert readability.count_syllables(word.upper(), known={}) == count


def test_a_word_that_is_known_is_not_judged() -> None:
    assert readability.count_syllables("Area", known={"area": 3}) == 3


def test_the_grade_is_the_formula_of_kincaid() -> None:
    # 6 words, 2 sentences, 7 syllables: 0.39 * 6 / 2 + 11.8 * 7 / 6 - 15.59
    assert readability.school_grade("Call us now. We are open.", syllables={}) == pytest.approx(-0.7)
    # 8 words, 1 sentence, 34 syllables: 0.39 * 8 + 11.8 * 34 / 8 - 15.59
    hard = "Immediate communication facilitates individual recovery evaluation, medical practitioners."
    counts = {"immediate": 4, "facilitates": 4, "individual": 5, "evaluation": 5, "practitioners": 4}
    assert readability.school_grade(hard, syllables=counts) == pytest.approx(37.7)


def test_links_and_numbers_to_dial_are_not_read() -> None:
    plain = "Call us now. We are open."
    assert readability.split_words("Day 2: don't, 3:40 PM") == ["Day", "2", "don't", "3:40", "PM"]
    dialled = "Call +12025550190 us now. We are https://example.org/r/Ab3.x open."
    assert readability.school_grade(dialled, syllables={}) == readability.school_grade(plain, syllables={})


@pytest.mark.parametrize("text", ["", " ... ", "https://example.org"])
def test_without_words_there_is_nothing_to_read(text: str) -> None:
    assert readability.school_grade(text, syllables={}) == 0.0
