"""The moved clock that the tests run under at other moments."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from tests.tools import hours

compiled = pytest.mark.skipif(
    sys.platform != "linux" or not shutil.which("cc"), reason="needs Linux and a C compiler"
)
PROJECT = Path(__file__).resolve().parents[2]
AHEAD = 400 * 24 * 3600
TELLS = """
import json, subprocess, sys, time
from datetime import datetime
began = time.monotonic()
time.sleep(0.01)
child = "import time; print(time.time())"
alone = subprocess.run([sys.executable, "-c", child], env={}, capture_output=True, text=True, timeout=50)
clocks = time.time(), datetime.now().timestamp(), time.clock_gettime(time.CLOCK_REALTIME), float(alone.stdout)
print(json.dumps([began, clocks]))
"""


@compiled
def test_every_clock_of_the_day_is_moved_in_children_of_a_bare_environment_too() -> None:
    def told(ahead: int) -> tuple[float, list[float]]:
        moved = {"LD_PRELOAD": str(library), "CLOCK_AHEAD": str(ahead)}
        ended = subprocess.run([sys.executable, "-c", TELLS], env=moved, capture_output=True, check=True)
        began, clocks = json.loads(ended.stdout)
        return began, clocks

    with hours.moving_library() as library:
        (before, real), (after, moved) = told(0), told(AHEAD)
    assert 0 <= after - before < AHEAD / 2, "what only counts on is not moved"
    assert [round((there - here) / AHEAD) for here, there in zip(real, moved, strict=True)] == [1, 1, 1, 1]


@compiled
def test_finished_moments_are_not_run_again_and_the_table_names_what_failed(tmp_path: Path) -> None:
    (tmp_path / "test_one.py").write_text(
        textwrap.dedent("""
            from datetime import datetime
            def test_holds(record_property): record_property("a measure", 1)
            def test_of_the_morning(): assert datetime.now().hour < 12
        """)
    )
    file = tmp_path / "hours.ndjson"
    chosen = ["--out", str(file), "--at", "2027-02-03T09:10", "2027-02-03T16:40", "--", str(tmp_path)]
    command = [sys.executable, "-m", "tests.tools.hours", *chosen]
    alone = os.environ | {"TEST_PROCESSES": "0"}

    def run() -> tuple[int, str]:
        ended = subprocess.run(
            command, cwd=PROJECT, env=alone, capture_output=True, text=True, timeout=250, check=False
        )
        return ended.returncode, ended.stdout

    code, said = run()
    table = said.partition("\n\nWed")[2]
    assert (code, said.count(" UTC\n")) == (1, 2), said
    assert "2027-02-03T09:10  passed      2 passed" in table
    assert "2027-02-03T16:40  FAILED 1    1 passed" in table
    assert "test_one.py::test_of_the_morning" in table
    assert run() == (1, f"\nWed{table}")
    file.write_text(file.read_text().splitlines()[0] + "\n")
    assert run()[1].count(" UTC\n") == 1


def test_a_moment_is_one_of_utc_or_a_group() -> None:
    assert [hours.moment(one) for one in ("leap", "2027-02-03T16:40")] == ["leap", "2027-02-03T16:40"]
    for wrong in ("never", "2027-02-03T16:40+02:00"):
        with pytest.raises(ValueError, match=r"UTC|Invalid isoformat"):
            hours.moment(wrong)
