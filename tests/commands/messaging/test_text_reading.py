"""`manage.py texts read` and `texts measure`, as they are called."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from config.settings import PROJECT


def manage(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *arguments], cwd=PROJECT, capture_output=True, text=True, timeout=120
    )


def test_each_text_comes_back_with_what_it_is_taken_as(tmp_path: Path) -> None:
    source, out = tmp_path / "in.ndjson", tmp_path / "out.ndjson"
    given = [
        {"id": "a", "text": "I can't breathe", "language": "en"},
        {"id": 7, "text": "3 2 0 1"},
        {"id": "c", "text": "please stop texting me", "language": None},
        {"id": "d", "text": "UNSTOP"},
    ]
    source.write_text("".join(json.dumps(line) + "\n" for line in given))
    done = manage("texts", "read", "--in", str(source), "--out", str(out))
    assert (done.returncode, done.stderr) == (0, "")
    first, second, third, fourth = map(json.loads, out.read_text().splitlines())
    assert first == {
        "id": "a", "level": "emergency", "signs": ["breathing"], "scores": None, "opt_out": False,
        "opt_in": False, "question": None,
    }  # fmt: skip
    assert (second["id"], second["level"]) == (7, "none")
    assert second["scores"] == {"redness": 3, "swelling": 2, "peeling": 0, "pain": 1}
    assert (third["opt_out"], fourth["opt_in"]) == (True, True)


@pytest.mark.parametrize(
    "line", ["no json", "[]", '{"text": "x"}', '{"id": "x"}', '{"id": "x", "text": 3}', ""]
)
def test_a_bad_line_is_named_and_nothing_is_written(tmp_path: Path, line: str) -> None:
    source, out = tmp_path / "in.ndjson", tmp_path / "out.ndjson"
    source.write_text(f'{{"id": "a", "text": "ok"}}\n{line}\n')
    done = manage("texts", "read", "--in", str(source), "--out", str(out))
    assert (done.returncode, done.stderr.startswith("line 2: ")) == (2, True)
    assert not out.exists()


def test_what_spoke_for_a_sign_is_told_on_request(tmp_path: Path) -> None:
    source, out = tmp_path / "in.ndjson", tmp_path / "out.ndjson"
    source.write_text('{"id": 1, "text": "pus is coming out"}\n{"id": 2, "text": "thanks"}\n')
    done = manage("texts", "read", "--in", str(source), "--out", str(out), "--explain")
    assert done.returncode == 0
    first, second = map(json.loads, out.read_text().splitlines())
    assert any("pus" in reason for reason in first["because"]["pus"])
    assert second["because"] == {}
