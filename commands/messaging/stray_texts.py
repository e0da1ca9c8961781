"""`texts stray`: texts from numbers that no clinic knows, where there are several clinics, for whoever runs
them all."""

from __future__ import annotations

from argparse import Namespace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from commands.shipped_content import shipped
from recovery.models.inbound import stray_texts
from recovery.services.inbound import given_texts

MOST_LISTED = 1000


def list_stray_texts(session: Session, *, since: datetime) -> dict[str, Any]:
    """Those that came since this moment, newest first, whole: only a person can say whose they are."""
    texts = [
        {
            "id": text.carrier_id,
            "received_at": text.received_at.isoformat(timespec="seconds"),
            "from": text.phone,
            "body": text.body,
            "meaning": text.meaning.value,
            "urgency": text.urgency.value,
            "seen_to_at": None if text.seen_to_at is None else text.seen_to_at.isoformat(timespec="seconds"),
        }
        for text in stray_texts.list_strays(session, since=since, limit=MOST_LISTED)
    ]
    return {"texts": texts}


def give(session: Session, given: Namespace, *, now: datetime) -> dict[str, Any]:
    """`texts give`: to the clinic whose patient it is from, or to nobody once somebody has seen to it."""
    if given.clinic is None:
        given_texts.see_to(session, carrier_id=given.text, now=now)
        return {"text": given.text, "clinic": None}
    clinic = given_texts.give_to_clinic(
        session, carrier_id=given.text, clinic_id=UUID(given.clinic), content=shipped(), now=now
    )
    return {"text": given.text, "clinic": str(clinic.id)}
