"""Rounds over a clinic's patients and courses: which comes next, and who is at it."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.orm import Session, sessionmaker

from recovery.models.content import follow_ups
from recovery.models.content.follow_ups import ContentFollowUp, FollowUpKind
from recovery.models.messaging.messages import Message
from recovery.models.treatments.treatments import Treatment
from tests.support.data.people import Clinic


def asked(clinic: Clinic, *, at: datetime, **more: object) -> ContentFollowUp:
    return ContentFollowUp(clinic_id=clinic.id, kind=FollowUpKind.PLANS, asked_at=at, **more)


def test_a_round_is_done_by_one_worker_and_the_oldest_first(
    clinic: Clinic, other_clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions.begin() as session:
        second, first = asked(clinic, at=now), asked(other_clinic, at=now - timedelta(seconds=1))
        done = asked(clinic, at=now - timedelta(days=1), finished_at=now)
        session.add_all([second, first, done])
    with sessions.begin() as one, sessions.begin() as another:
        taken = follow_ups.lock_open(one, leave=[])
        beside = follow_ups.lock_open(another, leave=[])
        assert (taken and taken.id, beside and beside.id) == (first.id, second.id)
        assert follow_ups.lock_open(one, leave=[first.id]) is None
    with sessions() as session:
        assert [one.id for one in follow_ups.list_newest(session, clinic.id, limit=9)] == [second.id, done.id]
        finished = follow_ups.list_finished(session, FollowUpKind.PLANS, since=now, limit=9)
        assert [one.id for one in finished] == [done.id]
        assert follow_ups.list_finished(session, FollowUpKind.JUDGEMENTS, since=now, limit=9) == []


def test_patients_who_are_followed_or_have_a_text_to_come_follow_each_other(
    clinic: Clinic, other_clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    long_ago, since = now - timedelta(days=90), now - timedelta(days=63)
    followed = [clinic.add_patient(now=now) for _ in range(2)]
    reminded, over = (clinic.add_patient(now=long_ago, hours_ago=0) for _ in range(2))
    other_clinic.add_patient(now=now)
    with sessions.begin() as session:
        session.execute(delete(Message).where(Message.patient_id == over.id))
    found: list[UUID] = []
    with sessions() as session:
        while found_id := follow_ups.next_patient(
            session, clinic.id, after=found[-1] if found else None, since=since
        ):
            found.append(found_id)
    assert found == sorted([reminded.id, *(one.id for one in followed)])


def test_courses_held_to_a_version_follow_each_other(
    clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    version = max(clinic.content.protocols)
    held = [clinic.add_patient(now=now) for _ in range(2)]
    withdrawn = clinic.add_patient(now=now)
    clinic.add_patient(now=now - timedelta(days=90))
    found: list[UUID] = []
    with sessions.begin() as session:
        session.get_one(Treatment, (clinic.id, withdrawn.treatment_id)).withdrawn_at = now
        session.flush()
        while course := follow_ups.next_course(
            session, clinic.id, version, after=found[-1] if found else None, since=now - timedelta(days=63)
        ):
            found.append(course.id)
        assert follow_ups.next_course(session, clinic.id, "own-1", after=None, since=now) is None
    assert found == sorted(one.treatment_id for one in held)
