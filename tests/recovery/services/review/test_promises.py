"""What a patient and the staff are told of a flag: by when, at any hour of the clinic's week."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TypeVar

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.clinical.symptoms import WarningSign
from recovery.models.flags.flags import Flag
from recovery.models.messaging.messages import Message
from tests.recovery.services.review.conftest import Report, Review

Row = TypeVar("Row")


def rows(sessions: sessionmaker[Session], table: type[Row]) -> Sequence[Row]:
    with sessions() as session:
        return session.scalars(select(table)).all()


@pytest.mark.usefixtures("open_on_weekdays")
def test_nothing_is_promised_by_a_time_that_has_passed(
    report: Report, take_up: Review, sessions: sessionmaker[Session], now: datetime
) -> None:
    friday = now + timedelta(days=4)
    report(WarningSign.BUMPS, at=now)
    take_up()
    report(WarningSign.PUS, at=friday)
    take_up(at=friday)
    first, raised, _ = rows(sessions, Message)
    assert (first.template, first.details["by"]) == ("flag_next_day", "Tue 5 PM")
    assert (raised.template, raised.details["by"]) == ("flag_same_day", "2 PM")


@pytest.mark.usefixtures("open_on_weekdays")
def test_after_hours_nobody_promises_a_call_today(
    report: Report, take_up: Review, sessions: sessionmaker[Session], now: datetime
) -> None:
    evening, morning = now.replace(hour=19), (now + timedelta(days=1)).replace(hour=9)
    report(WarningSign.PUS, at=evening)
    take_up(at=evening)
    (flag,) = rows(sessions, Flag)
    assert flag.due_at == morning + timedelta(hours=2)
    to_patient, to_staff = rows(sessions, Message)
    assert (to_patient.template, to_patient.details["by"], to_patient.due_at) == (
        "flag_after_hours", "Tue 9 AM", evening,
    )  # fmt: skip
    assert (to_staff.template, to_staff.due_at, to_staff.details["by"]) == ("staff_alert", morning, "11 AM")


@pytest.mark.usefixtures("open_on_weekdays")
def test_too_late_in_the_day_for_two_staffed_hours_counts_as_after_hours(
    report: Report, take_up: Review, sessions: sessionmaker[Session], now: datetime
) -> None:
    late = now.replace(hour=16)
    report(WarningSign.PUS, at=late)
    take_up(at=late)
    to_patient, to_staff = rows(sessions, Message)
    assert (to_patient.template, to_patient.details["by"]) == ("flag_after_hours", "Tue 9 AM")
    assert to_staff.due_at == late
    assert rows(sessions, Flag)[0].due_at == (now + timedelta(days=1)).replace(hour=10)


def test_a_clinic_that_never_closes_promises_a_call_over_midnight_too(
    report: Report, take_up: Review, sessions: sessionmaker[Session], now: datetime
) -> None:
    late = now.replace(hour=23)
    report(WarningSign.PUS, at=late)
    take_up(at=late)
    to_patient, _ = rows(sessions, Message)
    assert (to_patient.template, to_patient.details["by"]) == ("flag_same_day", "Tue 1 AM")
