"""When a patient is asked next, in hours: by the plan, or once more where an answer, or none, leaves a matter
open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from recovery.domain.clinical import symptoms, thresholds


class OpenMatter(StrEnum):
    """What an answer, or none, leaves open, the most pressing first."""

    FINDING = "finding"
    DOUBT = "doubt"
    RISE = "rise"
    UNCLEAR = "unclear"
    UNANSWERED = "unanswered"


@dataclass(frozen=True, kw_only=True)
class NextQuestion:
    """The next question, in hours since the treatment: `from_hours` on and useful until `until_hours`.

    `about` says why it is asked beside the plan, None where the plan asks.
    """

    from_hours: float
    until_hours: float
    about: OpenMatter | None = None


def next_question(
    *,
    since: float,
    plan: Sequence[float],
    about: OpenMatter | None,
    asked_more: int,
    rule: thresholds.Asking | None,
) -> NextQuestion | None:
    """The question that follows the moment `since` (hours) of the last answer, or of a question without one.

    `plan` are the hours of the planned questions, `asked_more` how many were asked beside it so far. None
    when nothing more is to be asked.
    """
    planned = min((hours for hours in plan if hours > since), default=None)
    if rule is not None and about is not None and asked_more < rule.most:
        soon = planned is not None and planned <= since + rule.most_hours + rule.slack_hours
        last = symptoms.recovery_day(since + rule.most_hours) <= rule.until_day
        if last and not soon:
            return NextQuestion(
                from_hours=since + rule.least_hours, until_hours=since + rule.most_hours, about=about
            )
    return None if planned is None else NextQuestion(from_hours=planned, until_hours=planned)
