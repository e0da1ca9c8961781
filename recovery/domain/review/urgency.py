"""How urgent anything is that waits for a person, in whatever lane, and by when somebody should have looked.

A flag, a text, a note, a task and a text that could not be sent are all judged here: no lane has a clock of
its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from recovery.domain.clinic.opening_hours import OpeningHours, local_to_utc
from recovery.domain.flags import flag_lifecycle
from recovery.domain.flags.flag_lifecycle import ResponseTimes, Urgency
from recovery.domain.inbound.text_meaning import NamedSigns
from recovery.domain.messaging.catalogue import TextKind

IN_THE_QUEUE = (Urgency.EMERGENCY, Urgency.SAME_DAY)
"""What stands in the queue, whatever it hangs on; the rest waits in the lane of its kind."""


@dataclass(frozen=True, kw_only=True)
class Wait:
    """How urgent it is, and by when it is due."""

    urgency: Urgency
    due_at: datetime


def wait_from(since: datetime, *, urgency: Urgency, hours: OpeningHours, times: ResponseTimes) -> Wait:
    """What waits since then with this urgency."""
    due_at = flag_lifecycle.due_at(urgency, since=since, hours=hours, times=times)
    return Wait(urgency=urgency, due_at=due_at)


def reading_wait(since: datetime, *, hours: OpeningHours) -> Wait:
    """What is read or called about in its turn: by the close of the next business day."""
    return Wait(urgency=Urgency.NEXT_BUSINESS_DAY, due_at=hours.next_business_day_close(since))


def of_words(signs: NamedSigns, *, asks_for_nurse: bool, may_be_texted: bool) -> Urgency:
    """How soon somebody should look, going by words alone.

    Who names danger and may not be texted is called, as soon as in an emergency: nothing else tells them
    what to do.
    """
    danger = bool(signs.emergency | signs.warning)
    if signs.emergency or (danger and not may_be_texted):
        return Urgency.EMERGENCY
    return Urgency.SAME_DAY if signs.warning or asks_for_nurse else Urgency.NEXT_BUSINESS_DAY


def of_unsent(kind: TextKind) -> Urgency:
    """How soon somebody should see to a text that was put aside: what it says has not been said."""
    if kind is TextKind.EMERGENCY:
        return Urgency.EMERGENCY
    if kind in (TextKind.SAFETY, TextKind.STAFF, TextKind.OPT_OUT):
        return Urgency.SAME_DAY
    return Urgency.NEXT_BUSINESS_DAY


def moved_due_at(wait: Wait, *, before: OpeningHours, then: OpeningHours, now: datetime) -> datetime:
    """When this is due once the clinic's hours have changed.

    An emergency runs on the clock, and what is past its time stays so. What is due in staffed time keeps what
    was left of it; what is due at the close of a day keeps its day, or takes the next one that is staffed.
    """
    if wait.urgency is Urgency.EMERGENCY or wait.due_at <= now:
        return wait.due_at
    if wait.urgency is Urgency.SAME_DAY:
        return then.add_staffed_time(now, before.staffed_time_between(now, wait.due_at))
    day = wait.due_at.astimezone(before.zone).date()
    eve = local_to_utc(day, at=time(), zone=then.zone) - timedelta(hours=12)
    # From the day before, so that the day itself is the next business day if it is staffed.
    return then.next_business_day_close(eve)


def more_urgent(one: Urgency, other: Urgency) -> Urgency:
    """The more urgent of two."""
    return min(one, other, key=lambda urgency: urgency.rank)
