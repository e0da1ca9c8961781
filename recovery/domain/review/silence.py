"""What follows when a patient who was asked does not answer, the rule: remind, task, last text or nothing, by
cause; its level.

One reminder the same day on the first days, then a nurse's task, then a last text, then quiet. Four causes
are told apart: the text was not delivered; the patient opted out; the link was opened but nothing sent;
nothing at all. Silence after something that wanted a nurse is itself a finding, as the protocol says.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from recovery.domain.clinical import thresholds
from recovery.domain.clinical.symptoms import Level
from recovery.domain.core import toml_reader
from recovery.domain.messaging.text_lifecycle import MessageState


class SilenceError(ValueError):
    """The ladder cannot be read; the message begins with the line."""


@dataclass(frozen=True, kw_only=True)
class SilenceSchedule:
    """The steps and their moments, from when the check-in was due."""

    remind_after: timedelta
    remind_on_days: frozenset[int]
    unanswered_after: timedelta
    task_after: int
    last_after: int
    quiet_through_day: int

    def first_check_at(self, *, day: int, asked_at: datetime, until: datetime) -> datetime:
        """When the check-in of this day is looked at first; `until` is how long it may be answered for."""
        wait = self.remind_after if day in self.remind_on_days else self.unanswered_after
        return min(asked_at + wait, until)

    def unanswered_at(self, *, asked_at: datetime, until: datetime) -> datetime:
        """When it counts as unanswered."""
        return min(asked_at + self.unanswered_after, until)


class SilenceCause(StrEnum):
    """Why nothing was heard, as far as it can be told."""

    NOT_DELIVERED = "not_delivered"
    OPTED_OUT = "opted_out"
    OPENED = "opened"
    NOTHING = "nothing"


class SilenceAction(StrEnum):
    """What to do."""

    FINDING = "finding"
    REMIND = "remind"
    TASK = "task"
    LAST_TEXT = "last_text"
    UNDELIVERABLE_TASK = "undeliverable_task"
    OPTED_OUT_TASK = "opted_out_task"


@dataclass(frozen=True, kw_only=True)
class SilenceFacts:
    """All that decides about one check-in at one moment.

    `asked` is where its text stands; `missed` how many check-ins running, this one included, have no
    answer; `finding` what no answer is a finding for (`level_of_silence`), `already_found` that this silence
    was one; `day` the recovery day it asks about.
    """

    day: int
    check_in_state: MessageState
    answered: bool
    opted_out: bool
    opened: bool
    missed_count: int
    finding: Level
    flag_open: bool
    already_found: bool
    time_is_up: bool


@dataclass(frozen=True, kw_only=True)
class SilenceDecision:
    """What to do, and why nothing was heard; without a reason nobody was silent."""

    reason: SilenceCause | None
    steps: tuple[SilenceAction, ...] = ()


_NOT_ASKED = frozenset({MessageState.PLANNED, MessageState.EXPIRED})
_NOT_CARRIED = frozenset({MessageState.UNDELIVERED, MessageState.FAILED, MessageState.QUARANTINED})


def decide(facts: SilenceFacts, ladder: SilenceSchedule) -> SilenceDecision:
    """Decide what one check of an unanswered check-in leads to.

    A patient who was not asked is not silent: a text that was never due, or that found no consent, leads
    to nothing.
    """
    if facts.answered or (
        not facts.opted_out and facts.check_in_state in _NOT_ASKED | {MessageState.CANCELLED}
    ):
        return SilenceDecision(reason=None)
    reason = _reason(facts)
    steps: list[SilenceAction] = []
    if facts.time_is_up and not facts.already_found and facts.finding is not Level.EXPECTED:
        steps.append(SilenceAction.FINDING)
    if reason is SilenceCause.OPTED_OUT:
        steps.append(SilenceAction.OPTED_OUT_TASK)
    elif reason is SilenceCause.NOT_DELIVERED:
        steps.append(SilenceAction.UNDELIVERABLE_TASK)
    elif not facts.time_is_up:
        steps.append(SilenceAction.REMIND)
    elif facts.day <= ladder.quiet_through_day:
        # Once a silence: a nurse who has closed the task is not asked again each day.
        if facts.missed_count == ladder.task_after:
            steps.append(SilenceAction.TASK)
        # With a flag open check-ins continue: a nurse waits for them.
        if (
            facts.missed_count >= ladder.last_after
            and not facts.flag_open
            and SilenceAction.FINDING not in steps
        ):
            steps.append(SilenceAction.LAST_TEXT)
    return SilenceDecision(reason=reason, steps=tuple(steps))


def level_of_silence(
    *, last: Level, held: Level, rising: bool, flag_open: bool, rule: thresholds.Silence
) -> Level:
    """What no answer is a finding for, `expected` for none.

    `last` is the level of the last report and `held` that of what it was to be asked about first, which
    silence lets stand; `rising` whether its scores rose (`assessment.scores_are_rising`).
    """
    if last is not Level.EXPECTED or rising or flag_open:
        return rule.level
    return held


def parse(text: str) -> SilenceSchedule:
    """Read the ladder. Raises SilenceError naming the line."""
    try:
        return _read(toml_reader.parse_toml(text))
    except toml_reader.TomlError as error:
        raise SilenceError(str(error)) from error


def _read(file: toml_reader.TomlTable) -> SilenceSchedule:
    remind, unanswered = (
        file.number("remind_after_hours", most=24),
        file.number("unanswered_after_hours", most=24),
    )
    task, last = file.whole("task_after", least=1, most=9), file.whole("last_after", least=1, most=9)
    if unanswered <= remind:
        raise file.error("comes before the reminder", key="unanswered_after_hours")
    if last <= task:
        raise file.error("comes before the task", key="last_after")
    ladder = SilenceSchedule(
        remind_after=timedelta(hours=remind),
        remind_on_days=frozenset(int(day) for day in file.numbers("remind_on_days", least=1, most=9)),
        unanswered_after=timedelta(hours=unanswered),
        task_after=task,
        last_after=last,
        quiet_through_day=file.whole("quiet_through_day", least=1, most=60),
    )
    file.finish()
    return ladder


def _reason(facts: SilenceFacts) -> SilenceCause:
    if facts.opted_out:
        return SilenceCause.OPTED_OUT
    if facts.check_in_state in _NOT_CARRIED:
        return SilenceCause.NOT_DELIVERED
    return SilenceCause.OPENED if facts.opened else SilenceCause.NOTHING
