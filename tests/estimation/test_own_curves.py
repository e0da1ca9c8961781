from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest

from estimation import own_curves
from estimation.estimate_settings import EstimateSettings
from estimation.own_curves import LeftOut
from recovery.domain.clinical import protocol as protocols
from recovery.domain.clinical.calibration.answer_interval import ReportedCourse
from recovery.domain.clinical.symptoms import AnswerScale, Area, Device, Observation, Symptom, TreatmentFacts
from recovery.domain.flags.followed_course import CourseEnd, FollowedCourse

Make = Callable[..., list[FollowedCourse]]
REDNESS = (7, 5, 3, 2, 1, 0, 0)
"""On days 1 to 7."""


@pytest.fixture
def courses() -> Make:
    """So many courses alike, with this redness on days 1 to 7."""

    def make(
        count: int,
        *,
        redness: tuple[int, ...] = REDNESS,
        end: CourseEnd = CourseEnd.HEALED,
        area: Area = Area.FACE,
        depth: float = 1.5,
        a_day: int = 1,
        scale: AnswerScale = AnswerScale.NUMBERS,
    ) -> list[FollowedCourse]:
        reports = tuple(
            Observation(hours=day * 24.0 + again, scores={Symptom.REDNESS: score}, scale=scale)
            for day, score in enumerate(redness, start=1)
            for again in range(a_day)
        )
        facts = TreatmentFacts(device=Device.PEN, depth_mm=depth, areas=(area,))
        one = FollowedCourse(course=ReportedCourse(facts=facts, reports=reports), protocol="x", end=end)
        return [one] * count

    return make


def learn(
    followed: list[FollowedCourse], shipped: protocols.Protocol, settings: EstimateSettings
) -> own_curves.OwnCurves:
    return own_curves.learn(followed, shipped=shipped, settings=settings.curves)


def test_only_what_was_reported_is_learnt(
    courses: Make, shipped: protocols.Protocol, settings: EstimateSettings
) -> None:
    own = learn(courses(300), shipped, settings)
    (row,) = own.rows
    assert (row.curve, row.symptom, row.courses, row.reports) == ("reference", Symptom.REDNESS, 300, 2100)
    assert (own.courses, own.reports, own.curves) == (300, 2100, ("reference",))
    old = shipped.curves.curves[-1].bands[Symptom.REDNESS]
    assert row.bands[0] == old[0], "nobody reported on the evening of the treatment"
    assert row.bands[1].p50 > old[1].p50 + 2


@pytest.mark.parametrize("end", [CourseEnd.COMPLICATION, CourseEnd.UNKNOWN])
def test_only_courses_that_healed_teach(
    courses: Make, shipped: protocols.Protocol, settings: EstimateSettings, end: CourseEnd
) -> None:
    calm = courses(200, redness=(3, 1, 1, 0, 0, 0, 0))
    alone, beside = (
        learn([*calm, *more], shipped, settings) for more in ([], courses(200, redness=(10,) * 7, end=end))
    )
    assert beside.rows == alone.rows
    assert sum(beside.left_out.values()) == 200


def test_an_area_with_a_factor_of_its_own_teaches_nothing(
    courses: Make, shipped: protocols.Protocol, settings: EstimateSettings
) -> None:
    own = learn(courses(50, area=Area.NECK), shipped, settings)
    assert (own.rows, own.left_out) == ((), {LeftOut.MODIFIED: 50})


def test_few_courses_change_nothing(
    courses: Make, shipped: protocols.Protocol, settings: EstimateSettings
) -> None:
    assert learn(courses(settings.curves.least_courses - 1), shipped, settings).rows == ()
    assert len(learn(courses(settings.curves.least_courses), shipped, settings).rows) == 1


def test_each_curve_learns_from_its_own_treatments(
    courses: Make, shipped: protocols.Protocol, settings: EstimateSettings
) -> None:
    own = learn([*courses(100), *courses(100, depth=0.5), *courses(5, depth=2.5)], shipped, settings)
    assert own.curves == ("shallow", "reference")
    assert own.courses == 200


def test_the_shipped_curve_counts_as_so_many_courses(
    courses: Make, shipped: protocols.Protocol, settings: EstimateSettings
) -> None:
    old = shipped.curves.curves[-1].bands[Symptom.REDNESS][1].p50
    tops = [learn(courses(count), shipped, settings).rows[0].bands[1].p50 for count in (20, 100, 2000)]
    assert old <= tops[0] < tops[1] < tops[2]
    assert tops[0] - old < 1.1


def test_who_reports_often_counts_once_a_day(
    courses: Make, shipped: protocols.Protocol, settings: EstimateSettings
) -> None:
    once, often = (learn(courses(60, a_day=many), shipped, settings) for many in (1, 5))
    assert once.rows == often.rows


def test_no_band_is_widened_beyond_the_cap_or_out_of_order(
    courses: Make, shipped: protocols.Protocol, settings: EstimateSettings
) -> None:
    (row,) = learn(courses(2000, redness=(10,) * 7), shipped, settings).rows
    for new, old in zip(row.bands, shipped.curves.curves[-1].bands[Symptom.REDNESS], strict=True):
        assert new.p50 <= new.p90 <= new.p97_5 <= min(old.p97_5 * settings.curves.widest + 0.05, 10)


def test_a_bound_is_a_whole_number_where_that_is_what_is_answered(
    courses: Make, shipped: protocols.Protocol, settings: EstimateSettings
) -> None:
    """With 2 answered by most, none of them is above the band, however little short of 2 they feel."""
    alike = dataclasses.replace(settings.curves, weight=1)
    own = own_curves.learn(courses(500, redness=(2,) * 7), shipped=shipped, settings=alike)
    assert own.rows[0].bands[2].p97_5 >= own.rows[0].bands[2].p90 >= 2


def test_an_answer_in_words_teaches_its_range(
    courses: Make, shipped: protocols.Protocol, settings: EstimateSettings
) -> None:
    """Whoever sends 6 in words may feel as much as 7; who writes 6 does not."""
    tops = {
        scale: learn(courses(500, redness=(6,) * 7, scale=scale), shipped, settings).rows[0].bands[1].p97_5
        for scale in AnswerScale
    }
    assert tops[AnswerScale.WORDS] > tops[AnswerScale.NUMBERS]
