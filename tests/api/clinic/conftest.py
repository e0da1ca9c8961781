from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import insert
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.flags.flag_lifecycle import FlagState, Urgency
from recovery.models.flags.flags import Flag
from recovery.models.treatments.treatments import Treatment
from tests.support.access.documented_client import DocumentedClient
from tests.support.data.people import Clinic, Nurse, Patient


@pytest.fixture
def raise_flags(sessions: sessionmaker[Session], now: datetime) -> Callable[..., list[UUID]]:
    """Flags as the review leaves them, each on a treatment of its own of one patient."""

    def make(clinic: Clinic, patient: Patient, wanted: list[tuple[Urgency, timedelta]]) -> list[UUID]:
        with sessions.begin() as session:
            one = session.get_one(Treatment, (clinic.id, patient.treatment_id))
            shared = {"clinic_id": clinic.id, "patient_id": patient.id, "protocol": one.protocol}
            treated = {"device": one.device, "areas": one.areas, "session_number": 1}
            made = session.scalars(
                insert(Treatment).returning(Treatment.id),
                [shared | treated | {"performed_at": now, "created_at": now}] * len(wanted),
            ).all()
            flags = session.scalars(
                insert(Flag).returning(Flag.id, sort_by_parameter_order=True),
                [
                    {
                        "clinic_id": clinic.id,
                        "treatment_id": treatment_id,
                        "state": FlagState.OPEN,
                        "urgency": urgency,
                        "urgency_rank": urgency.rank,
                        "opened_at": now,
                        "due_at": now + due,
                    }
                    for treatment_id, (urgency, due) in zip(made, wanted, strict=True)
                ],
            )
            return list(flags)

    return make


@pytest.fixture
def flag(raise_flags: Callable[..., list[UUID]], clinic: Clinic, patient: Patient) -> UUID:
    """One open flag."""
    (only,) = raise_flags(clinic, patient, [(Urgency.SAME_DAY, timedelta(hours=2))])
    return only


@pytest.fixture
def work(client: DocumentedClient) -> Callable[..., Any]:
    """What a nurse does to a flag."""

    def do(nurse: Nurse, flag_id: UUID, what: str, **body: str) -> Any:
        path = f"/api/v1/flags/{flag_id}/{what}"
        return client.post(path, headers=nurse.headers, **({"json": body} if body else {}))

    return do
