"""Every time zone, both of its clock changes of 2027, treatments at half hours around them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib import resources
from pathlib import Path
from zoneinfo import TZPATH, ZoneInfo, available_timezones

import pytest

from config import content_files as files
from recovery.domain.messaging import text_schedule
from recovery.domain.patients.contact import AnswersBy
from tests.support.long_runs import sized

SCHEDULE = text_schedule.parse(files.read_content_files().schedule)
HALF_HOUR = timedelta(minutes=30)
STEPS = sized(3, long=1)
"""Every so many half hours, from another one for the next zone; in the long form each of them."""
BEFORE, AFTER = timedelta(days=8), timedelta(days=1)
"""Treatments whose daily texts lie on the day of the change, before it and after it."""

PARTS = 8
ORDINARY = datetime(2027, 5, 12, tzinfo=UTC)


@cache
def zones() -> list[str]:
    """Every zone; of those that are one and the same under several names, one."""
    found: dict[bytes, str] = {}
    for name in sorted(available_timezones()):
        found.setdefault(_rules(name), name)
    return list(found.values())


def _rules(name: str) -> bytes:
    for folder in TZPATH:
        file = Path(folder) / name
        if file.is_file():
            return file.read_bytes()
    return resources.files("tzdata").joinpath("zoneinfo", name).read_bytes()


@cache
def changes(zone: ZoneInfo) -> list[datetime]:
    """The hours of 2027 (UTC) in which the zone's offset changes; an ordinary day where it never does."""
    first, hour, found = datetime(2027, 1, 1, tzinfo=UTC), timedelta(hours=1), []

    def differ(earlier: datetime, later: datetime) -> bool:
        return earlier.astimezone(zone).utcoffset() != later.astimezone(zone).utcoffset()

    for day in (first + timedelta(days=number) for number in range(365)):
        if differ(day, day + timedelta(days=1)):
            hours = [day + number * hour for number in range(24)]
            found += [one + hour for one in hours if differ(one, one + hour)]
    return found or [ORDINARY]


def treatments(zone: ZoneInfo) -> Iterator[datetime]:
    """Half hours of the days around each change."""
    for change in changes(zone):
        at = change - BEFORE + zones().index(zone.key) % STEPS * HALF_HOUR
        while at <= change + AFTER:
            yield at
            at += STEPS * HALF_HOUR


def each_step_once_in_the_day_or_dropped(name: str) -> int:
    """Hold every plan of a zone against the rules; how many plans there were."""
    zone, plans = ZoneInfo(name), 0
    for performed_at in treatments(zone):
        plans += 1
        planned = text_schedule.plan(
            SCHEDULE, performed_at=performed_at, zone=zone, answers_by=AnswersBy.TEXT, now=performed_at
        )
        mornings = set()
        for one in planned:
            where = f"{name} {performed_at.isoformat()} {one.step.name}"
            if one.step.days_before_session is not None:
                # It hangs on a day that is agreed, not on the treatment.
                continue
            if one.dropped is not None:
                # Only the text of the day itself can come too late for its day.
                assert one.step.after is not None, where
                continue
            local = one.due_at.astimezone(zone)
            assert SCHEDULE.quiet_until <= local.time() < SCHEDULE.quiet_from, where
            assert performed_at <= one.due_at < one.useful_until, where
            if one.step.day is not None:
                assert local.date() not in mornings, where
                mornings.add(local.date())
        asked = sum(step.answers_by in (None, AnswersBy.TEXT) for step in SCHEDULE.steps)
        assert len({one.step.name for one in planned}) == len(planned) == asked
    return plans


@pytest.mark.parametrize("part", range(PARTS))
def test_every_step_of_every_plan(part: int) -> None:
    assert sum(each_step_once_in_the_day_or_dropped(name) for name in zones()[part::PARTS]) > 0


def test_there_are_as_many_zones_as_the_world_has() -> None:
    assert len(zones()) > 300
    assert sum(len(changes(ZoneInfo(name))) == 2 for name in zones()) > 80
