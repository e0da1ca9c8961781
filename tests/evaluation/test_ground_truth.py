from __future__ import annotations

import random
import statistics

import pytest

from evaluation import ground_truth
from evaluation.ground_truth import CourseKind
from recovery.domain.clinical import symptoms

Area = symptoms.Area


def facts(
    depth: float | None, *areas: Area, device: symptoms.Device = symptoms.Device.PEN
) -> symptoms.TreatmentFacts:
    return symptoms.TreatmentFacts(device=device, depth_mm=depth, areas=areas or (Area.FACE,))


@pytest.mark.parametrize(
    ("treatment", "time", "level"),
    [
        (facts(0.5), 0.7, 0.8),
        (facts(0.3), 0.7, 0.8),
        (facts(0.75), 0.85, 0.9),
        (facts(1.0), 1.0, 1.0),
        (facts(1.5), 1.0, 1.0),
        (facts(1.75), 1.175, 1.05),
        (facts(2.0), 1.35, 1.1),
        (facts(2.5), 1.35, 1.1),
        (facts(2.75), 1.475, 1.125),
        (facts(3.0), 1.6, 1.15),
        (facts(5.0), 1.6, 1.15),
        (facts(None), 1.0, 1.0),
        (facts(None, device=symptoms.Device.RF), 1.4, 1.15),
        (facts(2.75, device=symptoms.Device.RF), 1.54, 1.17),
        (facts(3.5, device=symptoms.Device.RF), 1.68, 1.19),
        (facts(1.5, Area.SCALP), 1.0, 1.0),
        (facts(0.5, device=symptoms.Device.ROLLER), 0.7, 0.8),
        (facts(0.5, device=symptoms.Device.RF), 1.4, 1.15),
        (facts(1.5, Area.NECK), 1.2, 1.0),
        (facts(1.5, Area.NECK, Area.FACE), 1.0, 1.0),
        (facts(1.5, Area.EYE_AREA), 1.0, 1.0),
        (facts(2.0, Area.HANDS), 1.35 * 1.2, 1.1),
    ],
)
def test_depth_and_device_and_area_stretch_and_raise_a_course(
    treatment: symptoms.TreatmentFacts, time: float, level: float
) -> None:
    assert ground_truth.treatment_factors(treatment) == pytest.approx((time, level))


@pytest.mark.parametrize(
    ("kind", "first", "last"),
    [
        (CourseKind.INFECTION, 1.5, 4.5),
        (CourseKind.COLD_SORE, 2.5, 7.0),
        (CourseKind.DERMATITIS, 0.8, 5.0),
        (CourseKind.PIGMENT, 7.0, 28.0),
        (CourseKind.BURN, 0.0, 0.25),
        (CourseKind.URTICARIA, 0.1, 2.0),
        (CourseKind.FOLLICULITIS, 1.5, 5.0),
        (CourseKind.GRANULOMA, 10.0, 40.0),
        (CourseKind.MYCOBACTERIA, 14.0, 35.0),
    ],
)
def test_a_complication_begins_within_its_days_and_all_over_them(
    kind: CourseKind, first: float, last: float
) -> None:
    rng = random.Random(3)
    onsets = [onset for _ in range(2_000) if (onset := ground_truth.draw_onset(rng, kind)) is not None]
    assert len(onsets) == 2_000
    assert first <= min(onsets) < first + 0.15 * (last - first)
    assert last - 0.15 * (last - first) < max(onsets) <= last


def test_a_normal_course_has_no_onset_and_a_lasting_redness_one_day_for_all() -> None:
    rng = random.Random(3)
    assert ground_truth.draw_onset(rng, CourseKind.NORMAL) is None
    days = {ground_truth.draw_onset(rng, CourseKind.PROLONGED) for _ in range(20)}
    assert days == {ground_truth.PROLONGED_FROM_DAY}


def test_people_are_dark_and_under_report_as_often_as_assumed() -> None:
    rng = random.Random(3)
    people = [ground_truth.draw_person(rng, under_reporters=0.25) for _ in range(8_000)]
    dark = [person.skin_type > 3 for person in people]
    assert statistics.fmean(dark) == pytest.approx(ground_truth.DARK_SHARE, abs=0.02)
    assert statistics.fmean(person.under_reporter for person in people) == pytest.approx(0.25, abs=0.02)
    assert {person.skin_type for person in people} == {1, 2, 3, 4, 5, 6}
    for factor in ("reactivity", "speed"):
        drawn = [getattr(person, factor) for person in people]
        assert statistics.fmean(drawn) == pytest.approx(0, abs=0.05)
        assert statistics.stdev(drawn) == pytest.approx(1, abs=0.05)
    assert statistics.median(person.scale for person in people) == pytest.approx(1, abs=0.02)


@pytest.mark.parametrize(("share", "expected"), [(0.0, False), (1.0, True)])
def test_nobody_or_everybody_under_reports_where_it_is_said(share: float, expected: bool) -> None:
    rng = random.Random(3)
    people = [ground_truth.draw_person(rng, under_reporters=share) for _ in range(50)]
    assert {person.under_reporter for person in people} == {expected}


def test_what_is_felt_is_every_symptom_in_its_order_and_pinpoint_bleeding() -> None:
    assert [item.symptom for item in ground_truth.ITEMS] == [*symptoms.Symptom, None]
    assert all(0 < item.share <= 1 and item.time > 0 for item in ground_truth.ITEMS)


def test_every_kind_of_course_says_what_it_adds_and_only_a_normal_one_and_a_lasting_one_add_nothing() -> None:
    assert set(ground_truth.ILLNESSES) == set(CourseKind)
    silent = {kind for kind, illness in ground_truth.ILLNESSES.items() if illness == ground_truth.Illness()}
    assert silent == {CourseKind.NORMAL, CourseKind.PROLONGED}
    for illness in ground_truth.ILLNESSES.values():
        assert all(rise.size > 0 for rise in illness.rises)
        assert all(0 < sign.share <= 1 and sign.after >= 0 for sign in illness.signs)
