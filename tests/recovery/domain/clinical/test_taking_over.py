"""From a later treatment on, what the skin shows is the later one's."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from recovery.domain.clinical import assessment, protocol, symptoms, taking_over
from recovery.domain.clinical.symptoms import Area, Level, Observation, Symptom, TreatmentFacts, WarningSign

DONE = datetime(2027, 3, 10, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
FACTS = TreatmentFacts(device=symptoms.Device.PEN, depth_mm=1.2)
TAKEN_OVER = dataclasses.replace(FACTS, taken_over_hours=100.0)


def seen(hours: float, redness: int, *signs: WarningSign) -> Observation:
    scores = {Symptom.REDNESS: redness, Symptom.SWELLING: 0, Symptom.PEELING: 0}
    return Observation(
        hours=hours, scores=scores, warning_signs=frozenset(signs), confirmed=frozenset(Symptom)
    )


def test_the_first_later_visit_takes_over() -> None:
    at = taking_over.taken_over_at
    assert at(DONE, []) is None
    assert at(DONE, [DONE, DONE - 50 * HOUR, DONE + 11 * HOUR]) is None, "of the same visit, or earlier"
    assert at(DONE, [DONE + 90 * HOUR, DONE + 12 * HOUR]) == DONE + 12 * HOUR


def test_a_change_of_clocks_makes_no_visit_longer() -> None:
    zone = ZoneInfo("America/New_York")
    evening, morning = datetime(2027, 3, 13, 20, tzinfo=zone), datetime(2027, 3, 14, 8, tzinfo=zone)
    assert not taking_over.is_later_visit(evening, morning), "eleven hours"
    assert taking_over.is_later_visit(evening, morning + HOUR)


@pytest.mark.parametrize(("day", "asked"), [(3, True), (5, False), (7, False), (14, True), (28, True)])
def test_check_ins_end_but_for_those_that_ask_for_marks(day: int, asked: bool) -> None:
    due_at, taken_over = DONE + timedelta(days=day), DONE + timedelta(days=4)
    assert taking_over.still_asks(day=day, due_at=due_at, taken_over=taken_over) is asked
    assert taking_over.still_asks(day=day, due_at=due_at, taken_over=None)


def test_a_report_is_judged_by_its_signs_from_that_moment_on(standard: protocol.Protocol) -> None:
    course = [
        seen(99.9, 10),
        seen(100, 10),
        seen(101, 10, WarningSign.PATCHES),
        seen(200, 10, WarningSign.PUS),
    ]
    judged = assessment.assess_all(course, treatment=TAKEN_OVER, protocol=standard)
    assert [one.level for one in judged] == [Level.ABNORMAL, Level.EXPECTED, Level.WATCH, Level.ABNORMAL]
    assert [[finding.sign for finding in one.findings] for one in judged[1:]] == [
        [],
        [WarningSign.PATCHES],
        [WarningSign.PUS],
    ]
    alone = assessment.assess_all(course, treatment=FACTS, protocol=standard)
    assert [one.level for one in alone] == [Level.ABNORMAL] * 4, "without a later treatment"


def test_a_patient_at_risk_keeps_the_stricter_setting_for_signs(standard: protocol.Protocol) -> None:
    (judged,) = assessment.assess_all(
        [seen(150, 0, WarningSign.PATCHES)],
        treatment=TAKEN_OVER,
        protocol=standard,
        override=assessment.BandOverride(at_least=Level.ABNORMAL),
    )
    assert judged.level is Level.ABNORMAL


def test_scores_that_rose_say_nothing_of_a_course_that_was_taken_over(standard: protocol.Protocol) -> None:
    def rising(facts: TreatmentFacts) -> bool:
        before, last = seen(80, 0), seen(104, 6)
        return assessment.scores_are_rising(last, history=[before], treatment=facts, protocol=standard)

    assert rising(FACTS)
    assert not rising(TAKEN_OVER)


def test_what_was_seen_since_teaches_nothing_of_the_earlier_skin(standard: protocol.Protocol) -> None:
    calm = (seen(6, 5), seen(24, 4))
    slow = (seen(48, 4), seen(72, 3), seen(96, 3), seen(120, 2))
    taken_over = dataclasses.replace(FACTS, taken_over_hours=48.0)

    def bound(past: TreatmentFacts, *reports: Observation) -> float:
        expected = assessment.expected_course(
            history=[],
            treatment=FACTS,
            protocol=standard,
            earlier=[assessment.PastCourse(treatment=past, observations=reports)],
        )
        band = expected.at(symptom=Symptom.REDNESS, hours=96)
        assert band is not None
        return band.p90

    assert bound(taken_over, *calm, *slow) == bound(FACTS, *calm)
    assert bound(FACTS, *calm, *slow) > bound(FACTS, *calm)


def test_what_is_expected_next_leaves_out_what_the_later_treatment_did(standard: protocol.Protocol) -> None:
    taken_over = dataclasses.replace(FACTS, taken_over_hours=13.0)
    history = [seen(6, 4), seen(20, 10), seen(30, 10)]

    def widened(facts: TreatmentFacts, reports: list[Observation]) -> float:
        return assessment.expected_course(history=reports, treatment=facts, protocol=standard).factors.widen

    assert widened(taken_over, history) == widened(FACTS, history[:1])


def test_a_finding_by_scores_says_where_it_is_strongest_and_one_by_a_sign_does_not(
    standard: protocol.Protocol,
) -> None:
    told = dataclasses.replace(seen(60, 10, WarningSign.PUS), strongest=Area.NECK)
    (judged,) = assessment.assess_all([told], treatment=FACTS, protocol=standard)
    assert {(finding.sign, finding.strongest) for finding in judged.findings} == {
        (WarningSign.PUS, None),
        (None, Area.NECK),
    }
