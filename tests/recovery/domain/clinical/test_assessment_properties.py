"""What holds for any course. Ten thousand examples each: `LONG_RUNS=1 pytest ...`."""

from __future__ import annotations

import dataclasses
import pathlib

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from recovery.domain.clinical import asking, assessment, protocol, symptoms
from tests.support.long_runs import sized

EXAMPLES = settings(max_examples=sized(80, long=10_000), deadline=None)
STANDARD = protocol.parse(
    (pathlib.Path(__file__).parents[4] / "config/protocols/standard-2026-12.toml").read_text("utf-8")
)
Symptom = symptoms.Symptom
OPTIONAL = tuple(symptom for symptom in Symptom if symptom not in symptoms.REQUIRED)
SCALES = st.sampled_from(symptoms.AnswerScale)
GIVEN = {
    symptoms.AnswerScale.NUMBERS: tuple(range(symptoms.MAX_SCORE + 1)),
    symptoms.AnswerScale.WORDS: tuple(STANDARD.answers),
}
"""What can be given on each scale."""
# Full days stand at the curve's knots, where p50 is a score that can be given.
HOURS = st.one_of(
    st.floats(min_value=0.0, max_value=700.0),
    st.sampled_from([6.0, *(day * 24.0 for day in range(1, 8)), 336.0, 672.0]),
)
FACTS = st.builds(
    symptoms.TreatmentFacts,
    device=st.sampled_from(symptoms.Device),
    depth_mm=st.sampled_from([None, 0.5, 1.0, 1.5, 1.75, 2.0, 3.0, 3.5]),
    areas=st.sampled_from([(symptoms.Area.FACE,), (symptoms.Area.NECK,), (symptoms.Area.EYE_AREA,)]),
    acid=st.sampled_from(symptoms.Acid),
    skin_type=st.sampled_from([None, 1, 3, 4, 6]),
)


@st.composite
def observations(draw: st.DrawFn, *, confirmed: bool = True) -> symptoms.Observation:
    asked = draw(st.sets(st.sampled_from(OPTIONAL)))
    scale = draw(SCALES)
    answers = st.sampled_from(GIVEN[scale])
    scores = {
        symptom: draw(answers) for symptom in Symptom if symptom in symptoms.REQUIRED or symptom in asked
    }
    return symptoms.Observation(
        hours=draw(HOURS),
        scores=scores,
        warning_signs=frozenset(draw(st.sets(st.sampled_from(symptoms.WarningSign), max_size=2))),
        confirmed=frozenset(Symptom) if confirmed else frozenset(),
        scale=scale,
    )


HISTORIES = st.lists(observations(), max_size=8)
EARLIER = st.lists(
    st.builds(
        lambda facts, seen: assessment.PastCourse(treatment=facts, observations=tuple(seen)),
        FACTS,
        st.lists(observations(), max_size=6),
    ),
    max_size=2,
)


SICK = st.lists(
    st.builds(
        lambda facts, seen: assessment.PastCourse(treatment=facts, observations=tuple(seen), healed=False),
        FACTS,
        st.lists(observations(), max_size=6),
    ),
    min_size=1,
    max_size=2,
)


def judge(
    report: symptoms.Observation,
    history: list[symptoms.Observation],
    facts: symptoms.TreatmentFacts,
    earlier: list[assessment.PastCourse],
) -> assessment.Assessment:
    return assessment.assess(report, history=history, treatment=facts, protocol=STANDARD, earlier=earlier)


@EXAMPLES
@given(report=observations(), history=HISTORIES, facts=FACTS, earlier=EARLIER, data=st.data())
def test_raising_a_score_never_lowers_the_level(
    report: symptoms.Observation,
    history: list[symptoms.Observation],
    facts: symptoms.TreatmentFacts,
    earlier: list[assessment.PastCourse],
    data: st.DataObject,
) -> None:
    symptom = data.draw(st.sampled_from(sorted(report.scores)))
    given = GIVEN[report.scale]
    higher = data.draw(st.sampled_from(given[given.index(report.scores[symptom]) :]))
    worse = dataclasses.replace(report, scores={**report.scores, symptom: higher})
    before = judge(report, history, facts, earlier).level.rank
    assert judge(worse, history, facts, earlier).level.rank >= before


@EXAMPLES
@given(
    report=observations(),
    history=HISTORIES,
    facts=FACTS,
    earlier=EARLIER,
    sign=st.sampled_from(symptoms.WarningSign),
)
def test_adding_a_sign_never_lowers_the_level(
    report: symptoms.Observation,
    history: list[symptoms.Observation],
    facts: symptoms.TreatmentFacts,
    earlier: list[assessment.PastCourse],
    sign: symptoms.WarningSign,
) -> None:
    worse = dataclasses.replace(report, warning_signs=report.warning_signs | {sign})
    found = judge(worse, history, facts, earlier).level.rank
    assert found >= judge(report, history, facts, earlier).level.rank
    assert found >= STANDARD.urgency(sign).rank


@EXAMPLES
@given(
    report=observations(),
    history=HISTORIES,
    facts=FACTS,
    symptom=st.sampled_from(OPTIONAL),
    hours=st.sampled_from([day * 24.0 for day in range(1, 8)]),
)
def test_leaving_out_an_optional_score_is_scoring_it_at_p50(
    report: symptoms.Observation,
    history: list[symptoms.Observation],
    facts: symptoms.TreatmentFacts,
    symptom: symptoms.Symptom,
    hours: float,
) -> None:
    band = STANDARD.band(facts, symptom=symptom, hours=hours)
    assert band is not None
    # Of the five answers only "none" says one score: another one says a range around p50.
    assume(report.scale is symptoms.AnswerScale.NUMBERS or band.p50 == 0)
    left_out = {name: score for name, score in report.scores.items() if name is not symptom}
    without = dataclasses.replace(report, hours=hours, scores=left_out)
    scored = dataclasses.replace(report, hours=hours, scores={**left_out, symptom: round(band.p50)})
    assert judge(without, history, facts, []).level is judge(scored, history, facts, []).level
    last = dataclasses.replace(report, hours=hours + 24)
    after_without = judge(last, [*history, without], facts, [])
    if band.p50 == round(band.p50):
        assert after_without.level is judge(last, [*history, scored], facts, []).level


@EXAMPLES
@given(history=st.lists(observations(confirmed=False), min_size=1, max_size=8), facts=FACTS, data=st.data())
def test_the_order_of_arrival_does_not_matter(
    history: list[symptoms.Observation], facts: symptoms.TreatmentFacts, data: st.DataObject
) -> None:
    unique = list({report.hours: report for report in history}.values())
    shuffled = data.draw(st.permutations(unique))
    report = data.draw(st.sampled_from(unique))
    assert judge(report, unique, facts, []) == judge(report, shuffled, facts, [])


@EXAMPLES
@given(history=st.lists(observations(confirmed=False), max_size=8), facts=FACTS, earlier=EARLIER)
def test_a_whole_course_is_judged_as_each_report_by_itself(
    history: list[symptoms.Observation],
    facts: symptoms.TreatmentFacts,
    earlier: list[assessment.PastCourse],
) -> None:
    together = assessment.assess_all(history, treatment=facts, protocol=STANDARD, earlier=earlier)
    assert together == [judge(report, history, facts, earlier) for report in history]


@EXAMPLES
@given(
    report=observations(confirmed=False),
    history=HISTORIES,
    facts=FACTS,
)
def test_before_the_hold_ends_a_report_is_judged_no_higher_than_after(
    report: symptoms.Observation, history: list[symptoms.Observation], facts: symptoms.TreatmentFacts
) -> None:
    held = assessment.assess(report, history=history, treatment=facts, protocol=STANDARD, settled=False)
    after = judge(report, history, facts, [])
    assert held.level.rank <= after.level.rank
    assert held.ask_again == after.ask_again


@EXAMPLES
@given(report=observations(), history=HISTORIES, facts=FACTS, earlier=EARLIER, sick=SICK)
def test_nothing_that_was_told_in_a_sick_course_changes_a_later_verdict(
    report: symptoms.Observation,
    history: list[symptoms.Observation],
    facts: symptoms.TreatmentFacts,
    earlier: list[assessment.PastCourse],
    sick: list[assessment.PastCourse],
) -> None:
    without = judge(report, history, facts, earlier)
    assert judge(report, history, facts, [*earlier, *sick]) == without
    assert judge(report, history, facts, [*sick, *earlier]) == without


@EXAMPLES
@given(history=HISTORIES, facts=FACTS, earlier=EARLIER, high=observations())
def test_no_score_above_what_nearly_all_report_widens_what_is_expected(
    history: list[symptoms.Observation],
    facts: symptoms.TreatmentFacts,
    earlier: list[assessment.PastCourse],
    high: symptoms.Observation,
) -> None:
    worst = dict.fromkeys((Symptom.REDNESS, Symptom.SWELLING), GIVEN[high.scale][-1])
    evening = dataclasses.replace(high, hours=high.hours % 30, scores={**high.scores, **worst})

    def expected(*more: symptoms.Observation) -> assessment.ExpectedCourse:
        return assessment.expected_course(
            history=[*history, *more], treatment=facts, protocol=STANDARD, earlier=earlier
        )

    before = expected()
    bands = [before.table.at(symptom=symptom, hours=evening.hours) for symptom in worst]
    surely = 8 if high.scale is symptoms.AnswerScale.WORDS else 10
    assume(all(band is not None and band.p97_5 < surely for band in bands))
    assert expected(evening).factors == before.factors


@EXAMPLES
@given(report=observations(confirmed=False), history=HISTORIES, facts=FACTS, earlier=EARLIER)
def test_what_is_held_raises_nothing_and_is_always_asked_about(
    report: symptoms.Observation,
    history: list[symptoms.Observation],
    facts: symptoms.TreatmentFacts,
    earlier: list[assessment.PastCourse],
) -> None:
    found = judge(report, history, facts, earlier)
    raised = max((finding.level.rank for finding in found.findings), default=0)
    assert found.level.rank == raised
    if found.held:
        assert (found.level, found.findings, report.warning_signs) == (
            symptoms.Level.EXPECTED,
            (),
            frozenset(),
        )
        assert {finding.level for finding in found.held} == {symptoms.Level.WATCH}
    assert (found.open_matter is asking.OpenMatter.FINDING) is bool(found.held)


@EXAMPLES
@given(report=observations(), history=HISTORIES, facts=FACTS, earlier=EARLIER)
def test_asking_first_changes_only_when_something_is_raised(
    report: symptoms.Observation,
    history: list[symptoms.Observation],
    facts: symptoms.TreatmentFacts,
    earlier: list[assessment.PastCourse],
) -> None:
    at_once = dataclasses.replace(STANDARD, rules=dataclasses.replace(STANDARD.rules, ask_first=None))
    found = judge(report, history, facts, earlier)
    raised = assessment.assess(report, history=history, treatment=facts, protocol=at_once, earlier=earlier)
    assert (raised.findings, raised.held) == (found.findings + found.held, ())


@EXAMPLES
@given(
    report=observations(confirmed=False),
    history=HISTORIES,
    facts=FACTS,
    earlier=EARLIER,
    taken_over=HOURS,
    settled=st.booleans(),
)
def test_once_a_later_treatment_has_taken_over_no_score_raises_or_asks_anything(
    report: symptoms.Observation,
    history: list[symptoms.Observation],
    facts: symptoms.TreatmentFacts,
    earlier: list[assessment.PastCourse],
    taken_over: float,
    settled: bool,
) -> None:
    assume(report.hours >= taken_over)
    first = dataclasses.replace(facts, taken_over_hours=taken_over)

    def judged(said: symptoms.Observation, seen: list[symptoms.Observation]) -> assessment.Assessment:
        return assessment.assess(
            said, history=seen, treatment=first, protocol=STANDARD, earlier=earlier, settled=settled
        )

    found = judged(report, history)
    assert all(finding.rule is assessment.AssessmentRule.WARNING_SIGN for finding in found.findings)
    assert (found.ask_again, found.held, found.open_matter) == ((), (), None)
    assert judged(dataclasses.replace(report, scores={}), []) == found
    assert not assessment.scores_are_rising(report, history=history, treatment=first, protocol=STANDARD)


@EXAMPLES
@given(report=observations(), history=HISTORIES, facts=FACTS, first=FACTS, taken_over=HOURS, data=st.data())
def test_what_was_seen_of_a_course_since_it_was_taken_over_changes_no_later_verdict(
    report: symptoms.Observation,
    history: list[symptoms.Observation],
    facts: symptoms.TreatmentFacts,
    first: symptoms.TreatmentFacts,
    taken_over: float,
    data: st.DataObject,
) -> None:
    seen = data.draw(HISTORIES)
    past = dataclasses.replace(first, taken_over_hours=taken_over)
    own = [one for one in seen if one.hours < taken_over]
    whole, before = (
        assessment.PastCourse(treatment=past, observations=tuple(reports)) for reports in (seen, own)
    )
    assert judge(report, history, facts, [whole]) == judge(report, history, facts, [before])


@EXAMPLES
@given(
    history=HISTORIES,
    facts=FACTS,
    earlier=EARLIER,
    hours=st.floats(min_value=12.0, max_value=700.0),
    symptom=st.sampled_from((Symptom.REDNESS, Symptom.SWELLING, Symptom.PAIN)),
    scale=SCALES,
)
def test_the_strongest_answer_about_a_core_symptom_is_always_found(
    history: list[symptoms.Observation],
    facts: symptoms.TreatmentFacts,
    earlier: list[assessment.PastCourse],
    hours: float,
    symptom: symptoms.Symptom,
    scale: symptoms.AnswerScale,
) -> None:
    scores = dict.fromkeys(symptoms.REQUIRED, 0) | {symptom: GIVEN[scale][-1]}
    report = symptoms.Observation(hours=hours, scores=scores, confirmed=frozenset(Symptom), scale=scale)
    found = judge(report, history, facts, earlier)
    assert symptom in {finding.symptom for finding in (*found.findings, *found.held)}


@EXAMPLES
@given(history=HISTORIES, facts=FACTS, earlier=EARLIER, scale=SCALES, data=st.data())
def test_scores_that_fell_to_the_least_step_raise_nothing(
    history: list[symptoms.Observation],
    facts: symptoms.TreatmentFacts,
    earlier: list[assessment.PastCourse],
    scale: symptoms.AnswerScale,
    data: st.DataObject,
) -> None:
    hours = data.draw(st.floats(min_value=24.0, max_value=700.0))
    least = GIVEN[scale][1]
    asked = data.draw(st.sets(st.sampled_from(Symptom)).map(lambda some: some | set(symptoms.REQUIRED)))
    higher = st.sampled_from(GIVEN[scale][2:])

    def report(at: float, scores: dict[symptoms.Symptom, int]) -> symptoms.Observation:
        return symptoms.Observation(hours=at, scores=scores, confirmed=frozenset(Symptom), scale=scale)

    before = report(hours - 12, {symptom: data.draw(higher) for symptom in asked})
    now = report(hours, {symptom: data.draw(st.sampled_from((0, least))) for symptom in asked})
    past = [other for other in history if not hours - 20 < other.hours < hours]
    found = judge(now, [*past, before], facts, earlier)
    assert (found.level, found.findings, found.held) == (symptoms.Level.EXPECTED, (), ())
