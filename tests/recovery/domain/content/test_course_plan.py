"""Which version holds when, as text and back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from recovery.domain.content import course_plan
from recovery.domain.content.course_plan import CoursePlan, CourseStep, PlanError

NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)
PLAN = CoursePlan(
    steps=[
        CourseStep(version="standard-1", since=None),
        CourseStep(version="own 1", since=NOON),
        CourseStep(version="own-2", since=NOON + timedelta(days=1)),
    ]
)


def test_each_version_holds_from_its_moment_on() -> None:
    moments = {
        NOON - timedelta(days=900): "standard-1",
        NOON - timedelta(seconds=1): "standard-1",
        NOON: "own 1",
        NOON + timedelta(hours=23): "own 1",
        NOON + timedelta(days=30): "own-2",
    }
    assert {at: PLAN.version_at(at) for at in moments} == moments


def test_of_two_at_one_moment_the_later_listed_holds() -> None:
    both = [CourseStep(version="a", since=None), CourseStep(version="b", since=NOON)]
    assert CoursePlan(steps=[*both, CourseStep(version="c", since=NOON)]).version_at(NOON) == "c"


def test_a_plan_is_read_as_it_was_written_and_written_alike_in_every_zone() -> None:
    assert course_plan.parse(course_plan.dump(PLAN)) == PLAN
    elsewhere = NOON.astimezone(timezone(timedelta(hours=5)))
    first = CourseStep(version="a", since=None)
    one, other = (
        course_plan.dump(CoursePlan(steps=[first, CourseStep(version="b", since=since)]))
        for since in (NOON, elsewhere)
    )
    assert one == other


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '[{"version": "a"}]',
        '[{"version": "a", "since": "soon"}]',
        '[{"version": "a", "since": "2027-03-01T12:00:00+00:00"}]',
    ],
)
def test_what_is_no_plan_is_refused(text: str) -> None:
    with pytest.raises(PlanError):
        course_plan.parse(text)
