from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg.errors import UniqueViolation
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from postgres_launcher.launcher import Endpoints
from recovery.domain.clinical.asking import OpenMatter
from recovery.domain.clinical.assessment import BandOverride
from recovery.domain.clinical.symptoms import AnswerScale, Area, Device, Level, Symptom, WarningSign
from recovery.domain.flags.flag_lifecycle import FlagOutcome, FlagState
from recovery.models.content.protocols import ProtocolVersion
from recovery.models.core.audit import ActorKind, AuditEntry
from recovery.models.patients.patients import Patient, PatientSession
from recovery.models.read_models import report_fast_path
from recovery.models.read_models.report_fast_path import CourseSnapshot, NewReport
from recovery.models.reports.reports import Report, ReportRevision, StoredAssessment
from recovery.models.tasks import tasks
from recovery.models.tasks.tasks import Task, TaskKind
from recovery.models.treatments.treatments import EARLIER_SESSIONS, Treatment
from tests.support.data.model_rows import add_flag, add_revision, add_treatment
from tests.support.machine import databases

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
Read = Callable[..., CourseSnapshot | None]
Keep = Callable[..., bool]


@pytest.fixture
def connection(database: Endpoints) -> Iterator[psycopg.Connection[Any]]:
    """The driver's connection as the API's role; every statement is a transaction of its own."""
    with databases.connect(database.api_url) as opened:
        yield opened


@pytest.fixture
def device(session: Session, patient: Patient, now: datetime) -> PatientSession:
    """A device on which the patient is signed in for another day."""
    row = PatientSession(
        clinic_id=patient.clinic_id,
        token_hash=b"token",
        patient_id=patient.id,
        created_at=now,
        last_seen_at=now,
        expires_at=now + DAY,
    )
    session.add(row)
    session.commit()
    return row


@pytest.fixture
def read(
    session: Session,
    connection: psycopg.Connection[Any],
    device: PatientSession,
    treatment: Treatment,
    now: datetime,
) -> Read:
    """What there is for a report of the treatment."""

    def snapshot(**values: Any) -> CourseSnapshot | None:
        session.commit()
        asked: dict[str, Any] = {
            "clinic_id": device.clinic_id,
            "token_hash": device.token_hash,
            "treatment_id": treatment.id,
            "now": now,
        }
        return report_fast_path.read_snapshot(connection, **(asked | values))

    return snapshot


@pytest.fixture
def keep(
    session: Session,
    connection: psycopg.Connection[Any],
    device: PatientSession,
    treatment: Treatment,
    now: datetime,
) -> Keep:
    """Keeps a first report; whether it was kept."""

    def kept(**values: Any) -> bool:
        session.commit()
        filled: dict[str, Any] = {
            "clinic_id": treatment.clinic_id,
            "patient_id": treatment.patient_id,
            "treatment_id": treatment.id,
            "report_id": uuid4(),
            "token_hash": device.token_hash,
            "course_version": treatment.course_version,
            "seen_at": now - HOUR,
            "hours": 29.0,
            "clock": "trusted",
            "scores": {"redness": 4},
            "scale": AnswerScale.WORDS,
            "strongest": Area.NECK,
            "warning_signs": ["fever"],
            "confirmed": ["redness"],
            "body": {"as": "sent"},
            "answer": b"answer",
            "level": Level.ABNORMAL,
            "day": 1,
            "findings": [{"symptom": "redness"}],
            "open_matter": OpenMatter.RISE,
            "protocol": "a version",
            "comment": "Heard from.",
            "touch": None,
            "wake": None,
            "now": now,
        }
        done = report_fast_path.insert_report(connection, NewReport(**(filled | values)))
        session.expire_all()
        return done

    return kept


def test_a_course_is_read_with_all_that_a_report_is_judged_by(
    session: Session, read: Read, patient: Patient, treatment: Treatment, now: datetime
) -> None:
    patient.band_level, patient.band_duration, patient.at_least = 1.3, 1.5, Level.WATCH
    treatment.protocol, treatment.course_version = "own", 7
    session.add(
        ProtocolVersion(
            clinic_id=patient.clinic_id, version="own", title="Own", body="the text", created_at=now
        )
    )
    add_flag(session, treatment, due_at=now, state=FlagState.RESOLVED)
    add_flag(session, treatment, due_at=now + HOUR)
    known = read()
    assert known is not None
    assert (known.patient_id, known.language, known.time_zone) == (patient.id, patient.language, "UTC")
    assert known.facts == treatment.facts(skin_type=patient.skin_type)
    assert (known.performed_at, known.course_version) == (treatment.performed_at, 7)
    assert (known.protocol, known.own_protocol) == ("own", "the text")
    assert (known.last_seen_at, known.flag_due_at) == (now, now + HOUR)
    assert (known.override, known.course, known.sessions) == (None, [], [])
    patient.band_because = "Reacts strongly."
    again = read()
    assert again is not None
    assert again.override == BandOverride(level=1.3, duration=1.5, at_least=Level.WATCH)


def test_reports_are_read_as_their_newest_revision_says_in_the_order_of_what_was_seen(
    session: Session, read: Read, treatment: Treatment, now: datetime
) -> None:
    late = add_revision(session, treatment, seen_at=now - HOUR, received_at=now)
    early = add_revision(session, treatment, seen_at=now - 2 * HOUR)
    report = session.get_one(Report, (late.clinic_id, late.report_id))
    add_revision(
        session,
        treatment,
        seen_at=now - 3 * HOUR,
        report=report,
        scores={"redness": 9},
        warning_signs=["pus"],
        confirmed=["redness"],
        scale=AnswerScale.WORDS,
        strongest=Area.NECK,
    )
    known = read()
    assert known is not None
    assert [row.report_id for row in known.course] == [late.report_id, early.report_id]
    first = known.course[0]
    assert (first.seen_at, first.created_at) == (now - 3 * HOUR, now)
    assert first.observation.hours == 27
    assert first.observation.scores == {Symptom.REDNESS: 9}
    assert first.observation.warning_signs == {WarningSign.PUS}
    assert first.observation.confirmed == {Symptom.REDNESS}
    assert [row.observation.scale for row in known.course] == [AnswerScale.WORDS, AnswerScale.NUMBERS]
    assert [row.observation.strongest for row in known.course] == [Area.NECK, None]


def test_every_session_knows_from_when_on_a_later_one_has_taken_over(
    session: Session, read: Read, patient: Patient, treatment: Treatment
) -> None:
    before = add_treatment(session, patient, performed_at=treatment.performed_at - 30 * DAY)
    add_revision(session, before, seen_at=before.performed_at + 6 * HOUR)
    known = read()
    assert known is not None
    assert known.facts.taken_over_hours is None
    assert [past.treatment.taken_over_hours for past in known.sessions] == [30 * 24]
    add_treatment(session, patient, performed_at=treatment.performed_at + 11 * HOUR)
    add_treatment(session, patient, performed_at=treatment.performed_at + 13 * HOUR)
    known = read()
    assert known is not None
    assert known.facts.taken_over_hours == 13


def test_sessions_before_this_one_are_the_newest_with_reports_and_no_withdrawn_or_later_one(
    session: Session, read: Read, patient: Patient, treatment: Treatment, now: datetime
) -> None:
    def treated(days: float, *, reported: bool = True, **values: Any) -> None:
        row = add_treatment(
            session, patient, performed_at=treatment.performed_at - days * DAY, device=Device.RF, **values
        )
        if reported:
            add_revision(session, row, seen_at=row.performed_at + 6 * HOUR)

    depths = [Decimal(f"1.{place}") for place in range(EARLIER_SESSIONS + 1)]
    for place, depth in enumerate(depths):
        treated(30 * (place + 1), reported=place != 2, depth_mm=depth)
    treated(1, withdrawn_at=now)
    treated(-0.5)
    known = read()
    assert known is not None
    assert [past.treatment.depth_mm for past in known.sessions] == [1.0, 1.1, 1.3, 1.4, 1.5]
    assert {past.treatment.device for past in known.sessions} == {Device.RF}
    assert [seen.hours for past in known.sessions for seen in past.observations] == [6] * 5


def test_a_session_before_this_one_teaches_only_where_every_flag_was_closed_as_expected_healing(
    session: Session, read: Read, patient: Patient, treatment: Treatment, now: datetime
) -> None:
    closed = {"state": FlagState.RESOLVED, "resolved_at": now}
    flagged: list[list[dict[str, Any]]] = [
        [],
        [closed | {"outcome": FlagOutcome.EXPECTED_HEALING}],
        [closed | {"outcome": FlagOutcome.EXPECTED_HEALING}, closed | {"outcome": FlagOutcome.COLD_SORE}],
        [{"state": FlagState.OPEN}],
        [closed | {"outcome": FlagOutcome.EXPECTED_HEALING}, {"state": FlagState.CLAIMED}],
    ]
    for place, flags in enumerate(flagged):
        row = add_treatment(session, patient, performed_at=treatment.performed_at - (place + 1) * 30 * DAY)
        add_revision(session, row, seen_at=row.performed_at + 6 * HOUR)
        for flag in flags:
            add_flag(session, row, due_at=now, **flag)
    add_flag(session, treatment, due_at=now)
    known = read()
    assert known is not None
    assert [past.healed for past in known.sessions] == [True, True, False, False, False]


def test_whoever_has_no_such_token_or_treatment_reads_nothing(
    session: Session, read: Read, treatment: Treatment, foreign_treatment: Treatment, now: datetime
) -> None:
    assert read(now=now + DAY - timedelta(microseconds=1)) is not None
    assert read(now=now + DAY) is None
    assert read(token_hash=b"another") is None
    assert read(clinic_id=foreign_treatment.clinic_id) is None
    assert read(treatment_id=foreign_treatment.id) is None
    treatment.withdrawn_at = now
    assert read() is None


def test_a_report_leaves_a_revision_an_assessment_and_an_audit_entry(
    session: Session,
    keep: Keep,
    patient: Patient,
    treatment: Treatment,
    device: PatientSession,
    now: datetime,
) -> None:
    report_id: UUID = uuid4()
    assert keep(report_id=report_id)
    clinic_id = treatment.clinic_id
    report = session.get_one(Report, (clinic_id, report_id))
    assert (report.treatment_id, report.revision, report.created_at) == (treatment.id, 1, now)
    revision = session.get_one(ReportRevision, (clinic_id, report_id, 1))
    assert (revision.seen_at, revision.hours_then, revision.received_at) == (now - HOUR, 29, now)
    assert (revision.scores, revision.body, revision.answer) == ({"redness": 4}, {"as": "sent"}, b"answer")
    assert (revision.warning_signs, revision.confirmed, revision.note) == (["fever"], ["redness"], None)
    assessed = session.scalars(select(StoredAssessment)).one()
    assert (assessed.report_id, assessed.revision, assessed.level) == (report_id, 1, Level.ABNORMAL)
    assert (assessed.findings, assessed.ask_again) == ([{"symptom": "redness"}], [])
    assert (assessed.held, assessed.open_matter) == ([], OpenMatter.RISE)
    assert (assessed.day, assessed.review_after, assessed.reviewed_at) == (1, now, None)
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "report.put")).one()
    assert (entry.actor_kind, entry.actor_id, entry.subject_id) == (ActorKind.PATIENT, patient.id, report_id)
    assert treatment.course_version == 1
    assert (device.last_seen_at, device.expires_at) == (now, now + DAY)


def test_a_report_moves_the_session_on_and_settles_the_task_about_silence(
    session: Session, keep: Keep, treatment: Treatment, device: PatientSession, now: datetime
) -> None:
    for kind in (TaskKind.SILENCE, TaskKind.UNDELIVERABLE):
        tasks.open_task(
            session,
            Task(
                clinic_id=treatment.clinic_id,
                kind=kind,
                patient_id=treatment.patient_id,
                treatment_id=treatment.id,
                opened_at=now - DAY,
                due_at=now,
            ),
        )
    assert keep(touch=now + 9 * DAY, now=now + HOUR)
    assert (device.last_seen_at, device.expires_at) == (now + HOUR, now + 9 * DAY)
    done = {task.kind: (task.done_at, task.comment) for task in session.scalars(select(Task))}
    assert done == {TaskKind.SILENCE: (now + HOUR, "Heard from."), TaskKind.UNDELIVERABLE: (None, None)}


@pytest.mark.parametrize("why", ["changed", "withdrawn"])
def test_nothing_is_added_where_the_course_is_not_as_it_was_read(
    session: Session, keep: Keep, treatment: Treatment, device: PatientSession, now: datetime, why: str
) -> None:
    if why == "withdrawn":
        treatment.withdrawn_at = now
    version = treatment.course_version + (why == "changed")
    assert not keep(course_version=version, touch=now + 9 * DAY)
    for table in (Report, ReportRevision, StoredAssessment):
        assert session.scalar(select(func.count()).select_from(table)) == 0
    assert (treatment.course_version, device.expires_at) == (0, now + DAY)


def test_an_id_that_is_another_report_s_is_refused_whole(
    session: Session, keep: Keep, treatment: Treatment, now: datetime
) -> None:
    taken = add_revision(session, treatment, seen_at=now)
    with pytest.raises(UniqueViolation):
        keep(report_id=taken.report_id)
    session.expire_all()
    assert treatment.course_version == 0
    assert session.scalar(select(func.count()).select_from(StoredAssessment)) == 0


def test_the_worker_is_woken_only_for_what_wants_a_nurse(
    database: Endpoints, connection: psycopg.Connection[Any], keep: Keep, treatment: Treatment
) -> None:
    with databases.connect(database.worker_url) as listener:
        listener.execute("LISTEN a_channel")
        assert keep()
        connection.execute("SELECT pg_notify('a_channel', 'the end')")
        heard = [notice.payload for notice in listener.notifies(timeout=60, stop_after=1)]
        assert heard == ["the end"]
        assert keep(wake="a_channel", course_version=1)
        heard = [notice.payload for notice in listener.notifies(timeout=60, stop_after=1)]
        assert heard == [""]
