from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.clinic.staff_roles import Role
from recovery.domain.clinical.chart_series import BandPosition
from recovery.domain.clinical.symptoms import Level, Symptom, WarningSign
from recovery.models.flags import flags
from recovery.services.access.authentication import PatientCaller, StaffCaller
from recovery.services.content.content import Content
from recovery.services.flags.flag_work import UnknownFlag
from recovery.services.read_models import flag_view
from recovery.services.read_models.chart_data import FIRST_WEEK, FOUR_WEEKS
from recovery.services.read_models.flag_view_model import FlagView
from recovery.services.reports import reports
from recovery.services.reports.reports import Submission
from recovery.services.review import report_review
from tests.support.data.people import Clinic, Patient

Told = tuple[float, dict[Symptom, int], set[WarningSign]]
Record = Callable[[Patient, Sequence[Told]], None]
PUS = {WarningSign.PUS}


@pytest.fixture
def record(sessions: sessionmaker[Session], clinic: Clinic, content: Content) -> Record:
    """Reports of a course at these hours, each reviewed as it came."""

    def tell(patient: Patient, told: Sequence[Told]) -> None:
        for hours, scores, signs in told:
            at = patient.performed_at + timedelta(hours=hours)
            with sessions.begin() as session:
                reports.record(
                    session,
                    caller=PatientCaller(clinic_id=clinic.id, patient_id=patient.id),
                    treatment_id=patient.treatment_id,
                    submission=Submission(
                        report_id=uuid4(),
                        revision=1,
                        seen_at=at,
                        sent_at=at,
                        scores=scores,
                        warning_signs=frozenset(signs),
                        confirmed=frozenset(Symptom),
                        note=None,
                        body={},
                    ),
                    content=content,
                    render=lambda _: b"{}",
                    now=at,
                )
            with sessions.begin() as session:
                report_review.review_due(session, content=content, now=at, limit=10)

    return tell


def _read(sessions: sessionmaker[Session], clinic: Clinic, patient: Patient, *, now: datetime) -> FlagView:
    with sessions.begin() as session:
        (flag,) = flags.list_for_treatment(session, clinic.id, patient.treatment_id)
        return flag_view.read_flag(
            session,
            caller=_caller(clinic.id, clinic.nurse.id),
            flag_id=flag.id,
            content=clinic.content,
            now=now,
        )


def _caller(clinic_id: UUID, staff_id: UUID) -> StaffCaller:
    return StaffCaller(clinic_id=clinic_id, staff_id=staff_id, name="Nurse", role=Role.NURSE)


def test_reasons_come_newest_first_and_the_weightiest_finding_leads(
    sessions: sessionmaker[Session], clinic: Clinic, record: Record, now: datetime
) -> None:
    patient = clinic.add_patient(now=now, hours_ago=80)
    record(
        patient,
        [
            (30, {Symptom.REDNESS: 9, Symptom.SWELLING: 8, Symptom.PEELING: 0}, set()),
            (54, {Symptom.REDNESS: 8, Symptom.SWELLING: 1, Symptom.PEELING: 0}, {WarningSign.BREATHING}),
        ],
    )
    found = _read(sessions, clinic, patient, now=now)
    assert [reason.day for reason in found.reasons] == [2, 1]
    newest = found.reasons[0]
    assert newest.level is Level.EMERGENCY
    assert [same[0].level for same in newest.subjects] == [Level.EMERGENCY, Level.ABNORMAL]
    redness = newest.subjects[1]
    assert len(redness) > 1
    assert {finding.symptom for finding in redness} == {Symptom.REDNESS}
    assert sum(map(len, newest.subjects)) == len(newest.findings)


def test_the_course_holds_every_report_against_the_band_of_its_hour(
    sessions: sessionmaker[Session], clinic: Clinic, record: Record, now: datetime
) -> None:
    patient = clinic.add_patient(now=now, hours_ago=80)
    record(patient, [(30, {Symptom.REDNESS: 4}, set()), (54, {Symptom.REDNESS: 8}, PUS)])
    found = _read(sessions, clinic, patient, now=now).course
    redness = found.series[0]
    assert [(point.hours, point.standing) for point in redness.points] == [
        (30, BandPosition.WITHIN),
        (54, BandPosition.ABOVE),
    ]
    assert redness.band[-1].hours == found.last_hour == FIRST_WEEK
    assert [(mark.hours, mark.sign) for mark in found.signs] == [(54, WarningSign.PUS)]
    assert found.now == pytest.approx(80, abs=0.01)


def test_late_reports_open_the_axis_to_four_weeks(
    sessions: sessionmaker[Session], clinic: Clinic, record: Record, now: datetime
) -> None:
    patient = clinic.add_patient(now=now, hours_ago=400)
    record(patient, [(340, {Symptom.REDNESS: 0}, {WarningSign.PATCHES})])
    found = _read(sessions, clinic, patient, now=now).course
    assert found.last_hour == FOUR_WEEKS
    assert FIRST_WEEK in [point.hours for point in found.series[0].band]


def test_another_clinics_flag_is_unknown(
    sessions: sessionmaker[Session], clinic: Clinic, other_clinic: Clinic, record: Record, now: datetime
) -> None:
    patient = clinic.add_patient(now=now, hours_ago=80)
    record(patient, [(30, {Symptom.REDNESS: 0}, PUS)])
    with sessions.begin() as session:
        (flag,) = flags.list_for_treatment(session, clinic.id, patient.treatment_id)
        with pytest.raises(UnknownFlag):
            flag_view.read_flag(
                session,
                caller=_caller(other_clinic.id, other_clinic.nurse.id),
                flag_id=flag.id,
                content=clinic.content,
                now=now,
            )
