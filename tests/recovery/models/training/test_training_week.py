from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.flags.flag_lifecycle import FlagState
from recovery.models.patients.patients import Patient
from recovery.models.training import training_week
from recovery.models.training.training_week import PracticeWeek
from recovery.models.treatments.treatments import Treatment
from tests.support.data.model_rows import add_flag, add_revision, add_text, add_treatment
from tests.support.data.people import Clinic as ClinicPeople

HOUR = timedelta(hours=1)
Practise = Callable[..., PracticeWeek]


@pytest.fixture
def treatment(session: Session, clinic: ClinicPeople, now: datetime) -> Treatment:
    """A treatment of a patient who is for practice, in a live clinic."""
    return session.get_one(Treatment, (clinic.id, clinic.add_patient(now=now, training=True).treatment_id))


@pytest.fixture
def practise(session: Session, clinic: ClinicPeople, treatment: Treatment, now: datetime) -> Practise:
    """A practice week of the nurse's with the patient."""

    def practised(staff_id: UUID = clinic.nurse.id, **values: Any) -> PracticeWeek:
        filled: dict[str, Any] = {
            "clinic_id": treatment.clinic_id,
            "patient_id": treatment.patient_id,
            "treatment_id": treatment.id,
            "started_at": now,
            "moved_hours": 0,
        }
        week = PracticeWeek(staff_id=staff_id, **(filled | values))
        session.add(week)
        session.flush()
        return week

    return practised


def test_a_week_is_one_member_s(session: Session, practise: Practise) -> None:
    week = practise()
    for read in (training_week.get_for_member, training_week.get_for_member_for_update):
        assert read(session, week.clinic_id, week.staff_id) is week
        assert read(session, week.clinic_id, uuid4()) is None
        assert read(session, uuid4(), week.staff_id) is None


def test_practice_patients_and_their_unresolved_flags_are_told_apart(
    session: Session,
    practise: Practise,
    patient: Patient,
    treatment: Treatment,
    clinic: ClinicPeople,
    now: datetime,
) -> None:
    stranger = clinic.add_patient(now=now)
    other = session.get_one(Treatment, (clinic.id, stranger.treatment_id))
    week = practise(ended_at=now)
    own = add_flag(session, treatment, due_at=now)
    add_flag(session, add_treatment(session, patient, performed_at=now), due_at=now, state=FlagState.RESOLVED)
    add_flag(session, other, due_at=now)
    assert training_week.training_patient_ids(session, week.clinic_id) == {patient.id}
    assert training_week.training_flag_ids(session, week.clinic_id) == {own.id}
    assert training_week.has_week(session, week.clinic_id, patient.id)
    assert not training_week.has_week(session, clinic.id, stranger.id)
    elsewhere = uuid4()
    assert training_week.training_patient_ids(session, elsewhere) == frozenset()
    assert training_week.training_flag_ids(session, elsewhere) == frozenset()


def test_running_weeks_of_practice_patients_are_taken_in_order_by_one_worker_each(
    session: Session,
    sessions: sessionmaker[Session],
    practise: Practise,
    clinic: ClinicPeople,
    foreign_treatment: Treatment,
    other_clinic: ClinicPeople,
    now: datetime,
) -> None:
    colleagues = [clinic.add_nurse(now=now).id for _ in range(2)]
    second = practise().staff_id
    first = practise(colleagues[0], started_at=now - HOUR).staff_id
    practise(colleagues[1], started_at=now - 2 * HOUR, ended_at=now)
    practise(
        other_clinic.nurse.id,
        clinic_id=other_clinic.id,
        patient_id=foreign_treatment.patient_id,
        treatment_id=foreign_treatment.id,
        started_at=now - 9 * HOUR,
    )
    session.commit()
    with sessions() as one, sessions() as other:
        taken = training_week.list_running_for_update(one, limit=1)
        assert [week.staff_id for week in taken] == [first]
        rest = training_week.list_running_for_update(other, limit=9)
        assert [week.staff_id for week in rest] == [second]


def test_the_past_of_the_practice_patient_moves_away_and_nobody_else_s(
    session: Session, practise: Practise, patient: Patient, treatment: Treatment, now: datetime
) -> None:
    week = practise()
    other = add_treatment(session, patient, performed_at=now)
    performed_at = treatment.performed_at
    seen, seen_elsewhere = (add_revision(session, row, seen_at=now) for row in (treatment, other))
    text = add_text(session, week.clinic_id, due_at=now, treatment=treatment, silence_at=now + HOUR)
    training_week.advance(session, week, hours=2.5)
    moved = timedelta(hours=2.5)
    assert treatment.performed_at == performed_at - moved
    assert seen.seen_at == now - moved
    assert (text.due_at, text.silence_at) == (now - moved, now + HOUR - moved)
    assert (other.performed_at, seen_elsewhere.seen_at) == (now, now)


@pytest.mark.parametrize("why", ["ended", "real", "backwards"])
def test_nothing_moves_but_forward_in_a_running_week_of_a_practice_patient(
    session: Session, practise: Practise, now: datetime, why: str
) -> None:
    week = practise(ended_at=now if why == "ended" else None)
    if why == "real":
        session.get_one(Patient, (week.clinic_id, week.patient_id)).training = False
    with pytest.raises(DBAPIError, match="no practice week of this patient is running"):
        training_week.advance(session, week, hours=-1 if why == "backwards" else 1)
