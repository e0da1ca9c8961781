"""Signs that a patient names in the words of a note, added as findings to the report's assessment."""

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

    Words for now or the same day wait no longer than the protocol lets the sign, those that only are worth a
    look wait for the next working day. A doubt lowers nothing, and a word never lowers a level.
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
        if sign in signs | named.watch and sign not in ticked:
            yield Finding(
                rule=AssessmentRule.WARNING_SIGN,
                level=_level(sign, named, protocol=protocol),
                day=day,
                sign=sign,
                said=_mention(sign, named),
            )
    affirmed = ticked | (signs - named.doubtful)
    for together, level in protocol.together:
        if together <= affirmed and not together <= ticked:
            ordered = tuple(sign for sign in WarningSign if sign in together)
            yield Finding(
                rule=AssessmentRule.WARNING_SIGN, level=level, day=day, sign=ordered[0], signs=ordered
            )


def _level(sign: WarningSign, named: NamedSigns, *, protocol: Protocol) -> Level:
    if sign in named.emergency:
        return Level.EMERGENCY
    if sign in named.warning:
        return max(Level.ABNORMAL, protocol.urgency(sign), key=_rank)
    return max(Level.WATCH, protocol.urgency(sign), key=_rank)


def _mention(sign: WarningSign, named: NamedSigns) -> SignMention:
    return SignMention.DOUBTFUL if sign in named.doubtful else SignMention.NAMED


def _rank(level: Level) -> int:
    return level.rank
