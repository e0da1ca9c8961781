from __future__ import annotations

from collections.abc import Callable

import pytest

from recovery.domain.core import toml_reader
from recovery.domain.core.toml_reader import TomlTable

TEXT = """\
# A comment.
title = "A title"
figure = 2.5

[inner]
whole = 3
flag = true
list = [1, 2.5]
words = ["a", "b"]
empty = []
blank = " "

[inner.deep]
key = "k"

[[steps]]
name = "first"

  [[steps]]   # indented, with a comment
name = "second"
inline = { low = 1 }
"""


@pytest.fixture
def file() -> TomlTable:
    return toml_reader.parse_toml(TEXT)


def complaint(read: Callable[[], object]) -> str:
    with pytest.raises(toml_reader.TomlError) as caught:
        read()
    return str(caught.value)


def test_values_are_read_by_their_kind(file: TomlTable) -> None:
    inner = file.table("inner")
    assert (file.text("title"), file.number("figure"), inner.whole("whole")) == ("A title", 2.5, 3)
    assert (inner.numbers("list"), inner.texts("words")) == ((1.0, 2.5), ("a", "b"))
    assert inner.table("deep").text("key") == "k"
    assert [step.text("name") for step in file.tables("steps")] == ["first", "second"]
    assert file.keys == ("title", "figure", "inner", "steps")


def test_a_whole_number_is_a_number_too(file: TomlTable) -> None:
    value = file.table("inner").number("whole")
    assert (value, type(value)) == (3.0, float)


def test_a_list_of_tables_may_be_left_out_and_nothing_else(file: TomlTable) -> None:
    assert file.tables("none") == ()
    assert not file.has("none")
    assert complaint(lambda: file.table("none")) == "line 1: file: none is missing"
    assert complaint(lambda: file.table("inner").text("none")) == "line 5: inner: none is missing"


@pytest.mark.parametrize(
    ("read", "said"),
    [
        (lambda inner: inner.text("whole"), "line 6: inner.whole: must be a text"),
        (lambda inner: inner.text("blank"), "line 11: inner.blank: must be a text"),
        (lambda inner: inner.number("flag"), "line 7: inner.flag: must be a number"),
        (lambda inner: inner.whole("flag"), "line 7: inner.flag: must be a number"),
        (lambda inner: inner.whole("blank"), "line 11: inner.blank: must be a whole number"),
        (lambda inner: inner.numbers("words"), "line 9: inner.words: entry 1 must be a number"),
        (lambda inner: inner.numbers("empty"), "line 10: inner.empty: must be a list with something in it"),
        (lambda inner: inner.numbers("whole"), "line 6: inner.whole: must be a list with something in it"),
        (lambda inner: inner.texts("list"), "line 8: inner.list: must be a list of texts"),
        (lambda inner: inner.choice("blank", of=["x", "y"]), "line 11: inner.blank: must be one of x, y"),
        (lambda inner: inner.choice("whole", of=["3"]), "line 6: inner.whole: must be one of 3"),
        (lambda inner: inner.table("whole"), "line 6: inner.whole: must be a table"),
        (lambda inner: inner.tables("list"), "line 8: inner.list: must be a list of tables"),
    ],
)
def test_a_value_of_another_kind_is_refused_with_its_line(
    file: TomlTable, read: Callable[[TomlTable], object], said: str
) -> None:
    assert complaint(lambda: read(file.table("inner"))) == said


def test_both_bounds_are_included(file: TomlTable) -> None:
    inner = file.table("inner")
    assert inner.whole("whole", least=3, most=3) == 3
    assert inner.numbers("list", least=1, most=2.5) == (1.0, 2.5)
    assert complaint(lambda: inner.whole("whole", least=4)).endswith("must lie between 4 and 1000")
    assert complaint(lambda: inner.whole("whole", most=2)).endswith("must lie between 0 and 2")
    assert complaint(lambda: inner.numbers("list", most=2)).endswith("must lie between 0 and 2")


@pytest.mark.parametrize("figure", ["nan", "inf", "-inf"])
def test_what_is_no_figure_lies_between_no_bounds(figure: str) -> None:
    file = toml_reader.parse_toml(f"figure = {figure}")
    assert complaint(lambda: file.number("figure")) == "line 1: figure: must lie between 0 and 1000"


def test_a_key_that_nobody_asked_for_is_refused(file: TomlTable) -> None:
    deep = file.table("inner").table("deep")
    assert complaint(deep.finish) == "line 14: inner.deep.key: is not known here"
    deep.text("key")
    deep.finish()
    file.text("title")
    assert complaint(file.finish) == "line 3: figure: is not known here"
    for known in ("figure", "inner", "steps"):
        assert file.has(known)
    file.finish()


def test_each_table_of_a_list_has_its_own_lines(file: TomlTable) -> None:
    first, second = file.tables("steps")
    assert (first.line_of(), first.line_of("name")) == (16, 17)
    assert (second.line_of(), second.line_of("name")) == (19, 20)
    assert second.table("inline").line_of("low") == 21
    assert file.line_of("steps") == 16
    assert str(second.error("is too late")) == "line 19: steps.1: is too late"


def test_a_line_that_is_not_known_is_that_of_the_table_around_it(file: TomlTable) -> None:
    assert file.table("inner").line_of("none") == 5
    assert file.line_of("none") == 1


@pytest.mark.parametrize(
    ("text", "line"), [("a = 1\nb = = 2\n", 2), ("a = 1\na = 2\n", 2), ('a = 1\nb = """\nopen', 3)]
)
def test_what_is_no_toml_is_refused_with_its_line(text: str, line: int) -> None:
    assert complaint(lambda: toml_reader.parse_toml(text)).startswith(f"line {line}: not valid TOML")
