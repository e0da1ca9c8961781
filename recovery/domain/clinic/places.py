"""Which names of time zones somebody can live in: those of a place, no fixed offsets."""

from __future__ import annotations

from collections.abc import Collection
from zoneinfo import ZoneInfo

from recovery.domain.clinic import opening_hours
from recovery.domain.clinic.opening_hours import HoursError

_NO_PLACES = frozenset({"Etc", "SystemV", "posix", "right"})
"""First parts of names that stand for an offset or for the same zones once more."""


def zone_of_place(name: str, *, kept: Collection[str] = ()) -> ZoneInfo:
    """The zone of this name, where it is a place's or one of those that are `kept` already.

    A fixed offset, such as GMT+3 or Etc/GMT-3, is nobody's clock: it knows no summer time. Raises HoursError.
    """
    if name not in kept and not is_place(name):
        raise HoursError(f"{name[:64]!r} is no place with a time zone")
    return opening_hours.zone_named(name)


def is_place(name: str) -> bool:
    """Whether a zone's name is that of a place, like America/Chicago."""
    region, slash, place = name.partition("/")
    return bool(slash and place) and region not in _NO_PLACES
