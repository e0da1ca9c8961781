"""What the newest consultation says to whoever treats."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.clinical.symptoms import Level
from recovery.domain.patients.consultation import Condition
from recovery.models.clinic.clinics import Clinic as ClinicRow
from recovery.models.patients.patients import Patient as PatientRow
from recovery.models.treatments.treatments import Treatment
from recovery.services.changes import consultation
from recovery.services.changes.consultation import NewConsultation
from recovery.services.core import audit
from recovery.services.read_models import precautions_view
from tests.support.data.people import Clinic, Patient

Consult = Callable[..., None]


@pytest.fixture
def consult(clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], now: datetime) -> Consult:
    """A consultation of the patient that found this."""

    def do(*conditions: Condition) -> None:
        with sessions.begin() as session:
            consultation.record(
                session,
                clinic=session.get_one(ClinicRow, clinic.id),
                patient=session.get_one(PatientRow, (clinic.id, patient.id)),
                found=NewConsultation(skin_type=None, concerns=(), conditions=conditions, history=None),
                content=clinic.content,
                actor=audit.staff(clinic.nurse.id),
                now=now,
            )

    return do


def test_nothing_follows_until_somebody_consulted(
    clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], consult: Consult
) -> None:
    def read() -> precautions_view.PrecautionsView:
        with sessions() as session:
            row = session.get_one(PatientRow, (clinic.id, patient.id))
            return precautions_view.read_precautions(session, row, content=clinic.content)

    assert (read().offered, read().holds, read().prompts) == (None, False, [])
    consult(Condition.COLD_SORES)
    offered = read().offered
    assert offered is not None
    assert (offered.at_least, offered.because) == (Level.ABNORMAL, (Condition.COLD_SORES,))
    assert [prompt.condition for prompt in read().prompts] == [Condition.COLD_SORES]
    with sessions.begin() as session:
        session.get_one(PatientRow, (clinic.id, patient.id)).at_least = Level.ABNORMAL
    assert read().holds
    consult()
    assert (read().offered, read().prompts) == (None, [])


def test_a_treatment_is_warned_of_by_what_was_found_since(
    clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], consult: Consult
) -> None:
    def warnings() -> list[Condition]:
        with sessions() as session:
            treatment = session.get_one(Treatment, (clinic.id, patient.treatment_id))
            treatment.numbing = "prilocaine and lidocaine"
            found = precautions_view.list_warnings(session, treatment, content=clinic.content)
            return [prompt.condition for prompt in found]

    assert warnings() == []
    consult(Condition.G6PD_DEFICIENCY, Condition.KELOID)
    assert warnings() == [Condition.G6PD_DEFICIENCY]


def test_the_stricter_setting_is_taken_once_and_ended(
    clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], consult: Consult, now: datetime
) -> None:
    consult(Condition.COLD_SORES, Condition.DIABETES_UNCONTROLLED)
    actor = audit.staff(clinic.nurse.id)
    with sessions.begin() as session:
        row = session.get_one(PatientRow, (clinic.id, patient.id))
        row.band_level, row.band_because = 1.2, "Reacts strongly."
        for later in range(2):
            consultation.judge_sooner(
                session, patient=row, content=clinic.content, actor=actor, now=now + timedelta(hours=later)
            )
        assert (row.at_least, row.band_level) == (Level.ABNORMAL, 1.2)
        assert row.band_because == (
            "Reacts strongly.\nFound when consulted: diabetes uncontrolled, cold sores."
        )
        consultation.judge_as_others(session, patient=row, actor=actor, now=now)
        assert (row.at_least, row.band_level) == (None, 1.2)
        assert row.override() is not None, "what else is known of this skin stays"
        row.band_level = 1.0
        consultation.judge_sooner(session, patient=row, content=clinic.content, actor=actor, now=now)
        consultation.judge_as_others(session, patient=row, actor=actor, now=now)
        assert (row.at_least, row.override()) == (None, None)


def test_nothing_is_set_where_nothing_is_offered(
    clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], consult: Consult, now: datetime
) -> None:
    consult(Condition.SUNBURN)
    with sessions.begin() as session:
        row = session.get_one(PatientRow, (clinic.id, patient.id))
        consultation.judge_sooner(
            session, patient=row, content=clinic.content, actor=audit.staff(clinic.nurse.id), now=now
        )
        assert (row.at_least, row.band_because) == (None, None)
