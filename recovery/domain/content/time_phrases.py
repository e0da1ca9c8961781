"""A moment in the few characters a text message has room for, as a clock of its language shows it: `3:40 PM`,
`lun 9h`."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from recovery.domain.core.language import Language

_DAYS: dict[Language, tuple[str | None, ...]] = {
    Language.ENGLISH: ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
    # The a of Saturday has an accent outside GSM-7, which would cost the whole text its one segment.
    Language.SPANISH: ("lun", "mar", "mié", "jue", "vie", None, "dom"),
    Language.FRENCH: ("lun", "mar", "mer", "jeu", "ven", "sam", "dim"),
}
_MONTHS = {
    Language.ENGLISH: ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
    Language.SPANISH: ("ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct", "nov", "dic"),
}


def format_deadline(moment: datetime, *, now: datetime, zone: ZoneInfo, language: Language) -> str:
    """A moment as a wall clock shows it, with the day unless it is today, in GSM-7.

    `3:40 PM`, `Mon 9 AM`; `15:40`, `lun 9:00`; `15h40`, `lun 9h`. At most 12 characters. A week or more
    ahead the weekday alone would mislead: `Dec 28 9 AM`, `28 dic 9:00`, `28/12 9h`. Midnight ends the day
    before it: `Sun 11:59 PM`, since many read "Mon 12 AM" as noon or as the night after.
    """
    local, today = moment.astimezone(zone), now.astimezone(zone)
    if local.time() == time() and moment > now:
        local -= timedelta(minutes=1)
    if local.date() == today.date():
        return _clock(local.time(), language=language)
    weekday = _DAYS[language][local.weekday()]
    if weekday is not None and (local.date() - today.date()).days < 7:
        return f"{weekday} {_clock(local.time(), language=language)}"
    if language is Language.ENGLISH:
        # Minutes would not fit, and the full hour before is never too late for a promise.
        return f"{_date(local.date(), language=language)} {_clock(time(local.hour), language=language)}"
    return f"{_date(local.date(), language=language)} {_clock(local.time(), language=language)}"


def _clock(at: time, *, language: Language) -> str:
    if language is Language.SPANISH:
        return f"{at.hour}:{at.minute:02d}"
    if language is Language.FRENCH:
        return f"{at.hour}h{at.minute:02d}" if at.minute else f"{at.hour}h"
    minutes = f":{at.minute:02d}" if at.minute else ""
    return f"{at.hour % 12 or 12}{minutes} {'AM' if at.hour < 12 else 'PM'}"


def _date(day: date, *, language: Language) -> str:
    if language is Language.FRENCH:
        # Figures, since the name of August has a letter outside GSM-7.
        return f"{day.day}/{day.month}"
    month = _MONTHS[language][day.month - 1]
    return f"{month} {day.day}" if language is Language.ENGLISH else f"{day.day} {month}"
