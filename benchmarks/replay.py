"""Replay of simulated courses beside its floor, the parsing and writing of the same lines.

    python -m benchmarks.replay [REPORTS]

Prints seconds for a fifth of the reports and for all of them, and ratios to the floor.
"""

from __future__ import annotations

import json
import pathlib
import random
import sys
import time
from collections.abc import Callable

from recovery.domain.clinical import protocol
from recovery.domain.messaging import text_schedule
from recovery.domain.review import course_replay

CONFIG = pathlib.Path(__file__).parents[1] / "config"
PROTOCOL = CONFIG / "protocols/standard-2026-12.toml"
SCHEDULE = CONFIG / "messages/schedule.toml"
REPORTS_A_COURSE = 8


def course(number: int) -> str:
    """One course of eight reports that heal more or less as expected."""
    rng = random.Random(number)
    strength = rng.uniform(0.6, 1.4)
    reports = []
    for day in range(REPORTS_A_COURSE):
        left = strength * 0.6**day
        scores = {
            name: min(10, max(0, round(level * left + rng.gauss(0, 0.5))))
            for name, level in (("redness", 6), ("swelling", 3), ("pain", 2), ("itching", 2))
        } | {"peeling": rng.randint(0, 3), "dryness": rng.randint(0, 3), "bruising": 0}
        reports.append(
            {"hours": day * 24 + rng.uniform(1, 9), "scores": scores, "warning_signs": [], "confirmed": []}
        )
    treatment = {
        "device": rng.choice(["pen", "roller", "rf"]),
        "depth_mm": rng.choice([0.5, 1.0, 1.5, 2.0]),
        "areas": ["face"],
        "skin_type": rng.randint(1, 6),
        "session_number": 1,
    }
    return json.dumps({"course": f"x{number}", "treatment": treatment, "reports": reports})


def seconds(work: Callable[[], object]) -> float:
    """Processor time of one run."""
    started = time.process_time()
    work()
    return time.process_time() - started


def main(reports: int) -> None:
    """Measure `reports` reports on one core."""
    rules = protocol.parse(PROTOCOL.read_text(encoding="utf-8"))
    schedule = text_schedule.parse(SCHEDULE.read_text(encoding="utf-8"))
    lines = [course(number) for number in range(reports // REPORTS_A_COURSE)]
    part = lines[: len(lines) // 5]
    floor = seconds(lambda: [json.dumps(json.loads(line)) for line in lines])
    fifth = seconds(lambda: list(course_replay.replay_lines(part, protocol=rules, schedule=schedule)))
    full = seconds(lambda: list(course_replay.replay_lines(lines, protocol=rules, schedule=schedule)))
    print(f"{len(lines) * REPORTS_A_COURSE} reports in {len(lines)} courses")
    print(f"floor, parse and write    {floor:7.2f} s")
    print(f"replay of a fifth         {fifth:7.2f} s")
    print(f"replay of all             {full:7.2f} s   {full / floor:5.1f} x floor")
    print(f"all over a fifth          {full / fifth:7.2f}     linear is 5")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
