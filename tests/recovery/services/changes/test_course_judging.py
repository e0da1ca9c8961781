"""A second treatment within the follow-up of the first: what was kept of the first follows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from recovery.domain.clinical.symptoms import Level, Symptom, WarningSign
from recovery.domain.flags.flag_lifecycle import FlagState
from recovery.models.flags import flags
from recovery.models.reports.reports import AssessmentCause, StoredAssessment
from recovery.models.tasks.tasks import Task, TaskKind
from recovery.models.treatments.treatments import Treatment
from recovery.services.changes import course_judging, treatment_corrections
from recovery.services.core.audit import OPERATOR
from recovery.services.reports.report_assessment import assessor_for
from recovery.services.tasks import tasks
from tests.support.data.people import Clinic, Patient
from tests.support.data.reporting import report, review
from tests.support.data.treatments import treat_again

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
NOTHING = dict.fromkeys((Symptom.REDNESS, Symptom.SWELLING, Symptom.PEELING), 0)
RED = {Symptom.REDNESS: 8, Symptom.SWELLING: 6, Symptom.PEELING: 0}
"""Far above what is expected after the first days, and as expected on the day of a treatment."""


@pytest.fixture
def now() -> datetime:
    """Noon of an ordinary day."""
    return datetime(2027, 3, 10, 12, tzinfo=UTC)


@pytest.fixture
def first(clinic: Clinic, now: datetime) -> Patient:
    """Treated this moment."""
    return clinic.add_patient(now=now, hours_ago=0)


def judged(clinic: Clinic, report_id: UUID) -> list[tuple[AssessmentCause, Level]]:
    wanted = select(StoredAssessment).where(StoredAssessment.report_id == report_id)
    with clinic.sessions() as session:
        return [(one.cause, one.level) for one in session.scalars(wanted.order_by(StoredAssessment.id))]


def flagged(clinic: Clinic, patient: Patient) -> list[FlagState]:
    with clinic.sessions() as session:
        return [one.state for one in flags.list_for_treatment(session, clinic.id, patient.treatment_id)]


def change(clinic: Clinic, patient: Patient, *, performed_at: datetime | None, now: datetime) -> None:
    """Correct when it was done, or withdraw it."""
    with clinic.sessions.begin() as session:
        if performed_at is None:
            treatment_corrections.withdraw(
                session, clinic_id=clinic.id, treatment_id=patient.treatment_id, reason="Wrong patient.",
                content=clinic.content, actor=OPERATOR, now=now,
            )  # fmt: skip
        else:
            treatment_corrections.correct(
                session, clinic_id=clinic.id, treatment_id=patient.treatment_id,
                changes={"performed_at": performed_at}, reason="Typed the wrong day.",
                content=clinic.content, actor=OPERATOR, now=now,
            )  # fmt: skip


def test_scores_of_the_first_that_were_seen_since_raise_nothing_and_signs_do(
    clinic: Clinic, first: Patient, now: datetime
) -> None:
    treat_again(clinic, first, at=now + 6 * DAY)
    at = now + 6 * DAY + 3 * HOUR
    scores = report(clinic, first, at=at, scores=RED, confirmed=list(Symptom))
    assert judged(clinic, scores) == [(AssessmentCause.REPORT, Level.EXPECTED)]
    review(clinic, now=at + HOUR)
    assert flagged(clinic, first) == []
    signs = report(clinic, first, WarningSign.PATCHES, at=at + 2 * HOUR, scores=RED)
    assert judged(clinic, signs) == [(AssessmentCause.REPORT, Level.WATCH)]
    review(clinic, now=at + 3 * HOUR)
    assert flagged(clinic, first) == [FlagState.OPEN]


def test_what_was_seen_before_but_sent_since_is_judged_by_its_scores(
    clinic: Clinic, first: Patient, now: datetime
) -> None:
    treat_again(clinic, first, at=now + 6 * DAY)
    late = report(clinic, first, at=now + 6 * DAY + HOUR, seen_at=now + 5 * DAY, scores=RED)
    assert judged(clinic, late)[-1][1] is Level.ABNORMAL


def test_stored_assessments_follow_a_treatment_that_is_entered_later_moved_and_withdrawn(
    clinic: Clinic, first: Patient, now: datetime
) -> None:
    at = now + 6 * DAY + 3 * HOUR
    told = report(clinic, first, at=at, scores=RED, confirmed=list(Symptom))
    assert judged(clinic, told) == [(AssessmentCause.REPORT, Level.ABNORMAL)]
    second = treat_again(clinic, first, at=now + 6 * DAY, now=at + HOUR)
    assert judged(clinic, told)[1:] == [(AssessmentCause.FACTS_CORRECTED, Level.EXPECTED)]
    change(clinic, second, performed_at=at + HOUR, now=at + 2 * HOUR)
    assert judged(clinic, told)[2:] == [(AssessmentCause.FACTS_CORRECTED, Level.ABNORMAL)]
    change(clinic, second, performed_at=now + 6 * DAY, now=at + 3 * HOUR)
    change(clinic, second, performed_at=None, now=at + 4 * HOUR)
    assert [level for _, level in judged(clinic, told)[3:]] == [Level.EXPECTED, Level.ABNORMAL]


def test_the_firsts_later_reports_change_nothing_of_what_the_second_expects(
    clinic: Clinic, first: Patient, now: datetime
) -> None:
    def tell(hours: int, redness: int) -> None:
        report(clinic, first, at=now + hours * HOUR, scores=NOTHING | {Symptom.REDNESS: redness})

    tell(6, 5)
    tell(24, 4)
    second = treat_again(clinic, first, at=now + 2 * DAY)

    def bound() -> float:
        with clinic.sessions() as session:
            treatment = session.get_one(Treatment, (clinic.id, second.treatment_id))
            judge = assessor_for(session, treatment=treatment, content=clinic.content, now=now + 6 * DAY)
            band = judge.expected([]).at(symptom=Symptom.REDNESS, hours=72)
            assert band is not None
            return band.p90

    before = bound()
    for hours, redness in ((49, 4), (72, 3), (96, 3), (120, 2)):
        tell(hours, redness)
    assert bound() == before
    change(clinic, second, performed_at=now + 6 * DAY, now=now + 6 * DAY)
    assert bound() != before, "what was seen before it does count"


def test_nobody_has_to_call_about_the_silence_of_the_first(
    clinic: Clinic, first: Patient, now: datetime
) -> None:
    at = now + 3 * DAY
    with clinic.sessions.begin() as session:
        subject = tasks.TaskSubject(clinic_id=clinic.id, patient_id=first.id, treatment_id=first.treatment_id)
        for kind in (TaskKind.SILENCE, TaskKind.UNDELIVERABLE):
            tasks.open_task(session, subject, kind=kind, due_at=at + DAY, now=at)
    treat_again(clinic, first, at=at + HOUR)
    with clinic.sessions() as session:
        done = {task.kind: task.comment for task in session.scalars(select(Task))}
    assert done == {TaskKind.SILENCE: course_judging.TREATED_AGAIN, TaskKind.UNDELIVERABLE: None}


def test_one_of_the_same_visit_takes_nothing_over(clinic: Clinic, first: Patient, now: datetime) -> None:
    treat_again(clinic, first, at=now + HOUR)
    told = report(clinic, first, at=now + 6 * DAY, scores=RED, confirmed=list(Symptom))
    assert judged(clinic, told) == [(AssessmentCause.REPORT, Level.ABNORMAL)]
