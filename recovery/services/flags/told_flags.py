"""A flag for a patient who phones or comes by: what was told to the staff, how urgent, stored as an
assessment without a report."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from recovery.domain.clinical import findings, symptoms
from recovery.domain.clinical.findings import AssessmentRule, Finding
from recovery.domain.clinical.protocol import Protocol
from recovery.domain.clinical.rules import warning_signs
from recovery.domain.clinical.symptoms import Level, WarningSign
from recovery.domain.flags import flag_lifecycle
from recovery.domain.flags.flag_lifecycle import Urgency
from recovery.models.clinic import clinics
from recovery.models.patients import patients
from recovery.models.reports.reports import AssessmentCause, StoredAssessment
from recovery.services.access.authentication import StaffCaller
from recovery.services.clinic.clinics import opening_hours_of
from recovery.services.content import protocols
from recovery.services.content.content import Content
from recovery.services.core import audit
from recovery.services.reports.reports import REVIEW_CHANNEL
from recovery.services.treatments import treatments


@dataclass(frozen=True, kw_only=True)
class ToldByPatient:
    """What a patient told the staff, in words, with the signs among it, and how urgent whoever heard it
    takes it to be."""

    words: str
    urgency: Urgency
    signs: frozenset[WarningSign] = frozenset()


@dataclass(frozen=True, kw_only=True)
class FlagOnItsWay:
    """The flag that the worker is about to open, or to add to: how urgent, and due by when if it is new."""

    treatment_id: UUID
    urgency: Urgency
    due_at: datetime


def tell(
    session: Session,
    *,
    caller: StaffCaller,
    treatment_id: UUID,
    told: ToldByPatient,
    content: Content,
    now: datetime,
) -> FlagOnItsWay:
    """Keep what was told and wake the review, which opens the treatment's flag for it as for a report.

    It is as urgent as the signs are by the protocol, and for a patient who is judged sooner as that, where
    either is more than was chosen. Raises UnknownTreatment.
    """
    treatment = treatments.get_treatment(session, clinic_id=caller.clinic_id, treatment_id=treatment_id)
    patient = patients.get_one(session, treatment.clinic_id, treatment.patient_id)
    held_to = protocols.get_protocol(
        session, clinic_id=treatment.clinic_id, version=treatment.protocol, content=content
    )
    day = symptoms.recovery_day(symptoms.hours_between(treatment.performed_at, now))
    beside = content.beside(treatment.protocol)
    both = [held_to] if beside is None else [held_to, beside]
    found, level = max(
        (_judged(told, day=day, held_to=one, at_least=patient.at_least) for one in both),
        key=lambda judged: judged[1].rank,
    )
    session.add(
        StoredAssessment(
            clinic_id=treatment.clinic_id,
            treatment_id=treatment.id,
            cause=AssessmentCause.TOLD,
            level=level,
            day=day,
            findings=[findings.to_dict(finding) for finding in found],
            ask_again=[],
            protocol=treatment.protocol,
            told=told.words.strip(),
            told_to=caller.staff_id,
            created_at=now,
            review_after=now,
        )
    )
    session.flush()
    session.execute(select(func.pg_notify(REVIEW_CHANNEL, "")))
    audit.record(
        session,
        clinic_id=treatment.clinic_id,
        actor=audit.staff(caller.staff_id),
        action="flag.told",
        subject=("treatment", treatment.id),
        now=now,
    )
    urgency = flag_lifecycle.urgency_of(level) or told.urgency
    hours = opening_hours_of(clinics.get_one(session, caller.clinic_id))
    due_at = flag_lifecycle.due_at(urgency, since=now, hours=hours, times=content.response_times)
    return FlagOnItsWay(treatment_id=treatment.id, urgency=urgency, due_at=due_at)


def _judged(
    told: ToldByPatient, *, day: int, held_to: Protocol, at_least: Level | None
) -> tuple[list[Finding], Level]:
    found = _findings(told, day=day, held_to=held_to, at_least=at_least)
    return found, max((finding.level for finding in found), key=_rank)


def _findings(told: ToldByPatient, *, day: int, held_to: Protocol, at_least: Level | None) -> list[Finding]:
    chosen = flag_lifecycle.level_of(told.urgency)
    level = chosen if at_least is None else max(chosen, at_least, key=_rank)
    signs = warning_signs.warning_sign(told.signs, day=day, protocol=held_to)
    return [Finding(rule=AssessmentRule.TOLD, level=level, day=day), *signs]


def _rank(level: Level) -> int:
    return level.rank
