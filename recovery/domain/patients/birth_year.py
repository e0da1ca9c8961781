"""Which years a patient can have been born in, and what is said of another: one rule for every way in."""

from __future__ import annotations

from datetime import datetime

OLDEST = 120
"""Years; nobody who is alive today is older."""
YOUNGEST = 1
"""Whoever types the year of today has looked at another date."""


class ImplausibleBirthYear(ValueError):
    """Nobody who is treated now was born in this year; the message says in which they can have been."""


def plausible_years(now: datetime) -> range:
    """The years in which somebody who is treated now can have been born."""
    return range(now.year - OLDEST, now.year - YOUNGEST + 1)


def told(now: datetime) -> str:
    """Which years those are."""
    years = plausible_years(now)
    return f"The year of birth in four digits, from {years[0]} to {years[-1]}."


def require_plausible(year: int, *, now: datetime) -> int:
    """The year. Raises ImplausibleBirthYear."""
    if year not in plausible_years(now):
        raise ImplausibleBirthYear(told(now))
    return year
