"""Phone numbers in the one form everything here uses."""

from __future__ import annotations

import phonenumbers


class NotAPhoneNumber(ValueError):
    """A phone number is written with its country code, like +14155550123."""


def country_of(number: str) -> str | None:
    """The country of a number in E.164, as two letters; None where it is not one country's."""
    return phonenumbers.region_code_for_number(phonenumbers.parse(number))


def to_e164(text: str, *, like: str | None = None) -> str:
    """The E.164 form of a number written with its country code, or without it where `like` has the same.

    Possible is enough, so that reserved test numbers work. Raises NotAPhoneNumber.
    """
    try:
        region = None if like is None else phonenumbers.region_code_for_number(phonenumbers.parse(like))
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        raise NotAPhoneNumber from None
    if number.extension or not phonenumbers.is_possible_number(number):
        raise NotAPhoneNumber
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
