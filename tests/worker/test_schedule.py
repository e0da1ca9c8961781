from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from config.settings import PROJECT
from tests.tools import clock_ready
from worker.schedule import TickSchedule

NEVER = 3600.0
SOON = 30.0


class Bell:
    """A tick that can be seen, held and made to fail."""

    def __init__(self) -> None:
        self.runs = 0
        self.beside = 0
        self.most_beside = 0
        self.held = threading.Event()
        self.held.set()
        self.fails = False
        self._changed = threading.Condition()

    def __call__(self) -> int:
        with self._changed:
            self.runs += 1
            self.beside += 1
            self.most_beside = max(self.most_beside, self.beside)
            self._changed.notify_all()
        self.held.wait(SOON)
        with self._changed:
            self.beside -= 1
            self._changed.notify_all()
        if self.fails:
            raise ValueError("what a patient wrote")
        return 0

    def wait_for(self, runs: int) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: self.runs >= runs, SOON)

    def wait_until_free(self) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: self.beside == 0, SOON)


@pytest.fixture
def schedule() -> Iterator[TickSchedule]:
    made = TickSchedule()
    yield made
    made.stop()


def test_every_tick_runs_at_once_and_again_at_its_interval(schedule: TickSchedule) -> None:
    often, seldom = Bell(), Bell()
    schedule.add_tick(0.02, name="often", tick=often)
    schedule.add_tick(NEVER, name="seldom", tick=seldom)
    schedule.start()
    assert often.wait_for(5)
    assert seldom.wait_for(1)
    assert seldom.runs == 1


def test_a_woken_tick_does_not_wait_for_its_interval(schedule: TickSchedule) -> None:
    bell = Bell()
    schedule.add_tick(NEVER, name="bell", tick=bell)
    schedule.start()
    assert bell.wait_for(1)
    assert bell.wait_until_free()
    schedule.wake("bell")
    assert bell.wait_for(2)


def test_waking_a_running_tick_runs_it_once_more_and_not_beside_itself(schedule: TickSchedule) -> None:
    bell, after = Bell(), Bell()
    bell.held.clear()
    schedule.add_tick(NEVER, name="bell", tick=bell)
    schedule.add_tick(NEVER, name="after", tick=after)
    schedule.start()
    assert bell.wait_for(1)
    for number in range(5):
        schedule.wake("bell")
        # Woken later and seen to have run: by then the scheduler has dealt with the bell.
        schedule.wake("after")
        assert after.wait_for(2 + number)
        assert after.wait_until_free()
    assert bell.runs == 1
    bell.held.set()
    assert bell.wait_for(2)
    assert bell.most_beside == 1


def test_a_slow_tick_is_never_beside_itself(schedule: TickSchedule) -> None:
    bell, other = Bell(), Bell()
    bell.held.clear()
    schedule.add_tick(0.01, name="bell", tick=bell)
    schedule.add_tick(0.01, name="other", tick=other)
    schedule.start()
    assert bell.wait_for(1)
    assert other.wait_for(20)
    assert (bell.runs, bell.most_beside) == (1, 1)
    bell.held.set()
    assert bell.wait_for(3)
    assert bell.most_beside == 1


def test_a_tick_that_fails_is_logged_without_its_words_and_runs_again(schedule: TickSchedule) -> None:
    bell = Bell()
    bell.fails = True
    with structlog.testing.capture_logs() as logs:
        schedule.add_tick(0.02, name="bell", tick=bell)
        schedule.start()
        assert bell.wait_for(3)
        schedule.stop()
        schedule.start()
    assert {
        "event": "tick failed",
        "tick_name": "bell",
        "error_class": "ValueError",
        "log_level": "error",
    } in logs
    assert "patient" not in str(logs)


def test_stopping_lets_a_running_tick_end_even_one_that_wakes_another() -> None:
    schedule, bell = TickSchedule(), Bell()
    bell.held.clear()
    ended: list[str] = []

    def waking() -> int:
        bell()
        schedule.wake("bell")
        ended.append("waking")
        return 1

    schedule.add_tick(NEVER, name="bell", tick=lambda: 0)
    schedule.add_tick(NEVER, name="waking", tick=waking)
    schedule.start()
    assert bell.wait_for(1)
    stopping = threading.Thread(target=schedule.stop, daemon=True)
    stopping.start()
    # Time to get as far as it can while the tick still runs.
    stopping.join(0.3)
    assert stopping.is_alive()
    bell.held.set()
    stopping.join(SOON)
    assert not stopping.is_alive()
    assert ended == ["waking"]
    schedule.wake("bell")
    assert bell.runs == 1


SET_BACK = """
import os, pathlib, sys, threading
from worker.schedule import TickSchedule

runs, held, began, enough = [], threading.Event(), threading.Event(), threading.Event()

def tick():
    runs.append(None)
    began.set()
    held.wait(30)
    if len(runs) == 10:
        enough.set()
    return 0

schedule = TickSchedule()
schedule.add_tick(0.05, name="tick", tick=tick)
schedule.start()
began.wait(30)
offset = pathlib.Path(os.environ["FAKETIME_TIMESTAMP_FILE"])
offset.with_suffix(".new").write_text("-3600\\n")
offset.with_suffix(".new").rename(offset)
schedule.run_after_clock_change()
held.set()
goes_on = enough.wait(30)
schedule.stop()
sys.exit(not goes_on)
"""


@pytest.mark.skipif(clock_ready.library() is None, reason="needs the library that moves a clock")
def test_a_tick_under_way_goes_on_at_its_interval_once_the_clock_is_set_back(tmp_path: Path) -> None:
    offset = tmp_path / "offset"
    offset.write_text("+0\n")
    done = subprocess.run(
        [sys.executable, "-c", SET_BACK],
        cwd=PROJECT,
        env=os.environ
        | {
            "LD_PRELOAD": str(clock_ready.library()),
            "FAKETIME_TIMESTAMP_FILE": str(offset),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        },
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
