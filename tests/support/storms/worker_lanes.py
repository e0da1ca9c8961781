"""Lanes of workers: in each one worker lives at a time, meets its events, and is followed by the next."""

from __future__ import annotations

import itertools
import queue
import random
import re
import signal
import threading
import time
from collections import Counter
from dataclasses import dataclass, field

from sqlalchemy import text

from tests.support.machine.processes import Running, eventually, said_by
from tests.support.storms import due
from tests.support.storms.carrier import POINTS
from tests.support.storms.storm_plan import Event
from tests.support.storms.storm_setting import Scene
from tests.tools import clock_ready

HOUR = 3600
STARTED = "worker started"
STRIKE_SECONDS = 20.0
"""How long a kill at a point is waited for once the worker has started; then it is killed all the same, and
the point tried anew."""
TRIES = 3
_DETAIL = re.compile(r'"(?:tick_name|error_class)": ?"(\w+)"')
"""Which tick, and what kind of error, in a line of the worker's log."""
START_SECONDS = 180.0
"""A worker takes two or three seconds where the machine has nothing else to do."""

UNSETTLED = text("""
    WITH mine AS (SELECT id FROM worker WHERE pid = :pid ORDER BY started_at DESC LIMIT 1)
    SELECT claim.reference FROM storm_move claim JOIN mine ON mine.id = claim.worker_id
    WHERE claim.after = 'claimed' AND NOT EXISTS (
        SELECT FROM storm_move later
        WHERE later.reference = claim.reference AND later.number > claim.number
              AND later.before = 'claimed' AND later.after IN ('accepted', 'failed', 'planned')
    )
""")
"""What a worker claimed and did not write the answer to; receipts and burials are not its doing."""


@dataclass(kw_only=True)
class EventTally:
    """What happened. `struck` counts kills by the point they met, `missed` those that met another."""

    struck: Counter[Event] = field(default_factory=Counter)
    missed: Counter[Event] = field(default_factory=Counter)
    happened: Counter[Event] = field(default_factory=Counter)
    lives: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, counter: Counter[Event], event: Event) -> None:
        """One more."""
        with self.lock:
            counter[event] += 1


class Lane:
    """One worker after the other, each with an API key by which the carrier knows the lane."""

    def __init__(
        self, scene: Scene, *, number: int, events: queue.SimpleQueue[tuple[Event, int]], a_time: int
    ) -> None:
        self._scene = scene
        self._number = number
        self._events = events
        self._a_time = a_time
        self._dice = random.Random(f"{scene.weather.seed} {number}")
        self._key = f"SK{number:032x}"
        self._clock = scene.folder / f"clock-{number}"
        self._offsets = itertools.cycle((HOUR, -HOUR, 0))
        self._worker: Running | None = None
        self.tally = EventTally()

    def run(self, tally: EventTally) -> None:
        """Meet events until none is left; a worker lives when this ends."""
        self.tally = tally
        while True:
            try:
                event, tries = self._events.get_nowait()
            except queue.Empty:
                break
            self._scene.asking(lambda: due.release(self._scene.sessions, count=self._a_time))
            if not self._meet(event) and tries < TRIES:
                self._events.put((event, tries + 1))
        if self._scene.weather.last_rate is not None:
            self._say_goodbye()
            self._start(SMS_RATE=str(self._scene.weather.last_rate))
        self._alive(at_work=True)

    def end(self) -> None:
        """Let the last worker say goodbye, and see that it does."""
        self._alive(at_work=True)
        self._say_goodbye()

    def check(self) -> None:
        """Fail if the worker has ended by itself."""
        if self._worker is not None:
            said_by(self._worker)

    def _meet(self, event: Event) -> bool:
        """Let one event happen; whether it did as it was meant."""
        match event:
            case Event.RANDOM:
                return self._kill_at_random()
            case Event.PAUSE:
                return self._pause()
            case Event.CRASH:
                self._alive(at_work=True)
                self._somewhen(1.0)
                self._scene.crash_database(away=self._dice.uniform(0, 1.5))
                self.tally.add(self.tally.happened, event)
                return True
            case Event.JUMP:
                return self._jump()
            case Event.CONNECTING:
                return self._kill_before_connecting()
            case Event.CLAIMED | Event.SETTLED:
                worker = self._alive(at_work=False)
                self._scene.witness.on(event, worker.popen.pid, worker.popen.kill)
                return self._struck(event, worker)
            case _:
                worker = self._alive(at_work=False)
                self._scene.carrier.kill_at(event, key=self._key, pid=worker.popen.pid)
                return self._struck(event, worker)

    def _kill_at_random(self) -> bool:
        worker = self._alive(at_work=self._dice.random() > 0.1)
        self._somewhen(1.5)
        self._kill(worker)
        self.tally.add(self.tally.struck, Event.RANDOM)
        return True

    def _pause(self) -> bool:
        worker = self._alive(at_work=True)
        self._somewhen(1.0)
        worker.send(signal.SIGSTOP)
        # One in eight is longer than a claimed text may wait to be handed over.
        time.sleep(self._dice.uniform(6, 8) if self._dice.random() < 0.125 else self._dice.uniform(0.2, 2.5))
        worker.send(signal.SIGCONT)
        self.tally.add(self.tally.happened, Event.PAUSE)
        return True

    def _jump(self) -> bool:
        self._alive(at_work=True)
        self._somewhen(0.5)
        self._set_clock(next(self._offsets))
        self._somewhen(2.0)
        self.tally.add(self.tally.happened, Event.JUMP)
        return True

    def _kill_before_connecting(self) -> bool:
        self._say_goodbye()
        worker = self._start(TWILIO_API_BASE=self._scene.beyond)
        claimed = threading.Event()
        self._scene.witness.on(Event.CLAIMED, worker.popen.pid, claimed.set)
        self._alive(at_work=True)
        met = claimed.wait(STRIKE_SECONDS)
        # Connecting is given three seconds; now it is under way.
        time.sleep(0.1)
        return self._note(Event.CONNECTING, worker, met=met)

    def _struck(self, event: Event, worker: Running) -> bool:
        """Wait for the kill that was armed; whether it met the moment it was meant for."""
        started, end = False, time.monotonic() + START_SECONDS
        while worker.popen.poll() is None and time.monotonic() < end:
            if not started and STARTED in worker.said():
                started, end = True, time.monotonic() + STRIKE_SECONDS
            time.sleep(0.01)
        met = worker.popen.poll() is not None
        if event in POINTS:
            self._scene.carrier.spare(key=self._key)
        if not met:
            return self._note(event, worker, met=False)
        unsettled = self._scene.asking(lambda: self._unsettled(worker))
        if event is Event.CLAIMED:
            asked = set(self._scene.carrier.get("asked"))
            met = bool(unsettled) and not unsettled & asked
        elif event is not Event.SETTLED:
            killed = [one for one in self._scene.carrier.get("kills") if one["pid"] == worker.popen.pid]
            met = bool(killed) and killed[-1]["reference"] in unsettled
        return self._note(event, worker, met=met)

    def _note(self, event: Event, worker: Running, *, met: bool) -> bool:
        self._kill(worker)
        self.tally.add(self.tally.struck if met else self.tally.missed, event)
        return met

    def _unsettled(self, worker: Running) -> set[str]:
        with self._scene.sessions() as session:
            return set(session.scalars(UNSETTLED, {"pid": worker.popen.pid}))

    def _alive(self, *, at_work: bool) -> Running:
        worker = self._worker or self._start()
        if at_work:
            eventually(lambda: STARTED in said_by(worker), what="the worker to start", within=START_SECONDS)
        return worker

    def _say_goodbye(self) -> None:
        """The worker that lives, if any, is told to stop, and does."""
        if self._worker is not None:
            self._worker.send(signal.SIGTERM)
            code = self._worker.wait(within=START_SECONDS)
            assert code in (0, -signal.SIGTERM), f"ended with {code}:\n{self._worker.said()}"
            self._bury()

    def _start(self, **environment: str) -> Running:
        given = {
            "TWILIO_API_KEY_SID": self._key,
            "TWILIO_API_KEY_SECRET": "fake-auth-token",
        } | environment
        if self._scene.weather.jumps:
            if not self._clock.exists():
                self._set_clock(0)
            given |= {
                "LD_PRELOAD": str(clock_ready.library()),
                "FAKETIME_TIMESTAMP_FILE": str(self._clock),
                "FAKETIME_NO_CACHE": "1",
                # As when an administrator sets a clock: durations are not touched.
                "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            }
        self._worker = self._scene.processes.worker(**given)
        with self.tally.lock:
            self.tally.lives += 1
        return self._worker

    def _set_clock(self, seconds: int) -> None:
        fresh = self._clock.with_suffix(".new")
        fresh.write_text(f"{seconds:+d}\n")
        fresh.rename(self._clock)

    def _somewhen(self, most: float) -> None:
        time.sleep(self._dice.uniform(0, most))

    def _kill(self, worker: Running) -> None:
        worker.kill()
        self._bury()

    def _bury(self) -> None:
        """Count what the ended worker complained of, and keep nothing else of it."""
        worker, self._worker = self._worker, None
        if worker is None:
            return
        self._scene.witness.forget(worker.popen.pid)
        for line in worker.said().splitlines():
            for word in ("tick failed", "hand-over failed", "Traceback"):
                if word in line:
                    self._scene.said[" ".join([word, *_DETAIL.findall(line)])] += 1
        self._scene.processes.forget(worker)
