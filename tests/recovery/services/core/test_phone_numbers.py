"""Numbers as people write them, and why others are none."""

from __future__ import annotations

import pytest

from recovery.services.core import phone_numbers
from recovery.services.core.phone_numbers import NotAPhoneNumber

AMERICAN, BRITISH = "+12025550190", "+442079460123"


@pytest.mark.parametrize(
    ("typed", "like", "number"),
    [
        ("(202) 555-0142", AMERICAN, "+12025550142"),
        ("202.555.0142", AMERICAN, "+12025550142"),
        ("1 202 555 0142", AMERICAN, "+12025550142"),
        ("+1-202-555-0142", None, "+12025550142"),
        ("tel:+12025550142", None, "+12025550142"),
        ("２０２５５５０１４２", AMERICAN, "+12025550142"),
        ("'2025550142", AMERICAN, "+12025550142"),
        ("\u00a0202\u2011555\u20110142 ", AMERICAN, "+12025550142"),
        ("0044 20 7946 0123", AMERICAN, "+442079460123"),
        ("011 44 20 7946 0123", AMERICAN, "+442079460123"),
        ("0044 20 7946 0123", None, "+442079460123"),
        ("+44 (0)20 7946 0123", None, "+442079460123"),
        ("07911 123456", BRITISH, "+447911123456"),
        ("0151/2345678", "+4930123456", "+491512345678"),
    ],
)
def test_numbers_are_read_as_people_write_them(typed: str, like: str | None, number: str) -> None:
    assert phone_numbers.to_e164(typed, like=like) == number


@pytest.mark.parametrize(
    ("typed", "like", "why"),
    [
        ("555-0142", AMERICAN, "The area code is missing"),
        ("+441111", None, "The area code is missing"),
        ("12", AMERICAN, "too short"),
        ("+120255501422", None, "too long"),
        ("202 555 0142 ext. 7", AMERICAN, "extension"),
        ("2025550142", None, "begins with [+]"),
        ("+999 123456", None, "begins with [+]"),
        ("call me", AMERICAN, "Not a phone number"),
        ("", AMERICAN, "Not a phone number"),
        ("+", None, "Not a phone number"),
        ("00", AMERICAN, "Not a phone number|too short"),
    ],
)
def test_an_impossible_number_is_refused_and_told_why(typed: str, like: str | None, why: str) -> None:
    with pytest.raises(NotAPhoneNumber, match=why):
        phone_numbers.to_e164(typed, like=like)


def test_a_landline_is_one_only_where_it_can_be_told() -> None:
    assert phone_numbers.is_landline("+442079460123")
    assert not phone_numbers.is_landline("+447911123456")
    assert not phone_numbers.is_landline("+12025550142"), "in North America nobody can tell"
