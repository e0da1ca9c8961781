"""Phone numbers as people may see them: enough to tell two apart, too little to call."""

from __future__ import annotations

import phonenumbers

_HIDDEN = "•••••"


def mask_number(number: str) -> str:
    """The country code and the last three digits, as in +1•••••123; of anything else only dots."""
    digits = number.removeprefix("+")
    if not number.startswith("+") or not digits.isascii() or not digits.isdigit() or len(digits) < 8:
        return _HIDDEN
    try:
        code = phonenumbers.parse(number).country_code
    except phonenumbers.NumberParseException:
        return _HIDDEN
    return f"+{code}{_HIDDEN}{digits[-3:]}"
