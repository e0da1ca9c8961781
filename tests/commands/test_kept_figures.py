"""`figures check` names what is wrong, and `figures rebuild` mends it."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from commands import kept_figures as command
from recovery.models.clinic.clinics import Clinic as ClinicRow
from recovery.models.read_models.figure_days import FigureDay
from recovery.services.read_models.figures import kept_figures
from tests.support.data.people import Clinic

DAYS = 3


@pytest.fixture
def kept(clinic: Clinic, sessions: sessionmaker[Session], now: datetime) -> date:
    """The days since the clinic is live are kept; the first of them, on which somebody was treated."""
    treated = clinic.add_patient(now=now, hours_ago=24 * DAYS)
    with sessions.begin() as session:
        row = session.get_one(ClinicRow, clinic.id)
        row.live_since = now - timedelta(days=DAYS)
        session.flush()
        assert kept_figures.keep_days(session, row, now=now, limit=99) == DAYS
    return treated.performed_at.date()


def test_every_clinic_is_told_with_how_many_days_hold(
    clinic: Clinic, other_clinic: Clinic, sessions: sessionmaker[Session], kept: date, now: datetime
) -> None:
    with sessions() as session:
        told = {one["clinic"]: one["days_that_hold"] for one in command.check(session, now=now)}
    assert told == {str(clinic.id): DAYS, str(other_clinic.id): 0}


def test_a_day_that_is_wrong_is_named_and_mended(
    clinic: Clinic, sessions: sessionmaker[Session], kept: date, now: datetime
) -> None:
    with sessions.begin() as session:
        session.get_one(FigureDay, (clinic.id, kept)).sums = {"counts": {}, "times": {}}
    with sessions() as session, pytest.raises(command.WrongDays) as refused:
        command.check(session, now=now)
    assert str(clinic.id) in str(refused.value)
    assert kept.isoformat() in str(refused.value)
    with sessions.begin() as session:
        command.rebuild(session)
        assert session.scalar(select(func.count()).select_from(FigureDay)) == 0
        assert command.check(session, now=now)
