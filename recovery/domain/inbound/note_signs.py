"""Signs that a patient names in words, added to how the report stands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from recovery.domain.clinical.assessment import Assessment
from recovery.domain.clinical.findings import AssessmentRule, Finding, SignMention
from recovery.domain.clinical.protocol import Protocol
from recovery.domain.clinical.symptoms import Level, WarningSign
from recovery.domain.inbound.text_meaning import NamedSigns


def add_note_findings(
    judged: Assessment, named: NamedSigns, *, ticked: frozenset[WarningSign], protocol: Protocol
) -> Assessment:
    """The assessment with a finding for each sign that was named and not ticked.

    Words are less certain than an answer, so none of them waits longer than the same day, and a "no" before
    a sign lowers nothing. A word never lowers a level.
    """
    found = [*judged.findings, *_findings(named, day=judged.day, ticked=ticked, protocol=protocol)]
    return replace(
        judged,
        findings=tuple(found),
        level=max((finding.level for finding in found), key=_rank, default=judged.level),
    )


def _findings(
    named: NamedSigns, *, day: int, ticked: frozenset[WarningSign], protocol: Protocol
) -> Iterator[Finding]:
    signs = named.emergency | named.warning
    for sign in WarningSign:
        if sign in signs and sign not in ticked:
            least = Level.EMERGENCY if sign in named.emergency else Level.ABNORMAL
            yield Finding(
                rule=AssessmentRule.WARNING_SIGN,
                level=max(least, protocol.urgency(sign), key=_rank),
                day=day,
                sign=sign,
                said=SignMention.DENIED if sign in named.denied else SignMention.NAMED,
            )
    affirmed = ticked | (signs - named.denied)
    for together, level in protocol.together:
        if together <= affirmed and not together <= ticked:
            ordered = tuple(sign for sign in WarningSign if sign in together)
            yield Finding(
                rule=AssessmentRule.WARNING_SIGN, level=level, day=day, sign=ordered[0], signs=ordered
            )


def _rank(level: Level) -> int:
    return level.rank
