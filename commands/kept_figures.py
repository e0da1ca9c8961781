"""`manage.py figures`: whether the kept days of clinics' figures are what counting says, and anew."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from recovery.models.clinic import clinics
from recovery.models.read_models import figure_days
from recovery.services.read_models.figures import kept_figures


class WrongDays(ValueError):
    """Kept figures are not what counting says."""


def check(session: Session, *, now: datetime) -> list[dict[str, Any]]:
    """How many days hold of each clinic. Raises WrongDays, which names them, where one is wrong."""
    told = []
    for clinic in clinics.list_all(session):
        checked = kept_figures.check_days(session, clinic, now=now)
        if checked.wrong:
            days = ", ".join(day.isoformat() for day in checked.wrong)
            raise WrongDays(f"Clinic {clinic.id}: wrong are {days}. `figures rebuild` mends it.")
        told.append({"clinic": str(clinic.id), "days_that_hold": checked.held})
    return told


def rebuild(session: Session) -> list[dict[str, Any]]:
    """Throw every kept day away: a worker counts them anew, and whoever asks before it does."""
    told = []
    for clinic in clinics.list_all(session):
        figure_days.drop_all(session, clinic.id)
        told.append({"clinic": str(clinic.id), "days_that_hold": 0})
    return told
