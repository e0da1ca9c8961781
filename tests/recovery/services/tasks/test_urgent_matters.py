"""The queue shows urgent words with whose they are, in the order of the flags beside them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.clinical.symptoms import WarningSign
from recovery.domain.flags.flag_lifecycle import Urgency
from recovery.domain.patients.consent import EndReason
from recovery.models.flags.queue_rows import HolderFilter, QueueFilter
from recovery.models.messaging.messages import Message
from recovery.models.patients.patients import Patient as PatientRow
from recovery.models.treatments.treatments import Treatment
from recovery.services.changes import ended_follow_up
from recovery.services.changes.ended_follow_up import Ending
from recovery.services.read_models import flag_queue
from recovery.services.read_models.flag_queue import QueueItem, QueuePage
from recovery.services.review import escalation
from recovery.services.tasks import task_work
from recovery.services.tasks.urgent_matters import QueueMatter
from tests.support.data.inbound_texting import Texting
from tests.support.data.people import Clinic, Patient
from tests.support.data.reporting import report, staff_caller

UNKNOWN = "+12025559997"
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


def queue(
    clinic: Clinic, *, now: datetime, whose: HolderFilter = HolderFilter.ALL, limit: int = 10,
    after: flag_queue.Cursor | None = None, urgency: Urgency | None = None,
) -> QueuePage:  # fmt: skip
    with clinic.sessions() as session:
        return flag_queue.read_queue(
            session, caller=staff_caller(clinic), content=clinic.content,
            narrowing=QueueFilter(staff_id=clinic.nurse.id, whose=whose, urgency=urgency),
            after=after, limit=limit, now=now,
        )  # fmt: skip


def test_words_of_nobodys_stand_among_the_flags_page_by_page(
    clinic: Clinic, patient: Patient, texting: Texting, sessions: sessionmaker[Session], now: datetime
) -> None:
    report(clinic, patient, WarningSign.PUS, at=now)
    texting.review(now=now)
    texting.send(UNKNOWN, "I can't breathe", now=now)
    texting.send(UNKNOWN, "there is pus", now=now + SECOND)
    whole = queue(clinic, now=now)
    assert [type(one) for one in whole.waiting] == [QueueMatter, QueueItem, QueueMatter]
    assert (whole.counts, whole.unheld, whole.next) == (
        {Urgency.EMERGENCY: 1, Urgency.SAME_DAY: 2}, 3, None
    )  # fmt: skip
    first = whole.waiting[0]
    assert isinstance(first, QueueMatter)
    assert (first.patient, first.phone, list(first.said)) == (None, UNKNOWN, ["I can't breathe"])
    pages: list[QueueItem | QueueMatter] = []
    after = None
    for _ in range(3):
        page = queue(clinic, now=now, limit=1, after=after)
        pages.extend(page.waiting)
        after = page.next
    assert [one.cursor for one in pages] == [one.cursor for one in whole.waiting]
    assert after is None
    with sessions.begin() as session:
        task_work.claim(session, caller=staff_caller(clinic), task_id=first.task_id, now=now)
    assert [one.cursor for one in queue(clinic, now=now, whose=HolderFilter.OWN).waiting] == [first.cursor]
    assert len(queue(clinic, now=now, whose=HolderFilter.NOBODYS).waiting) == 2
    assert len(queue(clinic, now=now, urgency=Urgency.SAME_DAY).waiting) == 2


def test_what_the_lanes_hold_is_known(
    clinic: Clinic, patient: Patient, texting: Texting, now: datetime
) -> None:
    lanes = queue(clinic, now=now).lanes
    assert (lanes.in_queue, lanes.to_read, lanes.follow_up, lanes.worker_late) == (0, 0, 0, True)
    texting.send(patient.phone, "When may I swim?", now=now)
    texting.send(UNKNOWN, "who is this", now=now)
    texting.send(UNKNOWN, "can't breathe", now=now)
    lanes = queue(clinic, now=now).lanes
    assert (lanes.in_queue, lanes.to_read, lanes.follow_up) == (1, 1, 1)


def untreated(clinic: Clinic, patient: Patient, *, now: datetime) -> str:
    with clinic.sessions.begin() as session:
        session.execute(update(Treatment).values(withdrawn_at=now))
    return patient.phone


def course_over(clinic: Clinic, patient: Patient, *, now: datetime) -> str:
    with clinic.sessions.begin() as session:
        session.execute(update(Treatment).values(performed_at=now - timedelta(days=100)))
    return patient.phone


def follow_up_ended(clinic: Clinic, patient: Patient, *, now: datetime) -> str:
    with clinic.sessions.begin() as session:
        row = session.get_one(PatientRow, (clinic.id, patient.id))
        ended_follow_up.end(
            session, caller=staff_caller(clinic), patient=row, ending=Ending.FOLLOW_UP,
            because=EndReason.ASKED, comment=None, content=clinic.content, now=now,
        )  # fmt: skip
    return patient.phone


def shared(clinic: Clinic, patient: Patient, *, now: datetime) -> str:
    clinic.add_patient(now=now, phone=patient.phone, pin="2718")
    return patient.phone


SENDERS: Mapping[str, Callable[..., str]] = {
    "followed": lambda clinic, patient, *, now: patient.phone,
    "untreated": untreated,
    "course over": course_over,
    "follow-up ended": follow_up_ended,
    "shared": shared,
    "unknown": lambda clinic, patient, *, now: UNKNOWN,
}


@pytest.mark.parametrize("wants_no_texts", [False, True])
@pytest.mark.parametrize("sender", SENDERS)
def test_danger_is_in_the_queue_due_and_escalated_whoever_sent_it(
    sender: str, wants_no_texts: bool, clinic: Clinic, patient: Patient, texting: Texting, now: datetime
) -> None:
    phone = SENDERS[sender](clinic, patient, now=now)
    if wants_no_texts:
        texting.send(phone, "STOP", now=now)
    texting.send(phone, "I can't breathe", now=now + SECOND)
    texting.review(now=now + SECOND)
    waiting = queue(clinic, now=now + SECOND).waiting
    assert [one.urgency for one in waiting] == [Urgency.EMERGENCY]
    assert now < waiting[0].due_at <= now + 16 * MINUTE
    with clinic.sessions.begin() as session:
        looked_at = escalation.escalate_due(session, content=clinic.content, now=now + HOUR, limit=10)
        assert looked_at >= 1
        paged = session.scalars(select(Message).where(Message.step.like("escalated:%"))).all()
        assert "on_call_alert" in {text.template for text in paged}
