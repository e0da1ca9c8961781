from __future__ import annotations

import json

import pytest

from recovery.domain.clinical import findings, protocol, symptoms
from tests.support.data.judged_courses import WORDS, judge, seen

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
    value_range=(5, 7),
    reference_range=(1, 2),
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


def test_a_number_is_stored_as_before_there_were_ranges() -> None:
    assert not {"value_range", "reference_range"} & set(findings.to_dict(BARE))


def test_a_finding_tells_the_range_of_an_answer_in_words_and_of_what_it_is_compared_with(
    standard: protocol.Protocol, pen: symptoms.TreatmentFacts
) -> None:
    def ranges(scale: symptoms.AnswerScale) -> set[tuple[object, ...]]:
        eased, back = seen(30, redness=2, scale=scale), seen(100, redness=9, swelling=6, scale=scale)
        found = judge(standard, pen, eased, back).findings
        return {
            (one.rule, one.value, one.value_range, one.reference, one.reference_range)
            for one in found
            if one.symptom is symptoms.Symptom.REDNESS
            and one.rule in (findings.AssessmentRule.FAR_ABOVE, findings.AssessmentRule.REBOUND)
        }

    assert ranges(WORDS) == {
        (findings.AssessmentRule.FAR_ABOVE, 9, (8, 10), None, None),
        (findings.AssessmentRule.REBOUND, 9, (8, 10), 1.5, (1, 2)),
    }
    assert ranges(symptoms.AnswerScale.NUMBERS) == {
        (findings.AssessmentRule.FAR_ABOVE, 9, None, None, None),
        (findings.AssessmentRule.REBOUND, 9, None, 2, None),
    }


def test_an_answer_that_means_one_score_has_no_range(
    standard: protocol.Protocol, pen: symptoms.TreatmentFacts
) -> None:
    none, back = seen(54, redness=0, scale=WORDS), seen(100, redness=9, swelling=6, scale=WORDS)
    (rebound,) = (
        one
        for one in judge(standard, pen, none, back).findings
        if one.rule is findings.AssessmentRule.REBOUND and one.symptom is symptoms.Symptom.REDNESS
    )
    assert (rebound.reference, rebound.reference_range) == (0, None)
