"""What the clinic knows of a course: the facts of its flags, as far as they were brought to a nurse."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from recovery.domain.clinical import findings
from recovery.domain.clinical.symptoms import WarningSign
from recovery.domain.flags import new_facts
from recovery.domain.flags.new_facts import Fact, HandledFlag
from recovery.models.flags import brought_facts
from recovery.models.flags.flags import Flag
from recovery.models.reports import reports
from recovery.models.reports.reports import AssessmentCause, StoredAssessment
from recovery.models.review.review_batch import Key


@dataclass(kw_only=True)
class KnownFlag:
    """A flag of a course with the facts that were brought to it."""

    flag: Flag
    facts: list[Fact] = field(default_factory=list)

    @property
    def handled(self) -> HandledFlag:
        """The flag as the rules see it."""
        return HandledFlag(facts=self.facts, closed_at=self.flag.resolved_at)


class CourseFacts:
    """The flags of several courses, read in one statement, and what is brought to them since."""

    def __init__(self, session: Session, courses: Collection[Key]) -> None:
        self._session = session
        self._flags: dict[Key, dict[UUID, KnownFlag]] = defaultdict(dict)
        for flag, assessed, seen_at in brought_facts.list_brought(session, courses):
            known = self._of(flag)
            known.facts.extend(_facts(assessed, seen_at=seen_at))

    def facts_of(self, assessed: StoredAssessment) -> list[Fact]:
        """What an assessment says, as of when it was seen."""
        said = None
        if assessed.report_id is not None and assessed.revision is not None:
            said = reports.get_revision(
                self._session, assessed.clinic_id, assessed.report_id, number=assessed.revision
            )
        seen_at = assessed.created_at if said is None else said.seen_at
        return _facts(assessed, seen_at=seen_at, unsaid=self._unsaid(assessed))

    def new_of(self, assessed: StoredAssessment) -> list[Fact]:
        """What of it nobody of the clinic knows yet."""
        handled = [known.handled for known in self._known(assessed)]
        return new_facts.new_facts(self.facts_of(assessed), handled=handled)

    def holder_of(self, assessed: StoredAssessment) -> Flag | None:
        """The flag to which what is known already adds: the open one, else the one closed last that knew it.

        None where it adds nothing: the same was brought there before, and the patient has not said it anew.
        """
        facts = self.facts_of(assessed)
        for known in sorted(self._known(assessed), key=_closed_last, reverse=True):
            if not any(new_facts.is_known_to(known.handled, fact) for fact in facts):
                continue
            brought = {_what(fact) for fact in known.facts}
            repeats = assessed.cause not in _SAID_BY_PATIENT and {_what(fact) for fact in facts} <= brought
            return None if repeats else known.flag
        return None

    def bring(self, flag: Flag, assessed: StoredAssessment) -> None:
        """From now on this flag knows what the assessment says."""
        self._of(flag).facts.extend(self.facts_of(assessed))

    def _of(self, flag: Flag) -> KnownFlag:
        course = self._flags[flag.clinic_id, flag.treatment_id]
        return course.setdefault(flag.id, KnownFlag(flag=flag))

    def _known(self, assessed: StoredAssessment) -> list[KnownFlag]:
        return list(self._flags[assessed.clinic_id, assessed.treatment_id].values())

    def _unsaid(self, assessed: StoredAssessment) -> frozenset[WarningSign]:
        """The signs that a correction names and the revision before it did not."""
        corrects = assessed.cause is AssessmentCause.CORRECTION
        if not corrects or assessed.report_id is None or assessed.revision is None:
            return frozenset()
        before = brought_facts.signs_of_revision(
            self._session, assessed.clinic_id, assessed.report_id, number=assessed.revision - 1
        )
        named = (findings.from_dict(found) for found in assessed.findings)
        return frozenset(sign for found in named for sign in new_facts.signs_of(found)) - before


_SAID_BY_PATIENT = (AssessmentCause.REPORT, AssessmentCause.CORRECTION)


def _what(fact: Fact) -> tuple[object, ...]:
    found = fact.finding
    return fact.source, found.rule, found.symptom, found.sign, found.level


def _closed_last(known: KnownFlag) -> tuple[bool, datetime]:
    closed_at = known.flag.resolved_at
    return closed_at is None, known.flag.opened_at if closed_at is None else closed_at


def _facts(
    assessed: StoredAssessment, *, seen_at: datetime, unsaid: frozenset[WarningSign] = frozenset()
) -> list[Fact]:
    found: Sequence[findings.Finding] = [findings.from_dict(finding) for finding in assessed.findings]
    return [
        Fact(
            source=assessed.report_id or assessed.id,
            seen_at=seen_at,
            finding=finding,
            said_anew=bool(new_facts.signs_of(finding) & unsaid),
        )
        for finding in found
    ]
