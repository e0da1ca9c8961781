"""Builds the patient's page from api/companion/source into api/companion/static, or into a folder named."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.tools import node_ready

COMPANION = Path(__file__).resolve().parents[2] / "api" / "companion"
SOURCE, BUILT = COMPANION / "source", COMPANION / "static"
BUILD_SECONDS = 120


def build(folder: Path) -> None:
    """Put what the source and its lock make into the folder, in place of what was there."""
    node_ready.install(SOURCE)
    subprocess.run(
        [node_ready.NODE, "build.mjs", str(folder.resolve())],
        cwd=SOURCE,
        env=node_ready.environment(),
        check=True,
        timeout=BUILD_SECONDS,
    )


if __name__ == "__main__":
    build(Path(sys.argv[1]) if len(sys.argv) > 1 else BUILT)
