"""The lines of docs/app-developers.md, generated clients and all, run as they stand there."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from postgres_launcher.launcher import Endpoints
from tests.support.data.people import Clinic
from tests.support.machine.processes import Processes
from tests.tools import node_ready

PROJECT = Path(__file__).resolve().parents[2]
PAGE = PROJECT / "docs" / "app-developers.md"
SAVED = {"python": "week.py", "ts": "week.ts"}
MOST_SECONDS = 240


@dataclass(frozen=True)
class Read:
    """What was left after somebody followed the page."""

    folder: Path
    output: str

    def kept(self, name: str) -> dict[str, Any]:
        """A JSON file of theirs."""
        found: dict[str, Any] = json.loads((self.folder / name).read_text("utf-8"))
        return found


@pytest.fixture
def followed(database: Endpoints, clinic: Clinic, tmp_path: Path) -> Iterator[Read]:
    """The page, followed from top to bottom against a server of its own."""
    node_ready.main()
    folder = tmp_path / "app"
    folder.mkdir()
    (folder / "node_modules").symlink_to(node_ready.MODULES)
    npx = folder / "bin" / "npx"
    npx.parent.mkdir()
    program = next(node_ready.NODE.parents[1].glob("lib/node_modules/npm/bin/npx-cli.js"))
    npx.write_text(f'#!/bin/sh\nexec node {program} --no-install "$@"\n')
    npx.chmod(0o755)
    (folder / "package.json").write_text('{"type": "module", "private": true}')
    blocks = re.findall(r"```(sh|python|ts)\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    for language, name in SAVED.items():
        (block,) = [text for kind, text in blocks if kind == language]
        (folder / name).write_text(block)
    script = "".join(text for kind, text in blocks if kind == "sh")
    path = os.pathsep.join(
        [str(Path(sys.executable).parent), str(npx.parent), str(node_ready.NODE.parent), os.environ["PATH"]]
    )
    with Processes(database, folder=tmp_path) as started:
        web = started.web(workers=1)
        ran = subprocess.run(
            [shutil.which("bash") or "bash", "-euo", "pipefail", "-c", script],
            cwd=folder,
            env={
                **os.environ,
                "PATH": path,
                "BASE": f"http://127.0.0.1:{web.port}",
                "NURSE": clinic.nurse.token,
                "PYTHONWARNINGS": "error",
            },
            capture_output=True,
            text=True,
            timeout=MOST_SECONDS,
            check=False,
        )
        assert ran.returncode == 0, f"{ran.stdout[-2000:]}\n{ran.stderr[-3000:]}"
        yield Read(folder=folder, output=ran.stdout)


def test_an_app_can_be_built_from_the_page_alone(followed: Read) -> None:
    assert followed.kept("check-in.json")["language"] == "es"
    first, recovery = followed.kept("first.json"), followed.kept("recovery.json")
    assert first["ask_again"] == ["redness"]
    points = {one["symptom"]: one["points"] for one in recovery["symptoms"]}
    assert [one["score"] for one in points["redness"]] == [3]
    for name in ("reports.json", "tips.json", "knowledge.json"):
        assert followed.kept(name)["items"]
    assert '<html lang="es">' in (followed.folder / "my-data.html").read_text("utf-8")
    for language in ("python", "typescript"):
        assert f"{language} read 8 points in a band of 10 days" in followed.output
    days = re.findall(r"^(\d) expected ", followed.output, re.MULTILINE)
    assert days == [*map(str, range(8))] * 2
