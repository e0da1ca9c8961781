"""Moments in the few words a text has room for."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def by(moment: datetime, *, now: datetime, zone: ZoneInfo) -> str:
    """A moment as a wall clock shows it, with the weekday unless it is today: `3:40 PM`, `Mon 9 AM`.

    At most 12 characters. A week or more ahead the weekday alone would mislead: `Dec 28 9 AM`.
    """
    local, today = moment.astimezone(zone), now.astimezone(zone)
    hour = local.hour % 12 or 12
    minutes = f":{local.minute:02d}" if local.minute else ""
    clock = f"{hour}{minutes} {'AM' if local.hour < 12 else 'PM'}"
    if local.date() == today.date():
        return clock
    if (local.date() - today.date()).days < 7:
        return f"{_DAYS[local.weekday()]} {clock}"
    return f"{_MONTHS[local.month - 1]} {local.day} {hour} {'AM' if local.hour < 12 else 'PM'}"
