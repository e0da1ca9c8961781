"""Four short storms side by side, most of whose time is the quiet time that nothing may cut short.

The long ones are `make faults`.
"""

from __future__ import annotations

import functools
import random
import tempfile
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.support.machine.processes import say
from tests.support.storms import storm
from tests.support.storms.storm_plan import Event, Weather
from tests.tools import clock_ready

pytestmark = [pytest.mark.faults, pytest.mark.timeout(900)]

_short = functools.partial(Weather, sweep=4.0, minutes=12.0, calm_at_the_end=True, rate=8.0)
_at_one_point = functools.partial(_short, at_each_point=1, points=(Event.TAKEN,))
STORMS = [
    _short(name="main", texts=60, seed=20261125, workers=2, kills=2, at_each_point=1, pauses=2),
    _at_one_point(name="database", texts=40, seed=6, crashes=2),
    _short(name="workers", texts=50, seed=random.SystemRandom().randrange(2**32), workers=4, kills=4),
]
if clock_ready.library() is not None:
    STORMS.append(_at_one_point(name="clock", texts=40, seed=5, jumps=2))


@pytest.fixture(scope="module")
def storms() -> Iterator[Mapping[str, Future[dict[str, Any]]]]:
    """All of them under way at once."""
    with tempfile.TemporaryDirectory(prefix="afterglow-storm-") as made, ThreadPoolExecutor() as threads:
        Path(made).chmod(0o711)
        passing = {}
        for weather in STORMS:
            folder = Path(made) / weather.name
            folder.mkdir(mode=0o711)
            passing[weather.name] = threads.submit(storm.run, weather, folder=folder, progress=lambda _: None)
        yield passing


@pytest.mark.parametrize("weather", STORMS, ids=lambda weather: weather.name)
def test_a_storm_loses_nothing_and_sends_nothing_twice(
    weather: Weather, storms: Mapping[str, Future[dict[str, Any]]]
) -> None:
    report = storms[weather.name].result()
    say(str(report))
    assert report["over"], "not everything came to its end in time"
    assert report["harm"] == dict.fromkeys(report["harm"], 0), report["examples"]
    assert report["passed"], report["workers_complained"]
    if weather.name == "main":
        # In the smaller ones receipts may settle all that a killed worker left before it is buried.
        assert report["doubts"] > 0, "nothing was ever in doubt: the storm shows nothing"
    met = report["killed_at"]
    assert {point.value for point in weather.points if weather.at_each_point} <= met.keys()
    assert met.get(Event.RANDOM.value, 0) == weather.kills
    wanted = {Event.PAUSE: weather.pauses, Event.CRASH: weather.crashes, Event.JUMP: weather.jumps}
    assert report["happened"] == {event.value: count for event, count in wanted.items() if count}
