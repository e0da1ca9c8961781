"""When a patient is asked next."""

from __future__ import annotations

import pytest

from recovery.domain.clinical import asking, thresholds
from recovery.domain.clinical.asking import NextQuestion, OpenMatter

RULE = thresholds.Asking(
    least_hours=12, most_hours=24, slack_hours=4, most=4, until_day=10, rise=2, unclear_from_day=4
)
PLAN = (20.0, 44.0, 68.0, 92.0, 116.0, 164.0)


def following(
    since: float,
    *,
    about: OpenMatter | None = OpenMatter.RISE,
    asked_more: int = 0,
    rule: thresholds.Asking | None = RULE,
    plan: tuple[float, ...] = PLAN,
) -> NextQuestion | None:
    return asking.next_question(since=since, plan=plan, about=about, asked_more=asked_more, rule=rule)


def planned(hours: float) -> NextQuestion:
    return NextQuestion(from_hours=hours, until_hours=hours)


def more(since: float, about: OpenMatter = OpenMatter.RISE) -> NextQuestion:
    return NextQuestion(from_hours=since + 12, until_hours=since + 24, about=about)


@pytest.mark.parametrize(
    ("since", "asked"),
    [
        (0, planned(20)),
        (19.9, planned(20)),
        (20, planned(44)),  # the question of that very moment was asked
        (93, planned(116)),
        (116, more(116)),  # 48 hours until the next one
        (135.9, more(135.9)),  # 28.1 hours
        (136, planned(164)),  # 28 hours: the plan is soon enough
        (165, more(165)),
        (227.9, more(227.9)),  # until day 10
        (228, None),
    ],
)
def test_what_is_open_is_asked_about_unless_the_plan_asks_soon(
    since: float, asked: NextQuestion | None
) -> None:
    assert following(since) == asked


def test_after_the_last_day_of_more_questions_the_plan_goes_on() -> None:
    late = (*PLAN, 336.0)
    assert following(227.9, plan=late) == more(227.9)
    assert following(228, plan=late) == planned(336)


@pytest.mark.parametrize("about", OpenMatter)
def test_every_open_matter_is_asked_about_and_named(about: OpenMatter) -> None:
    assert following(118, about=about) == more(118, about)


@pytest.mark.parametrize(("asked_more", "more_follow"), [(0, True), (3, True), (4, False), (5, False)])
def test_only_so_many_more_questions_are_asked_in_a_course(asked_more: int, more_follow: bool) -> None:
    assert following(118, asked_more=asked_more) == (more(118) if more_follow else planned(164))


def test_where_nothing_is_open_or_no_rule_asks_more_only_the_plan_asks() -> None:
    assert following(118, about=None) == planned(164)
    assert following(118, rule=None) == planned(164)
    assert following(164, about=None) is None
    assert following(10, plan=(), rule=None) is None


def test_matters_stand_in_the_order_in_which_they_press() -> None:
    assert [matter.value for matter in OpenMatter] == ["finding", "doubt", "rise", "unclear", "unanswered"]
