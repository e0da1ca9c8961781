"""Who judges simulated courses: the engine of `recovery.domain`, two naive rules beside it, and the rule of
silence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from evaluation import cohort, course_simulation
from recovery.domain.clinical import assessment, protocol, symptoms
from recovery.domain.review import silence

CORE = (symptoms.Symptom.REDNESS, symptoms.Symptom.SWELLING, symptoms.Symptom.PAIN)
"""The scores that may alarm by themselves."""


@dataclass(frozen=True, kw_only=True)
class Engine:
    """The rules of `recovery.domain` under one protocol."""

    rules: protocol.Protocol

    def __call__(
        self,
        observation: symptoms.Observation,
        *,
        history: Sequence[symptoms.Observation],
        course: cohort.Course,
        earlier: Sequence[Sequence[symptoms.Observation]],
    ) -> course_simulation.Verdict:
        """What the engine says once the ten minutes of doubt are over."""
        judged = assessment.assess(
            observation,
            history=history,
            treatment=course.facts,
            protocol=self.rules,
            earlier=_past(course, earlier),
        )
        return course_simulation.Verdict(
            level=judged.level,
            rules=tuple(finding.rule.value for finding in judged.findings),
            ask_again=judged.ask_again,
            held=max((finding.level for finding in judged.held), key=_rank, default=symptoms.Level.EXPECTED),
            about=judged.open_matter,
        )


@dataclass(frozen=True, kw_only=True)
class FixedBound:
    """A naive rule: any warning sign, or `bound` or more on a score that may alarm, after day 0."""

    bound: int = 5

    def __call__(
        self,
        observation: symptoms.Observation,
        *,
        history: Sequence[symptoms.Observation],
        course: cohort.Course,
        earlier: Sequence[Sequence[symptoms.Observation]],
    ) -> course_simulation.Verdict:
        """A same-day flag or nothing; asks nothing again."""
        above = symptoms.recovery_day(observation.hours) > 0 and any(
            observation.scores.get(symptom, 0) >= self.bound for symptom in CORE
        )
        return _flag("fixed", above or bool(observation.warning_signs))


@dataclass(frozen=True, kw_only=True)
class AbovePercentile:
    """A naive rule: any warning sign, or any score above the protocol's 97.5th percentile of that day."""

    rules: protocol.Protocol

    def __call__(
        self,
        observation: symptoms.Observation,
        *,
        history: Sequence[symptoms.Observation],
        course: cohort.Course,
        earlier: Sequence[Sequence[symptoms.Observation]],
    ) -> course_simulation.Verdict:
        """A same-day flag or nothing; asks nothing again."""
        hours = symptoms.recovery_day(observation.hours) * cohort.DAY_HOURS
        above = bool(observation.warning_signs) or any(
            band is not None and score > band.p97_5
            for symptom, score in observation.scores.items()
            for band in (self.rules.band(course.facts, symptom=symptom, hours=hours),)
        )
        return _flag("above", above)


def _flag(name: str, flagged: bool) -> course_simulation.Verdict:
    if not flagged:
        return course_simulation.Verdict(level=symptoms.Level.EXPECTED)
    return course_simulation.Verdict(level=symptoms.Level.ABNORMAL, rules=(name,))


@dataclass(frozen=True, kw_only=True)
class SilenceAfterWorry:
    """A missed check-in is a finding after a `watch` or worse, or after scores were rising; what was to be
    asked about first stands as it is."""

    rules: protocol.Protocol

    def __call__(
        self,
        history: Sequence[symptoms.Observation],
        verdict: course_simulation.Verdict,
        *,
        course: cohort.Course,
        earlier: Sequence[Sequence[symptoms.Observation]],
    ) -> symptoms.Level:
        """See `course_simulation.SilenceRule`."""
        rising = assessment.scores_are_rising(
            history[-1],
            history=history[:-1],
            treatment=course.facts,
            protocol=self.rules,
            earlier=_past(course, earlier),
        )
        return silence.level_of_silence(
            last=verdict.level,
            held=verdict.held,
            rising=rising,
            flag_open=False,
            rule=self.rules.rules.silence,
        )


def _rank(level: symptoms.Level) -> int:
    return level.rank


def _past(
    course: cohort.Course, earlier: Sequence[Sequence[symptoms.Observation]]
) -> tuple[assessment.PastCourse, ...]:
    return tuple(
        assessment.PastCourse(treatment=past.facts, observations=tuple(reports))
        for past, reports in zip(course.earlier, earlier, strict=True)
    )
