"""One patient as the staff sees them, and that the reading is written down."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.clinical.bands import CurveReason
from recovery.domain.clinical.symptoms import Symptom
from recovery.domain.flags.flag_lifecycle import FlagState
from recovery.models.core.audit import AuditEntry
from recovery.models.flags.flags import Flag
from recovery.models.messaging import opt_outs
from recovery.services.patients.enrolment import UnknownPatient
from recovery.services.read_models import patient_view
from recovery.services.read_models.patient_view import PatientView
from tests.support.data.people import Clinic, Patient
from tests.support.data.reporting import CALM, raise_flag, report, staff_caller
from tests.support.data.treatments import treat_again


def read(sessions: sessionmaker[Session], clinic: Clinic, patient: Patient, *, now: datetime) -> PatientView:
    with sessions.begin() as session:
        return patient_view.read_patient_view(
            session,
            caller=staff_caller(clinic),
            patient_id=patient.id,
            content=clinic.content,
            now=now,
        )


def test_treatments_come_newest_first_with_their_day_and_their_open_flag(
    sessions: sessionmaker[Session], clinic: Clinic, patient: Patient, now: datetime
) -> None:
    first = clinic.add_patient(now=now, hours_ago=24 * 30)
    second = treat_again(clinic, first, at=now - timedelta(hours=13))
    flag_id = raise_flag(clinic, second, at=now)
    view = read(sessions, clinic, first, now=now)
    assert view.patient.id == first.id
    assert [(entry.treatment.id, entry.day, entry.flag_id) for entry in view.treatments] == [
        (second.treatment_id, 1, flag_id),
        (first.treatment_id, 30, None),
    ]
    with sessions.begin() as session:
        session.execute(update(Flag).values(state=FlagState.RESOLVED))
    assert [entry.flag_id for entry in read(sessions, clinic, first, now=now).treatments] == [None, None]


def test_consents_devices_and_an_opt_out_are_shown(
    sessions: sessionmaker[Session], clinic: Clinic, patient: Patient, now: datetime
) -> None:
    before = read(sessions, clinic, patient, now=now)
    assert [consent.kind.value for consent in before.consents] == ["recovery_texts"]
    assert (len(before.devices), before.opt_out, before.consulted) == (1, None, None)
    with sessions.begin() as session:
        opt_outs.insert_opt_out(session, clinic_id=clinic.id, phone=patient.phone, how="text", now=now)
    opt_out = read(sessions, clinic, patient, now=now).opt_out
    assert opt_out is not None
    assert (opt_out.phone, opt_out.since) == (patient.phone, now)


def test_what_was_asked_about_first_is_told_of_the_newest_treatment(
    sessions: sessionmaker[Session], clinic: Clinic, now: datetime
) -> None:
    patient = clinic.add_patient(now=now, hours_ago=95)
    report(clinic, patient, at=now - timedelta(hours=24))
    assert read(sessions, clinic, patient, now=now).asked_first == []
    seen = now - timedelta(hours=20)
    report(clinic, patient, at=seen, scores=CALM | {Symptom.REDNESS: 4}, confirmed=Symptom)
    (told,) = read(sessions, clinic, patient, now=now).asked_first
    assert (told.seen_at, [finding.rule.value for finding in told.findings]) == (seen, ["personal_band"])
    treat_again(clinic, patient, at=now)
    assert read(sessions, clinic, patient, now=now).asked_first == []


def test_every_reading_is_audited(
    sessions: sessionmaker[Session], clinic: Clinic, patient: Patient, now: datetime
) -> None:
    for _ in range(2):
        read(sessions, clinic, patient, now=now)
    with sessions() as session:
        entries = session.scalars(select(AuditEntry).where(AuditEntry.action == "patient.read")).all()
        assert {(entry.subject_id, entry.actor_id, entry.at) for entry in entries} == {
            (patient.id, clinic.nurse.id, now)
        }
        assert len(entries) == 2


def test_another_clinics_patient_is_as_unknown_as_none_and_nothing_is_written_down(
    sessions: sessionmaker[Session], clinic: Clinic, other_clinic: Clinic, patient: Patient, now: datetime
) -> None:
    for caller, patient_id in (
        (staff_caller(other_clinic), patient.id),
        (staff_caller(clinic), uuid4()),
    ):
        with sessions.begin() as session, pytest.raises(UnknownPatient):
            patient_view.read_patient_view(
                session, caller=caller, patient_id=patient_id, content=clinic.content, now=now
            )
    with sessions() as session:
        assert session.scalars(select(AuditEntry).where(AuditEntry.action == "patient.read")).all() == []


def test_a_depth_that_nobody_recorded_is_told(
    sessions: sessionmaker[Session], clinic: Clinic, now: datetime
) -> None:
    unknown = read(sessions, clinic, clinic.add_patient(now=now, depth_mm=None), now=now)
    known = read(sessions, clinic, clinic.add_patient(now=now, depth_mm=Decimal("3.0")), now=now)
    told = [view.treatments[0].held_against for view in (unknown, known)]
    assert [(one.curve.name, one.because) for one in told] == [
        ("reference", CurveReason.DEPTH_NOT_RECORDED),
        ("deepest", CurveReason.DEPTH),
    ]
