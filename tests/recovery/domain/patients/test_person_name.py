"""Names as people have them are taken; what cannot be seen, turns text or is no name is refused."""

from __future__ import annotations

import pytest

from recovery.domain.patients import person_name


@pytest.mark.parametrize(
    "name",
    [
        "Ada",
        "Nguyễn Thị Minh Khai",
        "van der Berg",
        "Anne-Marie",
        "O’Brien",
        "'t Hooft",
        "D'Angelo Jr.",
        "de la Cruz y Ortega",
        "Al-Sayed",
        "Ñ",
        "李小龍",
        "Ђорђевић",
        "علی\u200cرضا",
        "ക്ഷമ\u200d",
        "Αλέξανδρος",
        "ゆき",
        "Mary (May)",
        "John 3rd",
        "ʻIolani",
        "x" * 100,
    ],
)
def test_names_of_people_are_names(name: str) -> None:
    assert person_name.find_fault(person_name.tidy(name), called="The name") is None


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("Ada\u200b", "The last name holds a character that cannot be seen (U+200B) in place 4"),
        ("A\u00adda", "The last name holds a character that cannot be seen (U+00AD) in place 2"),
        ("\ufeffAda", "cannot be seen (U+FEFF) in place 1"),
        ("\u3164", "cannot be seen (U+3164)"),
        ("Ada\U000e0041", "cannot be seen (U+E0041)"),
        ("Ada\ue000", "cannot be seen (U+E000)"),
        ("Ada\u202eelpmaxE", "a sign that turns the direction of text (U+202E) in place 4"),
        ("\u200fAda", "turns the direction of text"),
        ("Ada\nExample", "a line break or another control character (U+000A)"),
        ("A\x00da", "another control character (U+0000)"),
        ("Ada\u200c", "cannot be seen (U+200C)"),
        ("12345", "The last name has no letter in it."),
        ("-", "no letter"),
        ("?", "no letter"),
        ("x" * 101, "The last name is longer than 100 characters."),
    ],
)
def test_a_fault_says_which_name_and_what(name: str, told: str) -> None:
    fault = person_name.find_fault(person_name.tidy(name), called="The last name")
    assert fault is not None
    assert told in fault


def test_blanks_are_tidied_and_accents_put_together() -> None:
    assert person_name.tidy("  Ada\u00a0 \u3000Maria\t") == "Ada Maria"
    assert person_name.tidy("Zoe\u0308") == "Zoë"


def test_one_name_is_a_whole_name() -> None:
    assert person_name.full_name("Ada", "") == "Ada"
    assert person_name.full_name("Ada", "Example") == "Ada Example"
