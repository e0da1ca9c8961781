"""The life of one flag: states and legal moves, urgency, outcomes, nurse texts, and by when a nurse should
have looked.

open -> claimed -> contacted -> resolved -> (reopened) open
           |                      ^
           `----------------------'   also straight from claimed
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from recovery.domain.clinic.opening_hours import OpeningHours
from recovery.domain.clinical.symptoms import Level


class ResponseTimesError(ValueError):
    """Response times that cannot be read; the message names the entry."""


@dataclass(frozen=True, kw_only=True)
class ResponseTimes:
    """How soon a flag should be looked at: `emergency` on the clock, `same_day` in staffed time.

    `flags_per_100` treatments is how many flags a clinic's nurses are taken to be able to work well.
    """

    emergency: timedelta
    same_day: timedelta
    flags_per_100: float


def parse_response_times(text: str) -> ResponseTimes:
    """Read `[emergency] minutes = ...` and `[same_day] staffed_minutes = ...`."""
    try:
        data = tomllib.loads(text)
        return ResponseTimes(
            emergency=timedelta(minutes=data["emergency"]["minutes"]),
            same_day=timedelta(minutes=data["same_day"]["staffed_minutes"]),
            flags_per_100=float(data["alert_budget"]["flags_per_100_treatments"]),
        )
    except (tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise ResponseTimesError(f"response times: {error}") from error


class Urgency(StrEnum):
    """How soon a nurse should look, most urgent first."""

    EMERGENCY = "emergency"
    SAME_DAY = "same_day"
    NEXT_BUSINESS_DAY = "next_business_day"

    @property
    def rank(self) -> int:
        """0 for the most urgent."""
        return list(Urgency).index(self)


class FlagState(StrEnum):
    """Where one flag stands."""

    OPEN = "open"
    CLAIMED = "claimed"
    CONTACTED = "contacted"
    RESOLVED = "resolved"


class FlagOutcome(StrEnum):
    """What a resolved flag turned out to be."""

    EXPECTED_HEALING = "expected_healing"
    IRRITATION = "irritation"
    INFECTION_SUSPECTED = "infection_suspected"
    COLD_SORE = "cold_sore"
    ALLERGY_OR_GRANULOMA = "allergy_or_granuloma"
    BURN = "burn"
    SCAR = "scar"
    BRUISE = "bruise"
    PIGMENT_CHANGE = "pigment_change"
    REFERRED = "referred"
    EMERGENCY = "emergency"
    NOT_REACHED = "not_reached"
    OTHER = "other"


COMPLICATIONS = (
    FlagOutcome.IRRITATION,
    FlagOutcome.INFECTION_SUSPECTED,
    FlagOutcome.COLD_SORE,
    FlagOutcome.ALLERGY_OR_GRANULOMA,
    FlagOutcome.BURN,
    FlagOutcome.SCAR,
    FlagOutcome.BRUISE,
    FlagOutcome.PIGMENT_CHANGE,
    FlagOutcome.REFERRED,
    FlagOutcome.EMERGENCY,
)
"""More than expected healing. A flag closed so was right to be raised; who was not reached, and "other", say
nothing."""


class NurseText(StrEnum):
    """The wordings in which a nurse may text about a flag, by their keys in the catalogue."""

    LOOKED_AT = "seen"
    TRIED_TO_CALL = "tried_to_call"


OFFERED = {
    FlagOutcome.EXPECTED_HEALING: NurseText.LOOKED_AT,
    FlagOutcome.NOT_REACHED: NurseText.TRIED_TO_CALL,
}
"""What is offered to tell the patient when a flag is closed; else a nurse has spoken to them."""

UNDO_WITHIN = timedelta(minutes=1)
"""How long a nurse may take back their last step."""


class FollowUpState(StrEnum):
    """What the patient sees of it."""

    NONE = "none"
    WAITING = "waiting"
    SEEN = "seen"
    CONTACTED = "contacted"
    CLOSED = "closed"


LEGAL_MOVES: dict[FlagState, frozenset[FlagState]] = {
    FlagState.OPEN: frozenset({FlagState.CLAIMED}),
    FlagState.CLAIMED: frozenset({FlagState.OPEN, FlagState.CONTACTED, FlagState.RESOLVED}),
    FlagState.CONTACTED: frozenset({FlagState.OPEN, FlagState.CLAIMED, FlagState.RESOLVED}),
    FlagState.RESOLVED: frozenset({FlagState.OPEN}),
}
"""Every move a flag may make. Back to open is a release, or reopening; from contacted back to claimed, an
emergency that came up since."""

_URGENCY = {
    Level.WATCH: Urgency.NEXT_BUSINESS_DAY,
    Level.ABNORMAL: Urgency.SAME_DAY,
    Level.EMERGENCY: Urgency.EMERGENCY,
}

_FOLLOW_UP = {
    FlagState.OPEN: FollowUpState.WAITING,
    FlagState.CLAIMED: FollowUpState.SEEN,
    FlagState.CONTACTED: FollowUpState.CONTACTED,
    FlagState.RESOLVED: FollowUpState.CLOSED,
}


def urgency_of(level: Level) -> Urgency | None:
    """How soon a report of this level wants a nurse; None when it does not."""
    return _URGENCY.get(level)


def level_of(urgency: Urgency) -> Level:
    """How severe that is which is so urgent."""
    return next(level for level, wanted in _URGENCY.items() if wanted is urgency)


def due_at(urgency: Urgency, *, since: datetime, hours: OpeningHours, times: ResponseTimes) -> datetime:
    """By when a nurse should have looked, in UTC.

    An emergency runs on the clock at any hour, same day in staffed time; next business day is its
    close.
    """
    if urgency is Urgency.EMERGENCY:
        return since + times.emergency
    if urgency is Urgency.SAME_DAY:
        return hours.add_staffed_time(since, times.same_day)
    return hours.next_business_day_close(since)


def is_legal_move(*, now: FlagState, then: FlagState) -> bool:
    """Whether the move is in the table."""
    return then in LEGAL_MOVES[now]


def follow_up_state(state: FlagState) -> FollowUpState:
    """What a patient is told about a flag in this state."""
    return _FOLLOW_UP[state]
