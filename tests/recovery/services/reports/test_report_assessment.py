"""One course against its protocol: words count with scores, a question is held, later reports follow."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.clinical.asking import OpenMatter
from recovery.domain.clinical.findings import AssessmentRule
from recovery.domain.clinical.symptoms import Level, Observation, Symptom
from recovery.domain.flags.flag_lifecycle import FlagOutcome, FlagState
from recovery.models.flags.flags import Flag
from recovery.models.reports import reports as report_rows
from recovery.models.reports.reports import AssessmentCause, StoredAssessment
from recovery.models.treatments.treatments import Treatment
from recovery.services.content.content import Content
from recovery.services.reports import report_assessment
from recovery.services.reports.report_assessment import HOLD, assessor_for
from tests.support.data.people import Clinic, Patient
from tests.support.data.reporting import CALM, raise_flag, report
from tests.support.data.treatments import treat_again

HOUR = timedelta(hours=1)
LOW = {Symptom.REDNESS: 1, Symptom.SWELLING: 1, Symptom.PEELING: 0, Symptom.PAIN: 0}
HIGH = {Symptom.REDNESS: 7, Symptom.SWELLING: 2, Symptom.PEELING: 0, Symptom.PAIN: 0}
WILD = {Symptom.REDNESS: 10, Symptom.SWELLING: 10, Symptom.PEELING: 0}


@pytest.fixture
def judge_again(
    clinic: Clinic, patient: Patient, content: Content, sessions: sessionmaker[Session]
) -> Callable[..., int]:
    """Holds the whole course against its facts again, committed."""

    def judged(*, now: datetime) -> int:
        with sessions.begin() as session:
            treatment = session.get_one(Treatment, (clinic.id, patient.treatment_id))
            course = report_rows.list_current_revisions(session, clinic.id, treatment.id)
            return assessor_for(session, treatment=treatment, content=content, now=now).reassess(course)

    return judged


def assessments(sessions: sessionmaker[Session], report_id: UUID) -> list[StoredAssessment]:
    """Of one report, in the order in which they were made."""
    with sessions() as session:
        own = select(StoredAssessment).where(StoredAssessment.report_id == report_id)
        return list(session.scalars(own.order_by(StoredAssessment.id)))


def causes(sessions: sessionmaker[Session], report_id: UUID) -> list[AssessmentCause]:
    return [assessed.cause for assessed in assessments(sessions, report_id)]


def test_an_expected_report_is_judged_once_and_reviewed_at_once(
    clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], now: datetime
) -> None:
    (assessed,) = assessments(sessions, report(clinic, patient, at=now))
    assert (assessed.cause, assessed.level, assessed.day) == (AssessmentCause.REPORT, Level.EXPECTED, 1)
    assert (assessed.created_at, assessed.review_after, assessed.findings) == (now, now, [])


def test_what_is_asked_about_first_is_kept_beside_what_was_found(
    clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    patient = clinic.add_patient(now=now, hours_ago=71)
    red = LOW | {Symptom.REDNESS: 4}
    (first,) = assessments(sessions, report(clinic, patient, at=now, scores=red, confirmed=Symptom))
    assert (first.level, first.findings, first.open_matter) == (Level.EXPECTED, [], OpenMatter.FINDING)
    assert [(one["rule"], one["level"]) for one in first.held] == [("personal_band", "watch")]
    later = now + 24 * HOUR
    (second,) = assessments(sessions, report(clinic, patient, at=later, scores=red, confirmed=Symptom))
    assert (second.level, second.held) == (Level.WATCH, [])


def test_a_questions_time_ends_with_a_judgement_of_its_own(
    clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], now: datetime
) -> None:
    at_once, settled = assessments(sessions, report(clinic, patient, at=now, scores=WILD))
    assert (at_once.cause, at_once.level, at_once.review_after) == (
        AssessmentCause.REPORT,
        Level.EXPECTED,
        now,
    )
    assert sorted(at_once.ask_again) == ["redness", "swelling"]
    assert (settled.cause, settled.level, settled.review_after) == (
        AssessmentCause.HOLD_ENDED,
        Level.ABNORMAL,
        now + HOLD,
    )
    assert (settled.revision, settled.ask_again) == (1, at_once.ask_again)


def test_a_confirmed_score_is_not_asked_about(
    clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], now: datetime
) -> None:
    (assessed,) = assessments(sessions, report(clinic, patient, at=now, scores=WILD, confirmed=WILD))
    assert (assessed.level, assessed.ask_again) == (Level.ABNORMAL, [])


def test_the_words_of_a_note_count_with_the_scores(
    clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], now: datetime
) -> None:
    levels = [
        assessments(sessions, report(clinic, patient, at=now, note=note))[0].level
        for note in (None, "I love it", "there is pus", "I cannot breathe")
    ]
    assert levels == [Level.EXPECTED, Level.EXPECTED, Level.ABNORMAL, Level.EMERGENCY]


def test_a_correction_is_named_one(
    clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], now: datetime
) -> None:
    first = report(clinic, patient, at=now)
    report(clinic, patient, at=now, report_id=first, revision=2)
    stored = assessments(sessions, first)
    assert [(one.cause, one.revision) for one in stored] == [
        (AssessmentCause.REPORT, 1),
        (AssessmentCause.CORRECTION, 2),
    ]


def test_a_late_report_judges_again_what_was_seen_after_it_and_only_where_that_changes_anything(
    clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    patient = clinic.add_patient(now=now, hours_ago=100)
    risen = {**LOW, Symptom.REDNESS: 6}
    before = report(clinic, patient, at=now - 30 * HOUR, scores=LOW)
    after = report(clinic, patient, at=now, scores=risen, confirmed=risen)
    late = now + HOUR
    report(clinic, patient, at=late, seen_at=now - 12 * HOUR, scores=risen, confirmed=risen)
    again = assessments(sessions, after)
    assert [one.cause for one in again] == [AssessmentCause.REPORT, AssessmentCause.LATE_REPORT]
    assert again[0].findings != again[1].findings
    assert again[1].created_at == again[1].review_after == late
    assert causes(sessions, before) == [AssessmentCause.REPORT], "it was seen before"


def test_facts_that_changed_nothing_add_nothing(
    clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], now: datetime,
    judge_again: Callable[..., int],
) -> None:  # fmt: skip
    report_id = report(clinic, patient, at=now)
    assert judge_again(now=now + HOUR) == 0
    assert causes(sessions, report_id) == [AssessmentCause.REPORT]


def test_corrected_facts_judge_the_course_again_and_keep_what_was_found_before(
    clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], now: datetime,
    judge_again: Callable[..., int],
) -> None:  # fmt: skip
    report_id = report(clinic, patient, at=now)
    with sessions.begin() as session:
        treatment = session.get_one(Treatment, (clinic.id, patient.treatment_id))
        version = treatment.course_version
        treatment.performed_at = now - timedelta(days=12)
    assert judge_again(now=now + HOUR) == 1
    first, second = assessments(sessions, report_id)
    assert (first.level, first.day) == (Level.EXPECTED, 1)
    assert (second.cause, second.day) == (AssessmentCause.FACTS_CORRECTED, 12)
    assert second.level is not Level.EXPECTED
    assert second.review_after == now + HOUR
    with sessions() as session:
        assert session.get_one(Treatment, (clinic.id, patient.treatment_id)).course_version == version + 1


def test_a_question_that_is_still_open_keeps_its_time_when_facts_are_corrected(
    clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], now: datetime,
    judge_again: Callable[..., int],
) -> None:  # fmt: skip
    report_id = report(clinic, patient, at=now, scores=WILD)
    with sessions.begin() as session:
        treatment = session.get_one(Treatment, (clinic.id, patient.treatment_id))
        treatment.performed_at = now - timedelta(days=12)
    assert judge_again(now=now + timedelta(minutes=1)) == 1
    assert assessments(sessions, report_id)[-1].review_after == now + HOLD


def test_words_alone_do_not_part_two_reports_that_are_high_one_after_the_other(
    clinic: Clinic, patient: Patient, content: Content, sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions() as session:
        treatment = session.get_one(Treatment, (clinic.id, patient.treatment_id))
        judge = assessor_for(session, treatment=treatment, content=content, now=now)

    def seen(hours: float, scores: dict[Symptom, int]) -> Observation:
        return Observation(
            hours=hours, scores=scores, warning_signs=frozenset(), confirmed=frozenset(Symptom)
        )

    newest = seen(50, HIGH)

    def rules(*others: Observation) -> set[AssessmentRule]:
        assessed = report_assessment.assess_report(
            newest, others, treatment=judge.facts, protocol=judge.protocol, earlier=[], override=None,
            settled=True,
        )  # fmt: skip
        return {finding.rule for finding in assessed.findings}

    high_before = seen(26, HIGH)
    assert rules(high_before, seen(38, {})) == rules(high_before)
    assert rules(high_before) != rules(seen(26, LOW))


def test_earlier_courses_are_those_that_were_reported_about_before_this_one(
    clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    day = timedelta(days=1)
    first = clinic.add_patient(now=now, hours_ago=24 * 90)
    silent = treat_again(clinic, first, at=now - 60 * day)
    this = treat_again(clinic, first, at=now - 30 * day, session_number=3)
    later = treat_again(clinic, first, at=now - day, session_number=4)
    for treated in (first, this, later):
        report(clinic, treated, at=treated.performed_at + day, scores=CALM)
    with sessions() as session:
        treatment = session.get_one(Treatment, (clinic.id, this.treatment_id))
        (course,) = report_assessment.earlier_courses(session, treatment=treatment, skin_type=5)
        assert [observation.hours for observation in course.observations] == [24]
        assert course.treatment.skin_type == 5
        own = session.get_one(Treatment, (clinic.id, silent.treatment_id))
        assert len(report_assessment.earlier_courses(session, treatment=own, skin_type=5)) == 1
        oldest = session.get_one(Treatment, (clinic.id, first.treatment_id))
        assert report_assessment.earlier_courses(session, treatment=oldest, skin_type=5) == []


@pytest.mark.parametrize(
    ("state", "outcome", "healed"),
    [
        (FlagState.OPEN, None, False),
        (FlagState.CONTACTED, None, False),
        (FlagState.RESOLVED, FlagOutcome.EXPECTED_HEALING, True),
        (FlagState.RESOLVED, FlagOutcome.IRRITATION, False),
        (FlagState.RESOLVED, FlagOutcome.NOT_REACHED, False),
        (FlagState.OPEN, FlagOutcome.EXPECTED_HEALING, False),
    ],
)
def test_a_course_that_did_not_heal_as_expected_teaches_nothing(
    clinic: Clinic, sessions: sessionmaker[Session], now: datetime,
    state: FlagState, outcome: FlagOutcome | None, healed: bool,
) -> None:  # fmt: skip
    first = clinic.add_patient(now=now, hours_ago=24 * 60)
    this = treat_again(clinic, first, at=now - timedelta(days=1))
    report(clinic, first, at=first.performed_at + timedelta(days=1), scores=CALM)

    def courses() -> list[bool]:
        with sessions() as session:
            treatment = session.get_one(Treatment, (clinic.id, this.treatment_id))
            earlier = report_assessment.earlier_courses(session, treatment=treatment, skin_type=3)
        return [course.healed for course in earlier]

    assert courses() == [True], "nobody had a reason to look"
    raise_flag(clinic, this, at=now)
    assert courses() == [True], "the flag is of another course"
    flag_id = raise_flag(clinic, first, at=now)
    with sessions.begin() as session:
        session.execute(update(Flag).where(Flag.id == flag_id).values(state=state, outcome=outcome))
    assert courses() == [healed]
