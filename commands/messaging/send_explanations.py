"""`messages explain`: what became of the texts of a treatment, as a table."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from commands.shipped_content import shipped
from recovery.models.clinic import clinics
from recovery.models.treatments import treatments
from recovery.services.content import running_content
from recovery.services.read_models import send_explanations
from recovery.services.treatments.treatments import UnknownTreatment


def explain_table(session: Session, treatment_id: UUID, *, now: datetime) -> str:
    """One line a step, in the order they are or were due. Raises UnknownTreatment."""
    treatment = treatments.get_in_any_clinic(session, treatment_id)
    if treatment is None:
        raise UnknownTreatment(f"no treatment has the id {treatment_id}")
    clinic = clinics.get_one(session, treatment.clinic_id)
    explanation = send_explanations.explain_treatment(
        session,
        clinic_id=clinic.id,
        treatment_id=treatment.id,
        content=running_content.of_clinic(session, clinic, newest=shipped()),
        now=now,
    )
    rows = [
        ("step", "to", "state", "why"),
        *((text.step, text.to, text.state, text.why) for text in explanation.steps),
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    lines = [
        "  ".join([*(cell.ljust(width) for cell, width in zip(row[:3], widths, strict=True)), row[3]])
        for row in rows
    ]
    return "\n".join([f"Times are those of {explanation.time_zone}.", *lines])
