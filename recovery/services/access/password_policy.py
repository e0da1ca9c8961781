"""Which passwords staff may choose: how long, and not easily guessed by who knows the person."""

from __future__ import annotations

import re
from collections.abc import Sequence

from zxcvbn import zxcvbn

SHORTEST = 10
LONGEST = 500
_LOOKED_AT = 72
"""More characters than these only make a password better."""

_LEAST_SCORE = 4
"""The best there is: not to be guessed in ten thousand million tries. Common passwords, names with a year,
and two words that are known of the person are below it."""

_WORD = re.compile(r"\w{3,}")


class PasswordRefused(ValueError):
    """A password that is too short or easily guessed; the message says what to do instead."""


def validate_password(password: str, *, about: Sequence[str]) -> None:
    """Raise PasswordRefused for what somebody who knows the person would guess.

    `about` is what is known of them, such as name, e-mail address and clinic.
    """
    if len(password) < SHORTEST:
        raise PasswordRefused(f"Take at least {SHORTEST} characters.")
    if len(password) > LONGEST:
        raise PasswordRefused(f"Take at most {LONGEST} characters.")
    known = [word for text in about for word in (text.lower(), *_WORD.findall(text.lower()))]
    if zxcvbn(password[:_LOOKED_AT], user_inputs=known)["score"] < _LEAST_SCORE:
        raise PasswordRefused(
            "That password is among the first that somebody would try. Three or four words that do not "
            "belong together are a good one."
        )
