"""Which entries are asked about again."""

from __future__ import annotations

import pytest

from recovery.domain.clinical import protocol, symptoms
from tests.support.data.judged_courses import NUMBERS, WORDS, judge, scored

Symptom = symptoms.Symptom


def asked(
    standard: protocol.Protocol,
    pen: symptoms.TreatmentFacts,
    *reports: symptoms.Observation,
) -> tuple[str, ...]:
    return tuple(symptom.value for symptom in judge(standard, pen, *reports).ask_again)


@pytest.mark.parametrize(
    ("scores", "in_numbers", "in_words"),
    [
        ({"redness": 5}, (), ()),  # p97.5 is 4: 2 more are 6
        ({"redness": 6}, ("redness",), ()),  # at least 5: not for certain
        ({"swelling": 4}, (), ()),
        ({"swelling": 5}, ("swelling",), ("swelling",)),
        ({"itching": 7}, (), ()),
        ({"itching": 8}, ("itching",), ("itching",)),  # p97.5 and 3 more are 8
        ({"itching": 9}, ("itching",), ("itching",)),
        ({"pain": 2}, (), ()),
        ({"pain": 3}, ("pain",), ("pain",)),  # a number stays one on either scale
        ({"pain": 4}, ("pain",), ("pain",)),
        ({"bruising": 5}, (), ()),
        ({"bruising": 6}, ("bruising",), ()),  # p97.5 and 3 more are 6
        ({"peeling": 8}, (), ()),
        ({"peeling": 9}, ("peeling",), ()),
        ({"dryness": 9}, (), ()),
        ({"dryness": 10}, ("dryness",), ("dryness",)),
        ({"peeling": 10}, ("peeling",), ("peeling",)),
        ({"redness": 6, "swelling": 6, "pain": 4}, (), ()),  # two others agree with each
        ({"redness": 6, "swelling": 6, "pain": 0}, ("redness", "swelling"), ("swelling",)),
    ],
)
def test_an_entry_far_above_its_band_alone_is_asked_about(
    standard: protocol.Protocol,
    pen: symptoms.TreatmentFacts,
    scores: dict[str, int],
    in_numbers: tuple[str, ...],
    in_words: tuple[str, ...],
) -> None:
    for scale, expected in ((NUMBERS, in_numbers), (WORDS, in_words)):
        assert asked(standard, pen, scored(48, scores, confirmed=False, scale=scale)) == expected, scale


@pytest.mark.parametrize(
    ("hours", "before", "now", "expected"),
    [
        (72, {"itching": 1}, {"itching": 4}, ("itching",)),  # 3 up, to above p90
        (72, {"itching": 2}, {"itching": 4}, ()),
        (72, {"itching": 0}, {"itching": 3}, ()),  # on p90
        (108.1, {"itching": 0}, {"itching": 3}, ()),  # the last one is too old
        (72, {"pain": 9}, {"pain": 0}, ("pain",)),
        (72, {"pain": 8}, {"pain": 0}, ()),
        (72, {"peeling": 0}, {"peeling": 6}, ()),  # its rise says nothing
        (72, {"peeling": 9}, {"peeling": 0}, ("peeling",)),
        (72, {"pain": 3}, {"pain": 4}, ()),  # within a point of the last one
        (72, {}, {"itching": 4}, ()),  # no earlier entry: what is usual is none
        (72, {"itching": 9}, {}, ()),
    ],
)
def test_an_entry_unlike_the_last_one_is_asked_about(
    standard: protocol.Protocol,
    pen: symptoms.TreatmentFacts,
    hours: float,
    before: dict[str, int],
    now: dict[str, int],
    expected: tuple[str, ...],
) -> None:
    first, second = scored(48, before), scored(hours, now, confirmed=False)
    assert asked(standard, pen, first, second) == expected


def test_a_skin_that_reacts_strongly_is_asked_about_less(
    standard: protocol.Protocol, pen: symptoms.TreatmentFacts
) -> None:
    report = scored(48, {"redness": 6}, confirmed=False)
    assert asked(standard, pen, report) == ("redness",)
    assert asked(standard, pen, scored(6, {"redness": 9, "swelling": 8}), report) == ()
