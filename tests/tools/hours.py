"""Runs the tests at other moments than now: `python -m tests.tools.hours [--at WHEN ...] [-- PYTEST ...]`.

WHEN is a moment in UTC (2027-02-03T16:40) or one of these, all of them where none is named:

    workday   each hour of a Wednesday
    sunday    each hour of a Sunday
    changes   the nights in which Europe and the United States change their clocks, ten minutes before
    leap      the last minutes of 28 February and noon of 29 February in a leap year
    newyear   half an hour before a year ends, and ten minutes after

What stands after `--` goes to pytest; without it the whole suite runs. The clock of the tests, of the
database server, of the browser and of every other child begins at the moment and goes on at its usual speed.
Each finished moment is a line in hours.ndjson and is not run again, so that an interrupted run can be
resumed; `--fresh` starts over. Prints a table at the end, and ends with 1 where a test failed at any moment.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as tree
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.tools import debian

SOURCE = Path(__file__).with_name("clock_ahead.c")
FINISHED = Path("hours.ndjson")
GROUPS: Mapping[str, Sequence[str]] = {
    "workday": [f"2027-02-03T{hour:02}:40" for hour in range(24)],
    "sunday": [f"2027-02-07T{hour:02}:10" for hour in range(24)],
    "changes": ["2027-03-14T06:50", "2027-03-28T00:50", "2027-10-31T00:50", "2027-11-07T05:50"],
    "leap": ["2028-02-28T23:55", "2028-02-29T12:00"],
    "newyear": ["2026-12-31T23:30", "2027-01-01T00:10"],
}


@dataclass(frozen=True, kw_only=True)
class Finished:
    """What pytest gave at one moment: how many tests passed, and which did not."""

    moment: str
    pytest: list[str]
    passed: int
    failed: list[str]

    def row(self) -> str:
        """Its line in the table, and one for each failure."""
        verdict = f"FAILED {len(self.failed)}" if self.failed else "passed"
        day = f"{datetime.fromisoformat(self.moment):%a}"
        return "\n".join([f"{day} {self.moment}  {verdict:10}  {self.passed} passed", *self.failed])


def main() -> int:
    """Run what is not finished, moment by moment."""
    options = _options()
    moments = [one for name in options.at or GROUPS for one in GROUPS.get(name, [name])]
    if options.fresh:
        options.out.unlink(missing_ok=True)
    finished = {one.moment: one for one in _read(options.out) if one.pytest == options.pytest}
    with moving_library() as library:
        for at in moments:
            if at not in finished:
                finished[at] = _run(at, options.pytest, library=library)
                with options.out.open("a") as out:
                    out.write(json.dumps(asdict(finished[at])) + "\n")
    sys.stdout.write("\n" + "\n".join(finished[at].row() for at in moments) + "\n")
    return 1 if any(finished[at].failed for at in moments) else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="The tests at other moments than now.")
    at = f"a moment, or {', '.join(GROUPS)}"
    parser.add_argument("--at", nargs="+", metavar="WHEN", type=moment, help=at)
    parser.add_argument("--out", type=Path, default=FINISHED)
    parser.add_argument("--fresh", action="store_true", help="forget what is finished")
    parser.add_argument("pytest", nargs="*", help="after --: arguments of pytest")
    return parser.parse_args()


def moment(given: str) -> str:
    """What may stand after --at. Raises ValueError."""
    if given not in GROUPS and datetime.fromisoformat(given).tzinfo is not None:
        raise ValueError("moments are in UTC, without saying so")
    return given


def _read(file: Path) -> list[Finished]:
    lines = file.read_text().splitlines() if file.exists() else []
    return [Finished(**json.loads(line)) for line in lines]


@contextmanager
def moving_library() -> Iterator[Path]:
    """The library that moves the clock, compiled, where every account may read it."""
    if sys.platform != "linux":
        sys.exit("Moving the clock of the tests needs Linux.")
    if not shutil.which("cc"):
        debian.install("build-essential")
    if not shutil.which("cc"):
        sys.exit("Moving the clock needs a C compiler (Debian: apt-get install build-essential).")
    with tempfile.TemporaryDirectory(prefix="afterglow-clock-") as folder:
        Path(folder).chmod(0o755)
        library = Path(folder) / "clock_ahead.so"
        subprocess.run(["cc", "-O2", "-shared", "-fPIC", "-o", library, SOURCE, "-ldl"], check=True)
        yield library


def _run(at: str, arguments: Sequence[str], *, library: Path) -> Finished:
    report = library.with_name("report.xml")
    report.unlink(missing_ok=True)
    ahead = datetime.fromisoformat(at).replace(tzinfo=UTC) - datetime.now(UTC)
    moved = {"LD_PRELOAD": str(library), "CLOCK_AHEAD": str(round(ahead.total_seconds()))}
    sys.stdout.write(f"\n{at} UTC\n")
    sys.stdout.flush()
    ended = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "--quiet", "-p", "no:cacheprovider"),
            *("-o", "junit_family=xunit1", f"--junitxml={report}"),
            *("-n", os.environ.get("TEST_PROCESSES", "3"), "--dist", "loadfile", "--no-loadscope-reorder"),
            *arguments,
        ],
        env=os.environ | moved,
        check=False,
    )
    passed, failed = _judge(report)
    if ended.returncode < 0 or (ended.returncode == pytest.ExitCode.INTERRUPTED and not failed):
        sys.exit(f"Interrupted at {at}; what was finished before is kept.")
    if ended.returncode and not failed:
        failed = [f"    pytest ended with {ended.returncode}"]
    return Finished(moment=at, pytest=list(arguments), passed=passed, failed=failed)


def _judge(report: Path) -> tuple[int, list[str]]:
    """How many tests passed, and the names of those that did not."""
    # Ours: pytest has just written it.
    cases = list(tree.parse(report).iter("testcase")) if report.exists() else []  # noqa: S314
    told = [{part.tag for part in case} for case in cases]
    failed = {
        f"    {case.get('file') or case.get('classname')}::{case.get('name')}"
        for case, parts in zip(cases, told, strict=True)
        if parts & {"failure", "error"}
    }
    return sum(not parts & {"failure", "error", "skipped"} for parts in told), sorted(failed)


if __name__ == "__main__":
    sys.exit(main())
