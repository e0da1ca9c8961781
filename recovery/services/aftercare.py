"""Planning the texts that follow a treatment."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from recovery.domain import aftercare, hours
from recovery.domain.delivery import MessageState
from recovery.domain.people import ConsentKind
from recovery.models import messages, patients
from recovery.models.messages import Message
from recovery.models.patients import Patient
from recovery.models.treatments import Treatment
from recovery.services.content import Content

NO_CONSENT = "no consent to recovery texts"


def plan(
    session: Session, *, treatment: Treatment, patient: Patient, content: Content, now: datetime
) -> None:
    """One row per step, unique on treatment and step; steps that will not go out keep their reason."""
    consented = patients.consents_to(session, patient, ConsentKind.RECOVERY_TEXTS)
    steps = aftercare.plan(
        content.schedule,
        performed_at=treatment.performed_at,
        zone=hours.zone_named(patient.time_zone),
        answers_by=patient.answers_by,
        now=now,
    )
    for planned in steps:
        state, reason = MessageState.PLANNED, planned.dropped
        if not consented:
            state, reason = MessageState.CANCELLED, NO_CONSENT
        elif reason is not None:
            state = MessageState.EXPIRED
        messages.plan(
            session,
            Message(
                clinic_id=treatment.clinic_id,
                patient_id=patient.id,
                treatment_id=treatment.id,
                step=planned.step.name,
                template=planned.step.template,
                details={} if planned.step.day is None else {"day": planned.step.day},
                due_at=planned.due_at,
                useful_until=planned.useful_until,
                state=state,
                reason=reason,
                settled_at=None if state is MessageState.PLANNED else now,
                created_at=now,
            ),
        )
