"""What went back and forth between the clinic and one patient by text, in the order it happened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from recovery.models.inbound import inbound_texts
from recovery.models.patients.patients import Patient
from recovery.services.content.content import Content
from recovery.services.read_models import send_explanations
from recovery.services.read_models.send_explanations import TextExplanation


@dataclass(frozen=True, kw_only=True)
class ConversationEntry:
    """One text: one of ours as it is explained, or the words of one of the patient's."""

    at: datetime
    id: UUID
    ours: TextExplanation | None
    theirs: str | None


@dataclass(frozen=True, kw_only=True)
class Conversation:
    """`entries` newest first; `older` is the sort key after which the next page begins, None on the last."""

    entries: Sequence[ConversationEntry]
    older: tuple[datetime, UUID] | None


def list_conversation(
    session: Session,
    *,
    patient: Patient,
    content: Content,
    after: tuple[datetime, UUID] | None,
    limit: int,
    now: datetime,
) -> Conversation:
    """Texts to and from a patient, the newest first: those to come stand before those that left.

    A text from a number that several patients share is nobody's in particular, and not here.
    """
    explanations = send_explanations.explain_for_patient(
        session, patient=patient, content=content, after=after, limit=limit + 1, now=now
    )
    received = inbound_texts.list_for_patient(
        session, patient.clinic_id, patient.id, after=after, limit=limit + 1
    )
    entries = [
        *(
            ConversationEntry(at=text.due_at, id=text.id, ours=text, theirs=None)
            for text in explanations
            if text.due_at and text.id
        ),
        *(
            ConversationEntry(at=text.received_at, id=text.id, ours=None, theirs=text.body)
            for text in received
        ),
    ]
    entries.sort(key=lambda entry: (entry.at, entry.id), reverse=True)
    page = entries[:limit]
    return Conversation(entries=page, older=(page[-1].at, page[-1].id) if len(entries) > limit else None)
