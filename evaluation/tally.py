"""Counting over followed courses: what was flagged, when after onset, in whom, by which rule; flags per 100
treatments."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from evaluation import cohort, course_simulation, ground_truth
from recovery.domain.clinical import symptoms
from recovery.domain.core import confidence_intervals

TIME_TO_SHOW_HOURS = 24.0
"""Complications that begin less than this before the last check-in day are not counted: onsets by day 6
in a follow-up of seven days."""


class CohortGroup(StrEnum):
    """Parts of a cohort that are looked at by themselves."""

    ALL = "all"
    LIGHT = "skin types I-III"
    DARK = "skin types IV-VI"
    UNDER_REPORTERS = "under-reporters"


@dataclass(kw_only=True)
class Detections:
    """How many of `courses` were flagged at or after onset; `delays` in hours from onset, one each."""

    courses: int = 0
    delays: list[float] = field(default_factory=list)

    def add(self, other: Detections) -> None:
        """Count `other` in."""
        self.courses += other.courses
        self.delays.extend(other.delays)

    @property
    def ever(self) -> confidence_intervals.Share:
        """Share of courses flagged at all."""
        return confidence_intervals.Share(hits=len(self.delays), total=self.courses)

    def within(self, hours: float) -> confidence_intervals.Share:
        """Share of courses flagged at most `hours` after onset."""
        return confidence_intervals.Share(
            hits=sum(delay <= hours for delay in self.delays), total=self.courses
        )

    @property
    def median_delay(self) -> float | None:
        """Median hours from onset to the flag, of those flagged; None where none was."""
        return statistics.median(self.delays) if self.delays else None


@dataclass(kw_only=True)
class Tally:
    """Everything counted over courses of one kind. `same_day` is `abnormal` or worse, `any_flag` also
    `watch`; `rules` counts the courses in which a rule spoke at or after onset."""

    same_day: dict[CohortGroup, Detections] = field(default_factory=dict)
    any_flag: dict[CohortGroup, Detections] = field(default_factory=dict)
    rules: Counter[str] = field(default_factory=Counter)
    reports: int = 0
    flagged_reports: int = 0
    honest: int = 0
    honest_asked: int = 0
    courses: int = 0
    asked_more: int = 0
    by_report: int = 0
    """Courses flagged at or after onset by what was reported, and not by silence alone."""
    by_report_same_day: int = 0
    """Of them those in which what was reported was for the same day."""
    false_questions: int = 0
    slips_caught: int = 0
    texts: int = 0
    since_sign: list[float] = field(default_factory=list)
    """Hours from the first sign that a daily answer would show to the flag, of the courses that have both."""
    with_sign: int = 0
    too_late: int = 0
    """Courses that are not counted, as they begin after the last question."""

    def add(self, other: Tally) -> None:
        """Count `other` in."""
        for mine, theirs in ((self.same_day, other.same_day), (self.any_flag, other.any_flag)):
            for group, detections in theirs.items():
                mine.setdefault(group, Detections()).add(detections)
        self.rules.update(other.rules)
        self.reports += other.reports
        self.flagged_reports += other.flagged_reports
        self.honest += other.honest
        self.courses += other.courses
        self.asked_more += other.asked_more
        self.by_report += other.by_report
        self.by_report_same_day += other.by_report_same_day
        self.false_questions += other.false_questions
        self.slips_caught += other.slips_caught
        self.texts += other.texts
        self.since_sign.extend(other.since_sign)
        self.with_sign += other.with_sign
        self.too_late += other.too_late
        self.honest_asked += other.honest_asked

    def count(
        self,
        *,
        course: cohort.Course,
        followed: course_simulation.CourseResult,
        first_sign: float | None = None,
    ) -> None:
        """Count one course in, unless its onset is too late for the follow-up it had."""
        last = max(course.asked_days) * cohort.DAY_HOURS - TIME_TO_SHOW_HOURS
        if course.onset_hours is not None and course.onset_hours > last:
            self.too_late += 1
            return
        onset = course.onset_hours or 0.0
        after = [raised for raised in followed.raised if raised.seen_hours >= onset]
        groups = groups_of(course)
        for kept, least in (
            (self.any_flag, symptoms.Level.WATCH),
            (self.same_day, symptoms.Level.ABNORMAL),
        ):
            when = _moments(after, least=least)
            for group in groups:
                detections = kept.setdefault(group, Detections())
                detections.courses += 1
                if when:
                    detections.delays.append(min(when) - onset)
        self.rules.update({rule for raised in after for rule in raised.rules})
        self.reports += followed.reports
        self.flagged_reports += followed.flagged
        self.honest += followed.honest
        self.courses += 1
        self.asked_more += followed.asked_more
        self.false_questions += followed.false_questions
        self.slips_caught += followed.slips_caught
        self.texts += followed.texts
        told = [raised for raised in after if raised.rules != (course_simulation.SILENCE,)]
        self.by_report += bool(told)
        self.by_report_same_day += bool(_moments(told, least=symptoms.Level.ABNORMAL))
        self.honest_asked += followed.honest_asked
        if first_sign is not None:
            self.with_sign += 1
            self.since_sign += (
                [min(_moments(after, least=symptoms.Level.WATCH)) - first_sign] if after else []
            )

    def within_of_sign(self, hours: float) -> confidence_intervals.Share:
        """Share of all courses flagged at most `hours` after the first sign a daily answer would show."""
        return confidence_intervals.Share(
            hits=sum(delay <= hours for delay in self.since_sign), total=self.courses
        )

    def told_by(self, *, silence: bool, same_day: bool) -> confidence_intervals.Share:
        """Share of courses flagged by what was reported, or by silence alone."""
        reported = self.by_report_same_day if same_day else self.by_report
        every = (self.same_day_in if same_day else self.any_in)(CohortGroup.ALL).ever.hits
        return confidence_intervals.Share(hits=every - reported if silence else reported, total=self.courses)

    @property
    def asked_again(self) -> confidence_intervals.Share:
        """Share of honest reports that were asked about."""
        return confidence_intervals.Share(hits=self.honest_asked, total=self.honest)

    @property
    def report_flags(self) -> confidence_intervals.Share:
        """Share of reports flagged, silence aside."""
        return confidence_intervals.Share(hits=self.flagged_reports, total=self.reports)

    def any_in(self, group: CohortGroup) -> Detections:
        """Flags of any level in one part of the cohort."""
        return self.any_flag.get(group, Detections())

    def same_day_in(self, group: CohortGroup) -> Detections:
        """Same-day flags in one part of the cohort."""
        return self.same_day.get(group, Detections())


def _moments(raised: Iterable[course_simulation.RaisedFlag], *, least: symptoms.Level) -> list[float]:
    return [flag.raised_hours for flag in raised if flag.level.rank >= least.rank]


def groups_of(course: cohort.Course) -> tuple[CohortGroup, ...]:
    """The parts of the cohort a course belongs to."""
    dark = course.facts.skin_type is not None and course.facts.skin_type > 3
    groups = [CohortGroup.ALL, CohortGroup.DARK if dark else CohortGroup.LIGHT]
    if course.under_reporter:
        groups.append(CohortGroup.UNDER_REPORTERS)
    return tuple(groups)


PREVALENCE = {
    ground_truth.CourseKind.INFECTION: 0.002,
    ground_truth.CourseKind.COLD_SORE: 0.005,
    ground_truth.CourseKind.DERMATITIS: 0.02,
    ground_truth.CourseKind.PROLONGED: 0.03,
}
"""Assumed share of treatments with each complication; no source gives them for micro-needling."""


@dataclass(frozen=True, kw_only=True)
class Workload:
    """Flags per 100 treatments at `PREVALENCE`, and the share of them with a complication behind."""

    flags: float
    true_share: float


def workload(shares: dict[ground_truth.CourseKind, float]) -> Workload:
    """What flagged shares by kind mean for a clinic. Raises `KeyError` where a kind is missing."""
    true = sum(share * shares[kind] for kind, share in PREVALENCE.items())
    false = (1 - sum(PREVALENCE.values())) * shares[ground_truth.CourseKind.NORMAL]
    return Workload(flags=100 * (true + false), true_share=true / (true + false) if true + false else 0.0)
