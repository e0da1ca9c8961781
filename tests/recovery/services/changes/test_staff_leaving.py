"""Who signs in no more holds nothing: it goes back to the queue, and what is late is escalated."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.clinic.staff_roles import Role
from recovery.domain.clinical.symptoms import WarningSign
from recovery.domain.flags.flag_lifecycle import FlagState
from recovery.models.flags.flags import EventKind, Flag, FlagEvent
from recovery.models.messaging.messages import Message
from recovery.services.changes import staff_leaving
from recovery.services.flags import flag_work
from recovery.services.review import escalation
from recovery.services.tasks import task_work
from tests.support.data.inbound_texting import Texting
from tests.support.data.people import Clinic, Patient
from tests.support.data.reporting import report, staff_caller

HOUR = timedelta(hours=1)


def test_what_they_held_is_anybodys_again(
    clinic: Clinic, patient: Patient, texting: Texting, sessions: sessionmaker[Session], now: datetime
) -> None:
    manager = clinic.add_nurse(now=now, role=Role.MANAGER)
    by_manager = staff_caller(clinic, manager, role=Role.MANAGER)
    caller = staff_caller(clinic)
    report(clinic, patient, WarningSign.PUS, at=now)
    texting.review(now=now)
    texting.send(patient.phone, "When may I swim?", now=now)
    (task,) = texting.tasks()
    with sessions.begin() as session:
        flag = session.scalars(select(Flag)).one()
        flag_work.claim(session, caller=caller, flag_id=flag.id, now=now)
        task_work.claim(session, caller=caller, task_id=task.id, now=now)
    with sessions.begin() as session:
        assert staff_leaving.held_by_member(session, clinic.id) == {clinic.nurse.id: 2}
        staff_leaving.change_member(
            session, staff_id=clinic.nurse.id, changes={"active": False}, by=by_manager, now=now + 5 * HOUR
        )  # fmt: skip
        assert staff_leaving.held_by_member(session, clinic.id) == {}
    with sessions.begin() as session:
        flag = session.scalars(select(Flag)).one()
        assert (flag.state, flag.held_by, flag.held_since) == (FlagState.OPEN, None, None)
        last = session.scalars(select(FlagEvent).order_by(FlagEvent.id.desc())).first()
        assert last is not None
        assert (last.kind, last.staff_id) == (EventKind.RELEASED, manager.id)
        assert texting.tasks()[0].held_by is None
        escalation.escalate_due(session, content=clinic.content, now=now + 5 * HOUR, limit=10)
        steps = session.scalars(select(Message.step).where(Message.step.like("escalated:%"))).all()
        assert len(steps) == 1, "the late flag goes to the on-call phone at once"


def test_another_role_gives_nothing_back(
    clinic: Clinic, patient: Patient, texting: Texting, sessions: sessionmaker[Session], now: datetime
) -> None:
    manager = clinic.add_nurse(now=now, role=Role.MANAGER)
    texting.send(patient.phone, "When may I swim?", now=now)
    (task,) = texting.tasks()
    with sessions.begin() as session:
        task_work.claim(session, caller=staff_caller(clinic), task_id=task.id, now=now)
        staff_leaving.change_member(
            session, staff_id=clinic.nurse.id, changes={"role": Role.PRACTITIONER},
            by=staff_caller(clinic, manager, role=Role.MANAGER), now=now,
        )  # fmt: skip
    assert texting.tasks()[0].held_by == clinic.nurse.id
