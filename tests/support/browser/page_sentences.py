"""What the patient's page says in many states at once: its own source, run by Node without a browser."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from tests.tools import companion_build, node_ready

PROGRAM = node_ready.FOLDER / "page_sentences.mjs"
SECONDS = 120


def say(cases: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """What is told in each of these cases, in their order."""
    node_ready.install(companion_build.SOURCE)
    done = subprocess.run(
        [node_ready.NODE, PROGRAM],
        input=json.dumps(cases, default=datetime.isoformat),
        env=node_ready.environment() | {"TZ": "UTC"},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    said: list[dict[str, Any]] = json.loads(done.stdout)
    return said
