"""From a warning sign to the words on two phones: in the patient's language, and in English."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import delete
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.core.language import Language
from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.models.messaging import messages
from recovery.models.messaging.messages import Message
from recovery.services.content.content import Content
from recovery.services.messaging import outbox
from recovery.services.messaging.outbox import RenderContext
from recovery.services.review import report_review
from tests.support.data.people import Clinic
from tests.support.data.texts import zone_at_noon

REFERENCE = "[2-9B-DF-HJ-NP-TV-Z]{6}"


def bodies(sessions: sessionmaker[Session], content: Content, *, now: datetime) -> dict[str, str]:
    """Every due text as it leaves, by number."""
    wording = RenderContext(content=content, links_at="https://c.example")
    with sessions.begin() as session:
        claimed = outbox.lease_due_texts(session, wording=wording, worker_id=uuid4(), now=now, limit=10)
    return {outgoing.to: outgoing.body for outgoing in claimed}


@pytest.mark.parametrize(
    ("language", "words"),
    # Late in the evening the nurse's two hours end past closing, and the text says when the clinic opens.
    [
        (
            Language.SPANISH,
            rf"Test Clinic: Gracias\. Una enfermera le llama antes de: .*#{REFERENCE}",
        ),
        (
            Language.FRENCH,
            rf"Test Clinic : merci\. Une infirmière vous appelle avant .*#{REFERENCE}",
        ),
    ],
)
def test_a_flag_is_told_in_the_patient_s_language_and_to_the_clinic_in_english(
    client: FlaskClient,
    clinic: Clinic,
    sessions: sessionmaker[Session],
    content: Content,
    now: datetime,
    language: Language,
    words: str,
) -> None:
    patient = clinic.add_patient(now=now, language=language, time_zone=zone_at_noon(now))
    with sessions.begin() as session:
        session.execute(delete(Message))
    report = {
        "seen_at": (now - timedelta(minutes=2)).isoformat(),
        "scores": {"redness": 3, "swelling": 2, "peeling": 0},
        "warning_signs": ["pus"],
    }
    answer = client.put(patient.report_path(), json=report, headers=patient.headers)
    assert answer.status_code == 201
    with sessions.begin() as session:
        assert (
            report_review.review_due(session, content=content, now=now + timedelta(seconds=1), limit=10) == 1
        )
    said = bodies(sessions, content, now=now + timedelta(seconds=2))
    assert re.fullmatch(words, said[patient.phone])
    assert re.fullmatch(r"Test Clinic: A check-in needs a nurse by .* Ref [0-9a-f]{6}", said["+12025550192"])


def test_no_two_texts_to_one_number_are_the_same(
    clinic: Clinic, sessions: sessionmaker[Session], content: Content, now: datetime
) -> None:
    patient = clinic.add_patient(now=now, time_zone=zone_at_noon(now))
    said = set()
    for call in ("first", "second"):
        with sessions.begin() as session:
            session.execute(delete(Message))
            messages.insert_planned(
                session,
                Message(
                    clinic_id=clinic.id,
                    patient_id=patient.id,
                    treatment_id=patient.treatment_id,
                    step=f"call:{call}",
                    template="tried_to_call",
                    due_at=now,
                    useful_until=now + timedelta(hours=2),
                    state=MessageState.PLANNED,
                    created_at=now,
                ),
            )
        said.add(bodies(sessions, content, now=now)[patient.phone])
    pattern = re.compile(rf"Test Clinic: We tried .* Please call \+12025550190\. Ref {REFERENCE}")
    assert len(said) == 2
    assert all(pattern.fullmatch(body) for body in said)
