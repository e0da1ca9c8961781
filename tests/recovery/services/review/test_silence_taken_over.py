"""A later treatment ends the silence of the earlier one: nobody is reminded, called or flagged for it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.clinical.symptoms import Symptom
from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.models.messaging.messages import Message
from recovery.models.reports.reports import AssessmentCause, StoredAssessment
from recovery.services.review import silence
from tests.support.data.inbound_texting import Texting
from tests.support.data.people import Clinic, Patient
from tests.support.data.reporting import report, review
from tests.support.data.treatments import treat_again

WORRYING = {Symptom.REDNESS: 10, Symptom.SWELLING: 4, Symptom.PEELING: 0}


@pytest.fixture
def treated(now: datetime) -> datetime:
    """Ten in the morning, so that every check-in is the morning after at nine."""
    return now.replace(hour=10, minute=0, second=0, microsecond=0)


@pytest.fixture
def first(clinic: Clinic, treated: datetime) -> Patient:
    """Treated then, and worrying on day 2: no answer after that is a finding."""
    made = clinic.add_patient(now=treated, hours_ago=0)
    report(clinic, made, at=treated + timedelta(days=2), scores=WORRYING, confirmed=list(Symptom))
    review(clinic, now=treated + timedelta(days=2))
    return made


def ask(clinic: Clinic, texting: Texting, at: datetime) -> None:
    """What is due leaves and arrives."""
    taken = [outgoing.reference for outgoing in texting.claim(now=at)]
    with clinic.sessions.begin() as session:
        session.execute(
            update(Message)
            .where(Message.reference.in_(taken))
            .values(state=MessageState.DELIVERED, settled_at=at)
        )


def look(clinic: Clinic, at: datetime) -> None:
    with clinic.sessions.begin() as session:
        silence.check_silences(session, content=clinic.content, now=at, limit=100)


def silences(sessions: sessionmaker[Session]) -> list[StoredAssessment]:
    with sessions() as session:
        wanted = select(StoredAssessment).where(StoredAssessment.cause == AssessmentCause.SILENCE)
        return list(session.scalars(wanted))


@pytest.mark.parametrize("again", [False, True])
def test_no_answer_to_what_was_asked_before_is_a_finding_only_without_a_second_treatment(
    clinic: Clinic,
    first: Patient,
    texting: Texting,
    sessions: sessionmaker[Session],
    treated: datetime,
    again: bool,
) -> None:
    morning = (treated + timedelta(days=3)).replace(hour=9, minute=1)
    ask(clinic, texting, morning)
    if again:
        treat_again(clinic, first, at=morning + timedelta(hours=3))
    look(clinic, morning + timedelta(hours=6, minutes=1))
    look(clinic, morning + timedelta(hours=8, minutes=2))
    found = silences(sessions)
    assert [one.treatment_id for one in found] == ([] if again else [first.treatment_id])
    with sessions() as session:
        steps = session.scalars(select(Message.step).where(Message.treatment_id == first.treatment_id)).all()
        waiting = session.scalars(
            select(Message.silence_at).where(Message.step == "day3_link", Message.claimed_at.is_not(None))
        ).all()
    assert ("reminder_day3" in steps) is not again
    assert waiting == [None], "it was looked at for the last time"


def test_the_question_for_marks_may_go_unanswered(
    clinic: Clinic, first: Patient, texting: Texting, sessions: sessionmaker[Session], treated: datetime
) -> None:
    treat_again(clinic, first, at=treated + timedelta(days=5))
    morning = (treated + timedelta(days=14)).replace(hour=9, minute=1)
    ask(clinic, texting, morning)
    look(clinic, morning + timedelta(hours=8, minutes=2))
    assert silences(sessions) == []
    assert texting.tasks() == []
    with sessions() as session:
        left = select(Message.treatment_id).where(
            Message.asks_day == 14, Message.state == MessageState.DELIVERED
        )
        assert session.scalars(left).all() == [first.treatment_id]
