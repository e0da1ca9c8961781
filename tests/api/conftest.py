from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from tests.support.access.documented_client import DocumentedClient
from tests.support.data.people import Clinic, Patient
from tests.support.machine import databases


@pytest.fixture
def client(app: Flask) -> DocumentedClient:
    """Calls the application without a network; what the document does not say is a failure."""
    return DocumentedClient(app)


@pytest.fixture
def patient(clinic: Clinic, now: datetime) -> Patient:
    """A patient treated yesterday."""
    return clinic.add_patient(now=now)


@pytest.fixture
def rows(sessions: sessionmaker[Session]) -> Callable[[], dict[str, int]]:
    """How many rows every table has, but for the counts of tries: a refused try counts."""
    every = " UNION ALL ".join(
        f"SELECT '{name}', count(*) FROM {name}"  # noqa: S608
        for name in sorted(databases.all_tables())
        if name != "try_count"
    )

    def count() -> dict[str, int]:
        with sessions() as session:
            return {str(row[0]): int(row[1]) for row in session.execute(text(every))}

    return count
