"""A director sees each wording and each bound that changes, and nothing else."""

from __future__ import annotations

import pytest

from recovery.domain.content import content_changes
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


def changes(after: str, *, before: str = BEFORE) -> dict[str, tuple[str | None, str | None]]:
    (part,) = content_changes.compare({"rules": before}, {"rules": after})
    return {change.place: (change.before, change.after) for change in part.changes}


@pytest.mark.parametrize(
    ("old", "new", "place", "sides"),
    [
        ("above = 7", "above = 6", "rules · redness · above", ("7", "6")),
        ("days = [1, 2]", "days = [1, 2, 3]", "rules · redness · days", ("[1, 2]", "[1, 2, 3]")),
        ("Call {phone}.", "All fine.", "texts · help · template", ("Call {phone}.", "All fine.")),
        ("above = 7\n", "", "rules · redness · above", ("7", None)),
        ("above = 7", "above = 7\nbelow = 2", "rules · redness · below", (None, "2")),
        ("hour = 9", "hour = 8", "steps · day_3 · hour", ("9", "8")),
    ],
)
def test_one_figure_or_wording_is_one_change(
    old: str, new: str, place: str, sides: tuple[str | None, str | None]
) -> None:
    assert changes(BEFORE.replace(old, new)) == {place: sides}


def test_a_new_step_moves_no_other() -> None:
    more = BEFORE.replace(
        '[[steps]]\nname = "day_1"', '[[steps]]\nname = "day_0"\nhour = 8\n[[steps]]\nname = "day_1"'
    )
    assert changes(more) == {
        "steps · day_0 · name": (None, "day_0"),
        "steps · day_0 · hour": (None, "8"),
    }


def test_a_text_that_comes_or_goes_is_told_whole_and_one_that_stays_is_not_told() -> None:
    before, after = {"a": "one", "b": "same", "c": "x = 1"}, {"b": "same", "c": "x = 1", "d": "new"}
    assert content_changes.compare(before, after) == [
        PartChanges(name="a", changes=[Change(place="", before="one", after=None)]),
        PartChanges(name="d", changes=[Change(place="", before=None, after="new")]),
    ]
    assert content_changes.compare(before, before) == []


def test_running_text_changes_by_paragraphs_and_a_comment_is_a_change_of_the_whole() -> None:
    page = "# Our care\n\nPat dry.\n\n- one\n- two\n"
    assert changes(page.replace("Pat dry.", "Rub."), before=page) == {"paragraph 2": ("Pat dry.", "Rub.")}
    noted = BEFORE + "# signed by nobody\n"
    assert changes(noted) == {"": (BEFORE, noted)}
