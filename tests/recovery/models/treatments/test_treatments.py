from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from recovery.domain.clinical.symptoms import Area, Device
from recovery.models.patients.patients import Patient
from recovery.models.treatments import treatments
from recovery.models.treatments.treatments import Treatment, TreatmentCorrection
from tests.support.data.model_rows import add_treatment

DAY = timedelta(days=1)


def test_facts_are_in_the_words_of_the_rules_with_the_patient_s_skin(
    session: Session, patient: Patient, now: datetime
) -> None:
    treatment = add_treatment(
        session,
        patient,
        performed_at=now,
        device=Device.RF,
        depth_mm=Decimal("2.25"),
        areas=["neck", "face"],
        session_number=3,
    )
    session.expire(treatment)
    facts = treatment.facts(skin_type=5)
    assert (facts.device, facts.depth_mm, facts.areas) == (Device.RF, 2.25, (Area.NECK, Area.FACE))
    assert (facts.skin_type, facts.session_number) == (5, 3)
    unknown = add_treatment(session, patient, performed_at=now).facts(skin_type=None)
    assert (unknown.depth_mm, unknown.skin_type) == (None, None)


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"depth_mm": Decimal("0")}, "depth_range"),
        ({"depth_mm": Decimal("5.01")}, "depth_range"),
        ({"session_number": 0}, "session_number_range"),
        ({"session_number": 51}, "session_number_range"),
        ({"areas": []}, "areas_count"),
    ],
)
def test_what_no_treatment_can_be_is_refused(
    session: Session, patient: Patient, now: datetime, values: dict[str, Any], constraint: str
) -> None:
    with pytest.raises(IntegrityError, match=constraint):
        add_treatment(session, patient, performed_at=now, **values)


def test_a_treatment_is_its_clinic_s_alone_but_for_who_runs_the_installation(
    session: Session, treatment: Treatment, foreign_treatment: Treatment
) -> None:
    assert treatments.get(session, treatment.clinic_id, treatment.id) is treatment
    assert treatments.get_for_update(session, treatment.clinic_id, treatment.id) is treatment
    elsewhere = foreign_treatment.clinic_id
    assert treatments.get(session, elsewhere, treatment.id) is None
    assert treatments.get_for_update(session, elsewhere, treatment.id) is None
    assert treatments.get_in_any_clinic(session, treatment.id) is treatment
    assert treatments.get_in_any_clinic(session, foreign_treatment.id) is foreign_treatment
    assert treatments.get_in_any_clinic(session, uuid4()) is None


def test_a_patient_s_treatments_come_newest_first_and_are_read_on(
    session: Session, patient: Patient, treatment: Treatment, now: datetime
) -> None:
    same_day = [add_treatment(session, patient, performed_at=now) for _ in range(2)]
    old = add_treatment(session, patient, performed_at=now - 40 * DAY)
    add_treatment(session, patient, performed_at=now, withdrawn_at=now)
    order = [same_day[1], same_day[0], treatment, old]
    clinic_id = patient.clinic_id
    assert treatments.list_for_patient(session, clinic_id, patient.id, limit=9) == order
    for place, row in enumerate(order):
        after = row.performed_at, row.id
        rest = treatments.list_for_patient(session, clinic_id, patient.id, after=after, limit=2)
        assert rest == order[place + 1 : place + 3]


def test_treatments_between_two_moments_are_the_patients_own_without_withdrawn_ones(
    session: Session, patient: Patient, foreign_treatment: Treatment, now: datetime
) -> None:
    hour = DAY / 24
    early, late = (add_treatment(session, patient, performed_at=now - hours * hour) for hours in (42, 41))
    add_treatment(session, patient, performed_at=now - 41 * hour, withdrawn_at=now)
    add_treatment(session, patient, performed_at=now - 43 * hour)
    clinic_id = patient.clinic_id
    found = treatments.list_between(
        session, clinic_id, patient.id, since=now - 42 * hour, until=now - 41 * hour
    )
    assert list(found) == [early, late]
    foreign = treatments.list_between(
        session, clinic_id, foreign_treatment.patient_id, since=now - 90 * DAY, until=now
    )
    assert list(foreign) == []


def test_followed_treatments_are_those_performed_or_recorded_since_withdrawn_ones_too(
    session: Session, patient: Patient, treatment: Treatment, now: datetime
) -> None:
    withdrawn = add_treatment(
        session, patient, performed_at=now, created_at=now + DAY, withdrawn_at=now + DAY
    )
    recorded_late = add_treatment(session, patient, performed_at=now - 60 * DAY, created_at=now)
    add_treatment(session, patient, performed_at=now - 60 * DAY)
    followed = treatments.list_followed(session, patient.clinic_id, patient.id, since=now - 2 * DAY)
    assert followed == [treatment, recorded_late, withdrawn]
    exact = treatments.list_followed(session, patient.clinic_id, patient.id, since=now)
    assert exact == [recorded_late, withdrawn]


def test_earlier_treatments_are_the_same_patient_s_newest_first(
    session: Session, patient: Patient, treatment: Treatment, now: datetime
) -> None:
    earlier = [
        add_treatment(session, patient, performed_at=treatment.performed_at - days * DAY) for days in (60, 30)
    ]
    add_treatment(session, patient, performed_at=treatment.performed_at - DAY, withdrawn_at=now)
    add_treatment(session, patient, performed_at=treatment.performed_at)
    assert treatments.list_earlier(session, treatment, limit=9) == earlier[::-1]
    assert treatments.list_earlier(session, treatment, limit=1) == [earlier[1]]
    assert treatments.list_earlier(session, earlier[0], limit=9) == []


def test_corrections_of_one_treatment_come_oldest_first(
    session: Session, patient: Patient, treatment: Treatment, now: datetime
) -> None:
    other = add_treatment(session, patient, performed_at=now)
    for reason, row in (("first", treatment), ("of another", other), ("second", treatment)):
        session.add(
            TreatmentCorrection(
                clinic_id=row.clinic_id, treatment_id=row.id, at=now, reason=reason, before={}, after={}
            )
        )
        session.flush()
    corrections = treatments.list_corrections(session, treatment.clinic_id, treatment.id)
    assert [row.reason for row in corrections] == ["first", "second"]
