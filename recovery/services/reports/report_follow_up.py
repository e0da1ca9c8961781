"""What a report does besides its assessment: a note for the inbox, the end of a silence."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from recovery.domain.inbound.text_meaning import TextMeaning
from recovery.models.clinic import clinics
from recovery.models.inbound.inbound_texts import InboundSource, InboundText
from recovery.models.reports.reports import ReportRevision
from recovery.models.tasks import tasks
from recovery.models.tasks.tasks import TaskKind
from recovery.models.treatments.treatments import Treatment
from recovery.services.clinic.clinics import opening_hours_of
from recovery.services.content.content import Content
from recovery.services.tasks.tasks import HEARD_FROM, TaskSubject, open_task, reading_due_at


def plan_follow_up(
    session: Session,
    said: ReportRevision,
    *,
    treatment: Treatment,
    known_note: str | None,
    content: Content,
    now: datetime,
) -> None:
    """A new note without warning words waits to be read; with them the flag shows it, to be read first."""
    tasks.close_automatically(
        session,
        clinic_id=treatment.clinic_id,
        kind=TaskKind.SILENCE,
        treatment_id=treatment.id,
        comment=HEARD_FROM,
        now=now,
    )
    if said.note is None or said.note == known_note or content.reader.read_signs(said.note):
        return
    clinic = clinics.get(session, treatment.clinic_id)
    if clinic is None:
        return
    due_at = reading_due_at(opening_hours_of(clinic), now=now)
    session.add(
        InboundText(
            clinic_id=treatment.clinic_id,
            source=InboundSource.NOTE,
            received_at=now,
            meaning=TextMeaning.OTHER,
            patient_id=treatment.patient_id,
            treatment_id=treatment.id,
            report_id=said.report_id,
            revision=said.revision,
            to_read=True,
            due_at=due_at,
        )
    )
    open_task(
        session,
        TaskSubject(
            clinic_id=treatment.clinic_id, patient_id=treatment.patient_id, treatment_id=treatment.id
        ),
        kind=TaskKind.NOTE_TO_READ,
        due_at=due_at,
        now=now,
    )
