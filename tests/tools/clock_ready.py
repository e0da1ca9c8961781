"""Makes sure a worker's clock can jump: installs Debian's libfaketime when root, else says what to do."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.tools import debian


def library() -> Path | None:
    """What has to be preloaded into a process whose clock is to jump."""
    return next(iter(sorted(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))), None)


def main() -> int:
    """0 always: without the library the storm of jumping clocks is left out, and this says so."""
    if library() is None:
        debian.install("faketime")
    if library() is None:
        sys.stderr.write(
            "No libfaketime: the storm of jumping clocks is left out (Debian: apt-get install faketime).\n"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
