"""What is asked about first, from the report to the answer: when that is, or that it counts at once."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import update
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.clinical.symptoms import Level, Symptom
from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.models.messaging.messages import Message
from recovery.models.reports import reports as report_rows
from recovery.models.reports.reports import StoredAssessment
from recovery.models.treatments.treatments import Treatment
from recovery.services.reports import held_findings, report_assessment, reports
from recovery.services.reports.reports import ReportAnswer
from tests.support.data.people import Clinic, Patient
from tests.support.data.reporting import report, review

SWOLLEN = {Symptom.REDNESS: 1, Symptom.SWELLING: 3, Symptom.PEELING: 0, Symptom.PAIN: 0}
CALM = SWOLLEN | {Symptom.SWELLING: 0}


def answers(clinic: Clinic, patient: Patient, now: datetime) -> list[ReportAnswer]:
    with clinic.sessions() as session:
        treatment = session.get_one(Treatment, (clinic.id, patient.treatment_id))
        return list(reports.list_answers(session, treatment=treatment, content=clinic.content, now=now))


def test_a_report_says_when_it_is_asked_about_again_until_it_was(
    clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    treated = now.replace(hour=10, minute=0, second=0, microsecond=0)
    patient = clinic.add_patient(now=treated, hours_ago=0)
    seen = treated + timedelta(days=5)
    asked = (treated + timedelta(days=6)).replace(hour=8)
    report(clinic, patient, at=seen, scores=SWOLLEN, confirmed=Symptom)
    (before,) = answers(clinic, patient, seen)
    assert (before.level, before.held, before.asks_at) == (Level.EXPECTED, True, asked)
    review(clinic, now=seen)
    (planned,) = answers(clinic, patient, seen)
    assert planned.asks_at == asked
    with sessions.begin() as session:
        session.execute(
            update(Message)
            .where(Message.step == "again_1")
            .values(state=MessageState.DELIVERED, claimed_at=asked)
        )
    (over,) = answers(clinic, patient, asked)
    assert (over.held, over.asks_at) == (True, None)
    report(clinic, patient, at=asked + timedelta(hours=1), scores=CALM, confirmed=Symptom)
    first, second = answers(clinic, patient, asked + timedelta(hours=1))
    assert (first.held, first.asks_at) == (True, None)
    assert (second.held, second.asks_at) == (False, None)


def test_a_late_report_takes_no_question_back_that_a_newer_one_led_to(
    clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    patient = clinic.add_patient(now=now, hours_ago=24 * 5)
    report(clinic, patient, at=now, scores=SWOLLEN, confirmed=Symptom)
    review(clinic, now=now)
    late = now + timedelta(minutes=5)
    earlier = now - timedelta(days=1)
    report(clinic, patient, at=late, seen_at=earlier, scores=CALM, confirmed=Symptom)
    review(clinic, now=late)
    with sessions() as session:
        (row,) = session.query(Message).where(Message.step == "again_1")
        assert row.state is MessageState.PLANNED


def test_where_nobody_asks_again_what_was_held_is_found(clinic: Clinic, now: datetime) -> None:
    patient = clinic.add_patient(now=now, hours_ago=24 * 5, consent_version=1)
    report(clinic, patient, at=now, scores=SWOLLEN, confirmed=Symptom)
    (told,) = answers(clinic, patient, now)
    assert (told.level, told.held, told.asks_at) == (Level.WATCH, False, None)
    assert [finding.rule.value for finding in told.findings] == ["late"]
    assert told.follow_up.by is not None
    with clinic.sessions() as session:
        (assessed,) = session.query(StoredAssessment)
        assert (assessed.held, assessed.open_matter) == ([], None)


def test_what_is_not_held_is_not_changed(clinic: Clinic, patient: Patient, now: datetime) -> None:
    report(clinic, patient, at=now, scores=CALM, confirmed=Symptom)
    with clinic.sessions() as session:
        treatment = session.get_one(Treatment, (clinic.id, patient.treatment_id))
        judge = report_assessment.assessor_for(session, treatment=treatment, content=clinic.content, now=now)
        (said,) = report_rows.list_current_revisions(session, clinic.id, treatment.id)
        judged = judge.assess(said, [said], settled=True)
        assert held_findings.count(judged) is judged
