from __future__ import annotations

import pytest

from recovery.domain.clinical import assessment, protocol, symptoms

Level = symptoms.Level
Rule = assessment.AssessmentRule
Symptom = symptoms.Symptom


def seen(hours: float, redness: int, swelling: int = 0, pain: int = 0) -> symptoms.Observation:
    scores = {
        Symptom.REDNESS: redness,
        Symptom.SWELLING: swelling,
        Symptom.PEELING: 0,
        Symptom.PAIN: pain,
    }
    return symptoms.Observation(hours=hours, scores=scores, confirmed=frozenset(scores))


def facts(skin_type: int) -> symptoms.TreatmentFacts:
    return symptoms.TreatmentFacts(device=symptoms.Device.PEN, depth_mm=1.5, skin_type=skin_type)


def judge(
    standard: protocol.Protocol,
    *reports: symptoms.Observation,
    skin_type: int = 2,
    earlier: tuple[assessment.PastCourse, ...] = (),
    override: assessment.BandOverride | None = None,
) -> assessment.Assessment:
    *history, last = reports
    return assessment.assess(
        last,
        history=history,
        treatment=facts(skin_type),
        protocol=standard,
        earlier=earlier,
        override=override,
    )


def own(found: assessment.Assessment) -> assessment.Finding | None:
    return next((item for item in found.findings if item.rule is Rule.PERSONAL_BAND), None)


@pytest.mark.parametrize(
    ("scores", "flagged"),
    [
        ((2, 3), False),  # nothing above p90 on day 3, 2 points on day 4: 2 point-days
        ((3, 3), False),  # 1 and 2: 3 point-days
        ((4, 3), True),  # 2 and 2: 4 point-days
        ((4, 1), False),  # fallen to p90
    ],
)
def test_redness_that_stays_adds_up(
    standard: protocol.Protocol, scores: tuple[int, int], flagged: bool
) -> None:
    reports = [seen(6, 5), seen(24, 3), seen(48, 3), seen(72, scores[0]), seen(96, scores[1])]
    assert (own(judge(standard, *reports)) is not None) is flagged


def test_a_mild_first_day_lowers_what_is_expected_later(standard: protocol.Protocol) -> None:
    later = [seen(48, 1), seen(72, 2), seen(96, 2), seen(120, 2)]
    strong = judge(standard, seen(6, 5), seen(24, 3), *later)
    mild = judge(standard, seen(6, 2), seen(24, 1), *later)
    assert own(strong) is None
    finding = own(mild)
    assert finding is not None
    assert finding.level is Level.WATCH
    assert finding.bound == pytest.approx(0.5)
    assert finding.count == 3


def test_a_smaller_step_holds_for_darker_skin(standard: protocol.Protocol) -> None:
    reports = [seen(48, 1), seen(72, 3), seen(96, 2)]
    assert own(judge(standard, *reports, skin_type=2)) is None
    assert own(judge(standard, *reports, skin_type=5)) is not None


def test_fewer_point_days_are_enough_on_darker_skin(standard: protocol.Protocol) -> None:
    reports = [seen(6, 5), seen(24, 3), seen(48, 3), seen(72, 3), seen(90, 3)]
    assert own(judge(standard, *reports, skin_type=3)) is None
    finding = own(judge(standard, *reports, skin_type=4))
    assert finding is not None
    assert finding.reference is not None
    assert 2.5 <= finding.reference < 3.25


def test_a_strong_first_day_widens_the_band_within_the_limit(standard: protocol.Protocol) -> None:
    second = seen(24, 9, 2)
    assert judge(standard, seen(6, 5, 3), second).level is Level.ABNORMAL
    assert judge(standard, seen(6, 9, 7), second).level is Level.EXPECTED
    limit = judge(standard, seen(6, 10, 10), seen(24, 10, 10)).findings
    assert any(item.rule is Rule.FAR_ABOVE for item in limit)


def test_a_strong_reaction_never_excuses_a_sign(standard: protocol.Protocol) -> None:
    sign = symptoms.Observation(hours=48, warning_signs=frozenset({symptoms.WarningSign.PUS}))
    assert judge(standard, seen(6, 10, 10), seen(24, 8, 8), sign).level is Level.ABNORMAL


def test_earlier_slow_sessions_lengthen_the_band(standard: protocol.Protocol) -> None:
    slow = assessment.PastCourse(
        treatment=facts(2),
        observations=tuple(
            seen(hours, redness)
            for hours, redness in ((6, 5), (24, 4), (48, 4), (72, 3), (96, 3), (120, 2), (144, 2))
        ),
    )
    quick = assessment.PastCourse(
        treatment=facts(2), observations=tuple(seen(hours, 0) for hours in (6, 24, 48, 72, 96))
    )
    reports = [seen(6, 5), seen(24, 3), seen(48, 3), seen(72, 4), seen(96, 3)]
    assert own(judge(standard, *reports)) is not None
    assert own(judge(standard, *reports, earlier=(slow, slow))) is None
    assert own(judge(standard, *reports[:4], seen(96, 2), earlier=(quick, quick))) is not None


def test_a_known_slow_healer_is_judged_by_his_own_setting_and_the_finding_says_so(
    standard: protocol.Protocol,
) -> None:
    reports = [seen(6, 5), seen(24, 3), seen(48, 3), seen(72, 4), seen(96, 3)]
    slower = judge(standard, *reports, override=assessment.BandOverride(duration=1.5))
    assert slower.level is Level.EXPECTED
    (finding,) = slower.findings
    assert (finding.rule, finding.value) == (Rule.OVERRIDE, 3)
    assert judge(standard, *reports).level is Level.WATCH


def test_an_override_stays_within_the_limits_of_the_protocol(standard: protocol.Protocol) -> None:
    wide = assessment.BandOverride(level=9, duration=9)
    limit = assessment.BandOverride(level=1.5, duration=1.5)
    reports = [seen(48, 3), seen(72, 9)]
    assert judge(standard, *reports, override=wide) == judge(standard, *reports, override=limit)
    assert judge(standard, *reports, override=wide).level is Level.ABNORMAL


def test_a_patient_at_risk_is_called_the_same_day_for_any_finding(standard: protocol.Protocol) -> None:
    reports = [seen(72, 4), seen(96, 3)]
    risk = assessment.BandOverride(at_least=Level.ABNORMAL)
    assert judge(standard, *reports).level is Level.WATCH
    assert judge(standard, *reports, override=risk).level is Level.ABNORMAL
    assert judge(standard, seen(96, 0), override=risk).level is Level.EXPECTED
