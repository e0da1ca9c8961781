"""What was found when the demonstration's patients were consulted, and the sessions planned with them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from recovery.domain.patients.consultation import Condition
from recovery.domain.treatments.indication import Indication
from recovery.domain.treatments.session_plan import SessionPlan
from recovery.models.clinic.clinics import Clinic
from recovery.models.patients.patients import Patient
from recovery.services.changes import consultation
from recovery.services.changes.consultation import NewConsultation
from recovery.services.content.content import Content
from recovery.services.core import audit
from recovery.services.treatments import session_plan

_FOUND: tuple[tuple[tuple[Condition, ...], str], ...] = (
    ((Condition.COLD_SORES,), "Cold sores about once a year, the last in spring."),
    ((), "No earlier treatments. Takes no medicines."),
    ((Condition.DARK_MARKS, Condition.RETINOID), "Stops the retinoid five days before each session."),
    ((), "Two peels last year, calm within four days."),
)


def consult(
    session: Session,
    *,
    clinic: Clinic,
    patient: Patient,
    number: int,
    concern: Indication | None,
    content: Content,
    at: datetime,
) -> None:
    """A record of the consultation, and a series that suits it."""
    conditions, history = _FOUND[number % len(_FOUND)]
    consultation.record(
        session,
        clinic=clinic,
        patient=patient,
        found=NewConsultation(
            skin_type=patient.skin_type,
            concerns=[] if concern is None else [concern],
            conditions=conditions,
            history=history,
        ),
        content=content,
        actor=audit.OPERATOR,
        now=at,
    )
    session_plan.save_plan(
        session,
        patient=patient,
        plan=SessionPlan(sessions=3 + number % 2, weeks_between=4 + number % 3, maintenance_months=6),
        next_session_on=None,
        content=content,
        actor=audit.OPERATOR,
        now=at,
    )
