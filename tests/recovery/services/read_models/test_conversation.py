"""What went back and forth with one patient, page by page."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy.orm import Session, sessionmaker

from recovery.models.patients.patients import Patient as PatientRow
from recovery.services.content.content import Content
from recovery.services.read_models import conversation
from recovery.services.read_models.conversation import Conversation, ConversationEntry
from tests.support.data.inbound_texting import Texting
from tests.support.data.people import Clinic, Patient

HOUR = timedelta(hours=1)


@pytest.fixture
def patient(clinic: Clinic, now: datetime) -> Patient:
    """A patient whose course is planned."""
    return clinic.add_patient(now=now, hours_ago=1)


def read(
    sessions: sessionmaker[Session], clinic: Clinic, patient: Patient, content: Content, *, now: datetime,
    limit: int = 100, after: tuple[datetime, UUID] | None = None,
) -> Conversation:  # fmt: skip
    with sessions() as session:
        return conversation.list_conversation(
            session,
            patient=session.get_one(PatientRow, (clinic.id, patient.id)),
            content=content,
            after=after,
            limit=limit,
            now=now,
        )


def test_both_sides_are_told_newest_first_and_what_is_to_come_above_all(
    sessions: sessionmaker[Session], clinic: Clinic, patient: Patient, content: Content, texting: Texting,
    now: datetime,
) -> None:  # fmt: skip
    for hours, words in ((-2, "hello"), (0, "When can I use makeup?")):
        texting.send(patient.phone, words, now=now + hours * HOUR)
    entries = read(sessions, clinic, patient, content, now=now).entries
    assert [entry.theirs for entry in entries if entry.theirs is not None] == [
        "When can I use makeup?",
        "hello",
    ]
    assert all((entry.ours is None) != (entry.theirs is None) for entry in entries)
    places = [(entry.at, entry.id) for entry in entries]
    assert places == sorted(places, reverse=True)
    assert entries[0].at > now
    assert entries[0].ours is not None
    assert all(entry.ours.due_at == entry.at for entry in entries if entry.ours is not None)


@pytest.mark.parametrize("limit", [1, 3, 7])
def test_every_text_is_on_one_page(
    sessions: sessionmaker[Session], clinic: Clinic, patient: Patient, content: Content, texting: Texting,
    now: datetime, limit: int,
) -> None:  # fmt: skip
    for minutes in range(4):
        texting.send(patient.phone, f"text {minutes}", now=now + timedelta(minutes=minutes))
    whole = read(sessions, clinic, patient, content, now=now)
    assert whole.older is None
    walked: list[ConversationEntry] = []
    older = None
    while True:
        page = read(sessions, clinic, patient, content, now=now, limit=limit, after=older)
        assert len(page.entries) <= limit
        walked += page.entries
        older = page.older
        if older is None:
            break
    assert [entry.id for entry in walked] == [entry.id for entry in whole.entries]


def test_a_page_that_holds_the_last_has_no_older_one(
    sessions: sessionmaker[Session], clinic: Clinic, patient: Patient, content: Content, now: datetime
) -> None:
    whole = read(sessions, clinic, patient, content, now=now).entries
    assert read(sessions, clinic, patient, content, now=now, limit=len(whole)).older is None
    page = read(sessions, clinic, patient, content, now=now, limit=len(whole) - 1)
    assert page.older == (page.entries[-1].at, page.entries[-1].id)


def test_what_somebody_else_on_the_number_may_have_written_is_not_here(
    sessions: sessionmaker[Session], clinic: Clinic, patient: Patient, content: Content, texting: Texting,
    now: datetime,
) -> None:  # fmt: skip
    clinic.add_patient(now=now, hours_ago=1, phone=patient.phone, pin="2718")
    texting.send(patient.phone, "hello", now=now)
    entries = read(sessions, clinic, patient, content, now=now).entries
    assert [entry.theirs for entry in entries if entry.theirs is not None] == []
