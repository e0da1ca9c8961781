"""Further treatments of patients for tests, recorded through the use case."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from recovery.domain.clinical.symptoms import Area, Device
from recovery.models.clinic.clinics import Clinic as ClinicRow
from recovery.models.patients.patients import Patient as PatientRow
from recovery.services.changes import new_treatments
from recovery.services.core import audit
from recovery.services.treatments import treatments
from tests.support.data.people import Clinic, Patient


def treat_again(
    clinic: Clinic,
    patient: Patient,
    *,
    at: datetime,
    now: datetime | None = None,
    areas: Sequence[Area] = (Area.FACE,),
    session_number: int = 2,
) -> Patient:
    """The same patient with another treatment, performed then, and recorded then or at a moment `now`."""
    with clinic.sessions.begin() as session:
        treatment = new_treatments.record(
            session,
            clinic=session.get_one(ClinicRow, clinic.id),
            patient=session.get_one(PatientRow, (clinic.id, patient.id)),
            new=treatments.NewTreatment(
                performed_at=at,
                device=Device.PEN,
                depth_mm=Decimal("1.2"),
                areas=areas,
                indication=None,
                numbing=None,
                topical=None,
                session_number=session_number,
                protocol=None,
            ),
            content=clinic.content,
            actor=audit.OPERATOR,
            now=now or at,
        )
        session.flush()
        return dataclasses.replace(patient, treatment_id=treatment.id, performed_at=at)
