"""`texts stop` and `texts resume` of a clinic."""

from __future__ import annotations

from argparse import Namespace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from recovery.services.clinic import clinics
from recovery.services.core import audit


def stop(session: Session, given: Namespace, *, now: datetime) -> dict[str, Any]:
    """`texts stop`: no text of the clinic leaves until they are resumed."""
    return _switch(session, given, stopped=True, now=now)


def resume(session: Session, given: Namespace, *, now: datetime) -> dict[str, Any]:
    """`texts resume`: the texts that are still of use go out."""
    return _switch(session, given, stopped=False, now=now)


def _switch(session: Session, given: Namespace, *, stopped: bool, now: datetime) -> dict[str, Any]:
    clinic = clinics.set_text_stop(
        session,
        clinic_id=UUID(given.clinic),
        stopped=stopped,
        because=given.because,
        actor=audit.OPERATOR,
        now=now,
    )
    since = clinic.texts_stopped_at
    return {"clinic": str(clinic.id), "stopped_since": None if since is None else since.isoformat()}
