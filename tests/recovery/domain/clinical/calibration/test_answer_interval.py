from __future__ import annotations

import pytest

from recovery.domain.clinical import protocol as protocols
from recovery.domain.clinical.bands import Band
from recovery.domain.clinical.calibration.answer_interval import interval, part_above
from recovery.domain.clinical.symptoms import AnswerScale, Observation, Symptom

BAND = Band(p50=1, p90=3, p97_5=4)


def pain(score: int, scale: AnswerScale) -> Observation:
    return Observation(hours=24, scores={Symptom.PAIN: score}, scale=scale)


@pytest.mark.parametrize(
    ("stored", "stands_for"), [(0, (0, 0)), (2, (1, 2)), (4, (3, 4)), (6, (5, 7)), (9, (8, 10))]
)
def test_a_worded_answer_stands_for_the_scores_of_its_step(
    standard: protocols.Protocol, stored: int, stands_for: tuple[int, int]
) -> None:
    answers = standard.answers
    assert interval(pain(stored, AnswerScale.WORDS), symptom=Symptom.PAIN, answers=answers) == stands_for
    number = interval(pain(stored, AnswerScale.NUMBERS), symptom=Symptom.PAIN, answers=answers)
    assert number == (stored, stored)


def test_what_a_protocol_gives_no_range_is_a_number(older_text: str) -> None:
    found = interval(
        pain(6, AnswerScale.WORDS), symptom=Symptom.PAIN, answers=protocols.parse(older_text).answers
    )
    assert found == (6, 6)


def test_what_was_not_answered_stands_for_nothing() -> None:
    with pytest.raises(KeyError):
        interval(pain(6, AnswerScale.WORDS), symptom=Symptom.REDNESS, answers={})


@pytest.mark.parametrize(
    ("scores", "bound", "part"),
    [
        ((0, 0), 0.0, 0.0),
        ((2, 2), 3.0, 0.0),
        ((4, 4), 3.0, 1.0),
        ((7, 10), 6.5, 1.0),
        # From 2.5 to 3.5 the band expects 0.8 to 0.9375 of all, and 0.9 up to 3.
        ((3, 3), 3.0, 0.0375 / 0.1375),
        # From 0.5 to 2.5 it expects a third (half of all lies below 1) to 0.8, and 0.7 up to 2.
        ((1, 2), 2.0, (0.8 - 0.7) / (0.8 - 0.5 / 1.5)),
    ],
)
def test_an_answer_lies_above_a_bound_by_the_part_the_band_expects_there(
    scores: tuple[int, int], bound: float, part: float
) -> None:
    assert part_above(bound, scores=scores, band=BAND) == pytest.approx(part)


def test_a_band_without_width_cuts_no_answer() -> None:
    nothing = Band(p50=0, p90=0, p97_5=0)
    assert part_above(0, scores=(0, 0), band=nothing) == 0
    assert part_above(0, scores=(1, 2), band=nothing) == 1
    flat = Band(p50=3, p90=3, p97_5=3)
    assert 0 < part_above(3, scores=(3, 3), band=flat) < 1
