from __future__ import annotations

import pytest

from evaluation import cohort, first_simulation, ground_truth
from recovery.domain.clinical import symptoms
from recovery.domain.core import confidence_intervals

REDNESS_SHARES = [(100, 95), (97, 54), (79, 14), (52, 3), (29, 1), (15, 0), (8, 0), (4, 0)]
SWELLING_SHARES = [(99, 65), (93, 31), (60, 4), (26, 0), (9, 0), (3, 0), (1, 0), (0, 0)]


@pytest.mark.parametrize("kind", list(first_simulation.PUBLISHED))
def test_the_two_naive_rules_flag_what_they_flagged_in_the_first_simulation(
    kind: ground_truth.CourseKind,
) -> None:
    # 6,000 courses: 1.5 points for the reading, and as much again as half a 95 % interval is wide.
    result = first_simulation.reproduce(kind=kind, count=6_000, seed=11)
    for share, published in zip((result.fixed, result.above), first_simulation.PUBLISHED[kind], strict=True):
        low, high = share.interval
        assert abs(100 * share.value - published) <= 1.5 + 100 * (high - low) / 2


@pytest.mark.parametrize(
    ("symptom", "published"),
    [(symptoms.Symptom.REDNESS, REDNESS_SHARES), (symptoms.Symptom.SWELLING, SWELLING_SHARES)],
)
def test_reference_healers_fade_as_in_the_first_simulation(
    symptom: symptoms.Symptom, published: list[tuple[int, int]]
) -> None:
    # The shares were given for reference healers: skin types I-III, nobody under-reporting, no typing errors.
    arm = cohort.Arm(compliance=1.0, typo_rate=0.0, stray_rate=0.0, under_reporters=0.0)
    courses = [
        course
        for course in cohort.generate(kind=ground_truth.CourseKind.NORMAL, count=9_000, seed=5, arm=arm)
        if (course.facts.skin_type or 0) <= 3
    ]
    for day, wanted in enumerate(published):
        scores = [course.reports[day].first.scores[symptom] for course in courses]
        for bound, percent in zip((1, 3), wanted, strict=True):
            share = confidence_intervals.Share(
                hits=sum(score >= bound for score in scores), total=len(scores)
            )
            assert 100 * share.value == pytest.approx(percent, abs=2.0), (day, bound)


def test_reference_healers_stand_at_the_percentiles_that_the_first_simulation_gave() -> None:
    # A whole-number percentile lies where the share above it is at most 2.5 % and the share at or above it
    # at least that; 0.8 points for the sample of about 5,850.
    arm = cohort.Arm(compliance=1.0, typo_rate=0.0, stray_rate=0.0, under_reporters=0.0)
    courses = [
        course
        for course in cohort.generate(kind=ground_truth.CourseKind.NORMAL, count=9_000, seed=8, arm=arm)
        if (course.facts.skin_type or 0) <= 3
    ]
    for (item, day), bound in first_simulation.bounds().items():
        reports = [course.reports[day] for course in courses]
        scores = (
            [report.pinpoint_bleeding for report in reports]
            if item == first_simulation.PINPOINT_BLEEDING
            else [report.first.scores[symptoms.Symptom(item)] for report in reports]
        )
        assert sum(score > bound for score in scores) / len(scores) <= 0.033, (item, day)
        assert sum(score >= bound for score in scores) / len(scores) >= 0.017, (item, day)
