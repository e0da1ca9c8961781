"""Which crisis number a clinic gives to whoever thinks of harming themselves: its own, else the usual one of
its country."""

from __future__ import annotations

from typing import Protocol

from recovery.domain.clinic import crisis_line
from recovery.services.core import phone_numbers


class HasNumbers(Protocol):
    """A clinic as far as its numbers go."""

    @property
    def phone(self) -> str: ...
    @property
    def emergency_number(self) -> str: ...
    @property
    def crisis_number(self) -> str | None: ...


def number_of(clinic: HasNumbers) -> str:
    """The clinic's own, else the usual one."""
    return clinic.crisis_number or usual_number(clinic)


def usual_number(clinic: HasNumbers) -> str:
    """The line of the country the clinic's phone is in, else the emergency number."""
    return crisis_line.usual_number(
        country=phone_numbers.country_of(clinic.phone), emergency=clinic.emergency_number
    )
