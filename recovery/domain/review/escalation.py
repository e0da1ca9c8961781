"""Who hears of a flag past its due time, and after how long, the rule: the holder, the on-call number, the
manager."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from recovery.domain.clinic.opening_hours import OpeningHours
from recovery.domain.flags.flag_lifecycle import FlagState, ResponseTimesError, Urgency


class EscalationStep(StrEnum):
    """Who is told, in this order, each once for an urgency."""

    HOLDER = "holder"
    ON_CALL = "on_call"
    MANAGER = "manager"


OVERDUE = frozenset({FlagState.OPEN, FlagState.CLAIMED})
"""A flag whose patient was reached is answered, however late."""


@dataclass(frozen=True, kw_only=True)
class EscalationSchedule:
    """How long after a flag's due time each step comes: an emergency's on the clock, others' staffed."""

    after: Mapping[Urgency, Mapping[EscalationStep, timedelta]]

    def step_due_at(
        self,
        step: EscalationStep,
        *,
        urgency: Urgency,
        due_at: datetime,
        hours: OpeningHours | None,
        taken: bool,
    ) -> datetime:
        """When the step comes. An emergency that nobody has taken by its due time goes to everybody then.

        Without readable opening hours a step comes on the clock: early beats never.
        """
        if urgency is Urgency.EMERGENCY and not taken:
            return due_at
        wait = self.after[urgency][step]
        if urgency is Urgency.EMERGENCY or hours is None or not wait:
            return due_at + wait
        return hours.add_staffed_time(due_at, wait)


def next_step(done: EscalationStep | None) -> EscalationStep | None:
    """The step after the one that was taken last; None after the last."""
    steps = list(EscalationStep)
    place = 0 if done is None else steps.index(done) + 1
    return steps[place] if place < len(steps) else None


def parse(text: str) -> EscalationSchedule:
    """Read `[escalation.URGENCY]` with `holder_minutes`, `on_call_minutes`, `manager_minutes`, in this order.

    Raises ResponseTimesError naming the entry that is missing, no number, or earlier than the one before.
    """
    try:
        data = tomllib.loads(text)["escalation"]
        return EscalationSchedule(
            after={urgency: _steps(urgency, data[urgency.value]) for urgency in Urgency}
        )
    except (tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise ResponseTimesError(f"escalation: {error}") from error


def _steps(urgency: Urgency, entry: Mapping[str, object]) -> Mapping[EscalationStep, timedelta]:
    waits: dict[EscalationStep, timedelta] = {}
    for step in EscalationStep:
        minutes = entry[f"{step.value}_minutes"]
        if not isinstance(minutes, int) or isinstance(minutes, bool) or minutes < 0:
            raise ResponseTimesError(f"escalation: {urgency}: {step} is a whole number of minutes")
        waits[step] = timedelta(minutes=minutes)
    if list(waits.values()) != sorted(waits.values()):
        raise ResponseTimesError(f"escalation: {urgency}: a step comes before the one above it")
    return waits
