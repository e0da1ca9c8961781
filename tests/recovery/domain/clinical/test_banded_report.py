from __future__ import annotations

import dataclasses
import math

import pytest

from recovery.domain.clinical import banded_report, protocol, symptoms
from recovery.domain.clinical.banded_report import (
    BRUISING,
    DRYNESS,
    ITCHING,
    PAIN,
    PEELING,
    REDNESS,
    SWELLING,
)
from tests.support.data.banded_reports import banded

Symptom = symptoms.Symptom


def view(
    standard: protocol.Protocol,
    look: banded_report.BandedReport,
    *past: banded_report.BandedReport,
    widen: float = 1.0,
) -> banded_report.RuleInput:
    return banded_report.RuleInput(
        look, past, standard.rules, factors=banded_report.PersonalFactors(widen=widen)
    )


def test_scores_and_bands_stand_in_the_order_of_the_scored_symptoms(
    standard: protocol.Protocol, pen: symptoms.TreatmentFacts
) -> None:
    scores = {Symptom.ITCHING: 4, Symptom.REDNESS: 1, Symptom.PAIN: 3, Symptom.SWELLING: 2} | {
        Symptom.BRUISING: 7,
        Symptom.PEELING: 5,
        Symptom.DRYNESS: 6,
    }
    look = banded_report.band_report(
        symptoms.Observation(hours=24, scores=scores),
        table=standard.curves.table(pen),
        answers=standard.answers,
    )
    assert (look.scores[REDNESS], look.scores[SWELLING]) == (1, 2)
    assert (look.scores[PAIN], look.scores[ITCHING]) == (3, 4)
    assert (look.scores[PEELING], look.scores[DRYNESS], look.scores[BRUISING]) == (5, 6, 7)
    assert look.least == look.scores
    assert set(banded_report.SCORED) == set(Symptom)
    assert (look.p50, look.p90, look.p97_5) == (
        (3, 2, 0, 1, 1, 1, 0),
        (5, 4, 2, 3, 2, 3, 3),
        (6, 5, 2, 5, 3, 5, 4),
    )
    assert (look.hours, look.day) == (24, 1)


def test_an_optional_score_left_out_stands_at_p50_and_a_required_one_is_not_there(
    standard: protocol.Protocol, pen: symptoms.TreatmentFacts
) -> None:
    table = standard.curves.table(pen)
    look = banded_report.band_report(symptoms.Observation(hours=24), table=table, answers=standard.answers)
    assert look.scores == look.least == (None, None, 0, 1, None, 1, 0)


def test_an_entry_under_question_counts_as_left_out(
    standard: protocol.Protocol, pen: symptoms.TreatmentFacts
) -> None:
    observation = symptoms.Observation(
        hours=24, scores={Symptom.REDNESS: 9, Symptom.SWELLING: 2, Symptom.PAIN: 9, Symptom.ITCHING: 9}
    )
    look = banded_report.band_report(
        observation,
        table=standard.curves.table(pen),
        answers=standard.answers,
        without=[Symptom.REDNESS, Symptom.PAIN],
    )
    assert look.scores == look.least == (None, 2, 0, 9, None, 1, 0)


def test_a_score_of_none_at_all_is_a_score(standard: protocol.Protocol, pen: symptoms.TreatmentFacts) -> None:
    observation = symptoms.Observation(hours=24, scores={Symptom.ITCHING: 0, Symptom.REDNESS: 0})
    look = banded_report.band_report(observation, table=standard.curves.table(pen), answers=standard.answers)
    assert (look.scores[REDNESS], look.scores[ITCHING]) == (0, 0)


@pytest.mark.parametrize(
    ("sent", "middle", "least"), [(0, 0, 0), (2, 1.5, 1), (4, 3.5, 3), (6, 6, 5), (9, 9, 8), (7, 7, 7)]
)
def test_one_of_the_five_answers_is_a_range_and_a_number_is_itself(
    standard: protocol.Protocol, pen: symptoms.TreatmentFacts, sent: int, middle: float, least: float
) -> None:
    def look(scale: symptoms.AnswerScale) -> banded_report.BandedReport:
        return banded_report.band_report(
            symptoms.Observation(hours=24, scores={Symptom.PAIN: sent}, scale=scale),
            table=standard.curves.table(pen),
            answers=standard.answers,
        )

    words, numbers = look(symptoms.AnswerScale.WORDS), look(symptoms.AnswerScale.NUMBERS)
    assert (words.scores[PAIN], words.least[PAIN], words.strongest) == (middle, least, 8)
    assert (numbers.scores[PAIN], numbers.least[PAIN], numbers.strongest) == (sent, sent, 10)


@pytest.mark.parametrize("scale", symptoms.AnswerScale)
def test_without_ranges_an_answer_is_its_number_and_bounds_stay_where_they_are(
    standard: protocol.Protocol, pen: symptoms.TreatmentFacts, scale: symptoms.AnswerScale
) -> None:
    look = banded_report.band_report(
        symptoms.Observation(hours=24, scores={Symptom.PAIN: 9}, scale=scale),
        table=standard.curves.table(pen),
        answers={},
    )
    assert (look.scores[PAIN], look.least[PAIN], look.strongest) == (9, 9, math.inf)


def test_upper_bounds_are_the_patients_own_and_never_below_what_raises_nothing(
    standard: protocol.Protocol,
) -> None:
    strong = view(standard, banded(48), widen=1.25)
    assert (strong.p90_bound(strong.report, PAIN), strong.p97_5_bound(strong.report, PAIN)) == (2.5, 5.0)
    faded = banded(500, p90=0.0, top=0.5)
    assert standard.rules.general.least == 1
    assert (strong.p90_bound(faded, PAIN), strong.p97_5_bound(faded, PAIN)) == (1, 1)


def test_the_lowest_is_of_earlier_scores_of_that_symptom_since_that_day(standard: protocol.Protocol) -> None:
    past = (banded(24, (1, 5, 0, 0)), banded(48, (None, 3, 0, 0)), banded(72, (4, 2, 0, 0)))
    seen = view(standard, banded(96, (0, 0, 0, 0)), *past)
    assert (seen.lowest_score(REDNESS), seen.lowest_score(SWELLING)) == (1, 2)
    assert seen.lowest_score(REDNESS, since=2) == 4
    assert seen.lowest_score(SWELLING, since=3) == 2
    assert seen.lowest_score(SWELLING, since=4) is None
    assert dataclasses.replace(seen, past=past[1:2]).lowest_score(REDNESS) is None


@pytest.mark.parametrize(
    ("hours", "kept"),
    [
        ((10, 20, 30), (10, 20, 30)),
        ((10, 30, 33), (10, 30)),
        ((10, 32, 32.1), (10, 32)),
        ((10, 17.9, 25.9), (17.9, 25.9)),
        ((40, 41), ()),
        ((33,), ()),
        ((32,), (32,)),
        ((), ()),
    ],
)
def test_reports_too_close_to_a_later_one_show_the_same_moment(
    hours: tuple[float, ...], kept: tuple[float, ...]
) -> None:
    spaced = banded_report.spaced_reports([banded(at) for at in hours], before=40, hours=8)
    assert tuple(look.hours for look in spaced) == kept


def test_a_report_of_the_same_moment_is_no_earlier_one_even_where_no_distance_is_asked_for() -> None:
    reports = [banded(at) for at in (39, 39.9, 40, 41)]
    spaced = banded_report.spaced_reports(reports, before=40, hours=0)
    assert [look.hours for look in spaced] == [39, 39.9]
