"""Phone numbers brought to E.164 as people write them, why one is refused, its country, and whether it is a
landline."""

from __future__ import annotations

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberType, ValidationResult

_WRITTEN_ABROAD = "00"
_WHY = {
    ValidationResult.IS_POSSIBLE_LOCAL_ONLY: "The area code is missing: write the whole number.",
    ValidationResult.TOO_SHORT: "The number is too short.",
    ValidationResult.TOO_LONG: "The number is too long.",
    ValidationResult.INVALID_LENGTH: "No number of this country has so many digits.",
    ValidationResult.INVALID_COUNTRY_CODE: "No country has this country code.",
}
NO_COUNTRY = "Not a phone number. One from another country begins with +, like +44 20 7946 0123."
EXTENSION = "No text reaches an extension: write the number without it."


class NotAPhoneNumber(ValueError):
    """A phone number is written with its country code, like +14155550123."""


def country_of(number: str) -> str | None:
    """The country of a number in E.164, as two letters; None where it is not one country's."""
    return phonenumbers.region_code_for_number(phonenumbers.parse(number))


def to_e164(text: str, *, like: str | None = None) -> str:
    """The E.164 form of a number as people write it: with its country code, after + or 00, or without where
    `like` has the same.

    Possible is enough, so that reserved test numbers work. Raises NotAPhoneNumber, which says why.
    """
    written = text.strip().removeprefix("'").strip()
    region = None if like is None else country_of(like)
    reading = _parse(written, region)
    if reading is None or _fault(reading) is not None:
        # 00 is how most of the world writes a + for a dial; in some countries it is the dial's own.
        abroad = written.startswith(_WRITTEN_ABROAD)
        from_abroad = _parse("+" + written.removeprefix(_WRITTEN_ABROAD), None) if abroad else None
        if from_abroad is not None and _fault(from_abroad) is None:
            reading = from_abroad
    if reading is None:
        raise NotAPhoneNumber(NO_COUNTRY)
    if (fault := _fault(reading)) is not None:
        raise NotAPhoneNumber(fault)
    return phonenumbers.format_number(reading, phonenumbers.PhoneNumberFormat.E164)


def is_landline(number: str) -> bool:
    """Whether a number in E.164 is for certain that of a landline. In North America nobody can tell."""
    return phonenumbers.number_type(phonenumbers.parse(number)) == PhoneNumberType.FIXED_LINE


def _parse(text: str, region: str | None) -> PhoneNumber | None:
    try:
        return phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None


def _fault(number: PhoneNumber) -> str | None:
    if number.extension:
        return EXTENSION
    possible = phonenumbers.is_possible_number_with_reason(number)
    return None if possible == ValidationResult.IS_POSSIBLE else _WHY.get(possible, NO_COUNTRY)
