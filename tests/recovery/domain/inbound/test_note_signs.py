"""Signs in a patient's own words, beside how the report stands."""

from __future__ import annotations

import pytest

from config import content_files as files
from recovery.domain.clinical import findings, protocol
from recovery.domain.clinical.assessment import Assessment
from recovery.domain.clinical.findings import AssessmentRule, Finding, SignMention
from recovery.domain.clinical.symptoms import Level, WarningSign
from recovery.domain.inbound import note_signs
from recovery.domain.inbound.text_meaning import NamedSigns

PROTOCOL = protocol.parse(next(iter(files.read_content_files().protocols.values())))
CALM = Assessment(
    level=Level.EXPECTED, day=2, hours=50, findings=(), ask_again=(), protocol_version=PROTOCOL.version
)
BREATHING, PUS, FEVER = WarningSign.BREATHING, WarningSign.PUS, WarningSign.FEVER
BUMPS = WarningSign.BUMPS


def signs(*named: WarningSign) -> frozenset[WarningSign]:
    return frozenset(named)


def judged(
    named: NamedSigns, *, ticked: frozenset[WarningSign] = frozenset(), before: Assessment = CALM
) -> Assessment:
    return note_signs.add_note_findings(before, named, ticked=ticked, protocol=PROTOCOL)


@pytest.mark.parametrize(
    ("named", "level", "said"),
    [
        (NamedSigns(emergency=signs(BREATHING)), Level.EMERGENCY, SignMention.NAMED),
        (NamedSigns(emergency=signs(PUS)), Level.EMERGENCY, SignMention.NAMED),
        (
            NamedSigns(emergency=signs(BREATHING), doubtful=signs(BREATHING)),
            Level.EMERGENCY,
            SignMention.DOUBTFUL,
        ),
        (NamedSigns(warning=signs(PUS)), Level.ABNORMAL, SignMention.NAMED),
        (NamedSigns(warning=signs(PUS), doubtful=signs(PUS)), Level.ABNORMAL, SignMention.DOUBTFUL),
        (NamedSigns(watch=signs(BUMPS)), Level.WATCH, SignMention.NAMED),
        (NamedSigns(watch=signs(BUMPS), doubtful=signs(BUMPS)), Level.WATCH, SignMention.DOUBTFUL),
        (NamedSigns(watch=signs(PUS)), Level.ABNORMAL, SignMention.NAMED),
    ],
)
def test_words_are_taken_as_soon_as_they_ask_and_a_doubt_lowers_nothing(
    named: NamedSigns, level: Level, said: SignMention
) -> None:
    found = judged(named)
    assert (found.level, [one.said for one in found.findings]) == (level, [said])


def test_a_sign_that_was_ticked_is_not_found_twice() -> None:
    assert judged(NamedSigns(warning=signs(PUS)), ticked=signs(PUS)) == CALM


def test_words_never_lower_a_level() -> None:
    before = note_signs.add_note_findings(
        CALM, NamedSigns(emergency=signs(BREATHING)), ticked=frozenset(), protocol=PROTOCOL
    )
    assert judged(NamedSigns(watch=signs(PUS)), before=before).level is Level.EMERGENCY


def test_an_emergency_is_in_doubt_only_while_nothing_certain_makes_it_one() -> None:
    doubt = judged(NamedSigns(emergency=signs(BREATHING), doubtful=signs(BREATHING)))
    assert findings.only_in_doubt(doubt.findings)
    certain = judged(NamedSigns(emergency=signs(BREATHING, WarningSign.VISION), doubtful=signs(BREATHING)))
    assert not findings.only_in_doubt(certain.findings)
    ticked = Finding(rule=AssessmentRule.WARNING_SIGN, level=Level.EMERGENCY, day=2, sign=WarningSign.VISION)
    assert not findings.only_in_doubt([*doubt.findings, ticked])
    assert not findings.only_in_doubt(judged(NamedSigns(warning=signs(PUS), doubtful=signs(PUS))).findings)
    assert not findings.only_in_doubt([])
