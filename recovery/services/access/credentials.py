"""Passwords, PINs, tokens and codes made at random, hashed and verified: what people prove themselves with.

Nothing here is stored readable.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import secrets
from uuid import UUID

import argon2

from recovery.domain.core.language import Language

_HASHER = argon2.PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
"""argon2id at 19 MiB, two passes, one lane: what OWASP names as its minimum for this family."""

_PREFIX = "ag"
_REF_CHARACTERS = "23456789BCDFGHJKMNPQRTVWXYZ"
SHORT_TOKEN_LENGTH = 22
"""Characters of 128 random bits in url-safe base 64."""
_DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_MARKS = {Language.ENGLISH: 0, Language.SPANISH: 1, Language.FRENCH: 2}
"""What the last character's four bits that hold nothing random are set to."""


def link_length(links_at: str) -> int:
    """Characters of a link in a text, where links point to this address."""
    return len(links_at) + 1 + SHORT_TOKEN_LENGTH


class WeakPassword(ValueError):
    """A password needs at least 10 characters."""


def hash_password(password: str) -> str:
    """An argon2id hash. Raises WeakPassword below 10 characters."""
    if len(password) < 10:
        raise WeakPassword
    return _HASHER.hash(password)


def new_password() -> str:
    """A first password for somebody, to be read off a screen once: 16 characters in groups of four."""
    characters = "".join(secrets.choice(_REF_CHARACTERS) for _ in range(16))
    return "-".join(characters[at : at + 4] for at in range(0, 16, 4))


def hash_pin(pin: str) -> str:
    """An argon2id hash of a PIN; its few digits are guarded by counting tries, not by length."""
    return _HASHER.hash(pin)


def verify_hash(stored: str | None, given: str) -> bool:
    """Whether `given` is the secret behind the hash. Without a hash the same work is done for nothing."""
    try:
        _HASHER.verify(stored or _nobody(), given)
    except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError):
        return False
    return stored is not None


@functools.cache
def _nobody() -> str:
    return _HASHER.hash(secrets.token_urlsafe(16))


def new_bearer(clinic_id: UUID) -> str:
    """`ag_<clinic id>_<256 random bits>`; the clinic part is only a hint under which it is looked up."""
    return f"{_PREFIX}_{clinic_id.hex}_{secrets.token_urlsafe(32)}"


def clinic_hint(bearer: str) -> UUID | None:
    """The clinic a bearer token names, None if it is not of our form."""
    parts = bearer.split("_", 2)
    if len(parts) != 3 or parts[0] != _PREFIX or len(parts[1]) != 32 or len(parts[2]) != 43:
        return None
    try:
        return UUID(hex=parts[1])
    except ValueError:
        return None


def new_short_token() -> str:
    """128 random bits in 22 url-safe characters, for links in texts and receipt references."""
    return secrets.token_urlsafe(16)


def token_of(key: str) -> str:
    """A short token that follows from a random key, which only its page and its sender know."""
    digest = hashlib.sha256(b"a link for staff:" + key.encode()).digest()
    return base64.urlsafe_b64encode(digest[:16]).decode().rstrip("=")


def new_invitation(language: Language) -> str:
    """A short token that says by its last character in which language its page begins.

    A page knows nothing of a token before it is spent, and is read before that. All 128 bits stay random.
    """
    token = new_short_token()
    return token[:-1] + _DIGITS[_DIGITS.index(token[-1]) + _MARKS[language]]


def new_code() -> str:
    """Six random digits, to be typed from a text."""
    return f"{secrets.randbelow(1_000_000):06d}"


def new_text_ref() -> str:
    """Six characters that make a text unlike every other to its number. Not a secret.

    No vowels and no look-alikes, so that none reads as a word or is mistaken on the phone.
    """
    number = secrets.randbelow(len(_REF_CHARACTERS) ** 6)
    places = [len(_REF_CHARACTERS) ** place for place in range(6)]
    return "".join(_REF_CHARACTERS[number // place % len(_REF_CHARACTERS)] for place in places)


def new_recovery_code() -> str:
    """Sixteen characters of 76 random bits in groups of four, to be written down."""
    letters = [secrets.choice(_REF_CHARACTERS) for _ in range(16)]
    return "-".join("".join(letters[start : start + 4]) for start in range(0, 16, 4))


def hash_token(token: str) -> bytes:
    """SHA-256 of a random token: what is stored in its place."""
    return hashlib.sha256(token.encode()).digest()
