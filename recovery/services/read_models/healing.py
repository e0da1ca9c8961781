"""How a patient's skin healed from session to session."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from recovery.domain.clinical import settling, symptoms, trace
from recovery.domain.clinical.settling import Settling
from recovery.models.patients.patients import Patient
from recovery.models.reports import reports
from recovery.models.treatments import treatments
from recovery.models.treatments.treatments import Treatment
from recovery.services.content import protocols
from recovery.services.content.content import Content
from recovery.services.read_models import course_trace
from recovery.services.read_models.course_trace import Course, Moments

MOST_SESSIONS = 12


@dataclass(frozen=True, kw_only=True)
class SessionHealed:
    """One session and how the skin came through it."""

    treatment: Treatment
    day: int
    settling: Settling


@dataclass(frozen=True, kw_only=True)
class Healing:
    """The sessions, newest first, and the course of the newest that was reported about, over those before."""

    sessions: Sequence[SessionHealed]
    course: Course | None


def of_patient(session: Session, *, patient: Patient, content: Content, now: datetime) -> Healing:
    """Of the patient's newest sessions, without those that were withdrawn."""
    done = treatments.of_patient(session, patient.clinic_id, patient.id, limit=MOST_SESSIONS)
    said = reports.courses(session, patient.clinic_id, [one.id for one in done])
    seen = {
        one.id: [revision.observation(performed_at=one.performed_at) for revision in said[one.id]]
        for one in done
    }
    newest = next((one for one in done if seen[one.id]), None)
    return Healing(
        sessions=[
            SessionHealed(
                treatment=one,
                day=symptoms.day_of(symptoms.hours_between(one.performed_at, now)),
                settling=settling.settling(seen[one.id]),
            )
            for one in done
        ],
        course=None
        if newest is None
        else _course(session, patient, newest, seen[newest.id], content=content, now=now),
    )


def _course(
    session: Session,
    patient: Patient,
    treatment: Treatment,
    seen: Sequence[symptoms.Observation],
    *,
    content: Content,
    now: datetime,
) -> Course:
    held_to = protocols.resolve(
        session, clinic_id=treatment.clinic_id, version=treatment.protocol, content=content
    )
    return course_trace.drawn(
        [trace.Seen(observation=one) for one in seen],
        table=held_to.curves.table(treatment.facts(skin_type=patient.skin_type)),
        moments=Moments(
            texts=[], contacts=[], photos=[], now=symptoms.hours_between(treatment.performed_at, now)
        ),
        earlier=course_trace.earlier_sessions(session, treatment),
    )
