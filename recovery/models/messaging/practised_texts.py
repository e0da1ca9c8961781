"""Which texts are about a patient for practice, whoever they go to."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, exists, or_, select, true
from sqlalchemy.orm import aliased

from recovery.models.patients.patients import Patient
from recovery.models.treatments.treatments import Treatment


def about_practice(texts: Any) -> ColumnElement[bool]:
    """Whether a row of `texts` goes to such a patient, or tells the staff of a course of theirs."""
    whose = aliased(Patient)
    treated = select(Treatment.patient_id).where(
        Treatment.clinic_id == texts.c.clinic_id, Treatment.id == texts.c.treatment_id
    )
    return exists(true()).where(
        whose.clinic_id == texts.c.clinic_id,
        whose.training,
        or_(whose.id == texts.c.patient_id, whose.id == treated.correlate(texts).scalar_subquery()),
    )
