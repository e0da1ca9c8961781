"""What follows when a patient who was asked does not answer.

One reminder the same day on the first days, then a nurse's task, then a last text, then quiet. Four causes
are told apart: the text was not delivered; the patient opted out; the link was opened but nothing sent;
nothing at all. Silence after something that wanted a nurse is itself a same-day finding.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from recovery.domain.clinical.bands import BandTable
from recovery.domain.clinical.symptoms import Level, Observation, Symptom
from recovery.domain.core import toml_lines
from recovery.domain.messaging.delivery import MessageState

ALARMING = (Symptom.REDNESS, Symptom.SWELLING, Symptom.PAIN)
"""The symptoms whose rise before a silence counts."""


class SilenceError(ValueError):
    """The ladder cannot be read; the message begins with the line."""


@dataclass(frozen=True, kw_only=True)
class Ladder:
    """The steps and their moments, from when the check-in was due; `rise` in points."""

    remind_after: timedelta
    remind_on_days: frozenset[int]
    unanswered_after: timedelta
    task_after: int
    last_after: int
    quiet_through_day: int
    rise: float

    def first_look(self, *, day: int, asked_at: datetime, until: datetime) -> datetime:
        """When the check-in of this day is looked at first; `until` is how long it may be answered for."""
        wait = self.remind_after if day in self.remind_on_days else self.unanswered_after
        return min(asked_at + wait, until)

    def last_look(self, *, asked_at: datetime, until: datetime) -> datetime:
        """When it counts as unanswered."""
        return min(asked_at + self.unanswered_after, until)


class Reason(StrEnum):
    """Why nothing was heard, as far as it can be told."""

    NOT_DELIVERED = "not_delivered"
    OPTED_OUT = "opted_out"
    OPENED = "opened"
    NOTHING = "nothing"


class Step(StrEnum):
    """What to do."""

    FINDING = "finding"
    REMIND = "remind"
    TASK = "task"
    LAST_TEXT = "last_text"
    UNDELIVERABLE_TASK = "undeliverable_task"
    OPTED_OUT_TASK = "opted_out_task"


@dataclass(frozen=True, kw_only=True)
class Known:
    """All that decides about one check-in at one moment.

    `asked` is where its text stands; `missed` how many check-ins running, this one included, have no
    answer; `told` that this silence already was a finding; `day` the recovery day it asks about.
    """

    day: int
    asked: MessageState
    answered: bool
    opted_out: bool
    opened: bool
    missed: int
    last_level: Level | None
    rising: bool
    flag_open: bool
    told: bool
    final: bool


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What to do, and why nothing was heard; without a reason nobody was silent."""

    reason: Reason | None
    steps: tuple[Step, ...] = ()


_NOT_ASKED = frozenset({MessageState.PLANNED, MessageState.EXPIRED})
_NOT_CARRIED = frozenset({MessageState.UNDELIVERED, MessageState.FAILED, MessageState.QUARANTINED})


def decide(known: Known, ladder: Ladder) -> Decision:
    """What one look at one check-in leads to.

    Who was not asked is not silent: a text that was never due, or that found no consent, leads to nothing.
    """
    if known.answered or (not known.opted_out and known.asked in _NOT_ASKED | {MessageState.CANCELLED}):
        return Decision(reason=None)
    reason = _reason(known)
    steps: list[Step] = []
    if known.final and not known.told and _wants_a_nurse(known):
        steps.append(Step.FINDING)
    if reason is Reason.OPTED_OUT:
        steps.append(Step.OPTED_OUT_TASK)
    elif reason is Reason.NOT_DELIVERED:
        steps.append(Step.UNDELIVERABLE_TASK)
    elif not known.final:
        steps.append(Step.REMIND)
    elif known.day <= ladder.quiet_through_day:
        # Once a silence: a nurse who has closed the task is not asked again each day.
        if known.missed == ladder.task_after:
            steps.append(Step.TASK)
        # With a flag open check-ins continue: a nurse waits for them.
        if known.missed >= ladder.last_after and not known.flag_open and Step.FINDING not in steps:
            steps.append(Step.LAST_TEXT)
    return Decision(reason=reason, steps=tuple(steps))


def rising(observations: Sequence[Observation], *, table: BandTable, ladder: Ladder) -> bool:
    """Whether between the last two reports an alarming score rose to above p90; in order of hours."""
    scored = [one for one in observations if one.scores]
    if len(scored) < 2:
        return False
    before, last = scored[-2:]
    for symptom in ALARMING:
        earlier, now = before.scores.get(symptom), last.scores.get(symptom)
        band = table.at(symptom=symptom, hours=last.hours)
        if earlier is None or now is None or band is None:
            continue
        if now - earlier >= ladder.rise and now > band.p90:
            return True
    return False


def parse(text: str) -> Ladder:
    """Read the ladder. Raises SilenceError naming the line."""
    try:
        return _read(toml_lines.read(text))
    except toml_lines.TomlError as error:
        raise SilenceError(str(error)) from error


def _read(file: toml_lines.Table) -> Ladder:
    remind, unanswered = (
        file.number("remind_after_hours", most=24),
        file.number("unanswered_after_hours", most=24),
    )
    task, last = file.whole("task_after", least=1, most=9), file.whole("last_after", least=1, most=9)
    if unanswered <= remind:
        raise file.error("comes before the reminder", key="unanswered_after_hours")
    if last <= task:
        raise file.error("comes before the task", key="last_after")
    ladder = Ladder(
        remind_after=timedelta(hours=remind),
        remind_on_days=frozenset(int(day) for day in file.numbers("remind_on_days", least=1, most=9)),
        unanswered_after=timedelta(hours=unanswered),
        task_after=task,
        last_after=last,
        quiet_through_day=file.whole("quiet_through_day", least=1, most=60),
        rise=file.number("rise", least=1, most=10),
    )
    file.finish()
    return ladder


def _reason(known: Known) -> Reason:
    if known.opted_out:
        return Reason.OPTED_OUT
    if known.asked in _NOT_CARRIED:
        return Reason.NOT_DELIVERED
    return Reason.OPENED if known.opened else Reason.NOTHING


def _wants_a_nurse(known: Known) -> bool:
    worse = known.last_level is not None and known.last_level is not Level.EXPECTED
    return worse or known.rising or known.flag_open
