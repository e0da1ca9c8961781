"""What is new to the nurses: only a new fact opens a flag, texts a patient or pages anybody.

A fact is one finding of one report, a silence or something told: what was seen, when, in which revision, and
how severe it is. It is known, and adds to what was handled, where

- the same report brought it before, no milder, and it was not seen anew since that was closed; or
- a flag was closed after it was seen, and that flag knew the same sign no milder; or, for whatever is no
  sign, was itself no milder.

So what was seen after the close is new, a sign that nobody was shown is new whenever it was seen, a sign that
a correction says after the report had not said it is new, and a level above all that was handled is new. A
hold that ends, a late report or the same report judged anew is not. What is told to the staff always is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from recovery.domain.clinical.findings import AssessmentRule, Finding, SignMention
from recovery.domain.clinical.symptoms import Level, WarningSign


@dataclass(frozen=True, kw_only=True)
class Fact:
    """One finding and what it is of. `source` is the report, or the assessment where there is no report;
    `seen_at` when the patient saw it, or when nothing came or it was told. `said_anew`: the revision of the
    report before this one did not name this sign."""

    source: UUID
    seen_at: datetime
    finding: Finding
    said_anew: bool = False

    @property
    def level(self) -> Level:
        """How severe it is."""
        return self.finding.level

    @property
    def signs(self) -> frozenset[WarningSign]:
        """The signs it names."""
        return signs_of(self.finding)

    def is_no_milder_than(self, other: Fact) -> bool:
        """Whether this is at least as severe; what is certain is more so than what may be meant."""
        return _severity(self.finding) >= _severity(other.finding)


@dataclass(frozen=True, kw_only=True)
class HandledFlag:
    """A flag of the course, with every fact that was brought to it. `closed_at` is empty while it is open."""

    facts: Sequence[Fact]
    closed_at: datetime | None


def new_facts(facts: Iterable[Fact], *, handled: Sequence[HandledFlag]) -> list[Fact]:
    """Those of these facts that nobody of the clinic knows yet."""
    return [fact for fact in facts if not any(is_known_to(flag, fact) for flag in handled)]


def is_known_to(flag: HandledFlag, fact: Fact) -> bool:
    """Whether this flag has dealt with the fact, or is about to."""
    if flag.closed_at is not None and (fact.said_anew or fact.seen_at > flag.closed_at):
        return False
    no_milder = [known for known in flag.facts if known.is_no_milder_than(fact)]
    own = [known for known in no_milder if known.source == fact.source]
    if fact.signs:
        shown = own if flag.closed_at is None else no_milder
        return fact.signs <= frozenset(sign for known in shown for sign in known.signs)
    if any(_subject(known.finding) == _subject(fact.finding) for known in own):
        return True
    return flag.closed_at is not None and bool(no_milder) and fact.finding.rule is not AssessmentRule.TOLD


def level_of(facts: Iterable[Fact]) -> Level:
    """The most severe of these facts."""
    return max((fact.level for fact in facts), key=lambda level: level.rank, default=Level.EXPECTED)


def signs_of(finding: Finding) -> frozenset[WarningSign]:
    """The signs that a finding names."""
    return frozenset(finding.signs if finding.sign is None else (finding.sign, *finding.signs))


def _severity(finding: Finding) -> tuple[int, bool]:
    return finding.level.rank, finding.said not in (SignMention.DOUBTFUL, SignMention.DENIED)


def _subject(finding: Finding) -> tuple[object, ...]:
    return finding.rule, finding.symptom
