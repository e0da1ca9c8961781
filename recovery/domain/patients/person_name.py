"""Names of people as they are entered: tidied, and refused only where nobody is called so.

One name or several, particles, hyphens, apostrophes and every script are names. Whether two names are the
same is the database's to say: `name_key` of `recovery/models/patients/patients.py`.
"""

from __future__ import annotations

import re
import unicodedata

LONGEST = 100

_CONTROLS = frozenset({"Cc", "Zl", "Zp"})
_NOT_WRITTEN = frozenset({"Cf", "Cn", "Co", "Cs"})
_LOOKS_EMPTY = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
_TURNS_TEXT = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_JOINERS = frozenset("\u200c\u200d")
_JOINED_SCRIPTS = re.compile(r"[\u0600-\u07ff\u08a0-\u0dff\u0e00-\u109f\u1780-\u17ff\u1800-\u18af]")
_WIDE_SPACE = re.compile(r"[ \t\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]+")


def tidy(text: str) -> str:
    """The name with one plain space where there are several or others, and none around it."""
    return _WIDE_SPACE.sub(" ", unicodedata.normalize("NFC", text)).strip(" ")


def find_fault(name: str, *, called: str) -> str | None:
    """Why nobody has this name, in a sentence that begins with what it is called; None for a name."""
    if len(name) > LONGEST:
        return f"{called} is longer than {LONGEST} characters."
    for place, character in enumerate(name):
        if fault := _fault_of(name, place, character):
            return f"{called} holds {fault} in place {place + 1}: type it anew."
    if not any(unicodedata.category(character).startswith("L") for character in name):
        return f"{called} has no letter in it."
    return None


def full_name(first_name: str, last_name: str) -> str:
    """Both names, or the one of somebody who has one."""
    return f"{first_name} {last_name}".strip()


def _is_joined(before: str) -> bool:
    """Whether a joiner after this belongs there: in Persian, in the scripts of India, in a drawn face."""
    drawn = unicodedata.category(before) in ("So", "Sk") or before == "\ufe0f"
    return drawn or _JOINED_SCRIPTS.match(before) is not None


def _fault_of(name: str, place: int, character: str) -> str | None:
    code = f"U+{ord(character):04X}"
    kind = unicodedata.category(character)
    if character in _TURNS_TEXT:
        return f"a sign that turns the direction of text ({code})"
    if kind in _CONTROLS:
        return f"a line break or another control character ({code})"
    if character in _JOINERS and place and _is_joined(name[place - 1]):
        return None
    if kind in _NOT_WRITTEN or character in _LOOKS_EMPTY:
        return f"a character that cannot be seen ({code})"
    return None
