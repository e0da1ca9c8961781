"""Phone numbers in the one form everything here uses."""

from __future__ import annotations

import phonenumbers


class NotAPhoneNumber(ValueError):
    """A phone number is written with its country code, like +14155550123."""


def e164(text: str) -> str:
    """The E.164 form of a number written with its country code.

    Possible is enough, so that reserved test numbers work. Raises NotAPhoneNumber.
    """
    try:
        number = phonenumbers.parse(text, None)
    except phonenumbers.NumberParseException:
        raise NotAPhoneNumber from None
    if number.extension or not phonenumbers.is_possible_number(number):
        raise NotAPhoneNumber
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
