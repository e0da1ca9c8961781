"""Memory for figures: over a year of a large clinic the usual few megabytes would go through the disk."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session

FOR_A_STEP = "64MB"
"""Of one sorting or joining step. Two managers at once take a few hundred megabytes for a second."""


def allow(session: Session) -> None:
    """Until the transaction ends."""
    session.execute(text(f"SET LOCAL work_mem = '{FOR_A_STEP}'"))
