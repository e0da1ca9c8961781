"""A director sees each wording and each bound that changes, and nothing else."""

from __future__ import annotations

import pytest

from config import content_files
from recovery.domain.clinical import protocol
from recovery.domain.clinical.symptoms import Symptom
from recovery.domain.content import content_changes, curve_changes
from recovery.domain.content.content_changes import Change, PartChanges

BEFORE = """
title = "ours"
[rules.redness]
above = 7
days = [1, 2]
[texts.help]
template = "Call {phone}."
[[steps]]
name = "day_1"
hour = 10
[[steps]]
name = "day_3"
hour = 9
"""
SHIPPED = "standard-2026-12"
Sides = tuple[str | None, str | None]


def changes(after: str, *, before: str = BEFORE) -> dict[str, Sides]:
    sides = [{"rules": content_changes.places_of(text)} for text in (before, after)]
    return {
        change.place: (change.before, change.after)
        for part in content_changes.compare(*sides)
        for change in part.changes
    }


@pytest.mark.parametrize(
    ("old", "new", "place", "sides"),
    [
        ("above = 7", "above = 6", "rules · redness · above", ("7", "6")),
        ("days = [1, 2]", "days = [1, 2, 3]", "rules · redness · days", ("[1, 2]", "[1, 2, 3]")),
        ("Call {phone}.", "All fine.", "texts · help · template", ("Call {phone}.", "All fine.")),
        ("above = 7\n", "", "rules · redness · above", ("7", None)),
        ("above = 7", "above = 7\nbelow = 2", "rules · redness · below", (None, "2")),
        ("above = 7", "above = 2027-01-02", "rules · redness · above", ("7", '"2027-01-02"')),
        ("hour = 9", "hour = 8", "steps · day_3 · hour", ("9", "8")),
    ],
)
def test_one_figure_or_wording_is_one_change(old: str, new: str, place: str, sides: Sides) -> None:
    assert changes(BEFORE.replace(old, new)) == {place: sides}


def test_a_new_one_of_several_moves_no_other() -> None:
    first = '[[steps]]\nname = "day_1"'
    more = BEFORE.replace(first, f'[[steps]]\nname = "day_0"\nhour = 8\n{first}')
    assert changes(more) == {"steps · day_0 · name": (None, "day_0"), "steps · day_0 · hour": (None, "8")}
    # Without names of their own, or with one name twice, the number says which is meant.
    assert changes("[[x]]\na = 2", before="[[x]]\na = 1") == {"x · 1 · a": ("1", "2")}
    twice = '[[x]]\nname = "n"\na = 1\n[[x]]\nname = "n"\na = 2'
    assert changes(twice.replace("a = 2", "a = 3"), before=twice) == {"x · 2 · a": ("2", "3")}


def test_running_text_changes_by_paragraphs_and_comments_are_no_change() -> None:
    page = "# Our care\n\nPat dry.\n\n- one\n- two\n"
    assert changes(page.replace("Pat dry.", "Rub."), before=page) == {"paragraph 2": ("Pat dry.", "Rub.")}
    assert changes(BEFORE + "# said by nobody\n") == {}


def test_a_text_that_comes_or_goes_is_told_place_by_place_and_one_that_stays_is_not_told() -> None:
    same = {"a": "1"}
    before, after = {"gone": {"x": "1"}, "same": same}, {"same": same, "new": {"y": "2"}}
    assert content_changes.compare(before, after) == [
        PartChanges(name="gone", changes=[Change(place="x", before="1", after=None)]),
        PartChanges(name="new", changes=[Change(place="y", before=None, after="2")]),
    ]
    assert content_changes.compare(before, before) == []


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
