"""A holiday added later moves what is open and due on it, which says so; nothing else moves."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.clinical.symptoms import WarningSign
from recovery.models.clinic.clinics import Clinic as ClinicRow
from recovery.models.core.audit import AuditEntry
from recovery.models.flags.flags import EventKind, Flag, FlagEvent
from recovery.models.tasks import task_events
from recovery.models.tasks.task_events import TaskEventKind
from recovery.models.treatments.treatments import Treatment
from recovery.services.changes import hours_changes
from recovery.services.core import audit
from tests.support.data.inbound_texting import Texting
from tests.support.data.people import Clinic, Patient
from tests.support.data.reporting import open_on_weekdays, report

TUESDAY = datetime(2026, 11, 24, 17, tzinfo=UTC)
WEDNESDAY = datetime(2026, 11, 25, 17, tzinfo=UTC)


def test_what_falls_on_the_holiday_is_due_after_it(
    clinic: Clinic, patient: Patient, texting: Texting, sessions: sessionmaker[Session], now: datetime
) -> None:
    open_on_weekdays(clinic)
    report(clinic, patient, WarningSign.BREATHING, at=now)
    texting.review(now=now)
    texting.send(patient.phone, "When may I swim?", now=now)
    assert (texting.tasks()[0].due_at, texting.entries()[0].due_at) == (TUESDAY, TUESDAY)
    with sessions.begin() as session:
        place = session.get_one(ClinicRow, clinic.id)
        moved = hours_changes.update_clinic(
            session, clinic=place, changes={"holidays": {"2026-11-24": "Inventory"}},
            actor=audit.OPERATOR, now=now,
        )  # fmt: skip
        assert moved == 1
    (task,), (entry,) = texting.tasks(), texting.entries()
    assert (task.due_at, task.escalate_at, entry.due_at) == (WEDNESDAY, WEDNESDAY, WEDNESDAY)
    with sessions() as session:
        events = task_events.list_events(session, clinic.id, task.id)
        assert [(event.kind, event.detail["to"]) for event in events] == [
            (TaskEventKind.DUE_MOVED, WEDNESDAY.isoformat())
        ]
        (flag,) = session.scalars(select(Flag))
        assert flag.due_at > now, "an emergency runs on the clock"
        assert EventKind.DUE_MOVED not in session.scalars(select(FlagEvent.kind)).all()
        actions = session.scalars(select(AuditEntry.action)).all()
        assert "clinic.due_times_moved" in actions


def test_other_changes_move_nothing(
    clinic: Clinic, patient: Patient, texting: Texting, sessions: sessionmaker[Session], now: datetime
) -> None:
    texting.send(patient.phone, "When may I swim?", now=now)
    before = texting.tasks()[0].due_at
    with sessions.begin() as session:
        place = session.get_one(ClinicRow, clinic.id)
        assert hours_changes.update_clinic(
            session, clinic=place, changes={"name": "North"}, actor=audit.OPERATOR, now=now
        ) == 0  # fmt: skip
    assert texting.tasks()[0].due_at == before


def test_words_of_danger_stay_due_when_they_were(
    clinic: Clinic, patient: Patient, texting: Texting, sessions: sessionmaker[Session], now: datetime
) -> None:
    open_on_weekdays(clinic)
    with sessions.begin() as session:
        session.execute(update(Treatment).values(withdrawn_at=now))
    for phone in (patient.phone, "+12025559997"):
        texting.send(phone, "I can't breathe", now=now)
    before = [entry.due_at for entry in texting.entries()]
    assert before == [task.due_at for task in texting.tasks()]
    with sessions.begin() as session:
        place = session.get_one(ClinicRow, clinic.id)
        hours_changes.update_clinic(
            session, clinic=place, changes={"holidays": {str(now.date()): "Inventory"}},
            actor=audit.OPERATOR, now=now,
        )  # fmt: skip
    assert [entry.due_at for entry in texting.entries()] == before
    assert [task.due_at for task in texting.tasks()] == before
