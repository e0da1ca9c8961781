from __future__ import annotations

import pytest

from recovery.domain.clinical import chart_series
from recovery.domain.clinical.bands import Band, BandTable
from recovery.domain.clinical.symptoms import AnswerScale, Observation, Symptom, WarningSign

TABLE = BandTable(
    hours=(6.0, 24.0, 72.0),
    bands={
        Symptom.REDNESS: (
            Band(p50=5, p90=7, p97_5=9),
            Band(p50=3, p90=5, p97_5=6),
            Band(p50=1, p90=2, p97_5=3),
        )
    },
)


def _seen(
    hours: float, *, asked: frozenset[Symptom] = frozenset(), **scores: int
) -> chart_series.ChartReport:
    told = {Symptom(name): score for name, score in scores.items()}
    return chart_series.ChartReport(observation=Observation(hours=hours, scores=told), asked_again=asked)


@pytest.mark.parametrize(
    ("score", "standing"),
    [
        (5, chart_series.BandPosition.WITHIN),
        (5.1, chart_series.BandPosition.HIGH),
        (6, chart_series.BandPosition.HIGH),
        (6.1, chart_series.BandPosition.ABOVE),
    ],
)
def test_the_edge_of_the_band_belongs_to_it(score: float, standing: chart_series.BandPosition) -> None:
    assert chart_series.band_position(score, band=TABLE.at(symptom=Symptom.REDNESS, hours=24)) is standing


def test_the_band_has_its_corners_where_the_curve_has_them() -> None:
    found = chart_series.build_series(Symptom.REDNESS, seen=[], table=TABLE, last_hour=60, also_at=30)
    assert [point.hours for point in found.band] == [0, 6, 24, 30, 60]
    assert [point.band for point in found.band] == [
        TABLE.at(symptom=Symptom.REDNESS, hours=hours) for hours in (0, 6, 24, 30, 60)
    ]


def test_points_come_in_the_order_seen_and_only_where_scored() -> None:
    late = _seen(50, redness=4, asked=frozenset({Symptom.REDNESS}))
    found = chart_series.build_series(
        Symptom.REDNESS, seen=[late, _seen(10, swelling=3), _seen(20, redness=2)], table=TABLE, last_hour=180
    )
    assert [(point.hours, point.score, point.asked_again) for point in found.points] == [
        (20, 2, False),
        (50, 4, True),
    ]


def test_a_symptom_without_a_curve_has_no_band_and_is_never_above_it() -> None:
    found = chart_series.build_series(
        Symptom.BRUISING, seen=[_seen(20, bruising=10)], table=TABLE, last_hour=180
    )
    assert found.band == ()
    assert found.points[0].standing is chart_series.BandPosition.WITHIN


def test_the_others_are_drawn_only_where_reported() -> None:
    assert chart_series.symptoms_to_draw([]) == (
        Symptom.REDNESS,
        Symptom.SWELLING,
        Symptom.PEELING,
        Symptom.PAIN,
    )
    assert chart_series.symptoms_to_draw([_seen(20, itching=0)])[-1] is Symptom.ITCHING


def test_signs_stand_in_the_order_seen() -> None:
    seen = [
        chart_series.ChartReport(observation=Observation(hours=hours, warning_signs=frozenset(signs)))
        for hours, signs in ((50, {WarningSign.PUS}), (20, {WarningSign.WORRIED, WarningSign.FEVER}))
    ]
    assert [(mark.hours, mark.sign) for mark in chart_series.sign_marks(seen)] == [
        (20, WarningSign.FEVER),
        (20, WarningSign.WORRIED),
        (50, WarningSign.PUS),
    ]


def test_an_answer_in_words_lies_in_the_middle_of_its_range_and_is_high_where_all_of_it_is() -> None:
    answers = {2: (1, 2), 6: (5, 7), 9: (8, 10)}
    at = [
        chart_series.ChartReport(
            observation=Observation(hours=hours, scores={Symptom.REDNESS: score}, scale=scale)
        )
        for hours, score, scale in (
            (24, 6, AnswerScale.WORDS),
            (24, 6, AnswerScale.NUMBERS),
            (26, 9, AnswerScale.WORDS),
            (72, 2, AnswerScale.WORDS),
        )
    ]
    found = chart_series.build_series(Symptom.REDNESS, seen=at, table=TABLE, last_hour=72, answers=answers)
    # On day 1 nine in ten say at most 5: "easy to see" may be a 5, a 6 is more.
    assert [(point.middle, point.meant, point.standing.value) for point in found.points] == [
        (6.0, (5, 7), "within"),
        (6, None, "high"),
        (9.0, (8, 10), "above"),
        (1.5, (1, 2), "within"),
    ]
