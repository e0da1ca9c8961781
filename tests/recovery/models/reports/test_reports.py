from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.clinical.symptoms import AnswerScale, Level, Symptom, WarningSign
from recovery.models.patients.patients import Patient
from recovery.models.reports import pending_assessments, reports, told_signs
from recovery.models.reports.reports import AssessmentCause, Report, StoredAssessment
from recovery.models.treatments.treatments import Treatment
from tests.support.data.model_rows import add_assessment, add_revision, add_treatment

HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)


def _report(session: Session, treatment: Treatment, report_id: UUID) -> Report:
    return session.get_one(Report, (treatment.clinic_id, report_id))


def test_a_revision_reads_in_the_words_of_the_rules_from_the_time_the_treatment_has_now(
    session: Session, treatment: Treatment, now: datetime
) -> None:
    revision = add_revision(
        session,
        treatment,
        seen_at=now,
        scores={"redness": 7, "pain": 3},
        warning_signs=["fever"],
        confirmed=["redness"],
        scale=AnswerScale.WORDS,
    )
    seen = revision.observation(performed_at=now - 12 * HOUR)
    assert (seen.hours, revision.hours_then) == (12, 30)
    assert seen.scores == {Symptom.REDNESS: 7, Symptom.PAIN: 3}
    assert seen.warning_signs == {WarningSign.FEVER}
    assert seen.confirmed == {Symptom.REDNESS}
    assert seen.scale is AnswerScale.WORDS


def test_scores_kept_without_a_scale_are_numbers_and_no_other_scale_is_kept(
    session: Session, treatment: Treatment, now: datetime
) -> None:
    # What is left out is left to the database, as by code that does not know the column.
    kept = add_revision(session, treatment, seen_at=now)
    session.refresh(kept)
    assert kept.observation(performed_at=now).scale is AnswerScale.NUMBERS
    with pytest.raises(IntegrityError, match="ck_report_revision_scale"):
        session.execute(text("UPDATE report_revision SET scale = 'letters'"))


def test_a_report_is_made_once_under_its_id_and_stays_with_its_treatment(
    session: Session, patient: Patient, treatment: Treatment, now: datetime
) -> None:
    other = add_treatment(session, patient, performed_at=now)
    report_id = uuid4()

    def bring(row: Treatment, moment: datetime) -> tuple[Report, bool]:
        report = Report(
            clinic_id=row.clinic_id, id=report_id, treatment_id=row.id, revision=1, created_at=moment
        )
        return reports.insert_or_lock(session, report)

    first, made = bring(treatment, now)
    assert made
    again, made = bring(other, now + HOUR)
    assert not made
    assert again is first
    assert (again.treatment_id, again.created_at) == (treatment.id, now)
    assert reports.get(session, treatment.clinic_id, report_id) is first


def test_another_clinic_has_neither_report_nor_revision(
    session: Session, treatment: Treatment, foreign_treatment: Treatment, now: datetime
) -> None:
    revision = add_revision(session, treatment, seen_at=now)
    own, foreign = treatment.clinic_id, foreign_treatment.clinic_id
    assert reports.get_revision(session, own, revision.report_id, number=1) is revision
    assert reports.get_revision(session, own, revision.report_id, number=2) is None
    assert reports.get_revision(session, foreign, revision.report_id, number=1) is None
    assert reports.get(session, foreign, revision.report_id) is None


def test_only_a_silence_is_judged_without_a_report(
    session: Session, treatment: Treatment, now: datetime
) -> None:
    with pytest.raises(IntegrityError, match="only_silence_and_told_have_no_report"):
        add_assessment(session, treatment, None, at=now, cause=AssessmentCause.REPORT)


def test_times_of_first_puts_are_newest_first_and_newer_than_asked(
    session: Session, treatment: Treatment, foreign_treatment: Treatment, now: datetime
) -> None:
    for hours in (3, 1, 2):
        add_revision(session, treatment, seen_at=now - hours * HOUR)
    add_revision(session, foreign_treatment, seen_at=now)
    key, since = (treatment.clinic_id, treatment.id), now - 3 * HOUR
    assert reports.list_creation_times(session, *key, since=since, limit=9) == [now - HOUR, now - 2 * HOUR]
    assert reports.list_creation_times(session, *key, since=since, limit=1) == [now - HOUR]


def test_a_course_is_the_newest_revision_of_each_report_as_the_signs_were_seen(
    session: Session, treatment: Treatment, foreign_treatment: Treatment, patient: Patient, now: datetime
) -> None:
    late = add_revision(session, treatment, seen_at=now - HOUR)
    early = add_revision(session, treatment, seen_at=now - 2 * HOUR)
    report = _report(session, treatment, late.report_id)
    moved = add_revision(session, treatment, seen_at=now - 3 * HOUR, report=report)
    foreign = add_revision(session, foreign_treatment, seen_at=now)
    empty = add_treatment(session, patient, performed_at=now)
    clinic_id = treatment.clinic_id
    assert reports.list_current_revisions(session, clinic_id, treatment.id) == [moved, early]
    asked = [treatment.id, empty.id]
    courses = reports.current_revisions_by_treatment(session, clinic_id, asked)
    assert courses == {treatment.id: [moved, early], empty.id: []}
    keys = [(row.clinic_id, row.id) for row in (foreign_treatment, treatment)]
    by_key = reports.current_revisions_by_key(session, keys)
    assert by_key == {treatment.id: [moved, early], foreign_treatment.id: [foreign]}


Judge = Callable[..., StoredAssessment]


@pytest.fixture
def judge(session: Session, treatment: Treatment, now: datetime) -> Judge:
    """One more assessment of the newest revision of a report of the treatment."""
    revision = add_revision(session, treatment, seen_at=now - HOUR)

    def judged(cause: AssessmentCause = AssessmentCause.REPORT, **values: Any) -> StoredAssessment:
        return add_assessment(session, treatment, revision, at=now, cause=cause, **values)

    return judged


def test_the_newest_assessment_of_each_report_is_of_its_newest_revision(
    session: Session, treatment: Treatment, now: datetime
) -> None:
    first = add_revision(session, treatment, seen_at=now)
    report = _report(session, treatment, first.report_id)
    second = add_revision(session, treatment, seen_at=now, report=report)
    newest = add_assessment(session, treatment, second, at=now)
    add_assessment(session, treatment, first, at=now)
    other = add_revision(session, treatment, seen_at=now)
    add_assessment(session, treatment, other, at=now)
    last = add_assessment(session, treatment, other, at=now)
    add_assessment(session, treatment, None, at=now)
    latest = reports.latest_assessments(session, treatment.clinic_id, treatment.id)
    assert latest == {first.report_id: newest, other.report_id: last}


def test_the_newest_assessments_of_several_treatments_come_together(
    session: Session,
    patient: Patient,
    treatment: Treatment,
    foreign_treatment: Treatment,
    now: datetime,
) -> None:
    judged = {}
    earlier = add_treatment(session, patient, performed_at=now - 40 * HOUR)
    for row in (treatment, earlier, foreign_treatment, add_treatment(session, patient, performed_at=now)):
        revision = add_revision(session, row, seen_at=now)
        judged[revision.report_id] = add_assessment(session, row, revision, at=now)
    asked = (treatment.id, earlier.id)
    latest = reports.latest_assessments(session, treatment.clinic_id, *asked)
    assert latest == {report_id: row for report_id, row in judged.items() if row.treatment_id in asked}
    assert len(latest) == 2


def test_reports_whose_signs_were_denied_are_told_from_those_not_asked(
    session: Session, patient: Patient, treatment: Treatment, now: datetime
) -> None:
    other = add_treatment(session, patient, performed_at=now)
    denied, _, elsewhere = (
        add_revision(session, row, seen_at=now).report_id for row in (treatment, treatment, other)
    )
    for report_id in (denied, elsewhere):
        _report(session, treatment, report_id).signs_denied_at = now
    session.flush()
    assert told_signs.reports_denying_signs(session, treatment.clinic_id, treatment.id) == {denied}


def test_what_waits_for_an_answer_does_not_count_before_its_time(
    session: Session, treatment: Treatment, judge: Judge, now: datetime
) -> None:
    at_once = judge(review_after=now + HOUR)
    held = judge(AssessmentCause.HOLD_ENDED, review_after=now + HOUR)

    def latest(until: datetime | None) -> list[StoredAssessment]:
        found = reports.latest_assessments(session, treatment.clinic_id, treatment.id, until=until)
        return list(found.values())

    assert latest(now + HOUR - SECOND) == [at_once]
    assert latest(now + HOUR) == latest(None) == [held]
    corrected = judge(AssessmentCause.CORRECTION, review_after=now + 2 * HOUR)
    assert latest(now) == [corrected]


def test_review_takes_what_is_due_in_order_and_never_what_another_holds(
    sessions: sessionmaker[Session], session: Session, judge: Judge, now: datetime
) -> None:
    third, first, second = (judge(review_after=now - hours * HOUR).id for hours in (1, 3, 2))
    judge(AssessmentCause.HOLD_ENDED, review_after=now + SECOND)
    judge(review_after=now - 4 * HOUR, reviewed_at=now)
    session.commit()
    with sessions() as one, sessions() as other:
        taken = reports.list_unreviewed_for_update(one, now=now, limit=1)
        assert [row.id for row in taken] == [first]
        place = taken[0].review_after, taken[0].id
        behind = reports.list_unreviewed_for_update(one, now=now, limit=1, after=place)
        assert [row.id for row in behind] == [second]
        rest = reports.list_unreviewed_for_update(other, now=now, limit=9)
        assert [row.id for row in rest] == [third]


def test_what_was_judged_without_a_hold_waits_for_no_clock(
    session: Session, judge: Judge, now: datetime
) -> None:
    at_once = judge(review_after=now)
    held = judge(AssessmentCause.HOLD_ENDED, review_after=now + SECOND)
    early = now - 24 * HOUR
    assert reports.list_unreviewed_for_update(session, now=early, limit=9) == [at_once]
    later = reports.list_unreviewed_for_update(session, now=now + SECOND, limit=9)
    assert later == [at_once, held]


def test_only_what_wants_a_nurse_and_was_not_taken_up_waits(
    session: Session, treatment: Treatment, patient: Patient, judge: Judge, now: datetime
) -> None:
    second = judge(level=Level.EMERGENCY, review_after=now)
    first = judge(level=Level.WATCH, review_after=now - HOUR)
    judge(level=Level.EXPECTED)
    judge(level=Level.EMERGENCY, reviewed_at=now)
    clinic_id = treatment.clinic_id
    waiting = pending_assessments.waiting_for_review(session, clinic_id, limit=9)
    assert [row.assessment for row in waiting] == [first, second]
    assert {(row.treatment, row.patient) for row in waiting} == {(treatment, patient)}
    assert reports.count_unreviewed(session, now=now) == (3, now - HOUR)
    assert reports.count_unreviewed(session, now=now - HOUR) == (1, now - HOUR)
    assert reports.count_unreviewed(session, now=now - 2 * HOUR) == (0, None)


def test_a_question_that_was_answered_waits_no_longer(
    session: Session, treatment: Treatment, now: datetime
) -> None:
    revision = add_revision(session, treatment, seen_at=now)
    held = add_assessment(session, treatment, revision, at=now, cause=AssessmentCause.HOLD_ENDED)
    silent = add_assessment(session, treatment, None, at=now)

    def waiting() -> list[StoredAssessment]:
        rows = pending_assessments.waiting_for_review(session, treatment.clinic_id, limit=9)
        return [row.assessment for row in rows]

    assert waiting() == [held, silent]
    report = _report(session, treatment, revision.report_id)
    add_revision(session, treatment, seen_at=now, report=report)
    assert waiting() == [silent]


def test_an_assessment_is_overtaken_by_a_later_one_on_corrected_facts(session: Session, judge: Judge) -> None:
    corrected = judge(AssessmentCause.FACTS_CORRECTED)
    assert not reports.facts_corrected_since(session, corrected)
    since = judge()
    judge(AssessmentCause.NEW_PROTOCOL)
    assert not reports.facts_corrected_since(session, since)
    judge(AssessmentCause.FACTS_CORRECTED)
    assert reports.facts_corrected_since(session, since)


def test_reviewed_assessments_of_one_report(
    session: Session, treatment: Treatment, judge: Judge, now: datetime
) -> None:
    reviewed, waiting = judge(reviewed_at=now), judge()
    assert reviewed.report_id is not None
    add_assessment(session, treatment, None, at=now, reviewed_at=now)
    found = reports.reviewed_assessments(session, treatment.clinic_id, reviewed.report_id)
    assert found == [reviewed]
    assert waiting.report_id == reviewed.report_id
