"""Protocols from the command line: files checked, courses replayed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
SHIPPED = PROJECT / "config" / "protocols" / "standard-2026-12.toml"
COURSE = {
    "course": "x1",
    "treatment": {"device": "pen", "depth_mm": 1.5, "areas": ["face"], "skin_type": 3, "session_number": 1},
    "reports": [
        {"hours": 26.5, "scores": {"redness": 3, "swelling": 2, "peeling": 1}, "warning_signs": []},
        {"hours": 50, "scores": {"redness": 2, "swelling": 1, "peeling": 2}, "warning_signs": ["pus"]},
    ],
}


def manage(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *arguments], cwd=PROJECT, capture_output=True, text=True, timeout=60
    )


def test_check_names_the_version_or_the_line(tmp_path: Path) -> None:
    good = manage("protocol", "check", str(SHIPPED))
    assert (good.returncode, good.stdout.split(":")[0]) == (0, "standard-2026-12")
    lines = SHIPPED.read_text().splitlines()
    place = next(number for number, line in enumerate(lines) if line.startswith("title"))
    lines[place] = "title = 7"
    wrong = tmp_path / "wrong.toml"
    wrong.write_text("\n".join(lines))
    bad = manage("protocol", "check", str(wrong))
    assert bad.returncode == 1
    assert f"line {place + 1}" in bad.stderr


def test_check_refuses_answers_that_nobody_is_asked_with(tmp_path: Path) -> None:
    others = tmp_path / "others.toml"
    text = SHIPPED.read_text().replace("most = 7", "most = 6", 1).replace("least = 8", "least = 7", 1)
    others.write_text(text)
    refused = manage("protocol", "check", str(others))
    assert refused.returncode == 1
    assert "answers: must be the five that patients are asked with" in refused.stderr


def test_replay_answers_a_line_for_a_line_without_a_database(tmp_path: Path) -> None:
    courses, out = tmp_path / "courses.ndjson", tmp_path / "out.ndjson"
    courses.write_text("\n".join(json.dumps(COURSE | {"course": f"x{number}"}) for number in range(3)))
    done = manage("protocol", "replay", "--courses", str(courses), "--out", str(out))
    assert done.returncode == 0, done.stderr
    found = [json.loads(line) for line in out.read_text().splitlines()]
    assert [one["course"] for one in found] == ["x0", "x1", "x2"]
    assert found[0]["reports"] == [
        {"level": "expected", "rules": [], "ask_again": []},
        {"level": "abnormal", "rules": ["warning_sign"], "ask_again": []},
    ]


@pytest.mark.parametrize("bad", ["{", '{"course": "x"}', "[]", b"\xff\xfe"])
def test_replay_of_a_bad_line_leaves_no_file(tmp_path: Path, bad: str | bytes) -> None:
    courses, out = tmp_path / "courses.ndjson", tmp_path / "out.ndjson"
    line = bad if isinstance(bad, bytes) else bad.encode()
    courses.write_bytes(json.dumps(COURSE).encode() + b"\n" + line + b"\n")
    done = manage("protocol", "replay", "--courses", str(courses), "--out", str(out))
    assert done.returncode == 2
    assert "line 2" in done.stderr
    assert list(tmp_path.iterdir()) == [courses]
