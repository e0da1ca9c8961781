"""The long storms: `python -m tests.faults.storms [NAME ...]`, all of them where none is named.

    main      kills at random and at six points, pauses, an unreliable carrier
    database  the same, and the database crashes
    workers   the same with four workers side by side
    clock     the same, and the workers' clocks jump by an hour (needs libfaketime)

Prints how each goes on, and one JSON object a storm at its end, also into FILE of `--out`. Ends with 1 where
a storm did harm. `--texts`, `--kills` and the like change the counts; without `--seed` one is drawn.
"""

from __future__ import annotations

import argparse
import dataclasses
import functools
import json
import random
import shutil
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from tests.support.storms import storm
from tests.support.storms.storm_plan import Weather

_long = functools.partial(
    Weather,
    texts=15_000,
    kills=200,
    at_each_point=50,
    pauses=40,
    minutes=90.0,
    seed=0,
    rate=20.0,
    last_rate=600.0,
)
STORMS = {
    "main": _long(name="main", workers=3),
    "database": _long(name="database", workers=3, crashes=15),
    "workers": _long(name="workers", workers=4),
    "clock": _long(name="clock", workers=3, jumps=40),
}
MAY_CHANGE = ("texts", "kills", "at_each_point", "pauses", "crashes", "jumps", "workers", "rate", "minutes")


def main() -> int:
    """Let the named storms pass, one after the other."""
    options = _options()
    passed = failed = 0
    for name in options.storms or STORMS:
        given = {field: getattr(options, field) for field in MAY_CHANGE}
        changed = {field: value for field, value in given.items() if value is not None}
        seed = options.seed if options.seed is not None else random.SystemRandom().randrange(2**32)
        weather = dataclasses.replace(STORMS[name], seed=seed, **changed)
        report = _pass(weather)
        say(json.dumps(report))
        if options.out:
            with options.out.open("a") as out:
                out.write(json.dumps(report) + "\n")
        passed, failed = passed + bool(report["passed"]), failed + (not report["passed"])
        say(f"{datetime.now(UTC):%H:%M:%S} {name}: {'passed' if report['passed'] else 'FAILED'}, seed {seed}")
    say(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


def _pass(weather: Weather) -> dict[str, object]:
    folder = Path(tempfile.mkdtemp(prefix="afterglow-storm-"))
    # The server may run under another account.
    folder.chmod(0o711)
    say(f"{datetime.now(UTC):%H:%M:%S} {weather}")
    try:
        return storm.run(weather, folder=folder, progress=say)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Storms of faults over the sending of texts.")
    parser.add_argument("storms", nargs="*", choices=[*STORMS, []])
    parser.add_argument("--out", type=Path)
    parser.add_argument("--seed", type=int)
    for field in MAY_CHANGE:
        kind = float if field in ("rate", "minutes") else int
        parser.add_argument(f"--{field.replace('_', '-')}", type=kind)
    return parser.parse_args()


def say(line: str) -> None:
    """To whoever waits, at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
