from __future__ import annotations

import json

import pytest

from recovery.domain.clinical import findings, protocol, symptoms
from tests.support.data.judged_courses import judge, seen

Sign = symptoms.WarningSign

FULL = findings.Finding(
    rule=findings.AssessmentRule.CLUSTER,
    level=symptoms.Level.ABNORMAL,
    day=4,
    symptom=symptoms.Symptom.PAIN,
    sign=Sign.FEVER,
    value=6.0,
    bound=2.5,
    reference=1.0,
    count=3,
    several=(symptoms.Symptom.PAIN, symptoms.Symptom.REDNESS),
    signs=(Sign.SPREADING_HEAT, Sign.FEVER),
    said=findings.SignMention.DENIED,
)
BARE = findings.Finding(rule=findings.AssessmentRule.SILENCE, level=symptoms.Level.WATCH, day=0)


def test_findings_survive_json(standard: protocol.Protocol, pen: symptoms.TreatmentFacts) -> None:
    found = judge(
        standard,
        pen,
        seen(48, redness=6),
        seen(96, Sign.FEVER, Sign.SPREADING_HEAT, redness=7, swelling=4, pain=3),
    )
    assert len({finding.rule for finding in found.findings}) >= 3
    for finding in found.findings:
        stored = json.loads(json.dumps(findings.to_dict(finding)))
        assert findings.from_dict(stored) == finding


@pytest.mark.parametrize("finding", [FULL, BARE], ids=["everything set", "nothing set"])
def test_every_field_is_stored_and_comes_back(finding: findings.Finding) -> None:
    assert findings.from_dict(json.loads(json.dumps(findings.to_dict(finding)))) == finding


def test_the_stored_form_is_the_words_and_not_their_order() -> None:
    stored = findings.to_dict(FULL)
    assert (stored["rule"], stored["level"], stored["said"]) == ("cluster", "abnormal", "denied")
    assert stored["several"] == ["pain", "redness"]
    assert stored["signs"] == ["spreading_heat", "fever"]


def test_a_finding_stored_before_words_were_marked_is_still_read() -> None:
    stored = findings.to_dict(BARE)
    del stored["said"]
    assert findings.from_dict(stored) == BARE


@pytest.mark.parametrize("key", ["rule", "level", "day", "symptom", "count", "several", "signs"])
def test_a_stored_finding_that_lacks_a_field_is_refused(key: str) -> None:
    stored = findings.to_dict(FULL)
    del stored[key]
    with pytest.raises(KeyError):
        findings.from_dict(stored)


@pytest.mark.parametrize(
    ("key", "value"),
    [("rule", "hunch"), ("level", "dire"), ("symptom", "colour"), ("sign", "sneezing"), ("said", "perhaps")],
)
def test_a_stored_word_that_is_not_known_is_refused(key: str, value: str) -> None:
    with pytest.raises(ValueError, match=value):
        findings.from_dict(findings.to_dict(FULL) | {key: value})
