"""How a patient's skin healed from session to session, newest first, and the newest course over those
before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from recovery.domain.clinical import chart_series, healing_time, symptoms, taking_over
from recovery.domain.clinical.healing_time import HealingTime
from recovery.models.patients.patients import Patient
from recovery.models.reports import reports
from recovery.models.treatments import treatments
from recovery.models.treatments.treatments import Treatment
from recovery.services.content import protocols
from recovery.services.content.content import Content
from recovery.services.read_models import chart_data
from recovery.services.read_models.chart_data import ChartData, ChartMarks

MOST_SESSIONS = 12


@dataclass(frozen=True, kw_only=True)
class SessionHealing:
    """One session and how the skin came through it."""

    treatment: Treatment
    day: int
    settling: HealingTime


@dataclass(frozen=True, kw_only=True)
class HealingHistory:
    """The sessions, newest first, and the course of the newest that was reported about, over those before."""

    sessions: Sequence[SessionHealing]
    course: ChartData | None


def read_history(session: Session, *, patient: Patient, content: Content, now: datetime) -> HealingHistory:
    """Of the patient's newest sessions, without those that were withdrawn."""
    done = treatments.list_for_patient(session, patient.clinic_id, patient.id, limit=MOST_SESSIONS)
    said = reports.current_revisions_by_treatment(
        session, patient.clinic_id, [treatment.id for treatment in done]
    )
    seen = {
        treatment.id: [
            revision.observation(performed_at=treatment.performed_at) for revision in said[treatment.id]
        ]
        for treatment in done
    }
    taken_over = treatments.taken_over_times(session, patient.clinic_id, [treatment.id for treatment in done])
    newest = next((treatment for treatment in done if seen[treatment.id]), None)
    return HealingHistory(
        sessions=[
            SessionHealing(
                treatment=treatment,
                day=symptoms.recovery_day(symptoms.hours_between(treatment.performed_at, now)),
                settling=healing_time.summarize_healing(
                    taking_over.own_part(
                        seen[treatment.id],
                        treatment.facts(skin_type=patient.skin_type, taken_over=taken_over[treatment.id]),
                    )
                ),
            )
            for treatment in done
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
) -> ChartData:
    held_to = protocols.get_protocol(
        session, clinic_id=treatment.clinic_id, version=treatment.protocol, content=content
    )
    return chart_data.build_chart(
        [chart_series.ChartReport(observation=observation) for observation in seen],
        table=held_to.curves.table(treatment.facts(skin_type=patient.skin_type)),
        moments=ChartMarks(
            texts=[], contacts=[], photos=[], now=symptoms.hours_between(treatment.performed_at, now)
        ),
        earlier=chart_data.earlier_sessions(session, treatment),
        answers=content.answers,
    )
