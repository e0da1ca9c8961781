"""What a consultation found is added to what was found before, and a skin type holds for the patient."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.patients.consultation import Condition
from recovery.domain.treatments.indication import Indication
from recovery.models.clinic.clinics import Clinic as ClinicRow
from recovery.models.patients import consultations
from recovery.models.patients.consultations import Consultation
from recovery.models.patients.patients import Patient as PatientRow
from recovery.services.changes import consultation
from recovery.services.changes.consultation import NewConsultation
from recovery.services.core import audit
from tests.support.data import audit_trail
from tests.support.data.people import Clinic, Patient


def row_of(session: Session, clinic: Clinic, patient: Patient) -> PatientRow:
    return session.get_one(PatientRow, (clinic.id, patient.id))


def record(
    session: Session, clinic: Clinic, patient: Patient, *, now: datetime, **found: Any
) -> Consultation:
    nothing: dict[str, Any] = {"skin_type": None, "concerns": (), "conditions": (), "history": None}
    return consultation.record(
        session,
        clinic=session.get_one(ClinicRow, clinic.id),
        patient=row_of(session, clinic, patient),
        found=NewConsultation(**nothing | found),
        content=clinic.content,
        actor=audit.staff(clinic.nurse.id),
        now=now,
    )


def test_what_was_found_is_kept_in_the_order_of_the_form(
    clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions() as session:
        assert consultation.get_current(session, row_of(session, clinic, patient)) is None
        kept = record(
            session, clinic, patient, now=now,
            concerns={Indication.TEXTURE, Indication.ACNE_SCARS},
            conditions=[Condition.RETINOID, Condition.BLEEDING],
            history="A filler in May.",
        )  # fmt: skip
        session.refresh(kept)
        assert kept.for_what() == [Indication.ACNE_SCARS, Indication.TEXTURE]
        assert kept.known() == [Condition.BLEEDING, Condition.RETINOID]
        assert (kept.history, kept.skin_type) == ("A filler in May.", None)
        assert (kept.recorded_at, kept.recorded_by) == (now, clinic.nurse.id)
        (entry,) = audit_trail.entries(session, clinic.id, "consultation.record")
        assert (entry.subject_id, entry.detail) == (patient.id, {}), "nothing of anybody's health"


def test_the_newest_version_holds_and_none_is_lost(
    clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions() as session:
        first = record(session, clinic, patient, now=now, conditions=[Condition.KELOID])
        second = record(session, clinic, patient, now=now + timedelta(days=1))
        assert consultation.get_current(session, row_of(session, clinic, patient)) is second
        kept = consultations.list_for_patient(session, clinic.id, patient.id, limit=10)
        assert list(kept) == [second, first]
        other = clinic.add_patient(now=now)
        assert consultation.get_current(session, row_of(session, clinic, other)) is None


@pytest.mark.parametrize(("skin_type", "holds", "changes"), [(None, 3, 0), (3, 3, 0), (5, 5, 1)])
def test_a_skin_type_that_was_judged_holds_from_here_on(
    clinic: Clinic,
    patient: Patient,
    sessions: sessionmaker[Session],
    now: datetime,
    skin_type: int | None,
    holds: int,
    changes: int,
) -> None:
    with sessions() as session:
        kept = record(session, clinic, patient, now=now, skin_type=skin_type)
        assert kept.skin_type == skin_type
        assert row_of(session, clinic, patient).skin_type == holds
        entries = audit_trail.entries(session, clinic.id, "patient.change")
        assert [entry.detail for entry in entries] == [{"changed": "skin_type"}] * changes
