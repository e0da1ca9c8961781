"""Whether a text may go out now, the rule, on facts at hand: consent, opt-out, pause, flag, quiet hours,
limits, budget, stop switch."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from recovery.domain.clinic import opening_hours
from recovery.domain.messaging import text_schedule
from recovery.domain.messaging.catalogue import TextKind
from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.domain.messaging.text_schedule import TextSchedule
from recovery.domain.messaging.unsent_reasons import UnsentReason
from recovery.domain.patients.consent import ConsentKind

OF_OUR_OWN_ACCORD = frozenset({TextKind.TIP, TextKind.CHECK_IN, TextKind.REMINDER})
"""What we send unasked: bounded a day for each patient, and first to stop when a clinic's texts run out."""

GOES_ON_IN_PAUSE = frozenset({TextKind.SAFETY, TextKind.EMERGENCY, TextKind.ACCOUNT, TextKind.OPT_OUT})
"""What leaves while a nurse still has to read whether texts are wanted at all."""

GOES_ON_WHEN_STOPPED = frozenset({TextKind.EMERGENCY, TextKind.OPT_OUT, TextKind.STAFF})
"""What leaves while a clinic's texts are stopped: what to do in danger, that an opt-out is obeyed, and alerts
to the clinic's own phones. Patients write to a stopped clinic, too."""

STOPPED_AGAIN = timedelta(minutes=1)
FLAG_AGAIN = timedelta(hours=1)
PAUSED_AGAIN = timedelta(minutes=15)
"""How soon a text that waits for a person's decision is looked at again."""


class NotSendable(Exception):
    """This text does not go out now: `state` is where it goes instead, `reason` says why.

    With `again_at` it stays planned and is due again then.
    """

    def __init__(self, state: MessageState, reason: str, *, again_at: datetime | None = None) -> None:
        super().__init__(reason)
        self.state = state
        self.reason = reason
        self.again_at = again_at


@dataclass(frozen=True, kw_only=True)
class Recipient:
    """A patient at the moment of sending. The counts are of texts handed over in their local day.

    `unasked_today` counts texts of our own accord, `identical_today` those of the wording in question.
    `paused`: words may have asked for no more texts, and nobody has read them yet.
    """

    zone: ZoneInfo
    consents: frozenset[ConsentKind]
    opted_out: bool
    flag_open: bool
    unsolicited_today: int
    identical_today: int
    paused: bool = False


@dataclass(frozen=True, kw_only=True)
class SendFacts:
    """One text and what it meets; without a recipient it goes to staff.

    `clinic_today` counts the clinic's texts handed over since its day began, `tomorrow` is when its next
    day begins (UTC), `budget` what the clinic may send of its own accord in a day. `practised`: why it is for
    practice, with a number that is none of the staff's. `replies`
    marks an answer to what the patient wrote a moment ago: they asked for it, whatever the hour.
    """

    kind: TextKind
    template: str
    useful_until: datetime
    stopped: bool
    practised: UnsentReason | None
    clinic_today: int
    budget: int
    next_day_starts_at: datetime
    recipient: Recipient | None
    is_reply: bool = False


def check_send(facts: SendFacts, *, schedule: TextSchedule, now: datetime) -> NotSendable | None:
    """None if the text may go out now, else what becomes of it and why."""
    if facts.useful_until <= now:
        return NotSendable(MessageState.EXPIRED, UnsentReason.TOO_LATE)
    if facts.stopped and facts.kind not in GOES_ON_WHEN_STOPPED:
        return NotSendable(MessageState.PLANNED, UnsentReason.STOPPED, again_at=now + STOPPED_AGAIN)
    if facts.practised is not None:
        return NotSendable(MessageState.CANCELLED, facts.practised)
    if facts.recipient is not None:
        refused = _never(facts, facts.recipient, schedule=schedule) or _not_now(
            facts, facts.recipient, schedule=schedule, now=now
        )
        if refused is not None:
            return refused
    return _over_budget(facts, schedule=schedule)


def _never(facts: SendFacts, recipient: Recipient, *, schedule: TextSchedule) -> NotSendable | None:
    confirms = facts.is_reply and facts.kind is TextKind.OPT_OUT
    if recipient.opted_out and not confirms:
        return NotSendable(MessageState.CANCELLED, UnsentReason.OPTED_OUT)
    account = facts.kind is TextKind.ACCOUNT
    most = schedule.limits.codes_per_day if account else schedule.limits.identical_per_day
    # How often a patient is answered is bounded by the hour, where the answer is planned.
    if recipient.identical_today >= most and not facts.is_reply:
        return NotSendable(MessageState.QUARANTINED, UnsentReason.REPEATED)
    needed = schedule.consent_for(facts.template)
    if not account and not facts.is_reply and needed not in recipient.consents:
        reminder = needed is ConsentKind.SESSION_REMINDERS
        return NotSendable(
            MessageState.CANCELLED, UnsentReason.NO_REMINDER_CONSENT if reminder else UnsentReason.NO_CONSENT
        )
    if facts.kind is TextKind.TIP and recipient.flag_open:
        return NotSendable(MessageState.CANCELLED, UnsentReason.FLAG_OPEN)
    return None


def _not_now(
    facts: SendFacts, recipient: Recipient, *, schedule: TextSchedule, now: datetime
) -> NotSendable | None:
    if facts.kind in (TextKind.ACCOUNT, TextKind.EMERGENCY) or facts.is_reply:
        return None
    zone = recipient.zone
    if recipient.paused and facts.kind not in GOES_ON_IN_PAUSE:
        again_at = text_schedule.next_allowed_time(schedule, at=now + PAUSED_AGAIN, zone=zone)
        return _later(facts, UnsentReason.PAUSED, again_at)
    if recipient.flag_open and schedule.consent_for(facts.template) is ConsentKind.SESSION_REMINDERS:
        again_at = text_schedule.next_allowed_time(schedule, at=now + FLAG_AGAIN, zone=zone)
        return _later(facts, UnsentReason.FLAG_OPEN, again_at)
    if facts.kind in OF_OUR_OWN_ACCORD and recipient.unsolicited_today >= schedule.limits.texts_per_day:
        next_day = now.astimezone(zone).date() + timedelta(days=1)
        return _later(
            facts,
            UnsentReason.ENOUGH_TODAY,
            opening_hours.local_to_utc(next_day, at=schedule.quiet_until, zone=zone),
        )
    allowed = text_schedule.next_allowed_time(schedule, at=now, zone=zone)
    if allowed >= facts.useful_until:
        return NotSendable(MessageState.EXPIRED, UnsentReason.NO_HOUR_LEFT)
    return _later(facts, UnsentReason.QUIET_HOURS, allowed) if allowed > now else None


def _over_budget(facts: SendFacts, *, schedule: TextSchedule) -> NotSendable | None:
    most = facts.budget if facts.kind in OF_OUR_OWN_ACCORD else facts.budget * schedule.limits.reserve
    if facts.clinic_today < most:
        return None
    again_at = facts.next_day_starts_at
    if facts.recipient is not None and facts.kind is not TextKind.EMERGENCY:
        again_at = text_schedule.next_allowed_time(schedule, at=again_at, zone=facts.recipient.zone)
    return _later(facts, UnsentReason.BUDGET, again_at)


def _later(facts: SendFacts, reason: UnsentReason, again_at: datetime) -> NotSendable:
    if again_at >= facts.useful_until:
        return NotSendable(MessageState.EXPIRED, reason)
    return NotSendable(MessageState.PLANNED, reason, again_at=again_at)
