from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest

from evaluation import cohort, course_simulation, ground_truth, judges, tally
from recovery.domain.clinical import symptoms

MakeReport = Callable[..., cohort.CourseReport]
MakeCourse = Callable[..., cohort.Course]
ALL = tally.CohortGroup.ALL


def counted(*courses: cohort.Course) -> tally.Tally:
    found = tally.Tally()
    for course in courses:
        followed = course_simulation.follow(
            course=course, judge=judges.FixedBound(), silence=course_simulation.never
        )
        found.count(course=course, followed=followed)
    return found


def infection(
    make_course: MakeCourse,
    *reports: cohort.CourseReport,
    onset: float = 60,
    asked_days: tuple[int, ...] = (1, 2, 3, 4, 5, 6, 7),
) -> cohort.Course:
    return make_course(
        *reports, kind=ground_truth.CourseKind.INFECTION, onset_hours=onset, asked_days=asked_days
    )


def test_delays_run_from_onset_to_the_first_flag_after_it(
    make_report: MakeReport, make_course: MakeCourse
) -> None:
    found = counted(
        # Flagged before onset only; 14 hours after onset; 38 hours after; never.
        infection(make_course, make_report(hours=50, redness=6)),
        infection(make_course, make_report(hours=50, redness=6), make_report(hours=74, redness=6)),
        infection(make_course, make_report(hours=98, redness=6), make_report(hours=122, redness=9)),
        infection(make_course, make_report(hours=98, redness=1)),
    ).any_in(ALL)
    assert found.courses == 4
    assert found.delays == [14, 38]
    assert found.within(24).hits == 1
    assert found.within(48).hits == 2
    assert found.ever.value == 0.5
    assert found.median_delay == 26


def test_a_flag_counts_from_its_arrival_but_speaks_of_the_moment_it_was_seen(
    make_report: MakeReport, make_course: MakeCourse
) -> None:
    found = counted(
        infection(make_course, make_report(hours=50, redness=6, arrived=70)),
        infection(make_course, make_report(hours=62, redness=6, arrived=90)),
        # Named a moment before onset, but was seen after it.
        infection(make_course, make_report(hours=50, seen=74, arrived=74, redness=6)),
    ).any_in(ALL)
    assert found.delays == [30, 14]


def test_onsets_after_day_6_are_not_counted(make_report: MakeReport, make_course: MakeCourse) -> None:
    report = make_report(hours=168, redness=6)
    assert counted(infection(make_course, report, onset=144.0)).any_in(ALL).courses == 1
    assert counted(infection(make_course, report, onset=144.1)).any_in(ALL).courses == 0
    late = counted(infection(make_course, report, onset=144.1, asked_days=(1, 14, 28)))
    assert late.any_in(ALL).courses == 1


def test_courses_are_counted_by_skin_type_and_under_reporting(
    make_report: MakeReport, make_course: MakeCourse
) -> None:
    report = make_report(hours=26, redness=6)
    found = counted(
        make_course(report, skin_type=3),
        make_course(report, skin_type=4),
        make_course(skin_type=6, under_reporter=True),
    )
    shares = {
        group: (share.hits, share.total)
        for group in tally.CohortGroup
        for share in [found.any_in(group).ever]
    }
    assert shares == {
        tally.CohortGroup.ALL: (2, 3),
        tally.CohortGroup.LIGHT: (1, 1),
        tally.CohortGroup.DARK: (1, 2),
        tally.CohortGroup.UNDER_REPORTERS: (0, 1),
    }
    assert found.rules == {"fixed": 2}
    assert (found.report_flags.hits, found.report_flags.total) == (2, 2)


def test_more_questions_are_counted_and_what_silence_alone_found_is_told_apart(
    make_report: MakeReport, make_course: MakeCourse
) -> None:
    def flag(*rules: str) -> course_simulation.RaisedFlag:
        return course_simulation.RaisedFlag(
            seen_hours=80, raised_hours=80, level=symptoms.Level.WATCH, rules=rules
        )

    found = tally.Tally()
    course = infection(make_course)
    for asked_more, raised in (
        (2, (flag(course_simulation.SILENCE),)),
        (1, (flag(course_simulation.SILENCE), flag("late"))),
        (0, ()),
    ):
        followed = course_simulation.follow(
            course=course, judge=judges.FixedBound(), silence=course_simulation.never
        )
        found.count(
            course=course, followed=dataclasses.replace(followed, raised=raised, asked_more=asked_more)
        )
    assert (found.courses, found.asked_more, found.by_report) == (3, 3, 1)
    assert found.any_in(ALL).ever.hits == 2
    twice = tally.Tally()
    twice.add(found)
    twice.add(found)
    assert (twice.courses, twice.asked_more, twice.by_report) == (6, 6, 2)


def test_tallies_add_up(make_report: MakeReport, make_course: MakeCourse) -> None:
    first = make_course(make_report(hours=26, redness=6))
    second = make_course(make_report(hours=26, redness=1), skin_type=5)
    together = counted(first)
    together.add(counted(second))
    assert together == counted(first, second)


def test_flags_per_100_treatments_weigh_kinds_by_prevalence() -> None:
    shares = dict.fromkeys(tally.PREVALENCE, 1.0) | {ground_truth.CourseKind.NORMAL: 0.0}
    assert tally.workload(shares).flags == pytest.approx(5.7)
    assert tally.workload(shares).true_share == 1.0
    shares[ground_truth.CourseKind.NORMAL] = 0.05
    found = tally.workload(shares)
    assert found.flags == pytest.approx(5.7 + 94.3 * 0.05)
    assert found.true_share == pytest.approx(5.7 / found.flags)


def test_what_is_asked_for_nothing_what_is_caught_and_every_text_are_counted(
    make_report: MakeReport, make_course: MakeCourse
) -> None:
    course = make_course(make_report(hours=26, redness=1))
    followed = dataclasses.replace(
        course_simulation.follow(course=course, judge=judges.FixedBound(), silence=course_simulation.never),
        false_questions=2,
        slips_caught=1,
        texts=9,
    )
    found = tally.Tally()
    found.count(course=course, followed=followed)
    found.count(course=course, followed=followed)
    assert (found.false_questions, found.slips_caught, found.texts) == (4, 2, 18)
    twice = tally.Tally()
    twice.add(found)
    twice.add(found)
    assert (twice.false_questions, twice.slips_caught, twice.texts) == (8, 4, 36)


def flagged(hours: float, *rules: str, same_day: bool = False) -> course_simulation.RaisedFlag:
    return course_simulation.RaisedFlag(
        seen_hours=hours,
        raised_hours=hours,
        level=symptoms.Level.ABNORMAL if same_day else symptoms.Level.WATCH,
        rules=rules,
    )


def of_infections(
    make_course: MakeCourse, *raised: tuple[course_simulation.RaisedFlag, ...], sign: float | None = None
) -> tally.Tally:
    """Infections from hour 60 on, each with these flags and its first sign at `sign`."""
    found = tally.Tally()
    for flags in raised:
        course = infection(make_course)
        followed = course_simulation.follow(
            course=course, judge=judges.FixedBound(), silence=course_simulation.never
        )
        found.count(course=course, followed=dataclasses.replace(followed, raised=flags), first_sign=sign)
    return found


def test_reports_and_silence_share_what_was_found_between_them_at_either_level(
    make_course: MakeCourse,
) -> None:
    silence = course_simulation.SILENCE
    found = of_infections(
        make_course,
        (flagged(80, "late"), flagged(90, silence, same_day=True)),
        (flagged(80, "late", same_day=True), flagged(90, silence, same_day=True)),
        (flagged(80, silence, same_day=True),),
        (),
    )
    shares = {
        (silent, same_day): found.told_by(silence=silent, same_day=same_day).hits
        for silent in (False, True)
        for same_day in (False, True)
    }
    assert shares == {(False, False): 2, (True, False): 1, (False, True): 1, (True, True): 2}
    for same_day, every in ((False, found.any_in(ALL)), (True, found.same_day_in(ALL))):
        assert shares[False, same_day] + shares[True, same_day] == every.ever.hits == 3


def test_flags_are_near_the_first_sign_of_all_courses_and_before_it_as_well(make_course: MakeCourse) -> None:
    found = of_infections(make_course, (flagged(70, "late"),), (flagged(104, "late"),), (), sign=80.0)
    found.add(of_infections(make_course, (flagged(105, "late"), flagged(106, "late")), sign=80.0))
    found.add(of_infections(make_course, (flagged(70, "late"),)))
    assert (found.courses, found.with_sign) == (5, 4)
    assert found.since_sign == [-10.0, 24.0, 25.0]
    assert (found.within_of_sign(24).hits, found.within_of_sign(24).total) == (2, 5)


def test_what_begins_after_the_last_check_in_is_told_of_and_not_counted(
    make_report: MakeReport, make_course: MakeCourse
) -> None:
    found = counted(infection(make_course, make_report(hours=168, redness=6), onset=145.0))
    assert (found.courses, found.too_late) == (0, 1)
    found.add(found)
    assert found.too_late == 2
