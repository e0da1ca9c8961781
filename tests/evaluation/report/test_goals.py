from __future__ import annotations

from evaluation import arms, metrics, tally
from evaluation.ground_truth import CourseKind
from evaluation.report import goals

ALL, LIGHT, DARK = tally.CohortGroup.ALL, tally.CohortGroup.LIGHT, tally.CohortGroup.DARK


def counted(*, any_flag: int, same_day: int, light: int, dark: int) -> tally.Tally:
    """Of 100 courses so many were flagged, of 100 of either skin type so many."""

    def found(hits: int) -> tally.Detections:
        return tally.Detections(courses=100, delays=[1.0] * hits)

    return tally.Tally(
        any_flag={ALL: found(any_flag), LIGHT: found(light), DARK: found(dark)},
        same_day={ALL: found(same_day)},
        courses=100,
        asked_more=151,
        since_sign=[20.0] * 50,
    )


def figures() -> metrics.ArmFigures:
    return metrics.ArmFigures(
        arm=arms.LINK,
        system=metrics.System.ENGINE,
        by_kind={
            CourseKind.NORMAL: counted(any_flag=6, same_day=3, light=6, dark=6),
            **{kind: counted(any_flag=93, same_day=96, light=95, dark=90) for kind in metrics.COMPLICATIONS},
        },
    )


def test_each_goal_is_held_against_what_was_measured() -> None:
    reached = {goal.what: goal.reached for goal in goals.of(figures())}
    assert reached == {
        "normal, any flag": True,
        "normal, same-day": False,
        "infection, any flag": False,
        "cold sore, any flag": True,
        "dermatitis, any flag": False,
        "prolonged, any flag": True,
        "infection, same-day": True,
        "infection, within 24 h of the first sign": True,
        "infection, I-III minus IV-VI": True,
        "cold sore, I-III minus IV-VI": True,
        "dermatitis, I-III minus IV-VI": True,
        "prolonged, I-III minus IV-VI": True,
        "more questions in a normal course": False,
    }


def test_a_goal_is_reached_at_its_bound() -> None:
    assert goals.Goal(what="x", value=6.0, bound=6.0, at_most=True).reached
    assert not goals.Goal(what="x", value=6.01, bound=6.0, at_most=True).reached
    assert goals.Goal(what="x", value=97.0, bound=97.0).reached
    assert not goals.Goal(what="x", value=96.99, bound=97.0).reached


def test_the_table_says_what_was_wanted_and_whether_it_is_reached() -> None:
    lines = goals.table(figures()).splitlines()
    assert "| normal, any flag | at most 6 % | 6.0 % | yes |" in lines
    assert "| infection, any flag | at least 97 % | 93.0 % | no |" in lines
    assert "| prolonged, I-III minus IV-VI | at most 5 points | 5.0 points | yes |" in lines
    assert "| more questions in a normal course | at most 1.5 | 1.51 | no |" in lines
