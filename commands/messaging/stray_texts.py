"""`texts stray`: texts from numbers that no clinic knows, where there are several clinics, for whoever runs
them all."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from recovery.models.inbound import inbound_texts


def list_stray_texts(session: Session, *, since: datetime) -> dict[str, Any]:
    """Those that came since this moment, newest first, whole: only a person can say whose they are."""
    texts = [
        {
            "received_at": text.received_at.isoformat(timespec="seconds"),
            "from": text.phone,
            "body": text.body,
            "meaning": text.meaning.value,
        }
        for text in inbound_texts.list_strays(session, since=since)
    ]
    return {"texts": texts}
