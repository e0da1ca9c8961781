"""The whole record: every session, withdrawn ones too, and all that happened, from one set of rows."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.clinical.symptoms import Symptom, WarningSign
from recovery.domain.flags.flag_lifecycle import FlagOutcome
from recovery.domain.messaging.unsent_reasons import UnsentReason
from recovery.models.flags.flags import EventKind
from recovery.models.patients.patients import Patient as PatientRow
from recovery.models.read_models import patient_record
from recovery.services.patients.enrolment import UnknownPatient
from recovery.services.read_models.record import record_view
from recovery.services.read_models.record.record_model import RecordView
from tests.support.data.audit_trail import entries
from tests.support.data.people import Clinic
from tests.support.data.reporting import staff_caller
from tests.support.record.record_scene import COMMENT, NOTE, RecordScene, make_record


@pytest.fixture
def scene(clinic: Clinic, now: datetime) -> RecordScene:
    """A patient with a history."""
    return make_record(clinic, now=now)


@pytest.fixture
def record(scene: RecordScene, now: datetime) -> RecordView:
    """What the clinic's nurse is shown."""
    return read(scene, now=now)


def read(scene: RecordScene, *, now: datetime) -> RecordView:
    with scene.clinic.sessions.begin() as session:
        return record_view.read_record_view(
            session,
            caller=staff_caller(scene.clinic),
            patient_id=scene.patient.id,
            content=scene.clinic.content,
            now=now,
        )


def test_every_session_stands_there_with_who_treated_and_who_recorded(
    record: RecordView, scene: RecordScene
) -> None:
    assert [one.treatment.facts.session_number for one in record.sessions] == [3, 2, 1]
    third, second, first = record.sessions
    assert second.treatment.id == scene.withdrawn_id
    assert second.withdrawn_at is not None
    ((correction, who),) = second.corrections
    assert (correction.reason, who) == ("Another patient's.", f"Nurse {scene.practitioner.email}")
    assert (third.treated_by, third.recorded_by) == (
        f"Nurse {scene.practitioner.email}",
        f"Nurse {scene.clinic.nurse.email}",
    )
    assert (first.treated_by, first.recorded_by) == (None, None), "recorded by the operator"


def test_the_time_before_is_the_newest_earlier_session_that_was_not_withdrawn(record: RecordView) -> None:
    assert record.last is record.sessions[0]
    assert record.last_healed is record.sessions[2]
    settling = record.sessions[2].settling
    assert (settling.calm_on, settling.peaks[Symptom.REDNESS].score) == (5, 4)
    assert [one.session_number for one in record.sessions[0].course.earlier] == [1]


def test_a_report_keeps_what_it_said_before_it_was_changed(record: RecordView) -> None:
    changed, last = record.sessions[0].reports
    assert (changed.stands.revision, changed.stands.scores[Symptom.REDNESS]) == (2, 3)
    assert [(one.revision, one.scores[Symptom.REDNESS]) for one in changed.before] == [(1, 4)]
    assert last.stands.note == NOTE
    assert WarningSign.PUS in {finding.sign for finding in last.findings}


def test_photos_of_a_day_stand_side_by_side(record: RecordView, scene: RecordScene) -> None:
    assert [one.session_number for one in (each.facts for each in record.photo_sessions)] == [1, 3]
    (day,) = record.photo_days
    assert day.day == 3
    assert tuple(cell[0].id for cell in day.cells) == scene.photo_ids


def test_every_text_says_why_it_was_not_sent(record: RecordView) -> None:
    texts = record.sessions[0].texts
    (fifth,) = [one for one in texts if one.day == 5 and one.due_at is not None and "link" in one.template]
    assert str(UnsentReason.ENOUGH_TODAY) in fifth.why
    assert {one.treatment_id for one in texts} == {record.sessions[0].treatment.id}
    missing = [one for one in texts if one.id is None]
    assert all(one.why.startswith("Not planned") for one in missing)
    dues = [one.due_at for one in texts if one.due_at is not None]
    assert dues == sorted(dues)


def test_flags_open_and_closed_with_all_that_happened(record: RecordView, scene: RecordScene) -> None:
    assert [one.details.id for one in record.open_flags] == [scene.open_flag]
    (closed,) = record.closed_flags
    assert (closed.details.id, closed.details.outcome, closed.details.comment) == (
        scene.closed_flag,
        FlagOutcome.IRRITATION,
        COMMENT,
    )
    happened = [one.kind for one in closed.history]
    assert happened[0] is EventKind.OPENED
    assert happened[-3:] == [EventKind.CONTACT, EventKind.NOTE, EventKind.RESOLVED]
    assert [call.entry.detail["result"] for call in record.calls] == ["no_answer", "reached"]


def test_who_read_it_is_told_and_this_reading_is_audited(
    record: RecordView, scene: RecordScene, now: datetime
) -> None:
    assert record.readings == []
    again = read(scene, now=now + timedelta(seconds=1))
    assert [(one.entry.action, one.who) for one in again.readings] == [
        ("record.read", f"Nurse {scene.clinic.nurse.email}")
    ]
    with scene.clinic.sessions() as session:
        noted = entries(session, scene.clinic.id, "record.read")
        assert {(one.subject_kind, one.subject_id) for one in noted} == {("patient", scene.patient.id)}
    assert {one.entry.action for one in again.acts} >= {"treatment.record", "flag.resolved", "report.put"}


def test_the_record_leaves_out_nothing_that_is_kept(
    record: RecordView, scene: RecordScene, sessions: sessionmaker[Session]
) -> None:
    with sessions() as session:
        patient = session.get_one(PatientRow, (scene.clinic.id, scene.patient.id))
        rows = patient_record.read_record(session, patient)
    shown = [report for one in record.sessions for report in one.reports]
    assert len(shown) == len(rows.reports)
    assert sum(1 + len(one.before) for one in shown) == len(rows.revisions)
    assert sum(len(one.photos) for one in shown) == len(rows.photos)
    assert {one.details.id for one in record.flags} == {one.id for one in rows.flags}
    assert {one.treatment.id for one in record.sessions} == {one.id for one in rows.treatments}
    assert [one.id for one in record.consents] == [one.id for one in rows.consents[::-1]]


def test_another_clinic_s_patient_is_nobody(
    scene: RecordScene, other_clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions() as session, pytest.raises(UnknownPatient):
        record_view.read_record_view(
            session,
            caller=staff_caller(other_clinic),
            patient_id=scene.patient.id,
            content=scene.clinic.content,
            now=now,
        )
