"""Holding the reports of one course against its protocol, and keeping what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from recovery.domain import assessment
from recovery.domain.symptoms import Observation, TreatmentFacts
from recovery.models import reports
from recovery.models.reports import Assessment, Cause, ReportRevision
from recovery.models.treatments import Treatment
from recovery.services.content import Content

HOLD = timedelta(minutes=10)
"""How long a question to the patient may keep a doubtful score from being flagged."""


@dataclass(frozen=True)
class Judge:
    """Adds assessments of one course."""

    session: Session
    treatment: Treatment
    facts: TreatmentFacts
    content: Content
    now: datetime

    def add(
        self,
        kept: ReportRevision,
        seen: Observation,
        others: Sequence[Observation],
        *,
        cause: Cause,
        settled: bool,
    ) -> assessment.Assessment:
        judged = self._assess(seen, others, settled=settled)
        waits = HOLD if cause is Cause.HOLD_ENDED else timedelta()
        self._store(kept, judged, cause=cause, review_after=self.now + waits)
        return judged

    def again_after(self, kept: ReportRevision, seen: Observation, course: Sequence[ReportRevision]) -> None:
        """A late or corrected report changes what the later ones are held against."""
        said = {row.report_id: row.observation() for row in course} | {kept.report_id: seen}
        stored = reports.latest_assessments(self.session, self.treatment.clinic_id, self.treatment.id)
        for later in course:
            if later.hours <= seen.hours or later.report_id == kept.report_id:
                continue
            others = [observation for key, observation in said.items() if key != later.report_id]
            judged = self._assess(said[later.report_id], others, settled=True)
            before = stored[later.report_id]
            if [assessment.to_dict(finding) for finding in judged.findings] != before.findings:
                waits_until = max(self.now, before.review_after)
                self._store(later, judged, cause=Cause.LATE_REPORT, review_after=waits_until)

    def _assess(
        self, seen: Observation, others: Sequence[Observation], *, settled: bool
    ) -> assessment.Assessment:
        return assessment.assess(
            seen,
            history=others,
            treatment=self.facts,
            protocol=self.content.protocol(self.treatment.protocol),
            settled=settled,
        )

    def _store(
        self,
        kept: ReportRevision,
        judged: assessment.Assessment,
        *,
        cause: Cause,
        review_after: datetime,
    ) -> None:
        self.session.add(
            Assessment(
                clinic_id=kept.clinic_id,
                treatment_id=self.treatment.id,
                report_id=kept.report_id,
                revision=kept.revision,
                cause=cause,
                level=judged.level,
                day=judged.day,
                findings=[assessment.to_dict(finding) for finding in judged.findings],
                ask_again=[symptom.value for symptom in judged.ask_again],
                protocol=judged.protocol_version,
                created_at=self.now,
                review_after=review_after,
            )
        )
        self.session.flush()
