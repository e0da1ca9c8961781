"""The queue: most urgent first, page by page, with what the worker has not taken up yet."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session, sessionmaker

from operations import worker_registry
from recovery.domain.clinical.symptoms import Level, Symptom, WarningSign
from recovery.domain.flags.flag_lifecycle import FlagState, Urgency
from recovery.models.flags.flags import Flag
from recovery.models.flags.queue_rows import QueueFilter
from recovery.services.flags import flag_work
from recovery.services.read_models import flag_queue
from recovery.services.read_models.chart_data import FIRST_WEEK, FOUR_WEEKS
from recovery.services.read_models.flag_queue import QueueItem, QueuePage
from tests.support.data.people import Clinic
from tests.support.data.reporting import raise_flag, report, review, staff_caller

SIGNS = {
    Urgency.EMERGENCY: WarningSign.BREATHING,
    Urgency.SAME_DAY: WarningSign.PUS,
    Urgency.NEXT_BUSINESS_DAY: WarningSign.BUMPS,
}


def read(clinic: Clinic, *, now: datetime, limit: int = 50, **more: Any) -> QueuePage:
    caller = staff_caller(clinic)
    with clinic.sessions() as session:
        return flag_queue.read_queue(
            session,
            caller=caller,
            content=clinic.content,
            narrowing=more.pop("narrowing", QueueFilter(staff_id=caller.staff_id)),
            after=more.pop("after", None),
            limit=limit,
            now=now,
            **more,
        )


def flags_of(page: QueuePage) -> list[QueueItem]:
    """What of a page is a flag: here all of it."""
    found = [item for item in page.waiting if isinstance(item, QueueItem)]
    assert len(found) == len(page.waiting)
    return found


@pytest.fixture
def flagged(clinic: Clinic, now: datetime) -> None:
    """Two flags of each urgency, raised a minute apart, the mild ones first."""
    for minute, urgency in enumerate([*reversed(Urgency)] * 2):
        at = now - timedelta(minutes=10 - minute)
        patient = clinic.add_patient(now=now, hours_ago=40)
        report(clinic, patient, SIGNS[urgency], at=at)
        review(clinic, now=at)


def test_the_most_urgent_come_first_and_of_these_those_due_first(
    clinic: Clinic, flagged: None, now: datetime
) -> None:
    page = read(clinic, now=now)
    assert [item.urgency for item in page.waiting] == [urgency for urgency in Urgency for _ in range(2)]
    places = [item.cursor for item in page.waiting]
    assert places == sorted(places)
    assert page.next is None
    assert page.counts == dict.fromkeys(Urgency, 2)
    assert (page.unheld, page.own) == (6, 0)


@pytest.mark.parametrize("limit", [1, 2, 4, 6])
def test_every_flag_is_on_one_page(clinic: Clinic, flagged: None, now: datetime, limit: int) -> None:
    whole = [item.flag_id for item in flags_of(read(clinic, now=now))]
    walked: list[QueueItem] = []
    after = None
    while True:
        page = read(clinic, now=now, limit=limit, after=after)
        assert len(page.waiting) <= limit
        assert page.counts == dict.fromkeys(Urgency, 2), "of the whole queue on every page"
        walked += flags_of(page)
        after = page.next
        if after is None:
            break
    assert [item.flag_id for item in walked] == whole


def test_a_flag_says_whose_it_is_who_holds_it_and_why(
    clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    patient = clinic.add_patient(now=now, hours_ago=40)
    high = {Symptom.REDNESS: 9, Symptom.SWELLING: 8}
    report(clinic, patient, at=now - timedelta(hours=1), scores=high, confirmed=high)
    flag_id = raise_flag(clinic, patient, at=now)
    with sessions.begin() as session:
        flag_work.claim(session, caller=staff_caller(clinic), flag_id=flag_id, now=now)
    page = read(clinic, now=now)
    (item,) = flags_of(page)
    assert (item.flag_id, item.state, item.holder_id) == (flag_id, FlagState.CLAIMED, clinic.nurse.id)
    assert item.holder == f"Nurse {clinic.nurse.email}"
    assert (item.patient, item.phone, item.day) == ("Pat Sample", patient.phone, 2)
    assert item.reason is not None
    assert item.reason.level is Level.ABNORMAL
    assert item.more >= 1
    assert [point.score for point in item.course.points] == [9, 2]
    assert item.course.symptom is Symptom.REDNESS
    assert item.course.band[-1].hours == FIRST_WEEK
    assert (page.unheld, page.own) == (0, 1)


def test_a_late_report_opens_the_small_curve_to_four_weeks(clinic: Clinic, now: datetime) -> None:
    raise_flag(clinic, clinic.add_patient(now=now, hours_ago=400), at=now)
    (item,) = flags_of(read(clinic, now=now))
    assert item.course.band[-1].hours == FOUR_WEEKS


def test_an_entry_that_is_missing_is_made_from_what_the_flag_is_about(
    clinic: Clinic, flagged: None, sessions: sessionmaker[Session], now: datetime
) -> None:
    kept = read(clinic, now=now).waiting
    with sessions.begin() as session:
        session.execute(update(Flag).values(entry=None))
    assert read(clinic, now=now).waiting == kept


def test_what_no_worker_has_taken_up_is_listed_beside_the_queue(
    clinic: Clinic, other_clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    assert read(clinic, now=now).worker_seen_at is None
    with sessions.begin() as session:
        worker_registry.register(session, worker_id=uuid4(), host="here", pid=1, now=now)
    for place in (clinic, other_clinic):
        patient = place.add_patient(now=now)
        report(place, patient, at=now)
        report(place, patient, WarningSign.BUMPS, WarningSign.BREATHING, at=now)
    page = read(clinic, now=now)
    (waiting,) = page.not_reviewed
    assert (waiting.patient, waiting.level, waiting.since) == ("Pat Sample", Level.EMERGENCY, now)
    assert waiting.reason is not None
    assert waiting.reason.sign is WarningSign.BREATHING, "the most urgent leads"
    assert (page.waiting, page.worker_seen_at) == ([], now)
    review(clinic, now=now)
    after = read(clinic, now=now)
    assert (len(after.waiting), after.not_reviewed) == (1, [])


def test_a_filter_narrows_the_list_and_not_the_totals(clinic: Clinic, flagged: None, now: datetime) -> None:
    only = QueueFilter(staff_id=clinic.nurse.id, urgency=Urgency.SAME_DAY)
    page = read(clinic, now=now, narrowing=only)
    assert [item.urgency for item in page.waiting] == [Urgency.SAME_DAY] * 2
    assert page.counts == dict.fromkeys(Urgency, 2)


def test_flags_past_their_due_time_are_counted(clinic: Clinic, flagged: None, now: datetime) -> None:
    assert read(clinic, now=now).overdue == 0
    assert read(clinic, now=now + timedelta(minutes=15)).overdue == 2
    assert read(clinic, now=now + timedelta(hours=3)).overdue == 4


def test_another_clinics_queue_is_its_own(
    clinic: Clinic, other_clinic: Clinic, flagged: None, now: datetime
) -> None:
    page = read(other_clinic, now=now)
    assert (page.waiting, page.unheld, sum(page.counts.values())) == ([], 0, 0)
