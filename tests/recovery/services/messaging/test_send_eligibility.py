"""Caps, the loop breaker and a clinic's budget, at the claim and between two workers."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.flags.flag_lifecycle import FlagState, Urgency
from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.domain.messaging.unsent_reasons import UnsentReason
from recovery.models.clinic.clinics import Clinic as ClinicRow
from recovery.models.flags.flags import Flag
from recovery.models.patients.patients import Patient as PatientRow
from recovery.services.clinic import clinics
from recovery.services.content.content import Content
from recovery.services.core.audit import OPERATOR
from recovery.services.messaging import outbox
from recovery.sms.gateway_interface import Accepted, NotAccepted
from tests.support.data.people import Clinic, Patient
from tests.support.data.planned_texts import claim, clear_texts, plan_text, standing

SHORT = ("day2_link", "day3_link", "day5_link", "day7_link", "reminder_link")


@pytest.fixture
def now() -> datetime:
    """Noon of an ordinary day: no quiet hours in UTC."""
    return datetime(2027, 3, 10, 12, tzinfo=UTC)


@pytest.fixture
def patient(clinic: Clinic, sessions: sessionmaker[Session], now: datetime) -> Patient:
    """A patient to whom nothing is planned."""
    made = clinic.add_patient(now=now)
    clear_texts(sessions)
    return made


def add(
    sessions: sessionmaker[Session], clinic: Clinic, patient: Patient | None, template: str, now: datetime
) -> UUID:
    with sessions.begin() as session:
        return plan_text(
            session,
            clinic_id=clinic.id,
            patient_id=None if patient is None else patient.id,
            template=template,
            due_at=now,
            details={"day": 1, "by": "5 pm", "ref": "abc123"},
        )


def states(sessions: sessionmaker[Session], ids: list[UUID]) -> Counter[tuple[MessageState, str | None]]:
    found = [standing(sessions, one) for one in ids]
    return Counter((one.state, one.reason) for one in found)


def test_two_texts_a_day_and_the_third_is_dropped_with_its_reason(
    clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], content: Content, now: datetime
) -> None:
    ids = [add(sessions, clinic, patient, template, now) for template in SHORT[:3]]
    with sessions.begin() as session:
        assert len(claim(session, content=content, now=now)) == 2
    assert states(sessions, ids) == {
        (MessageState.CLAIMED, None): 2,
        (MessageState.EXPIRED, UnsentReason.ENOUGH_TODAY): 1,
    }
    # What the day has had is counted from what went out, not from what one claim saw.
    later = now + timedelta(hours=1)
    fourth = add(sessions, clinic, patient, SHORT[3], later)
    with sessions.begin() as session:
        assert claim(session, content=content, now=later) == []
    assert standing(sessions, fourth).reason == UnsentReason.ENOUGH_TODAY


def test_answers_safety_and_staff_texts_neither_count_nor_are_capped(
    clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], content: Content, now: datetime
) -> None:
    for template in ("seen", "got_text", "flag_same_day", "emergency"):
        add(sessions, clinic, patient, template, now)
    add(sessions, clinic, None, "staff_alert", now)
    ids = [add(sessions, clinic, patient, template, now) for template in SHORT[:3]]
    with sessions.begin() as session:
        assert len(claim(session, content=content, now=now)) == 7
    assert states(sessions, ids)[MessageState.CLAIMED, None] == 2


def test_the_day_is_the_patients_own(
    clinic: Clinic, sessions: sessionmaker[Session], content: Content
) -> None:
    morning = datetime(2027, 3, 10, 10, tzinfo=UTC)
    patient = clinic.add_patient(now=morning, time_zone="Pacific/Auckland")
    clear_texts(sessions)
    # 10:00 UTC is 23:00 in Auckland: held; 19:00 UTC is 8:00 of the next local day there.
    held = add(sessions, clinic, patient, "day2_link", morning)
    with sessions.begin() as session:
        assert claim(session, content=content, now=morning) == []
    assert standing(sessions, held).state is MessageState.EXPIRED
    for hour, template, leaves in ((19, "day3_link", 1), (20, "day5_link", 1), (21, "day7_link", 0)):
        at = morning.replace(hour=hour)
        add(sessions, clinic, patient, template, at)
        with sessions.begin() as session:
            assert len(claim(session, content=content, now=at)) == leaves, hour


def test_a_runaway_of_one_text_is_broken_after_three_and_keeps_nobody_waiting(
    clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], content: Content, now: datetime
) -> None:
    other = clinic.add_patient(now=now)
    clear_texts(sessions)
    with sessions.begin() as session:
        ids = [
            plan_text(session, clinic_id=clinic.id, patient_id=patient.id, template="seen", due_at=now)
            for _ in range(150)
        ]
    waiting = add(sessions, clinic, other, "seen", now + timedelta(seconds=1))
    with sessions.begin() as session:
        assert len(claim(session, content=content, now=now + timedelta(seconds=1), limit=10)) == 4
    assert states(sessions, ids) == {
        (MessageState.CLAIMED, None): 3,
        (MessageState.QUARANTINED, UnsentReason.REPEATED): 147,
    }
    assert standing(sessions, waiting).state is MessageState.CLAIMED


def test_budget_holds_a_clinic_back_and_only_that_clinic(
    clinic: Clinic,
    other_clinic: Clinic,
    sessions: sessionmaker[Session],
    content: Content,
    now: datetime,
) -> None:
    people = [clinic.add_patient(now=now) for _ in range(6)]
    neighbour = other_clinic.add_patient(now=now)
    clear_texts(sessions)
    with sessions.begin() as session:
        session.get_one(ClinicRow, clinic.id).texts_per_day = 2
    checks = [add(sessions, clinic, one, "day2_link", now) for one in people]
    answers = [add(sessions, clinic, one, "seen", now + timedelta(seconds=1)) for one in people]
    foreign = add(sessions, other_clinic, neighbour, "day2_link", now)
    with sessions.begin() as session:
        claim(session, content=content, now=now + timedelta(seconds=1))
    assert states(sessions, checks) == {
        (MessageState.CLAIMED, None): 2,
        (MessageState.EXPIRED, UnsentReason.BUDGET): 4,
    }
    assert states(sessions, answers)[MessageState.CLAIMED, None] == 2
    assert standing(sessions, foreign).state is MessageState.CLAIMED


def test_of_two_workers_only_one_takes_a_persons_texts_at_a_time(
    clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], content: Content, now: datetime
) -> None:
    ids = [add(sessions, clinic, patient, SHORT[0], now)]
    with sessions.begin() as session:
        assert len(claim(session, content=content, now=now)) == 1
    ids.append(add(sessions, clinic, patient, SHORT[1], now))
    with sessions() as first, sessions() as second:
        assert len(claim(first, content=content, now=now)) == 1
        # A row no worker has locked, for a person whose count the first worker is changing.
        ids.append(add(sessions, clinic, patient, SHORT[2], now))
        assert claim(second, content=content, now=now) == []
        second.commit()
        assert standing(sessions, ids[2]).state is MessageState.PLANNED
        first.commit()
        assert claim(second, content=content, now=now) == []
        second.commit()
    assert states(sessions, ids) == {
        (MessageState.CLAIMED, None): 2,
        (MessageState.EXPIRED, UnsentReason.ENOUGH_TODAY): 1,
    }


def test_open_flag_stops_tips_of_every_treatment_and_no_check_in(
    clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], content: Content, now: datetime
) -> None:
    with sessions.begin() as session:
        session.add(
            Flag(
                clinic_id=clinic.id,
                treatment_id=patient.treatment_id,
                state=FlagState.CONTACTED,
                urgency=Urgency.SAME_DAY,
                urgency_rank=Urgency.SAME_DAY.rank,
                due_at=now,
                opened_at=now,
            )
        )
    tip = add(sessions, clinic, patient, "day0", now)
    check_in = add(sessions, clinic, patient, "day1_link", now)
    with sessions.begin() as session:
        claim(session, content=content, now=now)
    assert (standing(sessions, tip).state, standing(sessions, tip).reason) == (
        MessageState.CANCELLED,
        UnsentReason.FLAG_OPEN,
    )
    assert standing(sessions, check_in).state is MessageState.CLAIMED


def test_stopped_texts_stay_as_they_are_and_leave_when_resumed(
    clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], content: Content, now: datetime
) -> None:
    text = add(sessions, clinic, patient, "day2_link", now)
    passed = add(sessions, clinic, patient, "day3_link", now - timedelta(hours=7))
    for stopped, expected in ((True, MessageState.PLANNED), (False, MessageState.CLAIMED)):
        with sessions.begin() as session:
            clinics.set_text_stop(
                session, clinic_id=clinic.id, stopped=stopped, because="a test", actor=OPERATOR, now=now
            )
        with sessions.begin() as session:
            claim(session, content=content, now=now)
        assert standing(sessions, text).state is expected
    assert standing(sessions, passed).state is MessageState.EXPIRED
    assert standing(sessions, text).due_at == now


def test_a_zone_nobody_knows_ends_only_its_own_texts(
    clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], content: Content, now: datetime
) -> None:
    lost = clinic.add_patient(now=now)
    clear_texts(sessions)
    with sessions.begin() as session:
        session.get_one(PatientRow, (clinic.id, lost.id)).time_zone = "Nowhere/Land"
    bad = add(sessions, clinic, lost, "day2_link", now)
    good = add(sessions, clinic, patient, "day2_link", now)
    with sessions.begin() as session:
        assert len(claim(session, content=content, now=now)) == 1
    assert standing(sessions, bad).state is MessageState.QUARANTINED
    assert standing(sessions, good).state is MessageState.CLAIMED


def test_claim_asks_as_often_for_many_texts_as_for_one(
    clinic: Clinic, sessions: sessionmaker[Session], content: Content, now: datetime
) -> None:
    few = selects_of_a_claim(clinic, sessions, content, now, people=1)
    assert selects_of_a_claim(clinic, sessions, content, now, people=8) == few


def selects_of_a_claim(
    clinic: Clinic, sessions: sessionmaker[Session], content: Content, now: datetime, *, people: int
) -> int:
    patients = [clinic.add_patient(now=now) for _ in range(people)]
    clear_texts(sessions)
    for one in patients:
        add(sessions, clinic, one, "seen", now)
    asked: list[str] = []

    def note(conn: object, cursor: object, statement: str, *rest: object) -> None:
        asked.append(statement.lstrip()[:6].upper())

    with sessions.begin() as session:
        bind = session.get_bind()
        event.listen(bind, "before_cursor_execute", note)
        assert len(claim(session, content=content, now=now)) == people
        event.remove(bind, "before_cursor_execute", note)
    return asked.count("SELECT")


def test_what_certainly_never_left_takes_nothing_from_the_budget(
    clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], content: Content, now: datetime
) -> None:
    with sessions.begin() as session:
        session.get_one(ClinicRow, clinic.id).texts_per_day = 1
    text = add(sessions, clinic, patient, "day2_link", now)
    for answer in (NotAccepted(code="20429", retry_after=timedelta()), None):
        with sessions.begin() as session:
            (outgoing,) = claim(session, content=content, now=now)
        with sessions.begin() as session:
            if answer is None:
                outbox.return_unsent(session, references=[outgoing.reference], now=now)
            else:
                outbox.record_results(session, answers={outgoing.reference: answer}, now=now)
        now = standing(sessions, text).due_at
    with sessions.begin() as session:
        (outgoing,) = claim(session, content=content, now=now)
    with sessions.begin() as session:
        outbox.record_results(session, answers={outgoing.reference: Accepted(carrier_id="SM1")}, now=now)
    other = add(sessions, clinic, patient, "day3_link", now)
    with sessions.begin() as session:
        assert claim(session, content=content, now=now) == []
    assert standing(sessions, other).reason == UnsentReason.BUDGET
