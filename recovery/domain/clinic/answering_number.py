"""Which of a clinic's numbers somebody answers at a moment: its own, the one for closed hours, or the
emergency number."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from recovery.domain.clinic import opening_hours


class ReachableClinic(Protocol):
    """A clinic's numbers, and its hours as they are written."""

    @property
    def phone(self) -> str:
        """Answered while the clinic is open."""

    @property
    def out_of_hours_phone(self) -> str:
        """Answered while it is closed; empty where there is none."""

    @property
    def emergency_number(self) -> str:
        """Answered always."""

    @property
    def time_zone(self) -> str:
        """An IANA zone."""

    @property
    def weekly_hours(self) -> Mapping[str, Any]:
        """As `opening_hours.parse` reads them."""

    @property
    def holidays(self) -> Mapping[str, Any]:
        """As `opening_hours.parse` reads them."""


def number_answered_at(clinic: ReachableClinic, at: datetime) -> str:
    """The clinic's own number while it is open, else the one for closed hours, else the emergency number.

    With hours that cannot be read nobody knows whether the clinic's own phone is answered.
    """
    return clinic.phone if _is_open(clinic, at) else clinic.out_of_hours_phone or clinic.emergency_number


def _is_open(clinic: ReachableClinic, at: datetime) -> bool:
    try:
        hours = opening_hours.parse(
            time_zone=clinic.time_zone, weekly=clinic.weekly_hours, holidays=clinic.holidays
        )
    except opening_hours.HoursError:
        return False
    return hours.is_open(at)
