"""One storm from its first text to its verdict."""

from __future__ import annotations

import queue
import random
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, pool, select, text
from sqlalchemy.orm import Session, sessionmaker

from commands.shipped_content import shipped
from migrations import upgrade
from postgres_launcher.launcher import Endpoints
from recovery.models.messaging.messages import Message
from tests.support.data.people import found_clinic
from tests.support.machine.processes import Processes
from tests.support.storms import carrier, due, storm_setting, witness
from tests.support.storms.judge import Accounts, StormVerdict
from tests.support.storms.storm_plan import Event, Weather
from tests.support.storms.storm_setting import Scene
from tests.support.storms.worker_lanes import EventTally, Lane
from tests.tools import clock_ready

OPEN = text("""
    SELECT count(*) FROM message WHERE state IN ('claimed', 'in_doubt', 'accepted', 'sent')
        OR (state = 'planned' AND due_at < clock_timestamp() + interval '100 days')
""")
CLEAR = ("none", "throttled", "unavailable", "unauthorized")
"""What the carrier's answer left no doubt about."""
_MIGRATING = threading.Lock()
"""Alembic keeps its context in a module: one storm at a time."""
SERVER = {"max_connections": "120"}


class NotPossible(Exception):
    """This machine lacks something the storm needs; the message says what to install."""


def run(weather: Weather, *, folder: Path, progress: Callable[[str], None]) -> dict[str, Any]:
    """Let a storm pass on a server of its own, in `folder`; what it was, what it did, whether it passed."""
    if weather.jumps and clock_ready.library() is None:
        raise NotPossible("the clock's storm needs libfaketime: apt-get install faketime")
    began = time.monotonic()
    with _prepared(weather, folder=folder) as scene_:
        tally = EventTally()
        try:
            passed_by = _let_pass(scene_, tally, progress=progress)
        finally:
            scene_.witness.close()
        rows, moves = _texts(scene_.sessions), witness.moves(scene_.sessions)
        ledger, statuses = scene_.carrier.get("ledger"), scene_.carrier.get("statuses")
        verdict = Accounts(rows=rows, moves=moves, ledger=ledger, statuses=statuses).judge()
        faults = scene_.carrier.get("faults")
    seconds = round(time.monotonic() - began, 1)
    return _report(weather, tally, verdict, scene_, faults=faults, over=passed_by) | {"seconds": seconds}


@contextmanager
def _prepared(weather: Weather, *, folder: Path) -> Iterator[Scene]:
    with ExitStack() as stack:
        server, ends = stack.enter_context(storm_setting.own_server(folder / "server", settings=SERVER))
        with _MIGRATING:
            upgrade.to_newest(owner_url=ends.owner_url, api_url=ends.api_url, worker_url=ends.worker_url)
        engine = create_engine(ends.owner_url, poolclass=pool.NullPool)
        stack.callback(engine.dispose)
        sessions = sessionmaker(engine, expire_on_commit=False)
        content = shipped()
        now = datetime.now(UTC)
        clinic = found_clinic(sessions, content=content, now=now)
        numbers = due.write(clinic, count=weather.texts, now=now, dice=random.Random(weather.seed))
        url, processes = _outside(weather, ends, stack, folder=folder, numbers=numbers)
        yield Scene(
            weather=weather,
            sessions=sessions,
            content=content,
            processes=processes,
            carrier=carrier.StormCarrier(url),
            witness=witness.Witness(ends.owner_url),
            beyond=stack.enter_context(carrier.out_of_reach()),
            folder=folder,
            server=server,
        )


def _outside(
    weather: Weather, ends: Endpoints, stack: ExitStack, *, folder: Path, numbers: list[str]
) -> tuple[str, Processes]:
    """The web, the carrier that posts its receipts there, and the processes that will know both."""
    (folder / "outside").mkdir()
    (folder / "workers").mkdir()
    known = storm_setting.environment(weather, carrier="http://127.0.0.1:9")
    outside = stack.enter_context(Processes(ends, folder=folder / "outside", **known))
    web = outside.web(workers=2)
    refused = dict.fromkeys(numbers[: weather.refused_numbers], 21610)
    url = outside.carrier(
        callback_base=f"http://127.0.0.1:{web.port}", **{**weather.plan(), "refused": refused}
    )
    known = storm_setting.environment(weather, carrier=url)
    return url, stack.enter_context(Processes(ends, folder=folder / "workers", **known))


def _let_pass(scene_: Scene, tally: EventTally, *, progress: Callable[[str], None]) -> bool:
    """All events happen, then everything that is due is brought to its end; whether it was in time."""
    weather = scene_.weather
    deadline = time.monotonic() + weather.minutes * 60
    events: queue.SimpleQueue[tuple[Event, int]] = queue.SimpleQueue()
    for event in weather.events():
        events.put((event, 1))
    a_time = -(-weather.texts // max(1, events.qsize()))
    lanes = [Lane(scene_, number=number, events=events, a_time=a_time) for number in range(weather.workers)]
    told = threading.Event()
    with ThreadPoolExecutor(len(lanes) + 1) as threads:
        telling = threads.submit(_tell, scene_, events, told, progress)
        try:
            for future in [threads.submit(lane.run, tally) for lane in lanes]:
                future.result(timeout=max(1.0, deadline - time.monotonic()))
            if weather.calm_at_the_end:
                scene_.carrier.calm()
            scene_.asking(lambda: due.release(scene_.sessions, count=weather.texts))
            over = _wait_for_the_end(scene_, lanes, deadline=deadline)
            for lane in lanes:
                lane.end()
        finally:
            # Lanes that are not over end with what is left of the events.
            while not events.empty():
                events.get()
            told.set()
        telling.result()
    return over


def _wait_for_the_end(scene_: Scene, lanes: list[Lane], *, deadline: float) -> bool:
    while scene_.asking(lambda: _open(scene_.sessions)):
        for lane in lanes:
            lane.check()
        if time.monotonic() > deadline:
            return False
        time.sleep(0.5)
    return True


def _tell(
    scene_: Scene,
    events: queue.SimpleQueue[tuple[Event, int]],
    told: threading.Event,
    progress: Callable[[str], None],
) -> None:
    began = time.monotonic()
    while not told.wait(15):
        left = events.qsize()
        waiting = scene_.asking(lambda: _states(scene_.sessions))
        progress(f"{scene_.weather.name}: {time.monotonic() - began:.0f} s, {left} events to come, {waiting}")


def _open(sessions: sessionmaker[Session]) -> int:
    with sessions() as session:
        return int(session.scalars(OPEN).one())


def _states(sessions: sessionmaker[Session]) -> dict[str, int]:
    with sessions() as session:
        rows = session.execute(text("SELECT state, count(*) FROM message GROUP BY state ORDER BY state"))
        return {row[0]: row[1] for row in rows}


def _texts(sessions: sessionmaker[Session]) -> list[Message]:
    with sessions() as session:
        storms = select(Message).where(Message.step.startswith("storm:"))
        return list(session.scalars(storms))


def _report(
    weather: Weather,
    tally: EventTally,
    verdict: StormVerdict,
    scene_: Scene,
    *,
    faults: dict[str, int],
    over: bool,
) -> dict[str, Any]:
    wanted = {event.value: count for event, count in tally.struck.items()}
    asked = sum(faults.values())
    ambiguous = sum(count for fault, count in faults.items() if fault not in CLEAR)
    return {
        "storm": weather.name,
        "passed": verdict.passed and over and scene_.said["Traceback"] == 0,
        "over": over,
        "seed": weather.seed,
        "workers": weather.workers,
        "harm": dict(verdict.harm),
        "kills": sum(wanted.values()) + sum(tally.missed.values()),
        "killed_at": wanted,
        "killed_beside_the_point": {event.value: count for event, count in tally.missed.items()},
        "happened": {event.value: count for event, count in tally.happened.items()},
        "lives": tally.lives,
        "requests": asked,
        "ambiguous_share": round(ambiguous / max(1, asked), 4),
        "carrier_faults": faults,
        "workers_complained": dict(scene_.said),
        **verdict.seen,
        "examples": verdict.examples,
    }
