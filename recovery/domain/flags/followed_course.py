"""How a course ended, as far as its flags and complications tell, and so what may be learnt from it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from recovery.domain.clinical import symptoms
from recovery.domain.clinical.calibration.answer_interval import ReportedCourse
from recovery.domain.clinical.protocol import CHECK_IN_DAYS
from recovery.domain.flags.flag_lifecycle import COMPLICATIONS, FlagOutcome

LATE_DAY, LAST_DAY = CHECK_IN_DAYS[-2:]
"""The two late check-ins, at which a complication would have been told of."""


class CourseEnd(StrEnum):
    """How a course ended, as far as is known."""

    HEALED = "healed"
    COMPLICATION = "complication"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True)
class FollowedCourse:
    """One treatment with its reports, the version it was held to, and how it ended."""

    course: ReportedCourse
    protocol: str
    end: CourseEnd


def course_end(
    course: ReportedCourse, *, outcomes: Collection[FlagOutcome | None], hours_passed: float
) -> CourseEnd:
    """How a course ended. `outcomes` are what its flags were closed as, None for one that is not closed, and
    the complications that became known without a flag.

    It healed where every flag was closed as expected healing, or there was none and the patient answered on
    day 14 or later. A patient of whom nothing more was heard may have gone elsewhere, and a sign without a
    flag was looked at by nobody. Before day 28 has passed no end is known but a complication.
    """
    if any(outcome in COMPLICATIONS for outcome in outcomes):
        return CourseEnd.COMPLICATION
    told = any(seen.warning_signs for seen in course.reports)
    last = max((seen.hours for seen in course.reports), default=0.0)
    closed = all(outcome is FlagOutcome.EXPECTED_HEALING for outcome in outcomes)
    heard = bool(outcomes) or (symptoms.recovery_day(last) >= LATE_DAY and not told)
    over = symptoms.recovery_day(hours_passed) > LAST_DAY
    return CourseEnd.HEALED if closed and heard and over else CourseEnd.UNKNOWN
