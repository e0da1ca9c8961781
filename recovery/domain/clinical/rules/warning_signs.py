"""The rule of warning signs: each by its urgency, some more urgent together; they never wait and nothing
excuses them."""

from __future__ import annotations

from collections.abc import Iterator

from recovery.domain.clinical import findings, symptoms
from recovery.domain.clinical.protocol import Protocol


def warning_sign(
    signs: frozenset[symptoms.WarningSign], *, day: int, protocol: Protocol
) -> Iterator[findings.Finding]:
    """Each sign by its urgency, then signs that are more urgent together."""
    for sign in symptoms.WarningSign:
        if sign in signs:
            yield findings.Finding(
                rule=findings.AssessmentRule.WARNING_SIGN, level=protocol.urgencies[sign], sign=sign, day=day
            )
    for together, level in protocol.together:
        if together <= signs:
            ordered = tuple(sign for sign in symptoms.WarningSign if sign in together)
            yield findings.Finding(
                rule=findings.AssessmentRule.WARNING_SIGN,
                level=level,
                sign=ordered[0],
                day=day,
                signs=ordered,
            )
