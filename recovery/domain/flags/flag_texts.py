"""Which wording tells a patient that a flag was opened or became more urgent, and which moment it
promises."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from recovery.domain.clinic.opening_hours import OpeningHours
from recovery.domain.flags.flag_lifecycle import Urgency


@dataclass(frozen=True, kw_only=True)
class FlagText:
    """A wording by its key in the catalogue, and the moment in its `by`."""

    template: str
    by: datetime


def text_of_flag(
    urgency: Urgency, *, promised: datetime, in_doubt: bool, hours: OpeningHours, now: datetime
) -> FlagText:
    """What is told when a flag is opened or becomes more urgent; `promised` is when it is due.

    A call is promised only while a nurse is there to make it, without a break until then; else the text says
    when the clinic opens. An emergency that is `in_doubt` is told conditionally.
    """
    if urgency is Urgency.EMERGENCY:
        return FlagText(template="maybe_emergency" if in_doubt else "emergency", by=promised)
    if urgency is Urgency.NEXT_BUSINESS_DAY:
        return FlagText(template="flag_next_day", by=promised)
    if hours.is_open_until(now, promised):
        return FlagText(template="flag_same_day", by=promised)
    return FlagText(template="flag_after_hours", by=hours.next_opening(now) or promised)
