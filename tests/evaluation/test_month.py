from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from evaluation import month
from evaluation.month import BUDGET, Work, WorkItem
from recovery.domain.clinic import opening_hours
from recovery.domain.clinical import protocol as protocols
from recovery.domain.flags.flag_lifecycle import Urgency

EVERY_DAY = month.clinic(opening_hours.WEEKDAYS)
MONDAY = datetime(2027, 1, 4, 10, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def newest() -> protocols.Protocol:
    path = max(month.CONFIG.glob("standard-*.toml"))
    return protocols.parse(path.read_text(encoding="utf-8"))


def waiting(work: Work, *, course: int, since: datetime = MONDAY, urgency: Urgency) -> WorkItem:
    return WorkItem(since=since, work=work, due=EVERY_DAY.due(urgency, since), course=course)


@pytest.mark.parametrize("closed", [(), ("sun",), ("sat", "sun")])
def test_nothing_is_overdue_in_a_month_and_nearly_every_day_has_room(
    newest: protocols.Protocol, closed: tuple[str, ...]
) -> None:
    at = month.clinic([day for day in opening_hours.WEEKDAYS if day not in closed])
    days = month.simulate(protocol=newest, at=at, seed=1)
    assert len(days) == month.DAYS - closed_days(closed)
    assert sum(day.overdue for day in days) == 0
    assert sum(of_flags_notes_and_silence(day) <= BUDGET for day in days) >= 0.85 * len(days)
    # Texts in words and in doubt come on top.
    assert sum(day.takes <= BUDGET for day in days) >= 0.75 * len(days)
    assert sum(day.done[Work.CALL] for day in days) > 20
    assert all(before.day < after.day for before, after in pairwise(days))


def of_flags_notes_and_silence(day: month.WorkDay) -> timedelta:
    lanes = (Work.EMERGENCY, Work.CALL, Work.TASK, Work.NOTE)
    return sum((day.done[work] * month.TAKES[work] for work in lanes), timedelta())


def closed_days(closed: tuple[str, ...]) -> int:
    first = month.FIRST_DAY + timedelta(days=month.WARM_UP_DAYS)
    days = [first + timedelta(days=offset) for offset in range(month.DAYS)]
    return sum(opening_hours.WEEKDAYS[day.weekday()] in closed for day in days)


def test_the_same_seed_is_the_same_month(newest: protocols.Protocol) -> None:
    one, again, other = (month.simulate(protocol=newest, at=EVERY_DAY, seed=seed) for seed in (3, 3, 4))
    assert one == again
    assert one != other


def test_flags_of_one_course_that_wait_are_one_call() -> None:
    flags = [
        waiting(Work.CALL, course=1, urgency=Urgency.NEXT_BUSINESS_DAY),
        waiting(Work.CALL, course=1, urgency=Urgency.SAME_DAY),
        waiting(Work.CALL, course=2, urgency=Urgency.SAME_DAY),
    ]
    days = month.worked(sorted(flags), EVERY_DAY)
    (monday,) = [day for day in days if day.day == MONDAY.date()]
    assert monday.done == {Work.CALL: 2}
    assert monday.takes == timedelta(minutes=8)


def test_what_presses_is_done_beyond_twenty_minutes_and_the_rest_waits() -> None:
    same_day = [waiting(Work.CALL, course=number, urgency=Urgency.SAME_DAY) for number in range(7)]
    later = [waiting(Work.CALL, course=9, urgency=Urgency.NEXT_BUSINESS_DAY)]
    monday, tuesday = month.worked(sorted(same_day + later), EVERY_DAY)[:2]
    assert (monday.done[Work.CALL], tuesday.done[Work.CALL]) == (7, 1)
    assert monday.overdue == tuesday.overdue == 0
    assert monday.takes > BUDGET


def test_a_text_in_doubt_is_read_on_the_same_day_and_other_words_by_the_next() -> None:
    doubt = EVERY_DAY.item(Work.DOUBT, MONDAY, course=1)
    words = EVERY_DAY.item(Work.TEXT, MONDAY, course=2)
    assert doubt.due == EVERY_DAY.due(Urgency.SAME_DAY, MONDAY)
    assert words.due == EVERY_DAY.due(Urgency.NEXT_BUSINESS_DAY, MONDAY)
    assert doubt.due < words.due


def test_every_lane_is_told_for_100_courses(newest: protocols.Protocol) -> None:
    days = month.simulate(protocol=newest, at=EVERY_DAY, seed=1)
    lines = month.page([days]).splitlines()
    told = {name: line for name in month.LANES.values() for line in lines if line.startswith(f"| {name} |")}
    assert set(told) == {month.LANES[work] for work in Work}
    courses = len(days) * month.TREATMENTS
    for work, name in month.LANES.items():
        _, items, minutes = told[name].strip("| ").split(" | ")
        done = sum(day.done[work] for day in days)
        assert float(items) == pytest.approx(100 * done / courses, abs=0.051)
        takes = month.TAKES[work].total_seconds() / 60
        assert float(minutes) == pytest.approx(100 * done * takes / courses, abs=0.051)
    assert sum(day.done[Work.TASK] for day in days) > 20
    assert sum(day.done[Work.TEXT] for day in days) > 0.9 * courses * month.TEXTS * 0.9


def test_what_nobody_can_reach_in_time_is_counted() -> None:
    crowd = [waiting(Work.CALL, course=number, urgency=Urgency.SAME_DAY) for number in range(40)]
    assert sum(day.overdue for day in month.worked(crowd, EVERY_DAY)) > 0
