"""A treatment is recorded near the time it took place, under one protocol, and starts its texts."""

from __future__ import annotations

import dataclasses
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.clinical.symptoms import Acid, Area, Device
from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.domain.treatments.indication import Indication
from recovery.models.clinic.clinics import Clinic as ClinicRow
from recovery.models.messaging import messages
from recovery.models.patients.patients import Patient as PatientRow
from recovery.models.treatments.session_plans import PatientSessionPlan
from recovery.models.treatments.treatments import Treatment
from recovery.services.content import protocols
from recovery.services.content.content import Content, UnknownProtocol
from recovery.services.core import audit
from recovery.services.treatments import treatments
from recovery.services.treatments.treatments import (
    ImpossibleTreatmentTime,
    NewTreatment,
    UnknownTreatment,
)
from tests.support.data import audit_trail
from tests.support.data.people import Clinic, Patient

SECOND = timedelta(seconds=1)


def record(
    session: Session, clinic: Clinic, patient: Patient, *, performed_at: datetime, now: datetime, **said: Any
) -> Treatment:
    plain: dict[str, Any] = {
        "device": Device.PEN,
        "depth_mm": None,
        "areas": [Area.FACE],
        "indication": None,
        "numbing": None,
        "topical": None,
        "session_number": 1,
        "protocol": None,
    }
    return treatments.record(
        session,
        clinic=session.get_one(ClinicRow, clinic.id),
        patient=session.get_one(PatientRow, (clinic.id, patient.id)),
        new=NewTreatment(performed_at=performed_at, **plain | said),
        content=clinic.content,
        actor=audit.staff(clinic.nurse.id),
        now=now,
    )


def test_what_is_said_of_a_treatment_is_kept_and_its_texts_begin(
    clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], now: datetime
) -> None:
    said = {
        "device": Device.RF,
        "depth_mm": Decimal("1.25"),
        "areas": [Area.NECK, Area.FACE],
        "acid": Acid.SUPERFICIAL,
        "indication": Indication.ACNE_SCARS,
        "numbing": "lidocaine",
        "topical": "serum",
        "lot": "A-17",
        "session_number": 3,
    }
    with sessions() as session:
        made = record(session, clinic, patient, performed_at=now - timedelta(hours=1), now=now, **said)
        session.refresh(made)
        assert {name: getattr(made, name) for name in said} == said
        assert (made.performed_at, made.created_at) == (now - timedelta(hours=1), now)
        assert made.protocol == session.get_one(ClinicRow, clinic.id).protocol
        own = messages.list_for_treatment(session, clinic.id, made.id)
        assert any(text.state is MessageState.PLANNED and text.due_at > now for text in own)
        (entry,) = audit_trail.entries(session, clinic.id, "treatment.record")[-1:]
        assert (entry.actor_id, entry.subject_id) == (clinic.nurse.id, made.id)


@pytest.mark.parametrize(
    ("moved", "possible"),
    [
        (timedelta(minutes=5), True),
        (timedelta(minutes=5) + SECOND, False),
        (-treatments.OLDEST_TREATMENT, True),
        (-treatments.OLDEST_TREATMENT - SECOND, False),
    ],
)
def test_a_treatment_lies_in_the_past_and_its_course_can_still_be_followed(
    clinic: Clinic,
    patient: Patient,
    sessions: sessionmaker[Session],
    now: datetime,
    moved: timedelta,
    possible: bool,
) -> None:
    with sessions() as session:
        if possible:
            assert record(session, clinic, patient, performed_at=now + moved, now=now).id
        else:
            with pytest.raises(ImpossibleTreatmentTime):
                record(session, clinic, patient, performed_at=now + moved, now=now)


def test_it_is_held_to_the_version_named_or_to_the_one_in_force_when_it_took_place(
    clinic: Clinic, patient: Patient, content: Content, sessions: sessionmaker[Session], now: datetime
) -> None:
    shipped = max(content.protocols)
    text = content.protocol_sources[shipped].replace(shipped, "own-1", 1)
    with sessions() as session:
        protocols.save_draft(
            session, clinic_id=clinic.id, text=text, content=content, actor=audit.OPERATOR, now=now
        )
        protocols.publish(
            session, clinic=session.get_one(ClinicRow, clinic.id), version="own-1", effective_from=now,
            reason=None, content=content, actor=audit.OPERATOR, now=now,
        )  # fmt: skip
        held_to = [
            record(session, clinic, patient, performed_at=performed_at, now=now, protocol=version).protocol
            for performed_at, version in ((now - SECOND, None), (now, None), (now, shipped))
        ]
        assert held_to == [shipped, "own-1", shipped]
        with pytest.raises(UnknownProtocol):
            record(session, clinic, patient, performed_at=now, now=now, protocol="no-such-curve")


def test_a_session_that_took_place_is_no_longer_to_come(
    clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions() as session:
        plan = PatientSessionPlan(
            clinic_id=clinic.id, patient_id=patient.id, sessions=3, weeks_between=4,
            next_session_on=now.date() + timedelta(days=2), updated_at=now,
        )  # fmt: skip
        session.add(plan)
        session.flush()
        record(session, clinic, patient, performed_at=now - timedelta(days=20), now=now)
        assert plan.next_session_on == now.date() + timedelta(days=2), "an earlier visit, written down late"
        record(session, clinic, patient, performed_at=now, now=now)
        assert plan.next_session_on is None


def test_a_treatment_is_found_by_whose_it_is_until_it_is_withdrawn(
    clinic: Clinic, other_clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], now: datetime
) -> None:
    other = clinic.add_patient(now=now)
    own: dict[str, Any] = {
        "clinic_id": clinic.id,
        "treatment_id": patient.treatment_id,
        "patient_id": patient.id,
    }
    with sessions() as session:
        treatment = treatments.get_treatment(session, **own)
        assert treatment.id == patient.treatment_id
        assert treatments.get_treatment(session, **own | {"patient_id": None}) is treatment
        for wrong in (
            {"clinic_id": other_clinic.id},
            {"treatment_id": uuid4()},
            {"patient_id": other.id},
        ):
            with pytest.raises(UnknownTreatment):
                treatments.get_treatment(session, **own | wrong)
        treatment.withdrawn_at = now
        with pytest.raises(UnknownTreatment):
            treatments.get_treatment(session, **own)


def test_a_shipped_curve_that_is_gone_holds_nothing(
    clinic: Clinic, patient: Patient, content: Content, sessions: sessionmaker[Session], now: datetime
) -> None:
    emptied = dataclasses.replace(clinic, content=dataclasses.replace(content, protocols={}))
    with sessions() as session, pytest.raises(UnknownProtocol):
        record(session, emptied, patient, performed_at=now, now=now)
