from __future__ import annotations

import os

import pytest
from pydantic import SecretStr
from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from api.app import create_app
from api.database import db
from config.settings import Settings
from migrations import upgrade
from postgres_launcher.launcher import Endpoints
from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.models.messaging.messages import Message
from tests.support.access.documented_client import DocumentedClient
from tests.support.data.people import Clinic, Patient


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


def test_figures_are_for_scrapers_on_this_machine(
    client: DocumentedClient, sessions: sessionmaker[Session], clinic: Clinic, patient: Patient
) -> None:
    answer = client.get("/metrics")
    assert answer.status_code == 200
    lines = answer.get_data(as_text=True).splitlines()
    with sessions() as session:
        planned = session.query(Message).where(Message.state == MessageState.PLANNED).count()
    assert f'afterglow_texts{{state="planned"}} {float(planned)}' in lines
    assert 'afterglow_late{what="worker"} 1.0' in lines
    assert f'process_resident_memory_bytes{{pid="{os.getpid()}"}}' in answer.get_data(as_text=True)
    for name in ("X-Forwarded-For", "Forwarded", "Via"):
        assert client.get("/metrics", headers={name: "a proxy"}).status_code == 403
    assert client.get("/metrics", environ_base={"REMOTE_ADDR": "192.0.2.7"}).status_code == 403


def test_with_a_token_figures_are_for_whoever_brings_it(database: Endpoints, settings: Settings) -> None:
    token = "a token of some length"
    guarded = settings.model_copy(update={"metrics_token": SecretStr(token)})
    app = create_app(guarded, database_url=database.api_url)
    client = app.test_client()
    elsewhere = {"REMOTE_ADDR": "192.0.2.7"}
    for given in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": token}):
        assert client.get("/metrics", headers=given).status_code == 401
    known = {"Authorization": f"Bearer {token}"}
    assert client.get("/metrics", headers=known, environ_base=elsewhere).status_code == 200
    with app.app_context():
        db.engine.dispose()


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
