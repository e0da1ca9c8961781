from __future__ import annotations

import dataclasses
import re

import pytest

from evaluation import cohort, ground_truth, metrics
from evaluation.own_course import draft_safety
from recovery.domain.clinical import protocol as protocols


def blind(text: str) -> str:
    """The protocol with the reference curve's bands at the top of the scale."""
    head, mark, tail = text.partition("[curves.reference]")
    return (
        head
        + mark
        + re.sub(r"(p50|p90|p97_5) = \[[^]]*\]", r"\1 = [10, 10, 10, 10, 10, 10, 10, 10, 10, 10]", tail)
    )


def test_the_same_protocol_loses_nothing(protocol_text: str) -> None:
    found = draft_safety.compare(
        shipped=protocol_text, draft=protocol_text, curves=("reference",), courses=60, seed=1
    )
    assert [each.kind for each in found if not each.same_day] == list(metrics.COMPLICATIONS)
    assert len(found) == 2 * len(metrics.COMPLICATIONS)
    assert {each.lost for each in found} == {0.0}
    assert {each.curve for each in found} == {"reference"}


def test_a_blind_protocol_loses_prolonged_redness(protocol_text: str) -> None:
    found = draft_safety.compare(
        shipped=protocol_text, draft=blind(protocol_text), curves=("reference", "deep"), courses=60, seed=1
    )
    lost = {(each.curve, each.kind): each.lost for each in found if not each.same_day}
    assert lost["reference", ground_truth.CourseKind.PROLONGED] > 5
    assert lost["deep", ground_truth.CourseKind.PROLONGED] == 0


def test_courses_are_asked_as_the_arm_says(protocol_text: str) -> None:
    daily, asked = (
        draft_safety.compare(
            shipped=protocol_text, draft=protocol_text, curves=("reference",), courses=60, seed=1, arm=arm
        )
        for arm in (cohort.REFERENCE, dataclasses.replace(cohort.REFERENCE, days=(14,)))
    )
    assert sum(each.shipped.hits for each in asked) < sum(each.shipped.hits for each in daily)


def test_each_curve_has_a_treatment_that_follows_it(rules: protocols.Protocol) -> None:
    for curve in rules.curves.curves:
        assert rules.curves.choose(draft_safety.facts_of(curve)).curve is curve


def test_no_changed_curve_needs_no_courses(protocol_text: str) -> None:
    assert (
        draft_safety.compare(shipped=protocol_text, draft=protocol_text, curves=(), courses=60, seed=1) == []
    )


def test_curves_that_follow_from_a_changed_one_are_changed_too(protocol_text: str) -> None:
    head, deep, rest = protocol_text.partition("[curves.deep]")
    draft = head + deep + rest.replace("pain.p90 = [4, 2, 1, 1,", "pain.p90 = [4, 2, 1.5, 1,", 1)
    changed = draft_safety.changed_curves(shipped=protocol_text, draft=draft)
    assert changed == ("medium", "deepest", "deep")


@pytest.mark.parametrize("wrong", ["", "version = 1"])
def test_what_is_no_protocol_is_refused(protocol_text: str, wrong: str) -> None:
    with pytest.raises(protocols.ProtocolError):
        draft_safety.compare(shipped=protocol_text, draft=wrong, curves=("reference",), courses=60, seed=1)
