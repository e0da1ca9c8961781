"""How many segments a text takes on its way to a phone (3GPP TS 23.038 and 23.040)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ"
    " !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""The default alphabet: one septet each. Code 0x1B is the escape to the extension table, no character."""

_EXTENSION = frozenset("\f^{}\\[~]|€")
"""The extension table: an escape and a code, two septets that may not be parted."""


class Encoding(StrEnum):
    """How a text's characters are sent."""

    GSM7 = "gsm7"
    UCS2 = "ucs2"


_SINGLE = {Encoding.GSM7: 160, Encoding.UCS2: 70}
_PART = {Encoding.GSM7: 153, Encoding.UCS2: 67}
"""Units of one text alone, and of each part of a longer one, whose header takes the difference."""


@dataclass(frozen=True, kw_only=True)
class SegmentCount:
    """`units` are septets (GSM-7) or UTF-16 code units (UCS-2); an empty text has no segment."""

    encoding: Encoding
    units: int
    segments: int


def count_segments(text: str) -> SegmentCount:
    """What `text` takes without national shift tables: the encoding all phones share."""
    if _BASIC.issuperset(text):
        return SegmentCount(encoding=Encoding.GSM7, units=len(text), segments=_of_single_units(len(text)))
    septets = [1 if character in _BASIC else 2 if character in _EXTENSION else 0 for character in text]
    if all(septets):
        return _measured(Encoding.GSM7, septets)
    return _measured(Encoding.UCS2, [2 if ord(character) > 0xFFFF else 1 for character in text])


def _of_single_units(units: int) -> int:
    single = units <= _SINGLE[Encoding.GSM7]
    return min(units, 1) if single else -(-units // _PART[Encoding.GSM7])


def _measured(encoding: Encoding, widths: list[int]) -> SegmentCount:
    units = sum(widths)
    segments = min(units, 1) if units <= _SINGLE[encoding] else _parts(widths, room=_PART[encoding])
    return SegmentCount(encoding=encoding, units=units, segments=segments)


def _parts(widths: Iterable[int], *, room: int) -> int:
    """Parts of at most `room` units, filled in order; a character two units wide stays in one part."""
    parts, used = 1, 0
    for width in widths:
        if used + width > room:
            parts, used = parts + 1, 0
        used += width
    return parts
