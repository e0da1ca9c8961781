"""Makes sure the browser tests have their Chromium: installs Debian's when root, else says what to do."""

from __future__ import annotations

import os
import shutil
import sys

from tests.tools import debian

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def chromium() -> str | None:
    """The browser: `CHROMIUM` where set, else the first one on the path."""
    named = os.environ.get("CHROMIUM")
    return named or next((found for name in NAMES if (found := shutil.which(name))), None)


def main() -> int:
    """0 when there is a browser."""
    if chromium() is None:
        debian.install("chromium")
    if chromium() is None:
        sys.stderr.write(
            "The browser tests need Chromium. Install it (Debian: apt-get install chromium; "
            "macOS: brew install --cask chromium), or set CHROMIUM to its path.\n"
        )
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
