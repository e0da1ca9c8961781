"""Whether text that people typed or sent is clean: no control characters, no halves of characters, lines only
where asked for."""

from __future__ import annotations

import unicodedata

_UNWANTED = frozenset({"Cc", "Cs", "Zl", "Zp"})
_LINES = "\n\r\t\u2028\u2029"


def is_clean(text: str, *, lines: bool = False) -> bool:
    """Whether it has no control characters and no halves of characters; line breaks only with `lines`."""
    allowed = _LINES if lines else ""
    return not any(unicodedata.category(char) in _UNWANTED and char not in allowed for char in text)
