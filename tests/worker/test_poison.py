"""What cannot be reviewed is gone past: it holds up nobody else, however much of it there is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, create_engine, func, select, text, update
from sqlalchemy.orm import Session, sessionmaker

from config.local_postgres import Endpoints
from recovery.models.clinics import Clinic as ClinicRow
from recovery.models.flags import Flag
from recovery.models.reports import Assessment
from recovery.services.content import Content
from recovery.services.delivery import Wording
from recovery.sms.port import Accepted, Answer, Outgoing
from tests.support.people import Clinic, Patient
from worker import ticks
from worker.duties import Duties

UNREADABLE = {"weekly_hours": {"mon": "all day"}}


class Carrier:
    """Takes nothing: none of this sends."""

    def send(self, outgoing: Outgoing) -> Answer:
        return Accepted(carrier_id=f"sid-{outgoing.reference}")

    def close(self) -> None:
        """Nothing is open."""


@pytest.fixture
def engine(database: Endpoints) -> Iterator[Engine]:
    made = create_engine(database.worker_url)
    yield made
    made.dispose()


@pytest.fixture
def duties(engine: Engine, content: Content) -> Duties:
    return Duties(
        sessions=sessionmaker(engine, expire_on_commit=False),
        gateway=Carrier(),
        ledger=None,
        account="test",
        wording=Wording(content=content, links_at="https://c.example"),
        worker_id=uuid4(),
        rate=50,
    )


def _spoil(sessions: sessionmaker[Session], clinic: Clinic) -> None:
    with sessions.begin() as session:
        session.execute(update(ClinicRow).where(ClinicRow.id == clinic.id).values(**UNREADABLE))


def _report(client: FlaskClient, patient: Patient, now: datetime) -> None:
    body = {
        "seen_at": (now - timedelta(minutes=2)).isoformat(),
        "scores": {"redness": 2, "swelling": 1, "peeling": 0},
        "warning_signs": ["pus"],
    }
    answer = client.put(patient.report_path(uuid4()), json=body, headers=patient.headers)
    assert answer.status_code == 201, answer.json


def test_more_unreviewable_reports_than_a_batch_holds_keep_no_other_from_a_nurse(
    client: FlaskClient,
    clinic: Clinic,
    other_clinic: Clinic,
    duties: Duties,
    sessions: sessionmaker[Session],
    now: datetime,
) -> None:
    poison = 2 * ticks.REVIEW_BATCH + 1
    _report(client, clinic.add_patient(now=now), now)
    with sessions.begin() as session:
        # As many more like it, before the report that can be reviewed.
        columns = [one.name for one in Assessment.__table__.columns if one.name != "id"]
        session.execute(
            text(
                f"INSERT INTO assessment ({', '.join(columns)}) "  # noqa: S608
                f"SELECT {', '.join(columns)} FROM assessment, generate_series(1, :more)"
            ),
            {"more": poison - 1},
        )
    _spoil(sessions, clinic)
    _report(client, other_clinic.add_patient(now=now), now)
    committed: list[int] = []
    assert ticks.review_reports(duties, after_each=lambda: committed.append(1)) == 1
    assert committed == [1]
    with sessions() as session:
        assert [flag.clinic_id for flag in session.scalars(select(Flag))] == [other_clinic.id]
        waiting = select(func.count()).where(Assessment.reviewed_at.is_(None))
        assert session.scalar(waiting) == poison
    # The next tick looks at them again, and once the cause is gone they come to the nurse.
    assert ticks.review_reports(duties, after_each=lambda: None) == 0
    with sessions.begin() as session:
        session.execute(update(ClinicRow).where(ClinicRow.id == clinic.id).values(weekly_hours={}))
    assert ticks.review_reports(duties, after_each=lambda: None) == poison
