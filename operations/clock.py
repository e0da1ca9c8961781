"""The clock that all machines share: the database's."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session


def database_now(session: Session) -> datetime:
    """The moment it is, as the database sees it: a wrong clock on one machine decides nothing."""
    moment: datetime = session.scalars(select(func.clock_timestamp())).one()
    return moment
