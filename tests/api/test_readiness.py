from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from migrations import upgrade
from tests.support.documented_client import DocumentedClient
from tests.support.people import Clinic, Patient


def test_alive_and_ready(client: DocumentedClient) -> None:
    alive = client.get("/healthz")
    assert (alive.status_code, alive.json) == (200, {"status": "ok"})
    ready = client.get("/readyz")
    assert (ready.status_code, ready.json) == (200, {"status": "ok", "schema": upgrade.newest()})


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("UPDATE alembic_version SET version_num = '0000'", "0000"),
        ("DELETE FROM alembic_version", None),
        ("DROP TABLE alembic_version", None),
    ],
)
def test_a_schema_that_is_behind_is_not_ready(
    client: DocumentedClient, sessions: sessionmaker[Session], statement: str, found: str | None
) -> None:
    with sessions.begin() as session:
        session.execute(text(statement))
    behind = client.get("/readyz")
    assert behind.status_code == 503
    assert behind.json == {"status": "schema", "found": found, "wanted": upgrade.newest()}
    assert client.get("/healthz").status_code == 200


def test_nothing_personal_is_kept_by_anything_in_between(
    client: DocumentedClient, clinic: Clinic, patient: Patient
) -> None:
    answers = [
        client.get("/api/v1/me", headers=patient.headers),
        client.get(f"/api/v1/patients/{patient.id}", headers=clinic.nurse.headers),
        client.get("/api/v1/me"),
        client.get("/nowhere"),
        client.get("/readyz"),
    ]
    for answer in answers:
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert "Set-Cookie" not in answer.headers
    assert "default-src 'none'" in answers[0].headers["Content-Security-Policy"]
