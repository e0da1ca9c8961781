"""Judging the reports of one course by its protocol (`CourseAssessor`, made for a treatment), storing
assessments, a doubt's ten minutes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from recovery.domain.clinical import assessment
from recovery.domain.clinical.assessment import BandOverride, PastCourse
from recovery.domain.clinical.protocol import Protocol
from recovery.domain.clinical.symptoms import Observation, TreatmentFacts
from recovery.domain.inbound import note_signs
from recovery.domain.inbound.text_reader import TextReader
from recovery.models.flags import flag_outcomes
from recovery.models.patients import patients
from recovery.models.reports import reports
from recovery.models.reports.reports import AssessmentCause, ReportRevision, StoredAssessment
from recovery.models.treatments import treatments
from recovery.models.treatments.treatments import Treatment
from recovery.services.content import protocols
from recovery.services.content.content import Content

HOLD = timedelta(minutes=10)
"""How long a question to the patient may keep a doubtful score from being flagged."""


@dataclass(frozen=True, kw_only=True)
class CourseAssessor:
    """Assesses the reports of one course at one moment."""

    session: Session
    treatment: Treatment
    facts: TreatmentFacts
    protocol: Protocol
    earlier: Sequence[PastCourse]
    override: BandOverride | None
    reader: TextReader
    now: datetime
    beside: Protocol | None = None
    """Where the version was withdrawn: the other that a report is held against as well."""

    def assess(
        self, revision: ReportRevision, course: Sequence[ReportRevision], *, settled: bool
    ) -> assessment.Assessment:
        """One report, its note's words too, held against the protocol and the other reports of `course`."""
        judged = self._held_to(self.protocol, revision, course, settled=settled)
        if self.beside is None:
            return judged
        return stricter(judged, self._held_to(self.beside, revision, course, settled=settled))

    def _held_to(
        self, protocol: Protocol, revision: ReportRevision, course: Sequence[ReportRevision], *, settled: bool
    ) -> assessment.Assessment:
        observation = revision.observation(performed_at=self.treatment.performed_at)
        judged = assess_report(
            observation,
            [
                other.observation(performed_at=self.treatment.performed_at)
                for other in course
                if other.report_id != revision.report_id
            ],
            treatment=self.facts,
            protocol=protocol,
            earlier=self.earlier,
            override=self.override,
            settled=settled,
        )
        return note_signs.add_note_findings(
            judged,
            self.reader.read_signs(revision.note or ""),
            ticked=observation.warning_signs,
            protocol=protocol,
        )

    def scores_are_rising(self, course: Sequence[ReportRevision]) -> bool:
        """Whether the scores of the report seen last say that no answer after it is a finding."""
        seen = [
            revision.observation(performed_at=self.treatment.performed_at)
            for revision in course
            if revision.scores
        ]
        if not seen:
            return False
        *history, last = sorted(seen, key=lambda observation: observation.hours)
        return assessment.scores_are_rising(
            last,
            history=history,
            treatment=self.facts,
            protocol=self.protocol,
            earlier=self.earlier,
            override=self.override,
        )

    def expected(self, course: Sequence[ReportRevision]) -> assessment.ExpectedCourse:
        """What the next report of the course will be held against."""
        return assessment.expected_course(
            history=[
                revision.observation(performed_at=self.treatment.performed_at)
                for revision in course
                if revision.scores
            ],
            treatment=self.facts,
            protocol=self.protocol,
            earlier=self.earlier,
            override=self.override,
        )

    def store(
        self,
        revision: ReportRevision,
        *,
        at_once: assessment.Assessment,
        settled: assessment.Assessment | None,
        course: Sequence[ReportRevision],
    ) -> None:
        """Store what was found at once, what holds once a question has had its time, and what changes.

        `settled` is what holds without an answer to a question, None where nothing is asked; `course` is as
        it stood before this revision.
        """
        cause = AssessmentCause.REPORT if revision.revision == 1 else AssessmentCause.CORRECTION
        self._store(revision, at_once, cause=cause, review_after=self.now)
        if settled is not None:
            self._store(revision, settled, cause=AssessmentCause.HOLD_ENDED, review_after=self.now + HOLD)
        self._judge_later_again(revision, course)

    def reassess(self, course: Sequence[ReportRevision]) -> int:
        """Hold a whole course against facts that were corrected; returns how many assessments changed.

        Whoever judges a report at the same time on what they read before has to read again.

        What a nurse was told stays: a flag is never closed by this. A report that still waits for an
        answer to a question goes on waiting as long as it would have.
        """
        changed = 0
        self.treatment.course_version += 1
        stored = reports.latest_assessments(self.session, self.treatment.clinic_id, self.treatment.id)
        for revision in course:
            judged, before = self.assess(revision, course, settled=True), stored[revision.report_id]
            if (judged.day, judged.level) != (before.day, before.level) or _differs(judged, before):
                waits_until = max(self.now, before.review_after)
                self._store(revision, judged, cause=AssessmentCause.FACTS_CORRECTED, review_after=waits_until)
                changed += 1
        return changed

    def _judge_later_again(self, revision: ReportRevision, course: Sequence[ReportRevision]) -> None:
        """A late or corrected report changes what the later ones are held against."""
        moved_from = min(
            [revision.seen_at, *(row.seen_at for row in course if row.report_id == revision.report_id)]
        )
        others = [row for row in course if row.report_id != revision.report_id]
        stored = reports.latest_assessments(self.session, self.treatment.clinic_id, self.treatment.id)
        for later in others:
            if later.seen_at <= moved_from:
                continue
            judged = self.assess(later, [revision, *others], settled=True)
            before = stored[later.report_id]
            if _differs(judged, before):
                waits_until = max(self.now, before.review_after)
                self._store(later, judged, cause=AssessmentCause.LATE_REPORT, review_after=waits_until)

    def _store(
        self,
        revision: ReportRevision,
        judged: assessment.Assessment,
        *,
        cause: AssessmentCause,
        review_after: datetime,
    ) -> None:
        self.session.add(
            StoredAssessment(
                clinic_id=revision.clinic_id,
                treatment_id=self.treatment.id,
                report_id=revision.report_id,
                revision=revision.revision,
                cause=cause,
                level=judged.level,
                day=judged.day,
                findings=[assessment.to_dict(finding) for finding in judged.findings],
                ask_again=[symptom.value for symptom in judged.ask_again],
                held=[assessment.to_dict(finding) for finding in judged.held],
                open_matter=judged.open_matter,
                protocol=judged.protocol_version,
                created_at=self.now,
                review_after=review_after,
            )
        )
        self.session.flush()


def assessor_for(
    session: Session, *, treatment: Treatment, content: Content, now: datetime
) -> CourseAssessor:
    """Who judges the reports of a treatment, knowing the skin and what it was held against."""
    patient = patients.get(session, treatment.clinic_id, treatment.patient_id)
    skin_type = None if patient is None else patient.skin_type
    taken_over = treatments.taken_over_times(session, treatment.clinic_id, [treatment.id])[treatment.id]
    return CourseAssessor(
        session=session,
        treatment=treatment,
        facts=treatment.facts(skin_type=skin_type, taken_over=taken_over),
        earlier=earlier_courses(session, treatment=treatment, skin_type=skin_type),
        override=None if patient is None else patient.override(),
        protocol=protocols.get_protocol(
            session, clinic_id=treatment.clinic_id, version=treatment.protocol, content=content
        ),
        reader=content.reader,
        now=now,
        beside=content.beside(treatment.protocol),
    )


def _differs(judged: assessment.Assessment, before: StoredAssessment) -> bool:
    """Whether it found, held back or left open anything else than the assessment that is stored."""
    now = [
        [assessment.to_dict(finding) for finding in findings] for findings in (judged.findings, judged.held)
    ]
    return now != [before.findings, before.held] or judged.open_matter is not before.open_matter


def assess_report(
    observation: Observation,
    others: Sequence[Observation],
    *,
    treatment: TreatmentFacts,
    protocol: Protocol,
    earlier: Sequence[PastCourse],
    override: BandOverride | None,
    settled: bool,
) -> assessment.Assessment:
    """One report held against the protocol and the other reports of its course.

    A text in words alone has no score: it must not part two reports that are high one after the other.
    """
    return assessment.assess(
        observation,
        history=[other for other in others if other.scores],
        treatment=treatment,
        protocol=protocol,
        earlier=earlier,
        override=override,
        settled=settled,
    )


def stricter(one: assessment.Assessment, other: assessment.Assessment) -> assessment.Assessment:
    """The more urgent of two; the first where both are alike."""
    return max(one, other, key=lambda judged: judged.level.rank)


def earlier_courses(session: Session, *, treatment: Treatment, skin_type: int | None) -> list[PastCourse]:
    """How the patient's skin healed after the sessions before this one, the newest few."""
    before = treatments.list_earlier(session, treatment, limit=treatments.EARLIER_SESSIONS)
    if not before:
        return []
    courses = reports.current_revisions_by_treatment(
        session, treatment.clinic_id, [earlier.id for earlier in before]
    )
    sick = flag_outcomes.list_not_healed(session, treatment.clinic_id, [earlier.id for earlier in before])
    taken_over = treatments.taken_over_times(session, treatment.clinic_id, [earlier.id for earlier in before])
    return [
        PastCourse(
            treatment=earlier.facts(skin_type=skin_type, taken_over=taken_over[earlier.id]),
            observations=tuple(
                row.observation(performed_at=earlier.performed_at) for row in courses[earlier.id]
            ),
            healed=earlier.id not in sick,
        )
        for earlier in before
        if courses[earlier.id]
    ]
