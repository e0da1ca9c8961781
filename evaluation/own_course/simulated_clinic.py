"""A simulated clinic's courses as its database would have them: judged, burnt or lost ones too, and what
nurses closed each as."""

from __future__ import annotations

import dataclasses
import random
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from evaluation import cohort, course_simulation, ground_truth, judges, skin_model, tally
from recovery.domain.clinical import protocol as protocols
from recovery.domain.clinical import symptoms
from recovery.domain.clinical.calibration.answer_interval import ReportedCourse
from recovery.domain.flags.flag_lifecycle import FlagOutcome
from recovery.domain.flags.followed_course import FollowedCourse, course_end

DAYS = (*cohort.REFERENCE.days, 14, 28)
PASSED_HOURS = 60 * cohort.DAY_HOURS
CLOSED_AS = {
    ground_truth.CourseKind.NORMAL: FlagOutcome.EXPECTED_HEALING,
    ground_truth.CourseKind.INFECTION: FlagOutcome.INFECTION_SUSPECTED,
    ground_truth.CourseKind.COLD_SORE: FlagOutcome.COLD_SORE,
    ground_truth.CourseKind.DERMATITIS: FlagOutcome.IRRITATION,
    ground_truth.CourseKind.PROLONGED: FlagOutcome.IRRITATION,
}
BURN = {symptoms.Symptom.REDNESS: 4, symptoms.Symptom.SWELLING: 2, symptoms.Symptom.PAIN: 4}
"""What a burn adds to the scores of its first days."""
BURN_UNTIL_DAY = 5
GONE_AFTER_DAY = 2
"""The last day on which somebody answers who goes elsewhere with a burn."""


@dataclass(frozen=True, kw_only=True)
class ClinicPlan:
    """What a clinic is like: the `world` its patients' skin lives in, the share of courses reported in
    `words`, and the share of treatments that burn. Half of the burnt are flagged and closed as burns; the
    other half were never flagged and never answered again."""

    treatments: int
    world: ground_truth.World = ground_truth.FIRST_SIMULATION
    words: float = 0.5
    burns: float = 0.0
    seed: int = 1


def simulate(plan: ClinicPlan, *, protocol: protocols.Protocol) -> list[FollowedCourse]:
    """The clinic's courses, judged by a protocol; complications as common as `tally.PREVALENCE` says."""
    rng = random.Random(f"clinic/{plan.seed}")
    arm = dataclasses.replace(cohort.REFERENCE, name="clinic", days=DAYS, world=plan.world)
    numbers: Counter[ground_truth.CourseKind] = Counter()
    courses = []
    for _ in range(plan.treatments):
        kind = _kind(rng)
        (course,) = cohort.generate(kind=kind, count=1, seed=plan.seed, first=numbers[kind], arm=arm)
        numbers[kind] += 1
        words = rng.random() < plan.words
        if rng.random() < plan.burns:
            courses.append(_burnt(course, protocol, words=words, told=rng.random() < 0.5))
        else:
            courses.append(_followed(_stored(course, words=words), protocol))
    return courses


def true_centiles(
    *, world: ground_truth.World, day: float, people: int, seed: int
) -> dict[symptoms.Symptom, tuple[float, ...]]:
    """The p50, p90 and p97.5 of what people would put down at a day, if it could be any number."""
    rng = random.Random(f"truth/{seed}")
    felt: dict[symptoms.Symptom, list[float]] = {}
    for _ in range(people):
        person = ground_truth.draw_person(rng, under_reporters=cohort.REFERENCE.under_reporters)
        facts = dataclasses.replace(cohort.REFERENCE_TREATMENT, skin_type=person.skin_type)
        skin = skin_model.draw(
            rng, kind=ground_truth.CourseKind.NORMAL, person=person, facts=facts, world=world
        )
        for item, level in zip(ground_truth.ITEMS, skin.felt(day), strict=True):
            if item.symptom is not None:
                noise = rng.gauss(0.0, ground_truth.NOISE * world.noise)
                felt.setdefault(item.symptom, []).append(level + noise if level >= world.felt_from else 0.0)
    return {
        symptom: tuple(
            min(max(sorted(levels)[int(share * people)], 0.0), float(symptoms.MAX_SCORE))
            for share in (0.5, 0.9, 0.975)
        )
        for symptom, levels in felt.items()
    }


def _kind(rng: random.Random) -> ground_truth.CourseKind:
    drawn = rng.random()
    for kind, share in tally.PREVALENCE.items():
        drawn -= share
        if drawn < 0:
            return kind
    return ground_truth.CourseKind.NORMAL


def _stored(course: cohort.Course, *, words: bool) -> cohort.Course:
    """The course with its scores as they are stored where they were chosen in words."""
    if not words:
        return course
    return dataclasses.replace(
        course,
        reports=tuple(
            dataclasses.replace(
                report,
                first=_in_words(report.first),
                slips=_worded(report.slips),
            )
            for report in course.reports
        ),
    )


def _in_words(seen: symptoms.Observation) -> symptoms.Observation:
    return dataclasses.replace(seen, scores=_worded(seen.scores), scale=symptoms.AnswerScale.WORDS)


def _worded(scores: Mapping[symptoms.Symptom, int]) -> dict[symptoms.Symptom, int]:
    return {symptom: ground_truth.answer_to(score) for symptom, score in scores.items()}


def _followed(course: cohort.Course, protocol: protocols.Protocol) -> FollowedCourse:
    result = course_simulation.follow(
        course=course,
        judge=judges.Engine(rules=protocol),
        silence=judges.SilenceAfterWorry(rules=protocol),
    )
    reported = ReportedCourse(
        facts=course.facts,
        reports=tuple(result.settled),
    )
    outcomes = [CLOSED_AS[course.kind]] if result.raised else []
    return _ended(reported, outcomes, protocol)


def _burnt(course: cohort.Course, protocol: protocols.Protocol, *, words: bool, told: bool) -> FollowedCourse:
    """The course of a burn: `told` with its sign and closed by a nurse, or never flagged and nothing more
    heard."""
    seen = tuple(_burnt_reports(course, told=told))
    reported = ReportedCourse(
        facts=course.facts, reports=tuple(_in_words(each) for each in seen) if words else seen
    )
    return _ended(reported, [FlagOutcome.BURN] if told else [], protocol)


def _burnt_reports(course: cohort.Course, *, told: bool) -> Iterator[symptoms.Observation]:
    for report in course.reports:
        day = symptoms.recovery_day(report.first.hours)
        if not told and day > GONE_AFTER_DAY:
            return
        more = BURN if day <= BURN_UNTIL_DAY else {}
        yield dataclasses.replace(
            report.first,
            scores={
                symptom: min(score + more.get(symptom, 0), symptoms.MAX_SCORE)
                for symptom, score in report.first.scores.items()
            },
            warning_signs=frozenset({symptoms.WarningSign.BURN_MARKS}) if told and more else frozenset(),
        )


def _ended(
    reported: ReportedCourse, outcomes: list[FlagOutcome], protocol: protocols.Protocol
) -> FollowedCourse:
    end = course_end(reported, outcomes=outcomes, hours_passed=PASSED_HOURS)
    return FollowedCourse(course=reported, protocol=protocol.version, end=end)
