"""Rounds over a clinic's patients and courses: in turn, one worker at each, nobody left out or met twice."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session, sessionmaker

from recovery.models.content import follow_ups
from recovery.models.content.follow_ups import ContentFollowUp, FollowUpKind
from recovery.models.treatments.treatments import Treatment
from tests.support.data.people import Clinic, found_clinic

SINCE = timedelta(days=63)


def ask(clinic: Clinic, *, at: datetime, version: str | None = None) -> UUID:
    row = ContentFollowUp(
        clinic_id=clinic.id,
        kind=FollowUpKind.PLANS if version is None else FollowUpKind.JUDGEMENTS,
        version=version,
        asked_at=at,
    )
    with clinic.sessions.begin() as session:
        session.add(row)
        session.flush()
        return row.id


def test_the_oldest_is_first_and_two_workers_are_never_at_one(
    clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    second, first = ask(clinic, at=now), ask(clinic, at=now - timedelta(hours=1))
    with sessions() as one, sessions() as other:
        mine, theirs = follow_ups.lock_open(one, leave=[]), follow_ups.lock_open(other, leave=[])
        assert mine is not None
        assert theirs is not None
        assert (mine.id, theirs.id) == (first, second)
        assert follow_ups.lock_open(other, leave=[second]) is None
        mine.finished_at = now
        one.commit()
        assert follow_ups.lock_open(one, leave=[second]) is None


def test_what_is_listed_is_a_clinics_own_and_the_newest_first(
    clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    other = found_clinic(sessions, content=clinic.content, now=now)
    ids = [ask(clinic, at=now + timedelta(minutes=minute)) for minute in range(3)]
    ask(other, at=now)
    with sessions.begin() as session:
        assert [row.id for row in follow_ups.list_newest(session, clinic.id, limit=2)] == ids[:0:-1]
        session.get_one(ContentFollowUp, (clinic.id, ids[1])).finished_at = now
        session.flush()
        done = follow_ups.list_finished(session, FollowUpKind.PLANS, since=now, limit=10)
        assert [row.id for row in done] == [ids[1]]
        assert not follow_ups.list_finished(session, FollowUpKind.JUDGEMENTS, since=now, limit=10)
        late = now + timedelta(seconds=1)
        assert not follow_ups.list_finished(session, FollowUpKind.PLANS, since=late, limit=10)


def test_every_patient_who_is_followed_is_met_once(
    clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    followed = {clinic.add_patient(now=now, hours_ago=24).id for _ in range(3)}
    long_ago = clinic.add_patient(now=now - timedelta(days=200), hours_ago=24).id
    other = found_clinic(sessions, content=clinic.content, now=now)
    other.add_patient(now=now, hours_ago=24)
    met: list[UUID] = []
    with sessions() as session:
        while one := follow_ups.next_patient(
            session, clinic.id, after=met[-1] if met else None, since=now - SINCE
        ):
            met.append(one)
    assert len(met) == len(set(met))
    assert followed <= set(met) <= followed | {long_ago}


def test_every_course_of_a_version_is_met_once_but_withdrawn_ones(
    clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    patients = [clinic.add_patient(now=now, hours_ago=24) for _ in range(4)]
    gone, another, *held = patients
    with sessions.begin() as session:
        session.get_one(Treatment, (clinic.id, gone.treatment_id)).withdrawn_at = now
        session.get_one(Treatment, (clinic.id, another.treatment_id)).protocol = "own-1"
        version = session.get_one(Treatment, (clinic.id, held[0].treatment_id)).protocol
    met: list[UUID] = []
    with sessions() as session:
        while one := follow_ups.next_course(
            session, clinic.id, version, after=met[-1] if met else None, since=now - SINCE
        ):
            met.append(one.id)
        assert follow_ups.next_course(session, clinic.id, version, after=None, since=now) is None
    assert met == sorted(patient.treatment_id for patient in held)
