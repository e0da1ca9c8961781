"""What the demonstration's patients were asked before their treatments."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from commands import demo_consultations
from recovery.domain.treatments.indication import Indication
from recovery.models.clinic.clinics import Clinic as ClinicRow
from recovery.models.patients.consultations import Consultation
from recovery.models.patients.patients import Patient as PatientRow
from recovery.models.treatments.session_plans import PatientSessionPlan
from recovery.services.content.content import Content
from tests.support.data.people import Clinic

Kept = tuple[Consultation, PatientSessionPlan]


def consulted(
    sessions: sessionmaker[Session], clinic: Clinic, content: Content, *, number: int, now: datetime,
    concern: Indication | None = Indication.TEXTURE,
) -> Kept:  # fmt: skip
    patient = clinic.add_patient(now=now, skin_type=4)
    with sessions.begin() as session:
        demo_consultations.consult(
            session,
            clinic=session.get_one(ClinicRow, clinic.id),
            patient=session.get_one(PatientRow, (clinic.id, patient.id)),
            number=number,
            concern=concern,
            content=content,
            at=now,
        )
        record = session.scalars(select(Consultation).where(Consultation.patient_id == patient.id)).one()
        of_patient = PatientSessionPlan.patient_id == patient.id
        return record, session.scalars(select(PatientSessionPlan).where(of_patient)).one()


@pytest.mark.parametrize(
    ("number", "conditions", "sessions_planned", "weeks"),
    [
        (0, ["cold_sores"], 3, 4),
        (1, [], 4, 5),
        (2, ["dark_marks", "retinoid"], 3, 6),
        (3, [], 4, 4),
        (4, ["cold_sores"], 3, 5),
    ],
)
def test_records_and_plans_differ_from_patient_to_patient(
    number: int,
    conditions: list[str],
    sessions_planned: int,
    weeks: int,
    sessions: sessionmaker[Session],
    clinic: Clinic,
    content: Content,
    now: datetime,
) -> None:
    record, plan = consulted(sessions, clinic, content, number=number, now=now)
    assert sorted(record.conditions) == conditions
    assert record.concerns == ["texture"]
    assert record.skin_type == 4
    assert record.history
    assert (plan.sessions, plan.weeks_between, plan.maintenance_months) == (sessions_planned, weeks, 6)
    assert plan.next_session_on is None


def test_where_no_concern_is_known_none_is_recorded(
    sessions: sessionmaker[Session], clinic: Clinic, content: Content, now: datetime
) -> None:
    record, _ = consulted(sessions, clinic, content, number=1, now=now, concern=None)
    assert record.concerns == []
