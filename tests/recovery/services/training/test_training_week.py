"""A practice week: seven days in ten minutes, on a proved phone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import create_engine, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session, sessionmaker

from postgres_launcher.roles import Endpoints
from recovery.domain.clinic.staff_roles import Role
from recovery.domain.core.language import Language
from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.domain.patients.contact import AnswersBy
from recovery.models.clinic.clinics import Clinic as ClinicRow
from recovery.models.clinic.clinics import ClinicMode, Staff
from recovery.models.clinic.staff_phones import StaffPhone
from recovery.models.flags.flags import Flag
from recovery.models.messaging.messages import Message
from recovery.models.patients.patients import Patient as PatientRow
from recovery.models.training.training_week import PracticeWeek
from recovery.models.treatments.treatments import Treatment
from recovery.services.access import authentication
from recovery.services.content.content import Content
from recovery.services.patients import enrolment
from recovery.services.training import training_week
from recovery.services.training.training_week import PhoneNotProved, TrainingOptions
from tests.support.data.inbound_texting import Texting
from tests.support.data.people import Clinic, Nurse

OWN = "+12025550171"
TICK = timedelta(seconds=10)


@pytest.fixture
def manager(clinic: Clinic, sessions: sessionmaker[Session], now: datetime) -> Nurse:
    """A manager of a clinic in training, whose phone is proved."""
    added = clinic.add_nurse(now=now, role=Role.MANAGER)
    with sessions.begin() as session:
        training = {"mode": ClinicMode.TRAINING, "live_because": None}
        session.execute(update(ClinicRow).where(ClinicRow.id == clinic.id).values(training))
        session.add(StaffPhone(clinic_id=clinic.id, staff_id=added.id, phone=OWN, proved_at=now))
    return added


@pytest.fixture
def worker(database: Endpoints) -> Iterator[sessionmaker[Session]]:
    """Sessions with no more rights than the worker has."""
    engine = create_engine(database.worker_url)
    yield sessionmaker(engine, expire_on_commit=False)
    engine.dispose()


def start(
    sessions: sessionmaker[Session], clinic: Clinic, member: Nurse, content: Content, *,
    now: datetime, answers_by: AnswersBy = AnswersBy.LINK,
) -> PracticeWeek:  # fmt: skip
    with sessions.begin() as session:
        return training_week.start_week(
            session,
            clinic=session.get_one(ClinicRow, clinic.id),
            member=session.get_one(Staff, (clinic.id, member.id)),
            choice=TrainingOptions(language=Language.ENGLISH, answers_by=answers_by),
            content=content,
            now=now,
        )


def go_live(sessions: sessionmaker[Session], *, now: datetime) -> None:
    with sessions.begin() as session:
        live = {"mode": ClinicMode.LIVE, "live_because": "a test", "live_since": now}
        session.execute(update(ClinicRow).values(live))


def minutes(
    sessions: sessionmaker[Session], worker: sessionmaker[Session], texting: Texting, *, now: datetime
) -> Iterator[datetime]:
    """The ten minutes tick by tick; what may leave leaves and arrives."""
    for tick in range(1, 62):
        at = now + tick * TICK
        with worker.begin() as session:
            training_week.advance_weeks(session, now=at, limit=10)
        texting.claim(now=at)
        with sessions.begin() as session:
            arrived = {"state": MessageState.DELIVERED, "settled_at": at}
            session.execute(update(Message).where(Message.state == MessageState.CLAIMED).values(arrived))
        yield at


def left(sessions: sessionmaker[Session]) -> list[str]:
    with sessions() as session:
        sent = select(Message.step).where(Message.body.is_not(None), Message.treatment_id.is_not(None))
        return sorted(session.scalars(sent))


@pytest.mark.parametrize("hour", [12, 23])
def test_the_texts_of_a_week_leave_once_each_within_ten_minutes(
    sessions: sessionmaker[Session], clinic: Clinic, manager: Nurse, content: Content, texting: Texting,
    worker: sessionmaker[Session], now: datetime, hour: int,
) -> None:  # fmt: skip
    now = now.replace(hour=hour, minute=55)
    start(sessions, clinic, manager, content, now=now)
    seen, ended_at = [], None
    for at in minutes(sessions, worker, texting, now=now):
        with sessions() as session:
            (week,) = session.scalars(select(PracticeWeek))
            moved = now - session.get_one(Treatment, (clinic.id, week.treatment_id)).performed_at
        seen.append(moved)
        ended_at = week.ended_at
        assert moved.total_seconds() / 3600 == pytest.approx(min((at - now).total_seconds() * 0.3, 180))
    assert seen == sorted(seen)
    assert left(sessions) == ["day0", *(f"day{day}_link" for day in (1, 2, 3, 4, 5, 7))]
    assert ended_at is not None
    with sessions() as session:
        later = select(Message.step).where(Message.state == MessageState.PLANNED).order_by(Message.step)
        assert session.scalars(later).all() == ["day14_link", "day28_link", "day56_link"]
        assert {row.to_phone for row in session.scalars(select(Message)) if row.body} == {OWN}


def test_a_report_on_the_third_day_is_judged_as_one_of_the_third_day(
    sessions: sessionmaker[Session], clinic: Clinic, manager: Nurse, content: Content, texting: Texting,
    worker: sessionmaker[Session], client: FlaskClient, now: datetime,
) -> None:  # fmt: skip
    now = datetime.now(now.tzinfo) - timedelta(minutes=4)
    week = start(sessions, clinic, manager, content, now=now)
    with sessions.begin() as session:
        patient = session.get_one(PatientRow, (clinic.id, week.patient_id))
        invited = enrolment.invite(session, patient=patient, now=now)
        session.flush()
        opened = authentication.patient_sign_in(
            session, invitation=invited.token, secret=str(training_week.YEAR_OF_BIRTH), now=now
        )
    ticks = minutes(sessions, worker, texting, now=now)
    for at in ticks:
        if at - now > timedelta(minutes=3.8):
            break
    sent = datetime.now(now.tzinfo)
    said: dict[str, object] = {"seen_at": sent.isoformat()}
    said |= {"scores": {"redness": 9, "swelling": 2, "peeling": 0}}
    path = f"/api/v1/me/treatments/{week.treatment_id}/reports/{uuid4()}"
    headers = {"Authorization": f"Bearer {opened.access_token}"}
    first = client.put(
        path, json=said | {"confirmed": ["redness"], "warning_signs": ["pus"]}, headers=headers
    )
    assert (first.status_code, first.get_json()["day"]) == (201, 3)
    texting.review(now=sent + timedelta(seconds=1))
    for _ in ticks:
        pass
    course = client.get(f"/api/v1/me/treatments/{week.treatment_id}/recovery", headers=headers).get_json()
    (redness,) = [one for one in course["symptoms"] if one["symptom"] == "redness"]
    assert [point["day"] for point in redness["points"]] == [3]
    with sessions() as session:
        (flag,) = session.scalars(select(Flag))
    assert flag.treatment_id == week.treatment_id


def test_another_week_takes_the_place_of_the_first(
    sessions: sessionmaker[Session], clinic: Clinic, manager: Nurse, content: Content, now: datetime
) -> None:
    first = start(sessions, clinic, manager, content, now=now)
    second = start(
        sessions, clinic, manager, content, now=now + timedelta(minutes=3), answers_by=AnswersBy.TEXT
    )
    assert second.patient_id == first.patient_id
    assert second.treatment_id != first.treatment_id
    with sessions() as session:
        assert session.get_one(Treatment, (clinic.id, first.treatment_id)).withdrawn_at is not None
        planned = session.scalars(select(Message).where(Message.state == MessageState.PLANNED))
        assert {row.treatment_id for row in planned} <= {second.treatment_id, None}


def test_it_needs_a_proved_phone(
    sessions: sessionmaker[Session], clinic: Clinic, content: Content, now: datetime
) -> None:
    with pytest.raises(PhoneNotProved):
        start(sessions, clinic, clinic.nurse, content, now=now)


def test_whoever_is_new_in_a_live_clinic_practises_and_only_their_phone_is_texted(
    sessions: sessionmaker[Session], clinic: Clinic, manager: Nurse, content: Content, texting: Texting,
    worker: sessionmaker[Session], now: datetime,
) -> None:  # fmt: skip
    go_live(sessions, now=now - timedelta(days=30))
    week = start(sessions, clinic, manager, content, now=now)
    for _ in minutes(sessions, worker, texting, now=now):
        pass
    assert left(sessions) == ["day0", *(f"day{day}_link" for day in (1, 2, 3, 4, 5, 7))]
    with sessions() as session:
        assert session.get_one(PatientRow, (clinic.id, week.patient_id)).training
        assert {row.to_phone for row in session.scalars(select(Message)) if row.body} == {OWN}


def test_a_week_goes_on_when_the_clinic_goes_live(
    sessions: sessionmaker[Session], clinic: Clinic, manager: Nurse, content: Content,
    worker: sessionmaker[Session], now: datetime,
) -> None:  # fmt: skip
    week = start(sessions, clinic, manager, content, now=now)
    go_live(sessions, now=now)
    with worker.begin() as session:
        assert training_week.advance_weeks(session, now=now + timedelta(minutes=5), limit=10) == 1
    with sessions() as session:
        treatment = session.get_one(Treatment, (clinic.id, week.treatment_id))
        assert now - treatment.performed_at == timedelta(hours=90)


def test_the_database_moves_nobody_else(
    sessions: sessionmaker[Session], database: Endpoints, clinic: Clinic, manager: Nurse, content: Content,
    now: datetime,
) -> None:  # fmt: skip
    other = clinic.add_patient(now=now)
    week = start(sessions, clinic, manager, content, now=now)

    def moved(url: str, patient_id: UUID, by: str = "1 hour") -> bool:
        engine = create_engine(url)
        asked = text("SELECT practice_moves_on(:clinic, :patient, CAST(:by AS interval))")
        try:
            with engine.begin() as connection:
                connection.execute(asked, {"clinic": clinic.id, "patient": patient_id, "by": by})
        except DBAPIError:
            return False
        finally:
            engine.dispose()
        return True

    assert moved(database.worker_url, week.patient_id)
    assert not moved(database.api_url, week.patient_id)
    assert not moved(database.worker_url, other.id)
    assert not moved(database.worker_url, week.patient_id, "-1 hour")
    go_live(sessions, now=now)
    assert moved(database.worker_url, week.patient_id)
    with sessions.begin() as session:
        session.execute(update(PatientRow).where(PatientRow.id == week.patient_id).values(training=False))
    assert not moved(database.worker_url, week.patient_id)


def test_a_real_patient_never_becomes_one_for_practice(
    sessions: sessionmaker[Session], clinic: Clinic, now: datetime
) -> None:
    real = clinic.add_patient(now=now)
    with pytest.raises(IntegrityError), sessions.begin() as session:
        session.execute(update(PatientRow).where(PatientRow.id == real.id).values(training=True))
