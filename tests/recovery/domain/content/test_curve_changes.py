from __future__ import annotations

from config import content_files
from recovery.domain.clinical import protocol
from recovery.domain.clinical.symptoms import Symptom
from recovery.domain.content import curve_changes

SHIPPED = "standard-2026-12"


def test_a_changed_score_is_told_with_those_that_follow_from_it() -> None:
    text = content_files.read_content_files().protocols[SHIPPED]
    before = protocol.parse(text).curves
    assert curve_changes.compare_curves(before, before) == []
    raised = text.replace(
        "redness.p90 = [8, 6, 4, 3, 2, 2, 1, 1, 0, 0]", "redness.p90 = [8, 6, 4.6, 3, 2, 2, 1, 1, 0, 0]", 1
    )
    changes = curve_changes.compare_curves(before, protocol.parse(raised).curves)
    assert {one.curve for one in changes} == {"medium", "deepest", "deep"}
    assert {(one.symptom, one.percentile) for one in changes} == {(Symptom.REDNESS, "p90")}
    (own,) = (one for one in changes if one.curve == "deep")
    assert [(one.hours, one.before, one.after) for one in own.scores] == [(48, 4, 4.6)]
    (halfway,) = (one for one in changes if one.curve == "medium")
    assert [(one.hours, one.before, round(one.after, 2)) for one in halfway.scores] == [(48, 3.5, 3.8)]


def test_a_curve_that_only_one_version_has_is_left_out() -> None:
    text = content_files.read_content_files().protocols[SHIPPED]
    renamed = text.replace("[curves.shallow]", "[curves.flat]", 1)
    before, after = protocol.parse(text).curves, protocol.parse(renamed).curves
    assert curve_changes.compare_curves(before, after) == []
