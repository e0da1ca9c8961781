from __future__ import annotations

import dataclasses

import pytest

from recovery.domain.clinical import assessment, banded_report, personal_factors, protocol, symptoms

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
    """What the personal band raised."""
    return next((item for item in found.findings if item.rule is Rule.PERSONAL_BAND), None)


def own_held(found: assessment.Assessment) -> assessment.Finding | None:
    """What the personal band found, to be asked about first: nothing is raised then."""
    finding = next((item for item in found.held if item.rule is Rule.PERSONAL_BAND), None)
    assert finding is None or (found.level, found.findings) == (Level.EXPECTED, ())
    return finding


@pytest.mark.parametrize(
    ("scores", "flagged"),
    [
        ((2, 2), False),  # nothing above p90 on day 3, 1 point on day 4: 1 point-day
        ((3, 2), False),  # 1 and 1: 2 point-days
        ((4, 3), True),  # 2 and 2: 4 point-days
        ((4, 1), False),  # fallen to p90
    ],
)
def test_redness_that_stays_adds_up(
    standard: protocol.Protocol, scores: tuple[int, int], flagged: bool
) -> None:
    reports = [seen(6, 5), seen(24, 3), seen(48, 3), seen(72, scores[0]), seen(96, scores[1])]
    found = judge(standard, *reports)
    assert (own_held(found) is not None) is flagged
    assert own(found) is None
    again = judge(standard, *reports, seen(108, scores[1]))
    assert (own(again) is not None) is flagged


def test_a_mild_first_day_lowers_what_is_expected_later(standard: protocol.Protocol) -> None:
    later = [seen(48, 1), seen(72, 2), seen(96, 2), seen(120, 2)]
    strong = judge(standard, seen(6, 5), seen(24, 3), *later)
    mild = judge(standard, seen(6, 2), seen(24, 1), *later)
    assert own(strong) is own_held(strong) is None
    finding = own(mild)
    assert finding is not None
    assert finding.level is Level.WATCH
    assert finding.bound == pytest.approx(0.5)
    assert finding.count == 3


def test_a_smaller_step_holds_for_darker_skin(standard: protocol.Protocol) -> None:
    reports = [seen(48, 1), seen(72, 3), seen(96, 2)]
    light = judge(standard, *reports, skin_type=2)
    assert own(light) is own_held(light) is None
    assert own_held(judge(standard, *reports, skin_type=5)) is not None


def test_fewer_point_days_are_enough_on_darker_skin(standard: protocol.Protocol) -> None:
    reports = [seen(6, 5), seen(24, 3), seen(48, 3), seen(72, 3), seen(90, 3)]
    light = judge(standard, *reports, skin_type=3)
    assert own(light) is own_held(light) is None
    # Late by the smaller step as well: no finding alone.
    finding = own(judge(standard, *reports, skin_type=4))
    assert finding is not None
    assert finding.reference is not None
    assert 2.5 <= finding.reference < 3.25


def test_a_strong_first_day_widens_the_band_within_the_limit(standard: protocol.Protocol) -> None:
    second = seen(24, 9, 2)
    ordinary = judge(standard, seen(6, 5, 3), second)
    assert [(item.rule, item.level) for item in ordinary.held] == [(Rule.FAR_ABOVE, Level.WATCH)]
    assert ordinary.level is Level.EXPECTED
    strong = judge(standard, seen(6, 9, 7), second)
    assert (strong.findings, strong.held) == ((), ())
    limit = judge(standard, seen(6, 9, 8), seen(24, 10, 10))
    assert [item.bound for item in limit.findings if item.rule is Rule.FAR_ABOVE] == pytest.approx([7.8, 6.5])


def test_a_first_day_above_what_nearly_all_report_teaches_nothing(standard: protocol.Protocol) -> None:
    second = seen(24, 9, 2)
    burnt = judge(standard, seen(6, 10, 9), second)
    assert burnt.held == judge(standard, second).held != ()
    assert burnt.level is Level.EXPECTED
    # Each score by itself: a swelling within its band teaches still.
    swollen = judge(standard, seen(6, 10, 8), second)
    assert (swollen.findings, swollen.held) == ((), ())


def test_a_protocol_may_let_more_teach(standard: protocol.Protocol) -> None:
    looks = [
        banded_report.band_report(
            seen(6, 10, 10), table=standard.curves.table(facts(2)), answers=standard.answers
        )
    ]
    rule = standard.rules.personal_band
    assert rule.teach_margin == 0
    silent = personal_factors.estimate_factors(looks, rule=rule, fine=False)
    assert silent == banded_report.ORDINARY
    margins = {1: 14 / 9, 2: 24 / 12}  # the redness, then the swelling as well
    for margin, strength in margins.items():
        more = dataclasses.replace(rule, teach_margin=margin, widen_most=9)
        found = personal_factors.estimate_factors(looks, rule=more, fine=False)
        assert found.widen == pytest.approx(strength)


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
    assert own_held(judge(standard, *reports)) is not None
    longer = judge(standard, *reports, earlier=(slow, slow))
    assert own(longer) is own_held(longer) is None
    quicker = (*reports[:4], seen(96, 2))
    ordinary = judge(standard, *quicker)
    assert own(ordinary) is own_held(ordinary) is None
    assert own(judge(standard, *quicker, earlier=(quick, quick))) is not None


def test_a_course_that_did_not_heal_teaches_nothing(standard: protocol.Protocol) -> None:
    slow = assessment.PastCourse(
        treatment=facts(2),
        observations=tuple(
            seen(hours, redness)
            for hours, redness in ((6, 9), (24, 6), (48, 4), (72, 3), (96, 2), (120, 2), (144, 1))
        ),
    )
    sick = dataclasses.replace(slow, healed=False)
    reports = [seen(6, 5), seen(24, 3), seen(48, 3), seen(72, 4), seen(96, 3)]
    alone = judge(standard, *reports)
    assert judge(standard, *reports, earlier=(slow,)) != alone
    assert judge(standard, *reports, earlier=(sick, sick)) == alone
    assert judge(standard, *reports, earlier=(sick, slow)) == judge(standard, *reports, earlier=(slow,))


def test_a_known_slow_healer_is_judged_by_his_own_setting_and_the_finding_says_so(
    standard: protocol.Protocol,
) -> None:
    reports = [seen(6, 5), seen(24, 3), seen(48, 3), seen(72, 4), seen(96, 3)]
    slower = judge(standard, *reports, override=assessment.BandOverride(duration=1.5))
    assert slower.level is Level.EXPECTED
    (finding,) = slower.findings
    assert (finding.rule, finding.value, slower.held) == (Rule.OVERRIDE, 3, ())
    assert own_held(judge(standard, *reports)) is not None
    later = (*reports, seen(108, 3))
    assert judge(standard, *later, override=assessment.BandOverride(duration=1.5)).level is Level.EXPECTED
    assert judge(standard, *later).level is Level.WATCH


def test_what_is_asked_about_first_under_the_own_setting_is_not_told_as_the_standard_bands(
    standard: protocol.Protocol,
) -> None:
    found = judge(standard, seen(48, 9), override=assessment.BandOverride(level=1.5))
    assert (found.level, found.findings) == (Level.EXPECTED, ())
    assert [(item.rule, item.level) for item in found.held] == [(Rule.FAR_ABOVE, Level.WATCH)]
    # Under the standard band itching of 4 bears the redness out: what is more urgent there is told.
    itching = seen(48, 9)
    itching = dataclasses.replace(itching, scores={**itching.scores, Symptom.ITCHING: 4})
    assert judge(standard, itching).level is Level.ABNORMAL
    more = judge(standard, itching, override=assessment.BandOverride(level=1.5))
    assert [(item.rule, item.level) for item in more.findings] == [(Rule.OVERRIDE, Level.EXPECTED)]
    assert [(item.rule, item.level) for item in more.held] == [(Rule.FAR_ABOVE, Level.WATCH)]


def test_an_override_stays_within_the_limits_of_the_protocol(standard: protocol.Protocol) -> None:
    wide = assessment.BandOverride(level=9, duration=9)
    limit = assessment.BandOverride(level=1.5, duration=1.5)
    reports = [seen(48, 3), seen(72, 10)]
    assert judge(standard, *reports, override=wide) == judge(standard, *reports, override=limit)
    assert judge(standard, *reports, override=wide).level is Level.ABNORMAL


def test_a_patient_at_risk_is_called_the_same_day_for_any_finding(standard: protocol.Protocol) -> None:
    reports = [seen(72, 4), seen(96, 3)]
    risk = assessment.BandOverride(at_least=Level.ABNORMAL)
    assert judge(standard, *reports).level is Level.WATCH
    assert judge(standard, *reports, override=risk).level is Level.ABNORMAL
    # Nor is such a patient asked first: what the first report shows is raised at once.
    assert own_held(judge(standard, reports[0])) is not None
    first = judge(standard, reports[0], override=risk)
    assert (first.level, first.held) == (Level.ABNORMAL, ())
    assert judge(standard, seen(96, 0), override=risk).level is Level.EXPECTED
