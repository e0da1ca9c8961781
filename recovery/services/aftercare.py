"""Planning the texts that follow a treatment."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from recovery.domain import aftercare, hours
from recovery.domain.aftercare import Planned
from recovery.domain.catalogue import Kind
from recovery.domain.delivery import MessageState
from recovery.domain.people import ConsentKind, Language
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
                asks_day=_asks(planned, content=content),
                silence_at=_first_look(planned, content=content) if state is MessageState.PLANNED else None,
                settled_at=None if state is MessageState.PLANNED else now,
                created_at=now,
            ),
        )


def _asks(planned: Planned, *, content: Content) -> int | None:
    """The recovery day this text asks about, None for one that asks nothing."""
    text = content.catalogue_for(Language.ENGLISH).text(planned.step.template)
    return planned.step.day if text.kind is Kind.CHECK_IN else None


def _first_look(planned: Planned, *, content: Content) -> datetime | None:
    day = _asks(planned, content=content)
    if day is None:
        return None
    return content.silence.first_look(day=day, asked_at=planned.due_at, until=planned.useful_until)
