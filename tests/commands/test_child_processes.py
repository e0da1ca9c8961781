"""Real processes: kept running, given up when they keep dying, and ended with all they started."""

from __future__ import annotations

import os
import select
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from commands import child_processes
from commands.child_processes import Child, KeepsDying
from tests.support.machine.processes import eventually

ENVIRONMENT = {"PATH": os.defpath, "GREETING": "good morning"}
LONG = "exec sleep 60"
IDLE = "while :; do sleep 0.1; done"
SOON = 20
"""Seconds in which a process that was told to end is certainly gone."""


@pytest.fixture
def make() -> Iterator[Callable[[str], Child]]:
    """Makes children that run a line of shell; whatever still runs afterwards is killed."""
    made: list[Child] = []

    def child(script: str) -> Child:
        made.append(Child(name="sleeper", command=("sh", "-c", script), environment=ENVIRONMENT))
        return made[-1]

    yield child
    for one in made:
        one.wait_or_kill(deadline=time.monotonic())


def test_a_child_gets_its_own_environment_and_nothing_else(
    make: Callable[[str], Child], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OF_THE_PARENT", "1")
    written = tmp_path / "written"
    make(f'echo "$GREETING $OF_THE_PARENT|" > {written}.new; mv {written}.new {written}; {LONG}').start()
    eventually(written.exists, what="the child to write", within=SOON)
    assert written.read_text() == "good morning |\n"


def test_one_that_runs_is_left_alone_and_one_that_died_is_started_again(
    make: Callable[[str], Child], tmp_path: Path
) -> None:
    go_on, lives = tmp_path / "go-on", tmp_path / "lives"
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    child = make(f"echo life >> {lives}; [ -e {go_on} ] && {LONG}; touch {go_on}; read line < {gate}")
    child.start()
    eventually(go_on.exists, what="the first life to begin", within=SOON)
    assert not child.restart_if_dead()
    gate.write_text("end\n")
    eventually(child.restart_if_dead, what="the child to be started again", within=SOON)
    eventually(lambda: lives.read_text().count("life") == 2, what="the second life", within=SOON)
    assert not child.restart_if_dead()


def test_one_that_was_never_started_is_neither_revived_nor_waited_for(make: Callable[[str], Child]) -> None:
    child = make(LONG)
    assert not child.restart_if_dead()
    child_processes.stop_all([child])


def test_one_that_dies_at_once_again_and_again_is_given_up(make: Callable[[str], Child]) -> None:
    child, revived = make("exit 3"), []

    def keep_reviving() -> None:
        while True:
            revived.append(eventually(child.restart_if_dead, what="the child to end", within=SOON))

    child.start()
    with pytest.raises(KeepsDying, match="the sleeper ended 5 times right after its start"):
        keep_reviving()
    assert len(revived) == child_processes.QUICK_DEATHS - 1


def test_deaths_after_a_long_life_do_not_add_up(
    make: Callable[[str], Child], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(child_processes, "QUICK_DEATH_SECONDS", 0)
    child = make("exit 3")
    child.start()
    for _ in range(2 * child_processes.QUICK_DEATHS):
        assert eventually(child.restart_if_dead, what="the child to end", within=SOON)


def test_all_are_asked_before_one_is_waited_for(make: Callable[[str], Child], tmp_path: Path) -> None:
    # The first ends only once the second was asked, too.
    waits = f"until [ -e {tmp_path}/worker-asked ]; do sleep 0.05; done"
    web = make(f"trap '{waits}; touch {tmp_path}/web-asked; exit' TERM; touch {tmp_path}/web; {IDLE}")
    worker = make(f"trap 'touch {tmp_path}/worker-asked; exit' TERM; touch {tmp_path}/worker; {IDLE}")
    for child, name in ((web, "web"), (worker, "worker")):
        child.start()
        eventually((tmp_path / name).exists, what=f"the {name} to be ready", within=SOON)
    child_processes.stop_all([web, worker])
    assert (tmp_path / "web-asked").exists()
    assert (tmp_path / "worker-asked").exists()


def test_one_that_does_not_listen_is_killed_with_all_it_started(
    make: Callable[[str], Child], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(child_processes, "STOP_SECONDS", 0.0)
    held = tmp_path / "held-by-the-living"
    os.mkfifo(held)
    # Both shells ignore SIGTERM and hold the pipe open: it ends with the last of them.
    child = make(f"exec 3> {held}; trap '' TERM; sh -c '{IDLE}' & echo ready >&3; wait")
    child.start()
    with held.open() as reader:
        assert reader.readline() == "ready\n"
        child_processes.stop_all([child])
        assert select.select([reader], [], [], SOON)[0] == [reader]
        assert reader.read() == ""


def test_python_is_the_one_that_runs_this() -> None:
    assert child_processes.python("-m", "worker") == [sys.executable, "-m", "worker"]
