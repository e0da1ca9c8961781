"""A report is kept once, seen at a possible time, judged, and answered with the same bytes for ever."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.clinical.symptoms import Level, Symptom, WarningSign
from recovery.domain.flags.flag_lifecycle import FollowUpState
from recovery.models.core.audit import AuditEntry
from recovery.models.reports.reports import Report, ReportRevision, StoredAssessment
from recovery.models.treatments.treatments import Treatment
from recovery.services.content.content import Content
from recovery.services.reports import reports
from recovery.services.reports.reports import (
    MOST_A_DAY,
    PutResult,
    RecordedReport,
    ReportAnswer,
    ReportIdTaken,
    RevisionConflict,
    Submission,
    TooManyReports,
)
from recovery.services.treatments.treatments import UnknownTreatment
from tests.support.data.people import Clinic, Patient
from tests.support.data.reporting import CALM, patient_caller, report

Put = Callable[..., RecordedReport]
SECOND = timedelta(seconds=1)
WILD = {Symptom.REDNESS: 10, Symptom.SWELLING: 10, Symptom.PEELING: 0}


@pytest.fixture
def submission(now: datetime) -> Submission:
    return Submission(
        report_id=uuid4(), revision=1, seen_at=now, sent_at=now, scores=CALM, warning_signs=frozenset(),
        confirmed=frozenset(), note=None, body={"revision": 1},
    )  # fmt: skip


@pytest.fixture
def put(
    clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], content: Content, now: datetime
) -> Put:
    """Sends a report; it is answered with the level it was given."""

    def send(
        submission: Submission,
        *,
        by: Patient = patient,
        at: datetime = now,
        treatment_id: UUID | None = None,
        **more: Any,
    ) -> RecordedReport:
        with sessions.begin() as session:
            return reports.record(
                session,
                caller=patient_caller(clinic, by),
                treatment_id=treatment_id or by.treatment_id,
                submission=submission,
                content=content,
                render=lambda answer: f"{answer.said.revision} {answer.level.value}".encode(),
                now=at,
                **more,
            )

    return send


def count(sessions: sessionmaker[Session], table: type) -> int:
    with sessions() as session:
        return session.scalars(select(func.count()).select_from(table)).one()


def test_a_report_sent_again_is_kept_once_and_answered_with_the_same_bytes(
    put: Put, submission: Submission, sessions: sessionmaker[Session], now: datetime
) -> None:
    first = put(submission)
    again = put(submission, at=now + timedelta(days=3))
    assert (first.outcome, first.answer) == (PutResult.CREATED, b"1 expected")
    assert (again.outcome, again.answer) == (PutResult.REPLAYED, first.answer)
    assert [count(sessions, table) for table in (Report, ReportRevision, StoredAssessment)] == [1, 1, 1]
    with sessions() as session:
        actions = session.scalars(
            select(AuditEntry.action).where(AuditEntry.subject_id == submission.report_id)
        )
        assert list(actions) == ["report.put"]


def test_a_correction_is_the_next_revision_and_an_older_one_is_still_answered(
    put: Put, submission: Submission, sessions: sessionmaker[Session]
) -> None:
    first = put(submission)
    corrected = dataclasses.replace(
        submission, revision=2, warning_signs=frozenset({WarningSign.PUS}), body={"revision": 2}
    )
    second = put(corrected)
    assert (second.outcome, second.answer) == (PutResult.REVISED, b"2 abnormal")
    assert put(submission).answer == first.answer
    assert put(corrected).outcome is PutResult.REPLAYED
    assert count(sessions, ReportRevision) == 2


def test_a_revision_that_is_not_the_next_or_says_something_else_is_refused(
    put: Put, submission: Submission, sessions: sessionmaker[Session]
) -> None:
    with pytest.raises(RevisionConflict) as unknown:
        put(dataclasses.replace(submission, revision=2))
    assert unknown.value.stored is None
    assert count(sessions, Report) == 0
    answer = put(submission).answer
    for other in (
        dataclasses.replace(submission, body={"something": "else"}),
        dataclasses.replace(submission, revision=3, body={"revision": 3}),
    ):
        with pytest.raises(RevisionConflict) as refused:
            put(other)
        assert refused.value.stored == answer


def test_an_id_is_one_report_of_one_course(
    put: Put, submission: Submission, clinic: Clinic, patient: Patient, now: datetime
) -> None:
    put(submission)
    second = clinic.add_patient(now=now)
    with pytest.raises(ReportIdTaken):
        put(submission, by=second)
    with pytest.raises(UnknownTreatment):
        put(dataclasses.replace(submission, report_id=uuid4()), by=second, treatment_id=patient.treatment_id)


def test_a_course_takes_so_many_new_reports_a_day_and_every_correction(
    put: Put, submission: Submission, now: datetime
) -> None:
    put(submission, most_a_day=MOST_A_DAY)
    made = [now - timedelta(hours=20) + timedelta(minutes=number) for number in range(MOST_A_DAY)]
    reports.require_daily_room(made[1:], now=now)
    with pytest.raises(TooManyReports) as refused:
        reports.require_daily_room(made[::-1], now=now)
    assert refused.value.wait == timedelta(hours=4)
    reports.require_daily_room(made, now=now + refused.value.wait)
    with pytest.raises(TooManyReports):
        reports.require_daily_room(made, now=now + refused.value.wait - SECOND)


def test_a_report_moves_its_course_on_and_a_replay_does_not(
    put: Put, submission: Submission, clinic: Clinic, patient: Patient, sessions: sessionmaker[Session]
) -> None:
    def version() -> int:
        with sessions() as session:
            return session.get_one(Treatment, (clinic.id, patient.treatment_id)).course_version

    before = version()
    put(submission)
    put(submission)
    assert version() == before + 1


def test_a_doubtful_score_is_asked_about_and_judged_again_when_its_hold_ends(
    put: Put, submission: Submission, sessions: sessionmaker[Session], now: datetime
) -> None:
    assert put(dataclasses.replace(submission, scores=WILD)).answer == b"1 expected"
    with sessions() as session:
        at_once, settled = session.scalars(
            select(StoredAssessment).order_by(StoredAssessment.review_after)
        ).all()
        assert (at_once.level, at_once.review_after) == (Level.EXPECTED, now)
        assert at_once.ask_again != []
        assert (settled.level, settled.review_after) == (Level.ABNORMAL, now + timedelta(minutes=10))


def test_a_course_is_listed_as_it_stands_in_the_order_the_signs_were_seen(
    clinic: Clinic, patient: Patient, content: Content, sessions: sessionmaker[Session], now: datetime
) -> None:
    hour = timedelta(hours=1)
    later = report(clinic, patient, at=now)
    earlier = report(clinic, patient, WarningSign.PUS, at=now - 5 * hour, note="Near the ear")
    report(clinic, patient, at=now + hour, report_id=later, revision=2, scores={Symptom.PAIN: 1})
    with sessions() as session:
        treatment = session.get_one(Treatment, (clinic.id, patient.treatment_id))
        answers: list[ReportAnswer] = list(
            reports.list_answers(session, treatment=treatment, content=content, now=now + hour)
        )
    assert [(answer.report_id, answer.said.revision) for answer in answers] == [(earlier, 1), (later, 2)]
    assert [answer.level for answer in answers] == [Level.ABNORMAL, Level.EXPECTED]
    assert [answer.follow_up.state for answer in answers] == [FollowUpState.WAITING, FollowUpState.NONE]
    assert (answers[0].said.note, answers[0].said.warning_signs) == ("Near the ear", ["pus"])
    assert answers[1].said.scores == {"pain": 1}
