from __future__ import annotations

from collections.abc import Callable, Sequence

from evaluation import cohort, course_simulation, judges
from recovery.domain.clinical import protocol, symptoms

MakeReport = Callable[..., cohort.CourseReport]
MakeCourse = Callable[..., cohort.Course]
REDNESS = symptoms.Symptom.REDNESS


def watchful(
    observation: symptoms.Observation,
    *,
    history: Sequence[symptoms.Observation],
    course: cohort.Course,
    earlier: Sequence[Sequence[symptoms.Observation]],
) -> course_simulation.Verdict:
    """Watches a redness above the last one, is alarmed from 6 on, and asks about 8 and more."""
    redness = observation.scores[REDNESS]
    level = symptoms.Level.EXPECTED
    if history and redness > history[-1].scores[REDNESS]:
        level = symptoms.Level.WATCH
    if redness >= 6:
        level = symptoms.Level.ABNORMAL
    doubtful = redness >= 8 and REDNESS not in observation.confirmed
    return course_simulation.Verdict(level=level, rules=("seen",), ask_again=(REDNESS,) if doubtful else ())


def after_watch(
    history: Sequence[symptoms.Observation],
    verdict: course_simulation.Verdict,
    *,
    course: cohort.Course,
    earlier: Sequence[Sequence[symptoms.Observation]],
) -> symptoms.Level:
    worried = verdict.level is not symptoms.Level.EXPECTED
    return symptoms.Level.ABNORMAL if worried else symptoms.Level.EXPECTED


def test_a_noticed_slip_is_mended_before_it_can_flag(
    make_report: MakeReport, make_course: MakeCourse
) -> None:
    course = make_course(make_report(hours=26, redness=9, meant={REDNESS: 2}))
    assert not course_simulation.follow(course=course, judge=watchful, silence=course_simulation.never).raised
    unasked = course_simulation.follow(
        course=course, judge=watchful, silence=course_simulation.never, asks_again=False
    )
    assert [raised.level for raised in unasked.raised] == [symptoms.Level.ABNORMAL]


def test_what_is_affirmed_counts_and_an_honest_report_asked_about_is_counted(
    make_report: MakeReport, make_course: MakeCourse
) -> None:
    course = make_course(
        make_report(hours=26, redness=9, meant={REDNESS: 2}, noticed=False), make_report(hours=50, redness=8)
    )
    found = course_simulation.follow(course=course, judge=watchful, silence=course_simulation.never)
    assert [raised.raised_hours for raised in found.raised] == [26, 50]
    assert [observation.confirmed for observation in found.settled] == [{REDNESS}, {REDNESS}]
    assert (found.reports, found.honest, found.honest_asked) == (2, 1, 1)


def test_a_late_report_flags_when_it_arrives_and_judges_again_what_came_after(
    make_report: MakeReport, make_course: MakeCourse
) -> None:
    course = make_course(
        make_report(hours=26, redness=3),
        make_report(hours=50, redness=1, arrived=80),
        make_report(hours=74, redness=2),
    )
    found = course_simulation.follow(course=course, judge=watchful, silence=course_simulation.never)
    # At 74 hours redness had fallen from 3 to 2; with the late 1 in between it had risen.
    assert [(raised.seen_hours, raised.raised_hours) for raised in found.raised] == [(74, 80)]


def test_silence_after_a_watch_is_a_same_day_finding_at_the_end_of_the_missed_day(
    make_report: MakeReport, make_course: MakeCourse
) -> None:
    course = make_course(
        make_report(hours=26, redness=1),
        make_report(hours=50, redness=2),
        make_report(hours=98, redness=1),
        asked_days=(1, 2, 3, 4),
    )
    found = course_simulation.follow(course=course, judge=watchful, silence=after_watch)
    silent = [raised for raised in found.raised if raised.rules == (course_simulation.SILENCE,)]
    assert [(raised.raised_hours, raised.level) for raised in silent] == [(84, symptoms.Level.ABNORMAL)]


def test_silence_is_nothing_before_the_first_report_and_on_days_nobody_asked(
    make_report: MakeReport, make_course: MakeCourse
) -> None:
    course = make_course(
        make_report(hours=50, redness=7), make_report(hours=98, redness=0), asked_days=(1, 2, 4)
    )
    found = course_simulation.follow(course=course, judge=watchful, silence=after_watch)
    assert all(course_simulation.SILENCE not in raised.rules for raised in found.raised)


def test_the_shipped_silence_rule_hears_a_watch_and_a_rise_above_p90(
    make_course: MakeCourse, rules: protocol.Protocol
) -> None:
    course = make_course()
    band = rules.band(course.facts, symptom=REDNESS, hours=72.0)
    assert band is not None
    above = int(band.p90) + 1
    calm = course_simulation.Verdict(level=symptoms.Level.EXPECTED)
    silence = judges.SilenceAfterWorry(rules=rules)

    def heard(*redness: int) -> symptoms.Level:
        history = [
            symptoms.Observation(hours=72.0 - 24 * (len(redness) - 1 - place), scores={REDNESS: score})
            for place, score in enumerate(redness)
        ]
        return silence(history, calm, course=course, earlier=())

    assert heard(above - 3, above) is symptoms.Level.ABNORMAL
    assert heard(above - 2, above) is symptoms.Level.EXPECTED
    assert heard(above) is symptoms.Level.EXPECTED
    history = [symptoms.Observation(hours=72.0)]
    for verdict, level in (
        (course_simulation.Verdict(level=symptoms.Level.WATCH), symptoms.Level.ABNORMAL),
        (
            course_simulation.Verdict(level=symptoms.Level.EXPECTED, held=symptoms.Level.WATCH),
            symptoms.Level.WATCH,
        ),
        (calm, symptoms.Level.EXPECTED),
    ):
        assert silence(history, verdict, course=course, earlier=()) is level
