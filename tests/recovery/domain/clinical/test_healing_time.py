from __future__ import annotations

import pytest

from recovery.domain.clinical.healing_time import Peak, summarize_healing
from recovery.domain.clinical.symptoms import AnswerScale, Observation, Symptom


def _seen(*scores: tuple[float, int, int]) -> list[Observation]:
    return [
        Observation(hours=hours, scores={Symptom.REDNESS: red, Symptom.SWELLING: swollen, Symptom.PEELING: 9})
        for hours, red, swollen in scores
    ]


@pytest.mark.parametrize(
    ("course", "calm_on"),
    [
        (((20, 6, 2), (44, 3, 1), (68, 1, 1), (92, 0, 0)), 3),
        (((20, 1, 0), (44, 3, 1), (68, 1, 1)), 3),
        (((20, 6, 2), (44, 1, 2)), None),
        (((20, 0, 0),), 1),
        ((), None),
    ],
)
def test_calm_is_what_stays_calm(course: tuple[tuple[float, int, int], ...], calm_on: int | None) -> None:
    assert summarize_healing(_seen(*course)).calm_on == calm_on
    assert summarize_healing(_seen(*course[::-1])).calm_on == calm_on


def test_a_peak_is_told_with_the_day_it_was_first_reached() -> None:
    came = summarize_healing(_seen((20, 5, 2), (44, 5, 3), (68, 2, 3)))
    assert came.peaks == {Symptom.REDNESS: Peak(score=5, day=1), Symptom.SWELLING: Peak(score=3, day=2)}
    assert came.last_day == 3


def test_a_report_that_says_nothing_of_either_ends_no_calm() -> None:
    quiet = Observation(hours=68, scores={Symptom.ITCHING: 4})
    assert summarize_healing([*_seen((44, 1, 0)), quiet]).calm_on == 2
    assert summarize_healing([quiet]).peaks == {}


def test_a_peak_keeps_how_it_was_given() -> None:
    given = [
        Observation(hours=hours, scores={Symptom.REDNESS: score}, scale=scale)
        for hours, score, scale in ((20, 6, AnswerScale.WORDS), (44, 6, AnswerScale.NUMBERS))
    ]
    peaks = summarize_healing(given).peaks
    assert peaks == {Symptom.REDNESS: Peak(score=6, day=1, scale=AnswerScale.WORDS)}
