"""What was brought to the flags of courses: their assessments, as of when they were seen."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import Session

from recovery.domain.clinical import findings
from recovery.domain.clinical.symptoms import WarningSign
from recovery.domain.flags import new_facts
from recovery.models.flags.flags import Flag, FlagAssessment
from recovery.models.reports.reports import ReportRevision, StoredAssessment


def list_brought(
    session: Session, courses: Collection[tuple[UUID, UUID]]
) -> Sequence[tuple[Flag, StoredAssessment, datetime]]:
    """Every flag of these courses (clinic, treatment), with each assessment that was brought to it and when
    what it says was seen; in the order in which they were made."""
    seen_at = func.coalesce(ReportRevision.seen_at, StoredAssessment.created_at)
    brought = (
        select(Flag, StoredAssessment, seen_at)
        .join(
            FlagAssessment, (FlagAssessment.clinic_id == Flag.clinic_id) & (FlagAssessment.flag_id == Flag.id)
        )
        .join(
            StoredAssessment,
            (StoredAssessment.clinic_id == FlagAssessment.clinic_id)
            & (StoredAssessment.id == FlagAssessment.assessment_id),
        )
        .outerjoin(
            ReportRevision,
            (ReportRevision.clinic_id == StoredAssessment.clinic_id)
            & (ReportRevision.report_id == StoredAssessment.report_id)
            & (ReportRevision.revision == StoredAssessment.revision),
        )
        .where(tuple_(Flag.clinic_id, Flag.treatment_id).in_(courses))
        .order_by(StoredAssessment.id)
    )
    if not courses:
        return ()
    return [(row[0], row[1], row[2]) for row in session.execute(brought)]


def signs_of_revision(
    session: Session, clinic_id: UUID, report_id: UUID, *, number: int
) -> frozenset[WarningSign]:
    """The signs that a revision of a report was found to name."""
    judged = select(StoredAssessment.findings).where(
        StoredAssessment.clinic_id == clinic_id,
        StoredAssessment.report_id == report_id,
        StoredAssessment.revision == number,
    )
    named = (findings.from_dict(found) for kept in session.scalars(judged) for found in kept)
    return frozenset(sign for found in named for sign in new_facts.signs_of(found))
