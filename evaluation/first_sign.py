"""The first moment at which a complication could be told from a complete daily answer, for the delay of
rules."""

from __future__ import annotations

from collections.abc import Iterator

from evaluation import cohort, course_simulation, ground_truth
from recovery.domain.clinical import symptoms


def hours(course: cohort.Course, *, judge: course_simulation.Assessor) -> float | None:
    """The first daily moment at or after onset, in hours since the treatment, at which a complete answer in
    numbers without noise or slips, every sign that shows ticked, would be flagged or asked about.

    None for a normal course and where no such answer up to the last check-in would be.
    """
    if course.onset_hours is None:
        return None
    earlier = tuple(tuple(_answers(past)) for past in course.earlier)
    history: list[symptoms.Observation] = []
    for answer in _answers(course):
        if answer.hours >= course.onset_hours:
            verdict = judge(answer, history=history, course=course, earlier=earlier)
            if verdict.ask_again or {verdict.level, verdict.held} != {symptoms.Level.EXPECTED}:
                return answer.hours
        history.append(answer)
    return None


def _answers(course: cohort.Course) -> Iterator[symptoms.Observation]:
    """One a day, when the questions of the schedule that ships leave, from day 1 on."""
    if course.patient is None:
        return
    skin = course.patient.skin
    for day in range(1, max(course.asked_days) + 1):
        moment = day + (cohort.ASKED_AT - course.treated_at) / cohort.DAY_HOURS
        felt = zip(ground_truth.ITEMS, skin.felt(moment), strict=True)
        yield symptoms.Observation(
            hours=moment * cohort.DAY_HOURS,
            scores={
                item.symptom: min(round(level), symptoms.MAX_SCORE) if level >= skin.world.felt_from else 0
                for item, level in felt
                if item.symptom is not None
            },
            warning_signs=frozenset(skin.shown(moment)),
        )
