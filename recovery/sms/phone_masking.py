"""Phone numbers as people may see them: enough to tell two apart, too little to call."""

from __future__ import annotations

_ONE_DIGIT_CODES = frozenset({"1", "7"})
_TWO_DIGIT_CODES = frozenset(
    {"20", "27", "30", "31", "32", "33", "34", "36", "39", "40", "41", "43", "44", "45", "46", "47", "48"}
    | {"49", "51", "52", "53", "54", "55", "56", "57", "58", "60", "61", "62", "63", "64", "65", "66"}
    | {"81", "82", "84", "86", "90", "91", "92", "93", "94", "95", "98"}
)
"""Country calling codes of ITU-T E.164; every code that is in neither set has three digits."""

_HIDDEN = "•••••"


def mask_number(number: str) -> str:
    """The country code and the last three digits, as in +1•••••123; of anything else only dots."""
    digits = number.removeprefix("+")
    if not number.startswith("+") or not digits.isascii() or not digits.isdigit() or len(digits) < 8:
        return _HIDDEN
    if digits[0] in _ONE_DIGIT_CODES:
        code = digits[0]
    elif digits[:2] in _TWO_DIGIT_CODES:
        code = digits[:2]
    else:
        code = digits[:3]
    return f"+{code}{_HIDDEN}{digits[-3:]}"
