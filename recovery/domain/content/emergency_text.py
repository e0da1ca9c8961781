"""Which wording answers an emergency, which sign it names, and whether the emergency number or the crisis
line comes first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from recovery.domain.clinical.findings import Finding, SignMention, only_in_doubt
from recovery.domain.clinical.symptoms import Level, WarningSign
from recovery.domain.content.sign_wording import SignWords


class EmergencyTemplate(StrEnum):
    """The wordings: for one sign that is named, for any, and the answer to thoughts of self-harm."""

    SIGN = "emergency_sign"
    UNNAMED = "emergency"
    SELF_HARM = "emergency_self_harm"


class HelpLine(StrEnum):
    """Which number comes first for a report: the emergency number, or the crisis line."""

    EMERGENCY = "emergency"
    CRISIS = "crisis"


@dataclass(frozen=True, kw_only=True)
class EmergencyText:
    """The wording and, for the one that names a sign, its words."""

    template: EmergencyTemplate
    sign: str | None = None

    @property
    def details(self) -> dict[str, str]:
        """What the wording needs to be filled."""
        return {} if self.sign is None else {"sign": self.sign}


def choose(
    signs: frozenset[WarningSign], *, ticked: bool = False, doubtful: bool = False, words: SignWords
) -> EmergencyText:
    """The text for these emergency signs, ticked or read from words.

    Thoughts of self-harm have an answer of their own; with another sign, wherever several or a doubtful one
    were named, and for a sign without words for a text, the text says whom to call and names none.
    """
    private = signs & words.listed.private
    if private and private == signs:
        return EmergencyText(template=EmergencyTemplate.SELF_HARM)
    if len(signs) != 1 or private or doubtful:
        return EmergencyText(template=EmergencyTemplate.UNNAMED)
    (sign,) = signs
    if sign not in words.text:
        return EmergencyText(template=EmergencyTemplate.UNNAMED)
    return EmergencyText(template=EmergencyTemplate.SIGN, sign=words.in_text(sign, ticked=ticked))


def help_line(findings: Iterable[Finding], *, words: SignWords) -> HelpLine | None:
    """The number that comes first after these findings; None where none of them is an emergency."""
    urgent = [finding for finding in findings if finding.level is Level.EMERGENCY]
    if not urgent:
        return None
    crisis = of_findings(urgent, words=words).template is EmergencyTemplate.SELF_HARM
    return HelpLine.CRISIS if crisis else HelpLine.EMERGENCY


def is_conditional(found: Sequence[Finding], *, words: SignWords) -> bool:
    """Whether the text is a conditional one: nothing certain makes it an emergency.

    Thoughts of self-harm, in doubt too, have an answer that frightens nobody.
    """
    return (
        only_in_doubt(found) and of_findings(found, words=words).template is not EmergencyTemplate.SELF_HARM
    )


def of_findings(findings: Iterable[Finding], *, words: SignWords) -> EmergencyText:
    """The text for what made a report an emergency."""
    urgent = [finding for finding in findings if finding.level is Level.EMERGENCY]
    named = [sign for finding in urgent for sign in (finding.signs or (finding.sign,)) if sign is not None]
    return choose(
        frozenset(named),
        ticked=any(finding.said is None for finding in urgent),
        doubtful=any(finding.said not in (None, SignMention.NAMED) for finding in urgent),
        words=words,
    )
