"""Correcting and withdrawing a treatment that was recorded: texts and judgements follow, and what it was said
to be is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, TypedDict, cast
from uuid import UUID

from sqlalchemy.orm import Session

from recovery.domain.clinical.symptoms import Acid, Area, Device
from recovery.domain.treatments.indication import Indication
from recovery.models.patients import patients
from recovery.models.patients.patients import Patient
from recovery.models.reports import reports
from recovery.models.treatments.treatments import Treatment, TreatmentCorrection
from recovery.services.changes import course_judging
from recovery.services.content.content import Content
from recovery.services.core import audit
from recovery.services.core.audit import Actor
from recovery.services.flags import flag_queue_entries
from recovery.services.messaging import text_planning
from recovery.services.reports.seen_time import EARLIEST_BEFORE_TREATMENT
from recovery.services.treatments import treatments
from recovery.services.treatments.treatments import (
    OLDEST_TREATMENT,
    ImpossibleTreatmentTime,
    UnknownTreatment,
)

JUDGED_BY = frozenset({"performed_at", "device", "depth_mm", "areas", "acid", "session_number"})
"""What the expected course of a treatment depends on."""


class ReportsPrecedeTreatment(ValueError):
    """The patient reported earlier than the treatment would then have been."""


class TreatmentChanges(TypedDict, total=False):
    """What is corrected; what is left out stays. The version of the expected course cannot change."""

    performed_at: datetime
    device: Device
    depth_mm: Decimal | None
    areas: Sequence[Area]
    acid: Acid
    indication: Indication | None
    numbing: str | None
    topical: str | None
    lot: str | None
    performed_by: UUID | None
    session_number: int


def correct(
    session: Session,
    *,
    clinic_id: UUID,
    treatment_id: UUID,
    changes: TreatmentChanges,
    reason: str,
    content: Content,
    actor: Actor,
    now: datetime,
) -> Treatment:
    """A treatment as it really was; what it was said to be before is kept with the reason.

    Texts that have not left are planned anew, and the reports of the course are judged anew: they keep
    when the signs were seen, and their hours are counted from the corrected time. So is a course that it
    takes over now, or from another moment on. What is found anew reaches a nurse; a flag that is open stays
    open. Raises UnknownTreatment, ImpossibleTreatmentTime, ReportsPrecedeTreatment, UnknownPractitioner.
    """
    treatment, patient, takeovers = _locked(session, clinic_id=clinic_id, treatment_id=treatment_id, now=now)
    treatments.check_practitioner(session, clinic_id, changes.get("performed_by"))
    if "performed_at" in changes:
        _possible(session, treatment, changes["performed_at"], now=now)
    before, after = _set(treatment, changes)
    if not after:
        return treatment
    _keep(session, treatment, before=before, after=after, reason=reason, actor=actor, now=now)
    flag_queue_entries.refresh(session, clinic_id=clinic_id, treatment_id=treatment.id)
    if JUDGED_BY & after.keys():
        course_judging.reassess_course(session, treatment=treatment, content=content, now=now)
    text_planning.plan_texts(session, patient=patient, content=content, now=now)
    course_judging.follow_takeovers(session, patient, before=takeovers, content=content, now=now)
    return treatment


def withdraw(
    session: Session,
    *,
    clinic_id: UUID,
    treatment_id: UUID,
    reason: str,
    content: Content,
    actor: Actor,
    now: datetime,
) -> Treatment:
    """A treatment that was entered in error. Its planned texts are cancelled, and those of another
    treatment of that visit that it covered come back, as do those of one that it had taken over. An open flag
    stays for the nurse to close.

    Raises UnknownTreatment, for one withdrawn before too.
    """
    treatment, patient, takeovers = _locked(session, clinic_id=clinic_id, treatment_id=treatment_id, now=now)
    treatment.withdrawn_at = now
    _keep(
        session,
        treatment,
        before={"withdrawn_at": None},
        after={"withdrawn_at": now.isoformat()},
        reason=reason,
        actor=actor,
        now=now,
    )
    text_planning.plan_texts(session, patient=patient, content=content, now=now)
    course_judging.follow_takeovers(session, patient, before=takeovers, content=content, now=now)
    return treatment


def _locked(
    session: Session, *, clinic_id: UUID, treatment_id: UUID, now: datetime
) -> tuple[Treatment, Patient, Mapping[UUID, datetime | None]]:
    """The treatment, its patient, and when each of the patient's treatments was taken over so far."""
    treatment = treatments.get_treatment(session, clinic_id=clinic_id, treatment_id=treatment_id)
    patient = patients.get(session, clinic_id, treatment.patient_id)
    if patient is None:
        raise UnknownTreatment(treatment_id)
    takeovers = course_judging.read_takeovers(session, patient, now=now)
    # Like a report being put; texts may still be added to the treatment meanwhile.
    session.refresh(treatment, with_for_update={"key_share": True})
    if treatment.withdrawn_at is not None:
        raise UnknownTreatment(treatment_id)
    return treatment, patient, takeovers


def _possible(session: Session, treatment: Treatment, performed_at: datetime, *, now: datetime) -> None:
    earliest = treatment.created_at - OLDEST_TREATMENT
    if not earliest <= performed_at <= now + timedelta(minutes=5):
        raise ImpossibleTreatmentTime
    course = reports.list_current_revisions(session, treatment.clinic_id, treatment.id)
    if course and course[0].seen_at < performed_at - EARLIEST_BEFORE_TREATMENT:
        raise ReportsPrecedeTreatment


def _set(treatment: Treatment, changes: TreatmentChanges) -> tuple[dict[str, Any], dict[str, Any]]:
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    for name, given in cast(Mapping[str, Any], changes).items():
        value = [area.value for area in given] if name == "areas" else given
        stands = getattr(treatment, name)
        if stands != value:
            before[name], after[name] = _plain(stands), _plain(value)
            setattr(treatment, name, value)
    return before, after


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal | UUID) else value


def _keep(
    session: Session,
    treatment: Treatment,
    *,
    before: dict[str, Any],
    after: dict[str, Any],
    reason: str,
    actor: Actor,
    now: datetime,
) -> None:
    session.add(
        TreatmentCorrection(
            clinic_id=treatment.clinic_id,
            treatment_id=treatment.id,
            staff_id=actor.id,
            at=now,
            reason=reason,
            before=before,
            after=after,
        )
    )
    audit.record(
        session,
        clinic_id=treatment.clinic_id,
        actor=actor,
        action="treatment.withdraw" if "withdrawn_at" in after else "treatment.correct",
        subject=("treatment", treatment.id),
        now=now,
        detail={"changed": ", ".join(sorted(after))},
    )
    session.flush()
