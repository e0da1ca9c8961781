"""The order of the files: those that take long begin first, lest one of them runs alone at the end."""

from __future__ import annotations

LONGEST = (
    "tests/contract/",
    "tests/faults/test_storms.py",
    "tests/api/console/access/test_console_access.py",
    "tests/faults/",
    "tests/browser/",
    "tests/journeys/",
    "tests/api/test_access_matrix.py",
    "tests/evaluation/",
    "tests/postgres_launcher/",
    "tests/recovery/domain/messaging/test_every_zone.py",
)


def place(path: str) -> int:
    """Where a test of this file belongs; the others follow as they were found."""
    return next((number for number, start in enumerate(LONGEST) if path.startswith(start)), len(LONGEST))
