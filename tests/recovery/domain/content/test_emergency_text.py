from __future__ import annotations

import pytest

from recovery.domain.clinical.findings import AssessmentRule, Finding, SignMention
from recovery.domain.clinical.symptoms import Level, WarningSign
from recovery.domain.content import emergency_text
from recovery.domain.content.emergency_text import EmergencyTemplate, HelpLine
from recovery.domain.content.sign_wording import SignWords

UNNAMED, NAMED, SELF_HARM = EmergencyTemplate.UNNAMED, EmergencyTemplate.SIGN, EmergencyTemplate.SELF_HARM


def finding(
    sign: WarningSign,
    *,
    level: Level = Level.EMERGENCY,
    said: SignMention | None = None,
    signs: tuple[WarningSign, ...] = (),
) -> Finding:
    return Finding(rule=AssessmentRule.WARNING_SIGN, level=level, day=1, sign=sign, said=said, signs=signs)


FAINTED = finding(WarningSign.FAINTING)
WROTE_OF_HARM = finding(WarningSign.SELF_HARM, said=SignMention.NAMED)


@pytest.mark.parametrize(
    ("findings", "template", "sign"),
    [
        ([FAINTED], NAMED, "fainting, a seizure, confusion or a drooping face"),
        ([finding(WarningSign.FAINTING, said=SignMention.NAMED)], NAMED, "fainting"),
        ([FAINTED, finding(WarningSign.PUS, level=Level.ABNORMAL)], NAMED,
         "fainting, a seizure, confusion or a drooping face"),
        ([FAINTED, finding(WarningSign.BREATHING)], UNNAMED, None),
        ([finding(WarningSign.FAINTING, said=SignMention.DENIED)], UNNAMED, None),
        ([finding(WarningSign.FEVER, signs=(WarningSign.SPREADING_HEAT, WarningSign.FEVER))], UNNAMED, None),
        ([WROTE_OF_HARM], SELF_HARM, None),
        ([WROTE_OF_HARM, finding(WarningSign.CHEST_PAIN, said=SignMention.NAMED)], UNNAMED, None),
        ([], UNNAMED, None),
    ],
)  # fmt: skip
def test_one_sign_beyond_doubt_is_named_and_nothing_else(
    english_signs: SignWords, findings: list[Finding], template: EmergencyTemplate, sign: str | None
) -> None:
    chosen = emergency_text.of_findings(findings, words=english_signs)
    assert (chosen.template, chosen.sign) == (template, sign)
    assert chosen.details == ({} if sign is None else {"sign": sign})


def test_the_crisis_line_comes_first_only_where_nothing_else_is_an_emergency(
    english_signs: SignWords,
) -> None:
    def line(*findings: Finding) -> HelpLine | None:
        return emergency_text.help_line(findings, words=english_signs)

    assert line(WROTE_OF_HARM) is HelpLine.CRISIS
    assert line(WROTE_OF_HARM, finding(WarningSign.PUS, level=Level.ABNORMAL)) is HelpLine.CRISIS
    assert line(WROTE_OF_HARM, FAINTED) is HelpLine.EMERGENCY
    assert line(FAINTED) is HelpLine.EMERGENCY
    assert line(finding(WarningSign.PUS, level=Level.ABNORMAL)) is None
    assert line() is None
