from __future__ import annotations

import dataclasses
import functools
import statistics
from collections.abc import Sequence

import pytest

from evaluation import arms, cohort, ground_truth
from evaluation.patients import answering
from recovery.domain.clinical import protocol, symptoms

CLEAN = cohort.Arm(compliance=1.0, typo_rate=0.0, stray_rate=0.0)
REDNESS = symptoms.Symptom.REDNESS


@functools.lru_cache(maxsize=4)
def courses(
    count: int,
    *,
    kind: ground_truth.CourseKind = ground_truth.CourseKind.NORMAL,
    arm: cohort.Arm = cohort.REFERENCE,
    seed: int = 4,
) -> Sequence[cohort.Course]:
    """The same cohort is drawn once for several questions."""
    return tuple(cohort.generate(kind=kind, count=count, seed=seed, arm=arm))


def mean_redness(
    arm: cohort.Arm, *, day: int, kind: ground_truth.CourseKind = ground_truth.CourseKind.NORMAL
) -> float:
    return statistics.fmean(
        course.reports[day].first.scores[REDNESS] for course in courses(1_500, arm=arm, kind=kind)
    )


def test_a_cohort_in_pieces_is_the_same_cohort() -> None:
    whole = courses(30)
    pieces = [
        course
        for first in (0, 10, 20)
        for course in cohort.generate(kind=ground_truth.CourseKind.NORMAL, count=10, seed=4, first=first)
    ]
    assert tuple(pieces) == whole
    assert whole != courses(30, seed=5)


def test_answers_fall_by_two_points_a_day_and_by_a_tenth_once_ill() -> None:
    def answered(kind: ground_truth.CourseKind, day: int) -> float:
        return statistics.fmean(
            any(symptoms.recovery_day(report.first.hours) == day for report in course.reports)
            for course in courses(4_000, kind=kind)
        )

    assert answered(ground_truth.CourseKind.NORMAL, 0) == pytest.approx(0.85, abs=0.02)
    assert answered(ground_truth.CourseKind.NORMAL, 7) == pytest.approx(0.71, abs=0.025)
    assert answered(ground_truth.CourseKind.INFECTION, 7) == pytest.approx(0.71 * 0.9, abs=0.025)


def test_one_entry_in_a_hundred_is_mistyped_and_nine_slips_in_ten_are_noticed() -> None:
    reports = [report for course in courses(3_000) for report in course.reports]
    entries = sum(len(report.first.scores) for report in reports)
    slips = sum(len(report.slips) for report in reports)
    noticed = sum(len(report.notices) for report in reports)
    assert slips / entries == pytest.approx(0.01, abs=0.002)
    assert noticed / slips == pytest.approx(0.9, abs=0.03)


def test_asking_mends_what_was_noticed_and_confirms_the_rest() -> None:
    arm = dataclasses.replace(cohort.REFERENCE, gives_in=0.0)
    report = next(report for course in courses(200, arm=arm) for report in course.reports if report.notices)
    slip = next(iter(report.notices))
    other = next(symptom for symptom in report.first.scores if symptom not in report.slips)
    mended = report.answered([slip, other])
    assert mended.scores[slip] == report.slips[slip] != report.first.scores[slip]
    assert mended.scores[other] == report.first.scores[other]
    assert mended.confirmed == {slip, other}
    assert report.answered([]) == report.first


def test_a_slip_that_nobody_asked_about_stays() -> None:
    report = next(report for course in courses(200) for report in course.reports if report.slips)
    slip = next(iter(report.slips))
    other = next(symptom for symptom in report.first.scores if symptom not in report.slips)
    assert report.answered([other]).scores[slip] == report.first.scores[slip]


def test_healthy_skin_shows_a_sign_only_by_a_stray_tick() -> None:
    reports = [
        report
        for course in courses(4_000, arm=dataclasses.replace(cohort.REFERENCE, stray_rate=0.02))
        for report in course.reports
    ]
    ticked = [report for report in reports if report.first.warning_signs]
    assert all(report.first.warning_signs == {report.stray} and not report.honest for report in ticked)
    assert len(ticked) / len(reports) == pytest.approx(0.02, abs=0.003)


@pytest.mark.parametrize(
    ("kind", "earliest", "latest"),
    [
        (ground_truth.CourseKind.INFECTION, 1.5, 4.5),
        (ground_truth.CourseKind.COLD_SORE, 2.5, 7.0),
        (ground_truth.CourseKind.DERMATITIS, 0.8, 5.0),
        (ground_truth.CourseKind.PROLONGED, 3.0, 3.0),
        (ground_truth.CourseKind.PIGMENT, 7.0, 28.0),
        (ground_truth.CourseKind.BURN, 0.0, 0.25),
        (ground_truth.CourseKind.MYCOBACTERIA, 14.0, 35.0),
    ],
)
def test_a_complication_begins_in_its_window_and_shows_no_sign_before(
    kind: ground_truth.CourseKind, earliest: float, latest: float
) -> None:
    found = courses(400, kind=kind, arm=dataclasses.replace(arms.LATE[0], stray_rate=0.0))
    onsets = [course.onset_hours / 24 for course in found if course.onset_hours is not None]
    assert len(onsets) == len(found)
    assert min(onsets) >= earliest
    assert max(onsets) <= latest
    for course in found:
        for report in course.reports:
            assert not report.first.warning_signs or report.seen_hours >= (course.onset_hours or 0)


def test_an_infection_adds_to_redness_every_day_and_sudden_ones_at_once() -> None:
    straight = mean_redness(CLEAN, day=7, kind=ground_truth.CourseKind.INFECTION)
    assert (
        straight
        > mean_redness(CLEAN, day=5, kind=ground_truth.CourseKind.INFECTION)
        > mean_redness(CLEAN, day=5) + 2
    )
    sudden = dataclasses.replace(CLEAN, world=ground_truth.World(onset_power=0.5))
    slow = dataclasses.replace(CLEAN, world=ground_truth.World(onset_power=1.7))
    day_4 = [
        mean_redness(arm, day=4, kind=ground_truth.CourseKind.INFECTION) for arm in (slow, CLEAN, sudden)
    ]
    assert day_4 == sorted(day_4)


def test_depth_device_and_world_change_how_much_and_how_long() -> None:
    reference = mean_redness(CLEAN, day=2)
    for milder in (
        dataclasses.replace(CLEAN, treatments=(arms.SHALLOW,)),
        dataclasses.replace(CLEAN, world=ground_truth.World(level=0.7)),
    ):
        assert mean_redness(milder, day=2) < 0.8 * reference
    for stronger in (
        dataclasses.replace(CLEAN, treatments=(arms.DEEP,)),
        dataclasses.replace(CLEAN, treatments=(arms.RADIO_FREQUENCY,)),
        dataclasses.replace(CLEAN, world=ground_truth.World(level=1.3)),
        dataclasses.replace(CLEAN, world=ground_truth.World(time=1.3)),
    ):
        assert mean_redness(stronger, day=2) > 1.2 * reference


def test_ones_are_put_down_where_nothing_is_felt() -> None:
    plain = cohort.Arm(compliance=1.0)
    floor = cohort.Arm(compliance=1.0, world=ground_truth.World(felt_from=0.0))
    assert mean_redness(plain, day=7) < 0.15
    assert 0.15 < mean_redness(floor, day=7) < 0.5


def test_a_long_tail_heals_faster_at_first_and_slower_at_last() -> None:
    tail = dataclasses.replace(CLEAN, world=ground_truth.World(healing_power=0.8))
    assert mean_redness(tail, day=1) < mean_redness(CLEAN, day=1)
    assert mean_redness(tail, day=6) > mean_redness(CLEAN, day=6)


def test_redness_counts_seven_tenths_on_dark_skin_and_under_reporters_score_low() -> None:
    found = courses(6_000, arm=CLEAN)

    def day_1(dark: bool, under: bool) -> float:
        return statistics.fmean(
            course.reports[1].first.scores[REDNESS]
            for course in found
            if ((course.facts.skin_type or 0) > 3) is dark and course.under_reporter is under
        )

    assert day_1(True, False) / day_1(False, False) == pytest.approx(0.7, abs=0.03)
    assert day_1(False, True) / day_1(False, False) == pytest.approx(0.55, abs=0.04)
    dark = statistics.fmean((course.facts.skin_type or 0) > 3 for course in found)
    assert dark == pytest.approx(0.35, abs=0.02)


def test_a_text_asks_four_scores_and_carries_one_word() -> None:
    found = courses(300, kind=ground_truth.CourseKind.INFECTION, arm=arms.TEXT)
    reports = [report for course in found for report in course.reports]
    assert {symptom for report in reports for symptom in report.first.scores} == cohort.TEXT_SYMPTOMS
    signs = {sign for report in reports for sign in report.first.warning_signs}
    assert signs == {symptoms.WarningSign.WORRIED}
    assert {symptoms.recovery_day(report.first.hours) for report in reports} == {1, 2, 3, 4, 5, 6, 7}


def test_late_duplicate_skipping_and_wrong_moment_reports_come_at_their_rates() -> None:
    arm = cohort.Arm(
        compliance=1.0, late_rate=0.1, duplicate_rate=0.05, wrong_moment_rate=0.04, skip_rate=0.3
    )
    reports = [report for course in courses(2_500, arm=arm) for report in course.reports]
    late = [report for report in reports if report.arrived_hours > report.seen_hours]
    wrong = [report for report in reports if report.first.hours != report.seen_hours]
    skipped = [report for report in reports if set(report.first.scores) == set(symptoms.REQUIRED)]
    assert len(reports) / (2_500 * 8) == pytest.approx(1.05, abs=0.005)
    assert len(late) / len(reports) == pytest.approx(0.1, abs=0.01)
    assert len(wrong) / len(reports) == pytest.approx(0.04, abs=0.006)
    assert len(skipped) / len(reports) == pytest.approx(0.3, abs=0.015)
    assert all(0 <= report.first.hours < report.seen_hours for report in wrong)
    assert all(3 <= report.arrived_hours - report.seen_hours <= 30 for report in late)


def test_earlier_sessions_are_the_same_persons_and_react_alike() -> None:
    found = courses(1_500, arm=dataclasses.replace(CLEAN, earlier_sessions=2))
    assert all([past.facts.session_number for past in course.earlier] == [1, 2] for course in found)
    assert all(course.facts.session_number == 3 for course in found)
    assert all(past.facts.skin_type == course.facts.skin_type for course in found for past in course.earlier)

    def total(course: cohort.Course) -> float:
        return sum(sum(report.first.scores.values()) for report in course.reports)

    now = [total(course) for course in found]
    before = [total(course.earlier[1]) for course in found]
    strangers = [*before[1:], before[0]]
    assert statistics.correlation(now, before) > 0.4
    assert abs(statistics.correlation(now, strangers)) < 0.1


def test_the_page_gives_one_of_five_answers_and_the_app_numbers(rules: protocol.Protocol) -> None:
    assert rules.answers == ground_truth.ANSWERS
    for arm, scale in (
        (arms.LINK, symptoms.AnswerScale.WORDS),
        (arms.NUMBERS, symptoms.AnswerScale.NUMBERS),
        (arms.TEXT, symptoms.AnswerScale.NUMBERS),
    ):
        reports = [report.first for course in courses(200, arm=arm) for report in course.reports]
        assert {report.scale for report in reports} == {scale}
        given = {score for report in reports for score in report.scores.values()}
        assert (given <= set(ground_truth.ANSWERS)) is (scale is symptoms.AnswerScale.WORDS)


def test_questions_of_the_morning_leave_at_nine_and_are_answered_the_same_day() -> None:
    for course in courses(200, arm=arms.LINK):
        assert cohort.TREATED_FROM <= course.treated_at <= cohort.TREATED_UNTIL
        clock = {(course.treated_at + hours) % 24 for hours in course.asked_hours}
        assert all(hour == pytest.approx(cohort.ASKED_AT) for hour in clock)
        for report in course.reports:
            waits = [report.seen_hours - hours for hours in course.asked_hours]
            assert any(0 <= wait <= answering.ANSWERED_WITHIN + 1e-6 for wait in waits)


def test_others_are_asked_on_full_days() -> None:
    for course in courses(30):
        assert course.asked_hours == tuple(24.0 * day for day in course.asked_days)


def test_without_a_reminder_fewer_answer() -> None:
    def answered(arm: cohort.Arm) -> float:
        drawn = courses(3_000, arm=arm)
        return sum(len(course.reports) for course in drawn) / len(drawn)

    once = dataclasses.replace(cohort.REFERENCE, days=(1,))
    reminded = answered(dataclasses.replace(once, reminded=(1,)))
    alone = answered(dataclasses.replace(once, reminded=()))
    assert reminded == answered(once)
    assert 1 - alone == pytest.approx((1 - reminded) / (1 - answering.REMINDER_HELPS), abs=0.03)


@pytest.mark.parametrize("arm", [arms.LINK, arms.TEXT], ids=["words", "numbers"])
def test_one_true_entry_in_ten_is_made_milder_once_it_is_asked_about(arm: cohort.Arm) -> None:
    reports = [report for course in courses(2_000, arm=arm) for report in course.reports]
    entries = milder = 0
    for report in reports:
        after = report.answered(report.first.scores)
        for symptom, score in report.first.scores.items():
            if symptom in report.slips or score < 4:
                continue
            entries += 1
            milder += after.scores[symptom] < score
            if arm is arms.LINK:
                assert after.scores[symptom] in ground_truth.ANSWERS
            assert after.scores[symptom] <= score
    assert milder / entries == pytest.approx(0.1, abs=0.02)


def test_who_never_gives_in_changes_no_true_entry() -> None:
    arm = dataclasses.replace(arms.TEXT, gives_in=0.0)
    reports = [report for course in courses(300, arm=arm) for report in course.reports]
    for report in reports:
        after = report.answered(report.first.scores)
        assert all(
            after.scores[symptom] == score
            for symptom, score in report.first.scores.items()
            if symptom not in report.slips
        )


def test_healing_skin_is_ticked_once_in_a_course_at_its_rate() -> None:
    found = courses(3_000, arm=dataclasses.replace(arms.TICKING[0], stray_rate=0.0))
    for sign, rate in (
        (symptoms.WarningSign.BREAKOUT, arms.TICKING[0].breakout_rate),
        (symptoms.WarningSign.WORRIED, arms.TICKING[0].worried_rate),
    ):
        ticked = [sum(sign in report.first.warning_signs for report in course.reports) for course in found]
        assert set(ticked) == {0, 1}
        assert statistics.fmean(ticked) == pytest.approx(rate, abs=0.02)


def test_by_text_there_is_no_box_for_a_breakout() -> None:
    found = courses(1_000, arm=dataclasses.replace(arms.TICKING[1], stray_rate=0.0))
    signs = {sign for course in found for report in course.reports for sign in report.first.warning_signs}
    assert signs == {symptoms.WarningSign.WORRIED}


def test_half_the_ill_stay_silent_where_it_is_said() -> None:
    def answered(arm: cohort.Arm) -> float:
        drawn = courses(2_000, kind=ground_truth.CourseKind.INFECTION, arm=arm)
        return statistics.fmean(len(course.reports) for course in drawn)

    few = dataclasses.replace(cohort.REFERENCE, answers_when_ill=0.45, days=(7,))
    assert answered(few) / answered(dataclasses.replace(few, answers_when_ill=0.9)) == pytest.approx(
        0.5, abs=0.05
    )
