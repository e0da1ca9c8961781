"""A corrected treatment: the reports keep what was said, and are judged by what is true."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Unpack
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.clinical.symptoms import Acid, Area, Level
from recovery.domain.flags.flag_lifecycle import FlagState
from recovery.models.clinic.clinics import Clinic as ClinicRow
from recovery.models.flags import flags
from recovery.models.patients.patients import Patient as PatientRow
from recovery.models.reports import reports
from recovery.models.reports.reports import AssessmentCause, StoredAssessment
from recovery.models.treatments import treatments
from recovery.services.changes import patient_changes, treatment_corrections
from recovery.services.changes.treatment_corrections import TreatmentChanges
from recovery.services.content.content import Content
from recovery.services.core.audit import OPERATOR
from recovery.services.review import report_review
from recovery.services.treatments.treatments import ImpossibleTreatmentTime, UnknownTreatment
from tests.support.data.people import Clinic, Patient


@pytest.fixture
def now() -> datetime:
    """This moment: the application, which reads its own clock, is asked too."""
    return datetime.now(UTC)


@pytest.fixture
def patient(clinic: Clinic, now: datetime) -> Patient:
    """Said to have been treated thirty hours ago."""
    return clinic.add_patient(now=now, hours_ago=30)


def report(
    client: FlaskClient, patient: Patient, at: datetime, *, redness: int, signs: tuple[str, ...] = ()
) -> UUID:
    report_id = uuid4()
    body = {
        "seen_at": at.isoformat(),
        "scores": {"redness": redness, "swelling": 0, "peeling": 0},
        "warning_signs": list(signs),
        "confirmed": ["redness"],
    }
    answer = client.put(patient.report_path(report_id), json=body, headers=patient.headers)
    assert answer.status_code == 201, answer.json
    return report_id


def correct(clinic: Clinic, patient: Patient, now: datetime, **changes: Unpack[TreatmentChanges]) -> None:
    with clinic.sessions.begin() as session:
        treatment_corrections.correct(
            session,
            clinic_id=clinic.id,
            treatment_id=patient.treatment_id,
            changes=changes,
            reason="Typed the wrong day.",
            content=clinic.content,
            actor=OPERATOR,
            now=now,
        )


def judged(sessions: sessionmaker[Session], report_id: UUID) -> list[StoredAssessment]:
    with sessions() as session:
        wanted = (
            select(StoredAssessment)
            .where(StoredAssessment.report_id == report_id)
            .order_by(StoredAssessment.id)
        )
        return list(session.scalars(wanted))


def open_flags(clinic: Clinic, patient: Patient) -> list[FlagState]:
    with clinic.sessions() as session:
        return [one.state for one in flags.list_for_treatment(session, clinic.id, patient.treatment_id)]


def reviewed(clinic: Clinic, content: Content, now: datetime) -> int:
    with clinic.sessions.begin() as session:
        return report_review.review_due(session, content=content, now=now, limit=100)


def test_an_earlier_treatment_makes_the_same_redness_late_and_a_nurse_hears(
    client: FlaskClient, clinic: Clinic, patient: Patient, content: Content, now: datetime
) -> None:
    report_id = report(client, patient, now - timedelta(minutes=1), redness=4)
    reviewed(clinic, content, now + timedelta(minutes=20))
    assert open_flags(clinic, patient) == []
    correct(clinic, patient, now, performed_at=now - timedelta(days=6))
    first, second = judged(clinic.sessions, report_id)
    assert (first.cause, first.level, first.day) == (AssessmentCause.REPORT, Level.EXPECTED, 1)
    assert (second.cause, second.day) == (AssessmentCause.FACTS_CORRECTED, 6)
    assert second.level.rank > Level.EXPECTED.rank
    assert reviewed(clinic, content, now + timedelta(minutes=20)) == 1
    assert open_flags(clinic, patient) == [FlagState.OPEN]
    path = f"/api/v1/me/treatments/{patient.treatment_id}/reports"
    shown = client.get(path, headers=patient.headers).get_json()["items"]
    assert [one["day"] for one in shown] == [6]


def test_what_was_said_stays_as_it_was_said(
    client: FlaskClient, clinic: Clinic, patient: Patient, now: datetime
) -> None:
    seen_at = now - timedelta(minutes=1)
    report_id = report(client, patient, seen_at, redness=4)
    performed_at = now - timedelta(days=6)
    correct(clinic, patient, now, performed_at=performed_at)
    with clinic.sessions() as session:
        (said,) = reports.list_current_revisions(session, clinic.id, patient.treatment_id)
        assert (said.report_id, said.seen_at) == (report_id, seen_at)
        assert said.hours_then == pytest.approx(30, abs=0.1)
        assert said.observation(performed_at=performed_at).hours == pytest.approx(6 * 24, abs=0.1)
        (kept,) = treatments.list_corrections(session, clinic.id, patient.treatment_id)
    assert kept.before == {"performed_at": patient.performed_at.isoformat()}
    assert kept.after == {"performed_at": performed_at.isoformat()}
    assert kept.reason == "Typed the wrong day."


def test_a_later_treatment_closes_no_flag(
    client: FlaskClient, clinic: Clinic, content: Content, now: datetime
) -> None:
    patient = clinic.add_patient(now=now, hours_ago=6 * 24)
    report_id = report(client, patient, now - timedelta(minutes=1), redness=4)
    reviewed(clinic, content, now + timedelta(minutes=20))
    assert open_flags(clinic, patient) == [FlagState.OPEN]
    correct(clinic, patient, now, performed_at=now - timedelta(hours=30))
    assert judged(clinic.sessions, report_id)[-1].level is Level.EXPECTED
    reviewed(clinic, content, now + timedelta(minutes=20))
    assert open_flags(clinic, patient) == [FlagState.OPEN]


def test_the_same_findings_on_corrected_facts_do_not_ring_twice(
    client: FlaskClient, clinic: Clinic, patient: Patient, content: Content, now: datetime
) -> None:
    report_id = report(client, patient, now - timedelta(minutes=1), redness=2, signs=("pus",))
    reviewed(clinic, content, now + timedelta(minutes=20))
    correct(clinic, patient, now, performed_at=now - timedelta(hours=60))
    assert [one.cause for one in judged(clinic.sessions, report_id)][-1] is AssessmentCause.FACTS_CORRECTED
    reviewed(clinic, content, now + timedelta(minutes=20))
    with clinic.sessions() as session:
        (flag,) = flags.list_for_treatment(session, clinic.id, patient.treatment_id)
        assert len(flags.list_events(session, clinic.id, flag.id)) == 1


def test_what_the_judgement_does_not_depend_on_judges_nothing(
    client: FlaskClient, clinic: Clinic, patient: Patient, now: datetime
) -> None:
    report_id = report(client, patient, now - timedelta(minutes=1), redness=4)
    correct(clinic, patient, now, numbing="lidocaine 4 %", areas=[Area.FACE])
    assert len(judged(clinic.sessions, report_id)) == 1


def test_an_acid_that_was_forgotten_judges_the_course_anew(
    client: FlaskClient, clinic: Clinic, now: datetime
) -> None:
    patient = clinic.add_patient(now=now, hours_ago=74)
    report(client, patient, now - timedelta(hours=14), redness=7)
    second = report(client, patient, now - timedelta(hours=2), redness=7)
    correct(clinic, patient, now, acid=Acid.TCA)
    before, after = judged(clinic.sessions, second)
    assert after.cause is AssessmentCause.FACTS_CORRECTED
    bounds = [max(finding["bound"] for finding in one.findings) for one in (before, after)]
    assert bounds[1] > bounds[0]


def test_a_skin_type_corrected_judges_the_course_anew(
    client: FlaskClient, clinic: Clinic, content: Content, now: datetime
) -> None:
    patient = clinic.add_patient(now=now, hours_ago=54, skin_type=1)
    ids = [report(client, patient, now - timedelta(hours=30 - n), redness=n) for n in range(2, 8)]
    before = {one: judged(clinic.sessions, one)[-1] for one in ids}
    with clinic.sessions.begin() as session:
        row = session.get_one(PatientRow, (clinic.id, patient.id))
        clinic_row = session.get_one(ClinicRow, clinic.id)
        patient_changes.update_patient(
            session, clinic=clinic_row, patient=row, changes={"skin_type": 6}, content=content,
            actor=OPERATOR, now=now,
        )  # fmt: skip
        facts = treatments.get(session, clinic.id, patient.treatment_id)
        assert facts is not None
        held_to = content.protocol(facts.protocol)
        lighter = held_to.curves.table(facts.facts(skin_type=1))
        darker = held_to.curves.table(facts.facts(skin_type=6))
    anew = [one for one in ids if judged(clinic.sessions, one)[-1].id != before[one].id]
    assert bool(anew) == (lighter != darker)


@pytest.mark.parametrize(
    "performed_at", [timedelta(days=-75), timedelta(minutes=6)], ids=["long before", "to come"]
)
def test_impossible_times_are_refused(
    clinic: Clinic, patient: Patient, now: datetime, performed_at: timedelta
) -> None:
    with pytest.raises(ImpossibleTreatmentTime):
        correct(clinic, patient, now, performed_at=now + performed_at)


def test_no_treatment_after_what_was_reported_of_it(
    client: FlaskClient, clinic: Clinic, patient: Patient, now: datetime
) -> None:
    report(client, patient, now - timedelta(hours=20), redness=3)
    with pytest.raises(treatment_corrections.ReportsPrecedeTreatment):
        correct(clinic, patient, now, performed_at=now - timedelta(hours=7))
    correct(clinic, patient, now, performed_at=now - timedelta(hours=9))


def test_a_withdrawn_treatment_keeps_its_flag_and_is_corrected_no_more(
    client: FlaskClient, clinic: Clinic, patient: Patient, content: Content, now: datetime
) -> None:
    report(client, patient, now - timedelta(minutes=1), redness=2, signs=("pus",))
    reviewed(clinic, content, now + timedelta(minutes=20))
    with clinic.sessions.begin() as session:
        treatment_corrections.withdraw(
            session, clinic_id=clinic.id, treatment_id=patient.treatment_id, reason="Another patient's.",
            content=content, actor=OPERATOR, now=now,
        )  # fmt: skip
    assert open_flags(clinic, patient) == [FlagState.OPEN]
    with pytest.raises(UnknownTreatment):
        correct(clinic, patient, now, numbing="none")
