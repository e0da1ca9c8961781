"""Where a recovery stands, as its patient is told."""

from __future__ import annotations

from enum import StrEnum

FIRST_WEEK = 7
LAST_ASKED = 28


class RecoveryPhase(StrEnum):
    """`with_nurse` while a flag is not resolved; else the first week, the later checks, and after them."""

    WITH_NURSE = "with_nurse"
    RECOVERING = "recovering"
    LATER_CHECKS = "later_checks"
    ENDED = "ended"


def phase_on_day(*, day: int, with_nurse: bool) -> RecoveryPhase:
    """The phase on a recovery day. None of them says that all is clear."""
    if with_nurse:
        return RecoveryPhase.WITH_NURSE
    if day <= FIRST_WEEK:
        return RecoveryPhase.RECOVERING
    return RecoveryPhase.LATER_CHECKS if day <= LAST_ASKED else RecoveryPhase.ENDED
