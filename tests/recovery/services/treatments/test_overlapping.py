"""Which treatment took over which, as the staff are told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from recovery.domain.clinical import taking_over
from recovery.models.patients.patients import Patient as PatientRow
from recovery.models.treatments import treatments as rows
from recovery.models.treatments.treatments import Treatment
from recovery.services.treatments import overlapping
from tests.support.data.people import Clinic, Patient
from tests.support.data.treatments import treat_again

DAY = timedelta(days=1)


@pytest.fixture
def now() -> datetime:
    """Noon of an ordinary day."""
    return datetime(2027, 3, 10, 12, tzinfo=UTC)


@pytest.fixture
def first(clinic: Clinic, now: datetime) -> Patient:
    """Treated this moment."""
    return clinic.add_patient(now=now, hours_ago=0)


def told(clinic: Clinic, patient: Patient) -> tuple[UUID | None, list[UUID]]:
    with clinic.sessions() as session:
        treatment = session.get_one(Treatment, (clinic.id, patient.treatment_id))
        overlap = overlapping.read_overlap(session, treatment)
        by = overlap.taken_over_by
        return None if by is None else by.id, [one.id for one in overlap.takes_over]


def test_each_is_told_of_the_other(clinic: Clinic, first: Patient, now: datetime) -> None:
    assert told(clinic, first) == (None, [])
    second = treat_again(clinic, first, at=now + 10 * DAY)
    third = treat_again(clinic, first, at=now + 20 * DAY)
    assert told(clinic, first) == (second.treatment_id, [])
    assert told(clinic, second) == (third.treatment_id, [first.treatment_id])
    assert told(clinic, third) == (None, [second.treatment_id, first.treatment_id])


@pytest.mark.parametrize(
    ("apart", "followed"), [(timedelta(hours=11), False), (62 * DAY, True), (64 * DAY, False)]
)
def test_only_a_later_visit_within_the_follow_up_takes_over_what_is_still_followed(
    clinic: Clinic, first: Patient, now: datetime, apart: timedelta, followed: bool
) -> None:
    with clinic.sessions() as session:
        row = session.get_one(PatientRow, (clinic.id, first.id))
        found = [one.id for one in overlapping.read_followed(session, row, at=now + apart)]
        assert found == ([first.treatment_id] if followed else [])
        treatment = session.get_one(Treatment, (clinic.id, first.treatment_id))
        assert overlapping.read_followed(session, row, at=now + apart, but=treatment) == []


def test_a_withdrawn_treatment_takes_nothing_over(clinic: Clinic, first: Patient, now: datetime) -> None:
    second = treat_again(clinic, first, at=now + 10 * DAY)
    with clinic.sessions.begin() as session:
        session.get_one(Treatment, (clinic.id, second.treatment_id)).withdrawn_at = now + 11 * DAY
    assert told(clinic, first) == (None, [])
    assert told(clinic, second) == (None, [])


def test_the_database_and_the_rules_say_the_same_moment(clinic: Clinic, now: datetime) -> None:
    apart = [timedelta(0), timedelta(hours=11, minutes=59), timedelta(hours=12), DAY, 40 * DAY]
    for between in apart:
        first = clinic.add_patient(now=now, hours_ago=0)
        second = treat_again(clinic, first, at=now + between)
        treat_again(clinic, first, at=now + between + 2 * DAY)
        with clinic.sessions() as session:
            standing = rows.list_for_patient(session, clinic.id, first.id, limit=10)
            times = [one.performed_at for one in standing]
            found = rows.taken_over_times(session, clinic.id, [first.treatment_id, second.treatment_id])
            assert found == {
                one.id: taking_over.taken_over_at(one.performed_at, times)
                for one in standing
                if one.id in found
            }
