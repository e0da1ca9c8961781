from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy.orm import Session, sessionmaker

from recovery.models.read_models.audit_trail import TrailFilter
from recovery.services.read_models.record import audit_trail_view
from recovery.services.read_models.record.audit_trail_view import TrailRow
from tests.support.data.people import Clinic
from tests.support.data.reporting import staff_caller
from tests.support.record.record_scene import RecordScene, make_record


@pytest.fixture
def scene(clinic: Clinic, now: datetime) -> RecordScene:
    """A patient with a history."""
    return make_record(clinic, now=now)


def read(session: Session, scene: RecordScene, *, limit: int, now: datetime) -> list[TrailRow]:
    return audit_trail_view.read_trail(
        session,
        caller=staff_caller(scene.clinic),
        which=TrailFilter(clinic_id=scene.clinic.id),
        after=None,
        limit=limit,
        now=now,
    )


def test_names_are_told_of_who_did_it_and_of_whom_it_is_about(
    sessions: sessionmaker[Session], scene: RecordScene, now: datetime
) -> None:
    with sessions() as session:
        rows = read(session, scene, limit=500, now=now)
    by_action = {row.entry.action: row for row in rows}
    for action in ("flag.resolved", "treatment.withdraw", "report.put", "consultation.record"):
        about = by_action[action].patient
        assert about is not None, action
        assert (about.id, about.first_name) == (scene.patient.id, "Pat")
    assert by_action["treatment.withdraw"].who == f"Nurse {scene.practitioner.email}"
    assert by_action["report.put"].who is None, "a patient is told by the word for patients"
    assert by_action["staff.sign_in"].member is not None
    assert by_action["clinic.add_live"].patient is None


def test_a_long_list_is_the_same_in_parts(
    sessions: sessionmaker[Session], scene: RecordScene, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    with sessions() as session:
        whole = [row.entry.id for row in read(session, scene, limit=500, now=now)]
    assert len(whole) > 20
    monkeypatch.setattr(audit_trail_view, "AT_ONCE", 7)
    with sessions() as session:
        assert [row.entry.id for row in read(session, scene, limit=500, now=now)] == whole
    with sessions() as session:
        assert [row.entry.id for row in read(session, scene, limit=10, now=now)] == whole[:10]
