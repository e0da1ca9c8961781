"""Text in any alphabet and with anything between its cells."""

from __future__ import annotations

import pytest

from recovery.services.patients import import_text
from recovery.services.patients.raw_lines import UnusableFile


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("between", list(import_text.DELIMITERS))
def test_cells_are_told_apart_in_every_alphabet(encoding: str, between: str) -> None:
    text = between.join(["Phone", "Surname"]) + "\n" + between.join(["2025550142", "Zoë"])
    raw = import_text.read_text(text.encode(encoding))
    assert [list(one.cells) for one in raw.lines] == [["Phone", "Surname"], ["2025550142", "Zoë"]]
    assert list(raw.notices) == ([import_text.OLD_WINDOWS] if encoding == "cp1252" else [])


def test_what_makes_the_most_headings_of_ours_stands_between_cells() -> None:
    raw = import_text.read_text(b"Phone;DOB;a,b,c,d,e,f\n1;2;3,4")
    assert [list(one.cells) for one in raw.lines] == [["Phone", "DOB", "a,b,c,d,e,f"], ["1", "2", "3,4"]]


def test_a_named_separator_holds_whatever_else_stands_there() -> None:
    raw = import_text.read_text(b"sep=|\r\nPhone;x|DOB\r\n1|2\r\n")
    assert [(one.line, list(one.cells)) for one in raw.lines] == [(2, ["Phone;x", "DOB"]), (3, ["1", "2"])]


@pytest.mark.parametrize("data", [b"\xff\xfea", b"\xfe\xff\xd8\x00", b"a\x81"])
def test_letters_that_are_none_are_refused(data: bytes) -> None:
    with pytest.raises(UnusableFile, match="save it as CSV UTF-8"):
        import_text.read_text(data)
