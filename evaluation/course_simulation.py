"""One course followed as the clinic lives it: reports arrive, doubtful entries are asked about, silence is
heard, flags are raised."""

from __future__ import annotations

import bisect
import functools
import heapq
import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from evaluation import cohort
from recovery.domain.clinical import asking, symptoms, thresholds

SILENCE = "silence"
"""The name under which a silence finding is counted beside the rules' own names."""

UNANSWERED_HOURS = 8.0
"""A question of the morning counts as unanswered so much later, as config/protocols/silence.toml has it."""
REMINDED_HOURS = 6.0
"""When one reminder follows, as config/protocols/silence.toml has it."""
TASK_AFTER = 2
"""So many questions running without an answer are a nurse's task, as config/protocols/silence.toml has it."""
EARLY_HOURS = 12.0
"""A report so much before the question answers it as well."""
QUIET_UNTIL, QUIET_FROM = 8.0, 20.0
"""Between these hours of the day texts may leave, as config/messages/schedule.toml has it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """What a judge says of one report. `rules` are the names of what was found, `held` is the level of what
    is asked about first, `about` what the answer leaves open."""

    level: symptoms.Level
    rules: tuple[str, ...] = ()
    ask_again: tuple[symptoms.Symptom, ...] = ()
    held: symptoms.Level = symptoms.Level.EXPECTED
    about: asking.OpenMatter | None = None


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
    """What a missed check-in is a finding for.

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
    ) -> symptoms.Level:
        """`expected` for no finding."""
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
    """What following one course gave. `honest` reports had nothing wrong in them.

    `false_questions` are reports asked about in which none of the entries asked about was a slip,
    `slips_caught` those in which one was and the patient mended it. `texts` are all that left for the
    patient, `tasks` the hours at which two questions running were unanswered.
    """

    raised: tuple[RaisedFlag, ...]
    settled: tuple[symptoms.Observation, ...]
    reports: int
    flagged: int
    honest: int
    honest_asked: int
    asked_more: int = 0
    false_questions: int = 0
    slips_caught: int = 0
    texts: int = 0
    tasks: tuple[float, ...] = ()


def never(
    history: Sequence[symptoms.Observation],
    verdict: Verdict,
    *,
    course: cohort.Course,
    earlier: Sequence[Sequence[symptoms.Observation]],
) -> symptoms.Level:
    """The silence rule of those who have none."""
    return symptoms.Level.EXPECTED


def follow(
    *,
    course: cohort.Course,
    judge: Assessor,
    silence: SilenceRule,
    asks_again: bool = True,
    rule: thresholds.Asking | None = None,
) -> CourseResult:
    """Everything that is flagged in `course`, in the order in which it would be.

    A report is judged when it arrives, on what is known by then; one that comes late re-judges those
    that describe later moments. A question that nobody answered in time is held against `silence`. A report
    raises something when its verdict is `watch` or worse. What an answer leaves open is asked about once
    more as `rule` says.
    """
    earlier = tuple(
        follow(course=past, judge=judge, silence=never, asks_again=asks_again).settled
        for past in course.earlier
    )
    desk = _Desk(course, judge, earlier, asks_again)
    days = _Days(course, desk, silence, rule)
    days.run()
    return CourseResult(
        raised=tuple(desk.raised),
        settled=tuple(desk.known),
        reports=len(desk.known),
        flagged=sum(verdict.level is not symptoms.Level.EXPECTED for verdict in desk.verdicts),
        honest=desk.honest,
        honest_asked=desk.honest_asked,
        asked_more=days.asked_more,
        false_questions=desk.false_questions,
        slips_caught=desk.slips_caught,
        texts=days.texts + desk.texts,
        tasks=tuple(days.tasks),
    )


class _Days:
    """One course in the order of its events: reports arrive, questions stay unanswered, one more is asked."""

    def __init__(
        self, course: cohort.Course, desk: _Desk, silence: SilenceRule, rule: thresholds.Asking | None
    ) -> None:
        self.course = course
        self.desk = desk
        self.silence = silence
        self.rule = rule
        self.plan = tuple(
            hours for day, hours in zip(course.asked_days, course.asked_hours, strict=True) if day
        )
        self.asked_more = 0
        self.texts = 1
        """The first goes out on the evening of the treatment and asks nothing."""
        self.tasks: list[float] = []
        self._unanswered = 0
        self._turn = 0
        self._order = itertools.count()
        self._events: list[tuple[float, int, Callable[[], None]]] = []

    def run(self) -> None:
        for report in sorted(self.course.reports, key=_arrival):
            self._at(report.arrived_hours, functools.partial(self._take, report))
        for day, hours in zip(self.course.asked_days, self.course.asked_hours, strict=True):
            if day:
                closes = _closes(self.course, day=day, asked=hours)
                self._at(hours, self._send)
                if _reminded(self.course, day):
                    self._at(hours + REMINDED_HOURS, functools.partial(self._remind, hours))
                self._at(closes, functools.partial(self._close, hours, closes))
        while self._events:
            _, _, work = heapq.heappop(self._events)
            work()

    def _at(self, hours: float, work: Callable[[], None]) -> None:
        heapq.heappush(self._events, (hours, next(self._order), work))

    def _send(self) -> None:
        self.texts += 1

    def _remind(self, asked: float) -> None:
        if self.desk.last_arrival < asked - EARLY_HOURS:
            self._send()

    def _take(self, report: cohort.CourseReport) -> None:
        self.desk.take(report)
        self._unanswered = 0
        if self.desk.verdicts:
            self._ask_next(self.desk.known[-1].hours, self.desk.verdicts[-1].about, now=report.arrived_hours)

    def _close(self, asked: float, closes: float) -> None:
        if self.desk.last_arrival >= asked - EARLY_HOURS:
            return
        self._unanswered += 1
        if self._unanswered == TASK_AFTER:
            self.tasks.append(closes)
        self.desk.close(closes, self.silence)
        self._ask_next(asked, asking.OpenMatter.UNANSWERED, now=closes)

    def _ask_next(self, since: float, about: asking.OpenMatter | None, *, now: float) -> None:
        self._turn += 1
        if self.desk.raised:
            return
        following = asking.next_question(
            since=since, plan=self.plan, about=about, asked_more=self.asked_more, rule=self.rule
        )
        if following is not None and following.about is not None:
            hours = _allowed(max(following.from_hours, now), treated_at=self.course.treated_at)
            if hours <= following.until_hours + 4:
                self._at(hours, functools.partial(self._ask, self._turn, hours))

    def _ask(self, turn: int, hours: float) -> None:
        if turn != self._turn:
            return
        self.asked_more += 1
        self._send()
        if (report := self.course.answer(hours)) is not None:
            self._at(report.arrived_hours, functools.partial(self._take, report))
        closes = hours + UNANSWERED_HOURS
        self._at(closes, functools.partial(self._close, hours, closes))


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
        self.honest = 0
        self.honest_asked = 0
        self.false_questions = 0
        self.slips_caught = 0
        self.texts = 0
        self.last_arrival = -1.0

    def take(self, report: cohort.CourseReport) -> None:
        place = bisect.bisect_left(self.known, report.first.hours, key=_hours)
        observation = report.first
        verdict = self._judged(observation, place)
        self.honest += report.honest
        if verdict.ask_again and self.asks_again:
            self.honest_asked += report.honest
            slips = report.slips.keys() & set(verdict.ask_again)
            self.false_questions += not slips
            self.slips_caught += bool(slips & report.notices)
            self._answer_text()
            observation = report.answered(verdict.ask_again)
            verdict = self._judged(observation, place)
        self._answer_text()
        self.known.insert(place, observation)
        self.seen.insert(place, report.seen_hours)
        self.verdicts.insert(place, verdict)
        self._raise(place, report.arrived_hours)
        for later in range(place + 1, len(self.known)):
            self.verdicts[later] = self._judged(self.known[later], later)
            self._raise(later, report.arrived_hours)
        self.last_arrival = report.arrived_hours

    def _answer_text(self) -> None:
        """By text every report is answered by one, a question about an entry is one more."""
        patient = self.course.patient
        self.texts += patient is not None and patient.arm.channel is cohort.AnswerChannel.TEXT

    def close(self, closes: float, silence: SilenceRule) -> None:
        if not self.known:
            return
        level = silence(self.known, self.verdicts[-1], course=self.course, earlier=self.earlier)
        if level is not symptoms.Level.EXPECTED:
            self.raised.append(
                RaisedFlag(seen_hours=closes, raised_hours=closes, level=level, rules=(SILENCE,))
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


def _closes(course: cohort.Course, *, day: int, asked: float) -> float:
    """When a planned question counts as unanswered: some hours later, or at the end of its recovery day."""
    if course.patient is not None and course.patient.arm.asked_in_the_morning:
        return asked + UNANSWERED_HOURS
    return (day + 0.5) * cohort.DAY_HOURS


def _reminded(course: cohort.Course, day: int) -> bool:
    return course.patient is not None and day in (course.patient.arm.reminded or ())


def _allowed(hours: float, *, treated_at: float) -> float:
    """The first moment from `hours` on at which a text may leave."""
    clock = (treated_at + hours) % cohort.DAY_HOURS
    if clock < QUIET_UNTIL:
        return hours + QUIET_UNTIL - clock
    return hours + cohort.DAY_HOURS - clock + QUIET_UNTIL if clock >= QUIET_FROM else hours


def _hours(observation: symptoms.Observation) -> float:
    return observation.hours


def _arrival(report: cohort.CourseReport) -> float:
    return report.arrived_hours
