"""The rows behind a figure of the manager's page; that patients were looked at so is audited."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from recovery.models.clinic.clinics import Clinic
from recovery.models.read_models import figure_memory, figure_rows
from recovery.models.read_models.figure_rows import FigureRow, FigureRows
from recovery.services.access.authentication import StaffCaller
from recovery.services.core import audit
from recovery.services.read_models import clinic_summary
from recovery.services.read_models.clinic_summary import Period
from recovery.services.review import late_promises


@dataclass(frozen=True, kw_only=True)
class FigureList:
    """The figure itself, and some of its rows, the newest first."""

    total: int
    rows: Sequence[FigureRow]


def read_rows(
    session: Session,
    *,
    caller: StaffCaller,
    clinic: Clinic,
    period: Period,
    asked: FigureRows,
    after: tuple[datetime, UUID] | None,
    limit: int,
    now: datetime,
    action: str = "figures.read",
) -> FigureList:
    """Rows of the caller's clinic."""
    which = clinic_summary.filter_of(clinic, period, now=now)
    figure_memory.allow(session)
    wordings = sorted(late_promises.PROMISES)
    audit.read_list(session, caller.clinic_id, caller.staff_id, action=action, now=now)
    return FigureList(
        total=figure_rows.count_rows(session, which, asked, zone=clinic.time_zone, wordings=wordings),
        rows=figure_rows.list_rows(
            session, which, asked, zone=clinic.time_zone, wordings=wordings, after=after, limit=limit
        ),
    )
