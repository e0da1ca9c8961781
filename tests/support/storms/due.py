"""The texts of a storm: written in bulk, let go a handful at a time, so that no event finds nothing due."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import func, insert, select, text
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.core.language import Language
from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.domain.patients.consent import ConsentKind
from recovery.domain.patients.contact import AnswersBy
from recovery.models.clinic.clinics import Clinic as ClinicRow
from recovery.models.messaging.messages import Message
from recovery.models.patients.patients import Consent, Patient
from tests.support.data import texts
from tests.support.data.people import Clinic

WORDINGS = (
    "day0", "day1_link", "seen", "got_text", "got_scores", "help",
    "flag_same_day", "flag_after_hours", "flag_next_day", "tried_to_call",
)  # fmt: skip
"""One patient gets each once: two of our own accord, which a day allows, answers, and safety texts."""

SAFETY = frozenset({"flag_same_day", "flag_after_hours", "flag_next_day", "tried_to_call"})
HELD_BACK = timedelta(days=300)

RELEASE = text("""
    WITH chosen AS (
        SELECT clinic_id, id FROM message WHERE state = 'planned' AND due_at > :now + interval '100 days'
        ORDER BY id LIMIT :count FOR UPDATE
    )
    UPDATE message SET due_at = :now + make_interval(secs => random() * 2), useful_until = :useful_until
    FROM chosen WHERE message.clinic_id = chosen.clinic_id AND message.id = chosen.id
""")


def write(clinic: Clinic, *, count: int, now: datetime, dice: random.Random) -> list[str]:
    """`count` planned texts that nothing makes due yet, in an order of chance; their patients' numbers."""
    patients = -(-count // len(WORDINGS))
    numbers = [f"+1303{place:07d}" for place in dice.sample(range(2_000_000, 9_999_999), patients)]
    with clinic.sessions.begin() as session:
        session.get_one(ClinicRow, clinic.id).texts_per_day = 1_000_000
        ids = _patients(session, clinic, numbers, now=now)
        rows = [
            {
                "clinic_id": clinic.id,
                "patient_id": patient,
                "step": f"storm:{wording}",
                "template": wording,
                "details": {"by": "5 pm", "day": 1},
                "due_at": now + HELD_BACK,
                "useful_until": now + 2 * HELD_BACK,
                "state": MessageState.PLANNED,
                "created_at": now,
            }
            for patient in ids
            for wording in WORDINGS
        ]
        dice.shuffle(rows)
        session.execute(insert(Message), rows[:count])
    return numbers


def release(sessions: sessionmaker[Session], *, count: int) -> None:
    """Let that many more be due within the next two seconds."""
    with sessions.begin() as session:
        now = session.scalars(select(func.clock_timestamp())).one()
        # To the end of the patients' day; they live where it is noon.
        session.execute(RELEASE, {"now": now, "count": count, "useful_until": now + timedelta(hours=6)})


def _patients(session: Session, clinic: Clinic, numbers: list[str], *, now: datetime) -> list[object]:
    people = [
        {
            "clinic_id": clinic.id,
            "id": uuid4(),
            "first_name": "Pat",
            "last_name": "Sample",
            "phone": number,
            "year_of_birth": 1990,
            "language": Language.ENGLISH,
            "time_zone": texts.zone_at_noon(now),
            "answers_by": AnswersBy.LINK,
            "created_at": now,
        }
        for number in numbers
    ]
    session.execute(insert(Patient), people)
    consents = [
        {
            "clinic_id": clinic.id,
            "patient_id": person["id"],
            "kind": ConsentKind.RECOVERY_TEXTS,
            "wording": "I agree.",
            "given_at": now,
        }
        for person in people
    ]
    session.execute(insert(Consent), consents)
    return [person["id"] for person in people]
