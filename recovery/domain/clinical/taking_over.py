"""Two treatments at once, the rule: from when on a later one takes a course over, and what is still asked of
that course.

A course that is *taken over* is judged by its warning signs alone, marks included. Its scores, and what it
does not answer, say nothing of it any more.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from recovery.domain.clinical import symptoms

SAME_VISIT_HOURS = 12.0
"""Treatments closer together belong to one visit: neither takes the other over."""

MARKS_FROM_DAY = 14
"""From this day on check-ins ask for marks, which a later treatment does not make: they go on."""


MARKS = (symptoms.WarningSign.PATCHES, symptoms.WarningSign.BUMPS, symptoms.WarningSign.LINES)
"""What they ask for by name: colour, lumps and texture."""


def is_later_visit(performed_at: datetime, then: datetime) -> bool:
    """Whether a treatment of the moment `then` takes over one of the moment `performed_at`."""
    return symptoms.hours_between(performed_at, then) >= SAME_VISIT_HOURS


def taken_over_at(performed_at: datetime, others: Iterable[datetime]) -> datetime | None:
    """When the first of the same patient's other treatments took over, None where none did."""
    return min((then for then in others if is_later_visit(performed_at, then)), default=None)


def is_taken_over(treatment: symptoms.TreatmentFacts, *, hours: float) -> bool:
    """Whether what was seen so many hours after this treatment is a later one's."""
    return treatment.taken_over_hours is not None and hours >= treatment.taken_over_hours


def own_part(
    seen: Iterable[symptoms.Observation], treatment: symptoms.TreatmentFacts
) -> tuple[symptoms.Observation, ...]:
    """What was seen before a later treatment took over, in the order given: only that tells of it."""
    return tuple(one for one in seen if not is_taken_over(treatment, hours=one.hours))


def still_asks(*, day: int | None, due_at: datetime, taken_over: datetime | None) -> bool:
    """Whether a check-in about this recovery day, due at `due_at`, is asked of a course that was taken over
    at `taken_over`: those of before are, and those for marks."""
    return taken_over is None or due_at < taken_over or (day is not None and day >= MARKS_FROM_DAY)
