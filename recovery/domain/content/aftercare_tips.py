"""Aftercare by recovery day, read from the words of one language: what to avoid, the day's tip, or what
stands in for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from recovery.domain.core import toml_reader
from recovery.domain.flags.flag_lifecycle import FollowUpState
from recovery.domain.messaging import sms_segments
from recovery.domain.messaging.sms_segments import Encoding
from recovery.domain.treatments import avoidance_rules
from recovery.domain.treatments.avoidance_rules import AvoidItem

LAST_DAY = 28
LONGEST_IN_TEXT = 74
"""Septets that a tip may take in a text: the place {tip} has this limit."""


class InsteadOfTips(StrEnum):
    """Why a day's tip gives way: where the nurses' work stands, or skin that was told to be open."""

    WAITING = "waiting"
    OVERDUE = "overdue"
    SEEN = "seen"
    CONTACTED = "contacted"
    OPEN_SKIN = "open_skin"


class TipsError(ValueError):
    """The text is not a course of tips; the message begins with the line."""


@dataclass(frozen=True, kw_only=True)
class Tip:
    """What helps from one recovery day on; `in_a_text` says it shorter, within a text."""

    day: int
    title: str
    text: str
    in_a_text: str

    def begins_at(self, performed_at: datetime) -> datetime:
        """When its recovery day begins: 12 hours before so many times 24, day 0 with the treatment."""
        return performed_at + timedelta(hours=max(24 * self.day - 12, 0))


@dataclass(frozen=True, kw_only=True)
class Aftercare:
    """The words of one language: what to avoid, the tips by day, and what stands in for them."""

    language: str
    avoid: Mapping[AvoidItem, str]
    instead: Mapping[InsteadOfTips, str]
    tips: tuple[Tip, ...]


def parse(text: str) -> Aftercare:
    """Aftercare from TOML. Raises `TipsError` where words are missing or days do not rise from 0."""
    try:
        file = toml_reader.parse_toml(text)
        named, instead = file.table("avoid"), file.table("instead")
        words = Aftercare(
            language=file.text("language"),
            avoid={what: named.text(what.value) for what in avoidance_rules.AvoidItem},
            instead={why: instead.text(why.value) for why in InsteadOfTips},
            tips=tuple(_tip(entry) for entry in file.tables("tips")),
        )
        named.finish()
        instead.finish()
        file.finish()
    except toml_reader.TomlError as error:
        raise TipsError(str(error)) from error
    days = [tip.day for tip in words.tips]
    if days != sorted(set(days)) or not days or days[0] != 0:
        raise TipsError("line 1: tips are in order of their days, each once, from day 0 on")
    return words


def tip_on_day(care: Aftercare, day: int) -> Tip:
    """The tip of a recovery day, or of the last day before it that has one."""
    return next((tip for tip in reversed(care.tips) if tip.day <= day), care.tips[0])


def instead_of_tips(*, state: FollowUpState, overdue: bool, held: bool) -> InsteadOfTips | None:
    """What stands in for the tips of a recovery whose follow-up is in this state; None where they hold."""
    if state is FollowUpState.WAITING:
        return InsteadOfTips.OVERDUE if overdue else InsteadOfTips.WAITING
    if state in (FollowUpState.SEEN, FollowUpState.CONTACTED):
        return InsteadOfTips(state.value)
    return InsteadOfTips.OPEN_SKIN if held else None


def _tip(table: toml_reader.TomlTable) -> Tip:
    tip = Tip(
        day=table.whole("day", most=LAST_DAY),
        title=table.text("title"),
        text=table.text("text"),
        in_a_text=table.text("in_a_text"),
    )
    measured = sms_segments.count_segments(tip.in_a_text)
    if measured.encoding is not Encoding.GSM7 or measured.units > LONGEST_IN_TEXT:
        raise table.error(f"at most {LONGEST_IN_TEXT} septets of GSM-7", key="in_a_text")
    table.finish()
    return tip
