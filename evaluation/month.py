"""One nurse's month: what flags, notes, texts and silences of a busy simulated clinic come to, day by day,
and how long they wait.

python -m evaluation.month --months 12

Modelled: a call takes four minutes, a note or a text in words ten seconds, a text in doubt two minutes (it
is read within the same-day time, and half of them are called about), two check-ins running that nobody
answered thirty seconds. The nurse looks at the queue once an hour while the clinic is open. What is due
before it opens again is done; the rest, soonest due first, as long as the day has had no more than twenty
minutes. A flag of a course that heals as expected is closed with its call. One with a complication behind
stays open until the patient was seen: what comes to it is read like a note, where it grows more urgent
there is another call, and closing it takes as long as a note. Patients are asked by link as the schedule
that ships does it (`arms.LINK`): reminders, and one more question where an answer leaves something open,
included.
"""

from __future__ import annotations

import argparse
import itertools
import pathlib
import random
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import IntEnum

from evaluation import arms, cohort, course_simulation, ground_truth, judges, tally
from recovery.domain.clinic import opening_hours
from recovery.domain.clinical import protocol as protocols
from recovery.domain.flags import flag_lifecycle
from recovery.domain.flags.flag_lifecycle import ResponseTimes, Urgency

FIRST_DAY = date(2027, 1, 4)
"""A Monday."""

WARM_UP_DAYS = 14
"""Treatments before the month, whose courses reach into it."""

DAYS = 30
TREATMENTS = 14
NOTES = 0.25
"""Share of reports that come with a note."""

TEXTS = 1.0
"""Texts in words a course, assumed; each waits to be read."""
IN_DOUBT = 0.052
"""Share of harmless texts that may name a sign, as `manage.py texts measure` has it."""
TEXTS_UNTIL_DAY = 7
TEXTS_FROM, TEXTS_UNTIL = 8.0, 22.0
"""The hours of the day between which patients write, evenly drawn."""

OPEN_FROM, OPEN_UNTIL = 9, 18

CONFIG = pathlib.Path(__file__).resolve().parent.parent / "config" / "protocols"


class Work(IntEnum):
    """What waits for the nurse, in the order in which it is done."""

    EMERGENCY = 0
    CALL = 1
    DOUBT = 2
    TASK = 3
    NOTE = 4
    TEXT = 5


TAKES = {
    Work.EMERGENCY: timedelta(minutes=4),
    Work.CALL: timedelta(minutes=4),
    Work.DOUBT: timedelta(minutes=2),
    Work.TASK: timedelta(seconds=30),
    Work.NOTE: timedelta(seconds=10),
    Work.TEXT: timedelta(seconds=10),
}


LANES = {
    Work.EMERGENCY: "flags, emergencies",
    Work.CALL: "flags, calls",
    Work.DOUBT: "texts in doubt",
    Work.TASK: "tasks: two check-ins unanswered",
    Work.NOTE: "notes",
    Work.TEXT: "texts in words",
}


BUDGET = timedelta(minutes=20)
"""Of a nurse's day."""

CLOSED_AFTER = timedelta(days=8)
"""When a flag with a complication behind is closed, counted from the treatment: the check-ins are over."""


@dataclass(frozen=True, kw_only=True, order=True)
class WorkItem:
    """One thing to do, of the course with this number."""

    since: datetime
    work: Work
    due: datetime
    course: int


@dataclass(kw_only=True)
class WorkDay:
    """What one day came to."""

    day: date
    takes: timedelta = timedelta()
    done: Counter[Work] = field(default_factory=Counter)
    overdue: int = 0


@dataclass(frozen=True, kw_only=True)
class SimulatedClinic:
    """When it is open, and how soon it answers."""

    opening: opening_hours.OpeningHours
    times: ResponseTimes

    def due(self, urgency: Urgency, since: datetime) -> datetime:
        """By when a flag of this moment should have been looked at."""
        return flag_lifecycle.due_at(urgency, since=since, hours=self.opening, times=self.times)

    def item(self, work: Work, since: datetime, *, course: int) -> WorkItem:
        """Something that is no flag: by the end of the next working day, in doubt on the same day."""
        urgency = Urgency.SAME_DAY if work is Work.DOUBT else Urgency.NEXT_BUSINESS_DAY
        return WorkItem(since=since, work=work, due=self.due(urgency, since), course=course)


def clinic(weekdays: Sequence[str]) -> SimulatedClinic:
    """One that is open from nine to six on these days, with the response times that ship."""
    day = [[f"{OPEN_FROM:02d}:00", f"{OPEN_UNTIL:02d}:00"]]
    times = (CONFIG / "response-times.toml").read_text(encoding="utf-8")
    return SimulatedClinic(
        opening=opening_hours.parse(time_zone="UTC", weekly=dict.fromkeys(weekdays, day), holidays={}),
        times=flag_lifecycle.parse_response_times(times),
    )


def simulate(*, protocol: protocols.Protocol, at: SimulatedClinic, seed: int) -> list[WorkDay]:
    """The days of a month on which something waited or the clinic was open."""
    arriving = sorted(_arriving(protocol, at, random.Random(f"month/{seed}"), seed=seed))
    begins = datetime.combine(FIRST_DAY + timedelta(days=WARM_UP_DAYS), time(), tzinfo=UTC)
    days = [day for day in worked(arriving, at) if day.day >= begins.date()]
    return [day for day in days if day.day < (begins + timedelta(days=DAYS)).date()]


def _arriving(
    protocol: protocols.Protocol, at: SimulatedClinic, rng: random.Random, *, seed: int
) -> Iterator[WorkItem]:
    engine, silence = judges.Engine(rules=protocol), judges.SilenceAfterWorry(rules=protocol)
    numbers: Counter[ground_truth.CourseKind] = Counter()
    treated = itertools.count()
    for offset in range(WARM_UP_DAYS + DAYS):
        opens = datetime.combine(FIRST_DAY + timedelta(days=offset), time(OPEN_FROM), tzinfo=UTC)
        if not at.opening.is_open(opens):
            continue
        for _ in range(TREATMENTS):
            kind = _kind(rng)
            (course,) = cohort.generate(kind=kind, count=1, seed=seed, first=numbers[kind], arm=arms.LINK)
            numbers[kind] += 1
            followed = course_simulation.follow(
                course=course, judge=engine, silence=silence, rule=protocol.rules.asking
            )
            performed = opens + timedelta(hours=course.treated_at - OPEN_FROM)
            yield from _of_course(course, followed, performed, at, rng, number=next(treated))


def _of_course(
    course: cohort.Course,
    followed: course_simulation.CourseResult,
    performed: datetime,
    at: SimulatedClinic,
    rng: random.Random,
    *,
    number: int,
) -> Iterator[WorkItem]:
    yield from _flags(course, followed, performed, at, number=number)
    for observation in followed.settled:
        if rng.random() < NOTES:
            yield at.item(Work.NOTE, performed + timedelta(hours=observation.hours), course=number)
    for hours in followed.tasks:
        yield at.item(Work.TASK, performed + timedelta(hours=hours), course=number)
    if rng.random() < TEXTS:
        midnight = datetime.combine(performed.date(), time(), tzinfo=UTC)
        clock = rng.uniform(TEXTS_FROM, TEXTS_UNTIL)
        since = midnight + timedelta(days=rng.randint(1, TEXTS_UNTIL_DAY), hours=clock)
        yield at.item(Work.DOUBT if rng.random() < IN_DOUBT else Work.TEXT, since, course=number)


def _flags(
    course: cohort.Course,
    followed: course_simulation.CourseResult,
    performed: datetime,
    at: SimulatedClinic,
    *,
    number: int,
) -> Iterator[WorkItem]:
    stays = course.kind is not ground_truth.CourseKind.NORMAL
    worst: Urgency | None = None
    for raised in followed.raised:
        urgency = flag_lifecycle.urgency_of(raised.level)
        if urgency is None:
            continue
        since = performed + timedelta(hours=raised.raised_hours)
        if stays and worst is not None and urgency.rank >= worst.rank:
            yield at.item(Work.NOTE, since, course=number)
            continue
        worst = urgency
        work = Work.EMERGENCY if urgency is Urgency.EMERGENCY else Work.CALL
        yield WorkItem(since=since, work=work, due=at.due(urgency, since), course=number)
    if stays and worst is not None:
        yield at.item(Work.NOTE, performed + CLOSED_AFTER, course=number)


def _kind(rng: random.Random) -> ground_truth.CourseKind:
    drawn = rng.random()
    for kind, share in tally.PREVALENCE.items():
        drawn -= share
        if drawn < 0:
            return kind
    return ground_truth.CourseKind.NORMAL


def worked(arriving: Sequence[WorkItem], at: SimulatedClinic) -> list[WorkDay]:
    """Each day's work, look by look. Flags of one course that wait together are one call."""
    days: dict[date, WorkDay] = {}
    waiting: list[WorkItem] = []
    place = 0
    for look, following in itertools.pairwise(_looks(at)):
        while place < len(arriving) and arriving[place].since <= look:
            _add(waiting, arriving[place])
            place += 1
        today = days.setdefault(look.date(), WorkDay(day=look.date()))
        clock = look
        for item in sorted(waiting, key=lambda each: (each.due, each.work)):
            takes = TAKES[item.work]
            # The next look may come too late by as long as this one takes.
            pressing = item.due <= following + BUDGET
            if not pressing and today.takes + takes > BUDGET:
                continue
            # An emergency calls somebody out at once.
            today.overdue += item.work is not Work.EMERGENCY and clock > item.due
            clock += takes
            today.takes += takes
            today.done[item.work] += 1
            waiting.remove(item)
    return list(days.values())


def _add(waiting: list[WorkItem], new: WorkItem) -> None:
    """A flag that still waits takes the new one in, due at the earlier of the two times."""
    if new.work in (Work.EMERGENCY, Work.CALL):
        for place, item in enumerate(waiting):
            if item.course == new.course and item.work in (Work.EMERGENCY, Work.CALL):
                waiting[place] = min(item, new, key=lambda each: (each.work, each.due))
                return
    waiting.append(new)


def _looks(at: SimulatedClinic) -> Iterator[datetime]:
    """Once an hour while the clinic is open, and once more before it closes."""
    for offset in range(WARM_UP_DAYS + DAYS + 1):
        opens = datetime.combine(FIRST_DAY + timedelta(days=offset), time(OPEN_FROM), tzinfo=UTC)
        if at.opening.is_open(opens):
            yield from (opens + timedelta(hours=hour) for hour in range(OPEN_UNTIL - OPEN_FROM))
            yield opens + timedelta(hours=OPEN_UNTIL - OPEN_FROM, minutes=-15)


def page(months: Sequence[Sequence[WorkDay]]) -> str:
    """What the months came to, the worst day last."""
    days = [day for month in months for day in month]
    worst = max(days, key=lambda day: day.takes)
    minutes = sorted(day.takes.total_seconds() / 60 for day in days)
    within = sum(day.takes <= BUDGET for day in days)
    done = sum((day.done for day in days), Counter[Work]())
    hundreds = len(days) * TREATMENTS / 100
    return "\n".join(
        (
            f"{len(months)} months, {len(days)} days on which the clinic was open",
            f"minutes a day: mean {sum(minutes) / len(minutes):.1f}, "
            f"median {minutes[len(minutes) // 2]:.1f}, "
            f"95th percentile {minutes[int(len(minutes) * 0.95)]:.1f}",
            f"within 20 minutes: {within} days ({100 * within / len(days):.1f} %)",
            f"months with every day within 20 minutes: "
            f"{sum(all(day.takes <= BUDGET for day in month) for month in months)}",
            f"overdue: {sum(day.overdue for day in days)}",
            f"worst day: {worst.takes.total_seconds() / 60:.1f} minutes with "
            f"{worst.done[Work.CALL] + worst.done[Work.EMERGENCY]} calls, {worst.done[Work.NOTE]} notes, "
            f"{worst.done[Work.TEXT]} texts, {worst.done[Work.DOUBT]} texts in doubt, "
            f"{worst.done[Work.TASK]} tasks",
            "",
            "| per 100 courses | items | minutes |",
            "| --- | --- | --- |",
            *(
                f"| {name} | {done[work] / hundreds:.1f} "
                f"| {done[work] * TAKES[work].total_seconds() / 60 / hundreds:.1f} |"
                for work, name in LANES.items()
            ),
        )
    )


def main(given: Sequence[str]) -> int:
    """Print `page` for so many months."""
    parser = argparse.ArgumentParser(description="One nurse's month, modelled.")
    parser.add_argument("--months", type=int, default=12)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--closed", nargs="*", default=["sun"], help="weekdays, like sat sun")
    asked = parser.parse_args(given)
    newest = max(CONFIG.glob("standard-*.toml"))
    protocol = protocols.parse(newest.read_text(encoding="utf-8"))
    at = clinic([day for day in opening_hours.WEEKDAYS if day not in asked.closed])
    months = [
        simulate(protocol=protocol, at=at, seed=seed) for seed in range(asked.seed, asked.seed + asked.months)
    ]
    print(page(months))  # noqa: T201  (the command's answer)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
