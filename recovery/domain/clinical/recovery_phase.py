"""Which phase of a recovery its patient is told: waiting for a nurse, with one, first week, later checks,
after them."""

from __future__ import annotations

from enum import StrEnum

FIRST_WEEK = 7
LAST_ASKED = 56


class RecoveryPhase(StrEnum):
    """`waiting` while nobody has taken up the flag, `with_nurse` from then until it is closed; else the first
    week, the later checks, and after them."""

    WAITING = "waiting"
    WITH_NURSE = "with_nurse"
    RECOVERING = "recovering"
    LATER_CHECKS = "later_checks"
    ENDED = "ended"


def phase_on_day(*, day: int, waiting: bool, with_nurse: bool) -> RecoveryPhase:
    """The phase on a recovery day. None of them says that all is clear."""
    if waiting:
        return RecoveryPhase.WAITING
    if with_nurse:
        return RecoveryPhase.WITH_NURSE
    if day <= FIRST_WEEK:
        return RecoveryPhase.RECOVERING
    return RecoveryPhase.LATER_CHECKS if day <= LAST_ASKED else RecoveryPhase.ENDED
