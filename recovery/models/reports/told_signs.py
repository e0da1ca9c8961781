"""Which warning signs patients ticked in the report seen last, and after which reports they denied them by
text."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from recovery.models.reports.reports import Report, ReportRevision


def newest_warning_signs(
    session: Session, clinic_id: UUID, treatment_ids: Sequence[UUID]
) -> dict[UUID, Sequence[str]]:
    """The warning signs of the report seen last, by treatment; treatments without a report are left out."""
    newest = (
        select(Report.treatment_id, ReportRevision.warning_signs)
        .join(
            ReportRevision,
            (ReportRevision.clinic_id == Report.clinic_id)
            & (ReportRevision.report_id == Report.id)
            & (ReportRevision.revision == Report.revision),
        )
        .where(Report.clinic_id == clinic_id, Report.treatment_id.in_(treatment_ids))
        .ext(distinct_on(Report.treatment_id))
        .order_by(Report.treatment_id, ReportRevision.seen_at.desc(), ReportRevision.report_id.desc())
    )
    return {row[0]: row[1] for row in session.execute(newest)}


def reports_denying_signs(session: Session, clinic_id: UUID, treatment_id: UUID) -> frozenset[UUID]:
    """The reports after which the patient answered by text that none of the signs asked for is there."""
    asked = select(Report.id).where(Report.clinic_id == clinic_id, Report.treatment_id == treatment_id)
    return frozenset(session.scalars(asked.where(Report.signs_denied_at.is_not(None))))
