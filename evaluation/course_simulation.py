"""One course as the clinic lives it: reports arrive, doubtful entries are asked about, silence is heard."""

from __future__ import annotations

import bisect
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from evaluation import cohort
from recovery.domain.clinical import symptoms

SILENCE = "silence"
"""The name under which a silence finding is counted beside the rules' own names."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """What a judge says of one report. `rules` are the names of what was found."""

    level: symptoms.Level
    rules: tuple[str, ...] = ()
    ask_again: tuple[symptoms.Symptom, ...] = ()


class Assessor(Protocol):
    """Whatever holds a report against what is expected.

    `history` are the reports of the course with earlier hours, in that order and as they stand after
    the confirm step; `earlier` the settled reports of the same person's earlier courses.
    """

    def __call__(
        self,
        observation: symptoms.Observation,
        *,
        history: Sequence[symptoms.Observation],
        course: cohort.Course,
        earlier: Sequence[Sequence[symptoms.Observation]],
    ) -> Verdict:
        """The verdict on `observation` as if nothing in it were under question any more."""
        ...


class SilenceRule(Protocol):
    """Whether a missed check-in is a same-day finding.

    `history` are the reports so far in order of hours, `verdict` is on the last of them; `course` and
    `earlier` are what an `Assessor` gets.
    """

    def __call__(
        self,
        history: Sequence[symptoms.Observation],
        verdict: Verdict,
        *,
        course: cohort.Course,
        earlier: Sequence[Sequence[symptoms.Observation]],
    ) -> bool:
        """True for a finding."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class RaisedFlag:
    """A flag: `seen_hours` is the moment it speaks of, `raised_hours` when the clinic had it."""

    seen_hours: float
    raised_hours: float
    level: symptoms.Level
    rules: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class CourseResult:
    """What following one course gave. `honest` reports had nothing wrong in them."""

    raised: tuple[RaisedFlag, ...]
    settled: tuple[symptoms.Observation, ...]
    reports: int
    flagged: int
    honest: int
    honest_asked: int


def never(
    history: Sequence[symptoms.Observation],
    verdict: Verdict,
    *,
    course: cohort.Course,
    earlier: Sequence[Sequence[symptoms.Observation]],
) -> bool:
    """The silence rule of those who have none."""
    return False


def follow(
    *, course: cohort.Course, judge: Assessor, silence: SilenceRule, asks_again: bool = True
) -> CourseResult:
    """Everything that is flagged in `course`, in the order in which it would be.

    A report is judged when it arrives, on what is known by then; one that comes late re-judges those
    that describe later moments. A check-in that nobody answered by the end of its day is held against
    `silence`. A report raises something when its verdict is `watch` or worse.
    """
    earlier = tuple(
        follow(course=past, judge=judge, silence=never, asks_again=asks_again).settled
        for past in course.earlier
    )
    desk = _Desk(course, judge, earlier, asks_again)
    waiting = sorted(course.reports, key=_arrival)
    place = 0
    for closes in sorted(_closings(course)):
        while place < len(waiting) and waiting[place].arrived_hours <= closes:
            desk.take(waiting[place])
            place += 1
        desk.close(closes, silence)
    for report in waiting[place:]:
        desk.take(report)
    return CourseResult(
        raised=tuple(desk.raised),
        settled=tuple(desk.known),
        reports=len(course.reports),
        flagged=sum(verdict.level is not symptoms.Level.EXPECTED for verdict in desk.verdicts),
        honest=sum(report.honest for report in course.reports),
        honest_asked=desk.honest_asked,
    )


class _Desk:
    """What the clinic knows of one course by now, in order of hours."""

    def __init__(
        self,
        course: cohort.Course,
        judge: Assessor,
        earlier: tuple[tuple[symptoms.Observation, ...], ...],
        asks_again: bool,
    ) -> None:
        self.course = course
        self.judge = judge
        self.earlier = earlier
        self.asks_again = asks_again
        self.known: list[symptoms.Observation] = []
        self.seen: list[float] = []
        self.verdicts: list[Verdict] = []
        self.raised: list[RaisedFlag] = []
        self.honest_asked = 0
        self.last_arrival = -1.0

    def take(self, report: cohort.CourseReport) -> None:
        place = bisect.bisect_left(self.known, report.first.hours, key=_hours)
        observation = report.first
        verdict = self._judged(observation, place)
        if verdict.ask_again and self.asks_again:
            self.honest_asked += report.honest
            observation = report.answered(verdict.ask_again)
            verdict = self._judged(observation, place)
        self.known.insert(place, observation)
        self.seen.insert(place, report.seen_hours)
        self.verdicts.insert(place, verdict)
        self._raise(place, report.arrived_hours)
        for later in range(place + 1, len(self.known)):
            self.verdicts[later] = self._judged(self.known[later], later)
            self._raise(later, report.arrived_hours)
        self.last_arrival = report.arrived_hours

    def close(self, closes: float, silence: SilenceRule) -> None:
        if not self.known or self.last_arrival > closes - cohort.DAY_HOURS:
            return
        if silence(self.known, self.verdicts[-1], course=self.course, earlier=self.earlier):
            self.raised.append(
                RaisedFlag(
                    seen_hours=closes,
                    raised_hours=closes,
                    level=symptoms.Level.ABNORMAL,
                    rules=(SILENCE,),
                )
            )

    def _judged(self, observation: symptoms.Observation, place: int) -> Verdict:
        return self.judge(observation, history=self.known[:place], course=self.course, earlier=self.earlier)

    def _raise(self, place: int, when: float) -> None:
        verdict = self.verdicts[place]
        if verdict.level is not symptoms.Level.EXPECTED:
            self.raised.append(
                RaisedFlag(
                    seen_hours=self.seen[place],
                    raised_hours=when,
                    level=verdict.level,
                    rules=verdict.rules,
                )
            )


def _closings(course: cohort.Course) -> list[float]:
    """When each check-in after day 0 counts as missed: at the end of its recovery day."""
    return [(day + 0.5) * cohort.DAY_HOURS for day in course.asked_days if day >= 1]


def _hours(observation: symptoms.Observation) -> float:
    return observation.hours


def _arrival(report: cohort.CourseReport) -> float:
    return report.arrived_hours
