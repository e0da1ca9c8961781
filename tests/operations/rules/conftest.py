from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from operations.rules.installation_status import InstallationStatus

Status = Callable[..., InstallationStatus]


@pytest.fixture
def at() -> datetime:
    """The moment that is looked at."""
    return datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.fixture
def status(at: datetime) -> Status:
    """An installation that is well, but for what is named."""

    def made(**changed: Any) -> InstallationStatus:
        healthy: dict[str, Any] = {
            "at": at,
            "worker_seen_at": at - timedelta(seconds=5),
            "workers_alive": 1,
            "texts_due": 0,
            "text_due_since": None,
            "doubt_since": None,
            "unreviewed": 0,
            "review_since": None,
            "flags_open": 0,
            "flags_overdue": 0,
        }
        return InstallationStatus(**healthy | changed)

    return made
