"""The queue shows urgent words with whose they are, in the order of the flags beside them."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.clinical.symptoms import WarningSign
from recovery.domain.flags.flag_lifecycle import Urgency
from recovery.models.flags.queue_rows import HolderFilter, QueueFilter
from recovery.services.read_models import flag_queue
from recovery.services.read_models.flag_queue import QueueItem, QueuePage
from recovery.services.tasks import task_work
from recovery.services.tasks.urgent_matters import QueueMatter
from tests.support.data.inbound_texting import Texting
from tests.support.data.people import Clinic, Patient
from tests.support.data.reporting import report, staff_caller

UNKNOWN = "+12025559997"
SECOND = timedelta(seconds=1)


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
