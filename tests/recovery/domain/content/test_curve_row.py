"""Scores as they are typed, held against what checks every protocol."""

from __future__ import annotations

from typing import Any

import pytest

from config import content_files
from recovery.domain.clinical import protocol
from recovery.domain.clinical.protocol import ProtocolError
from recovery.domain.clinical.symptoms import Symptom
from recovery.domain.content import curve_row
from recovery.domain.content.curve_row import CheckedRow, CurveRow, UnknownCurve

SHIPPED = "standard-2026-12"


@pytest.fixture(scope="module")
def text() -> str:
    return content_files.read_content_files().protocols[SHIPPED]


@pytest.fixture(scope="module")
def parsed(text: str) -> protocol.Protocol:
    return protocol.parse(text)


def row_of(
    text: str, parsed: protocol.Protocol, *, curve: str = "reference", symptom: Symptom = Symptom.REDNESS
) -> CurveRow:
    return curve_row.read_row(text, parsed=parsed, curve=curve, symptom=symptom)


def check(text: str, row: CurveRow, parsed: protocol.Protocol, **typed: str) -> CheckedRow:
    source = typed.pop("source", row.source)
    return curve_row.check_row(
        text, row=row, typed={**row.cells(), **typed}, source=source, asked=parsed.answers
    )


def test_every_row_of_what_ships_is_read_and_is_itself_when_nothing_is_typed(
    text: str, parsed: protocol.Protocol
) -> None:
    rows = [
        row_of(text, parsed, curve=curve.name, symptom=symptom)
        for curve in parsed.curves.curves
        for symptom in curve.bands
    ]
    assert len(rows) == 56
    assert {row.curve for row in rows if row.follows} == {"medium", "deepest", "rf_deepest", "rf_deep"}
    assert all(row.source for row in rows)
    for row in rows[::5]:
        checked = check(text, row, parsed)
        assert (checked.text, checked.wrong, checked.trouble) == (text, {}, None)


def test_what_is_typed_changes_its_lines_alone_and_is_understood(
    text: str, parsed: protocol.Protocol
) -> None:
    row = row_of(text, parsed)
    checked = check(text, row, parsed, p90_2="3,5", p97_5_2="04.5", source='After our "own" 200 treatments.')
    assert checked.protocol is not None
    old, new = text.splitlines(), checked.text.splitlines()
    assert [line for line in new if line not in old] == [
        r'source = "After our \"own\" 200 treatments."',
        "p90 = [7, 5, 3.5, 2, 1, 1, 0, 0, 0, 0]",
        "p97_5 = [9, 6, 4.5, 3, 2, 2, 1, 1, 0, 0]",
    ]
    after = row_of(checked.text, checked.protocol)
    assert (after.bands[2].p90, after.bands[2].p97_5, after.source) == (
        3.5, 4.5, 'After our "own" 200 treatments.',
    )  # fmt: skip
    assert protocol.parse(checked.text) == checked.protocol


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ({"p90_2": "0.5"}, {"p90_2": "Is below p50."}),
        ({"p90_2": "0.5", "p97_5_0": "6"}, {"p90_2": "Is below p50.", "p97_5_0": "Is below p90."}),
        ({"p97_5_0": "11"}, {"p97_5_0": "Must lie between 0 and 10."}),
        (
            {"p50_0": "-1", "p97_5_3": "10.5"},
            {"p50_0": "Must lie between 0 and 10.", "p97_5_3": "Must lie between 0 and 10."},
        ),
        *(
            ({"p50_9": typed}, {"p50_9": curve_row.NO_NUMBER})
            for typed in ("", " ", "x", "1e1", "1_0", "٣", "1..2", "inf", "99999", "]", "0x1")
        ),
    ],
)
def test_each_fault_stands_at_its_cell(
    text: str, parsed: protocol.Protocol, typed: dict[str, str], wrong: dict[str, str]
) -> None:
    checked = check(text, row_of(text, parsed), parsed, **typed)
    assert (checked.wrong, checked.trouble, checked.protocol) == (wrong, None, None)
    assert checked.text == text


def test_what_is_wrong_is_drawn_where_it_can_be(text: str, parsed: protocol.Protocol) -> None:
    row = row_of(text, parsed)
    drawn = check(text, row, parsed, p90_2="0.5", p90_3="2.5").drawn
    assert [band.p90 for band in drawn][:5] == [7, 5, 0.5, 2.5, 1]
    for beyond in ("x", "11", "-1"):
        assert [band.p90 for band in check(text, row, parsed, p90_2=beyond, p90_3="2.5").drawn][:4] == [
            7, 5, 3, 2.5,
        ]  # fmt: skip


def test_the_page_refuses_what_the_text_refuses(text: str, parsed: protocol.Protocol) -> None:
    row = row_of(text, parsed)
    by_hand = text.replace("p90 = [7, 5, 3, 2, 1, 1,", "p90 = [7, 5, 0.5, 2, 1, 1,", 1)
    with pytest.raises(ProtocolError, match=r"curves\.reference\.redness\.p90: entry 3 is below p50"):
        protocol.parse(by_hand)
    assert check(text, row, parsed, p90_2="0.5").wrong == {"p90_2": "Is below p50."}


@pytest.mark.parametrize("curve", ["medium", "deepest", "rf_deep"])
def test_scores_that_follow_from_others_stand_for_themselves_once_they_are_changed(
    text: str, parsed: protocol.Protocol, curve: str
) -> None:
    row = row_of(text, parsed, curve=curve, symptom=Symptom.PAIN)
    checked = check(text, row, parsed, p97_5_0="9.5", source="Our own.")
    assert checked.protocol is not None
    after = row_of(checked.text, checked.protocol, curve=curve, symptom=Symptom.PAIN)
    assert (after.follows, after.bands[0].p97_5, after.source) == (False, 9.5, "Our own.")
    assert after.bands[1:] == row.bands[1:]
    assert check(text, row, parsed, source="Only the source.").text == text, "there is nothing it could be of"


def test_a_list_on_several_lines_is_written_on_one(text: str, parsed: protocol.Protocol) -> None:
    spread = text.replace(
        "p90 = [7, 5, 3, 2, 1, 1, 0, 0, 0, 0]", "p90 = [7, 5, 3, # [\n  2, 1, 1,\n  0, 0, 0, 0,\n]  # so", 1
    )
    row = row_of(spread, protocol.parse(spread))
    checked = check(spread, row, parsed, p90_2="3.5")
    assert checked.protocol is not None
    assert "p90 = [7, 5, 3.5, 2, 1, 1, 0, 0, 0, 0]\np97_5 =" in checked.text


def test_a_row_in_another_form_is_left_to_whoever_writes_toml(text: str, parsed: protocol.Protocol) -> None:
    before, _, rest = text.partition("[curves.reference.redness]")
    _, _, after = rest.partition("[curves.reference.swelling]")
    inline = (
        'redness = { source = "s", p50 = [5, 3, 1, 1, 0, 0, 0, 0, 0, 0], '
        "p90 = [7, 5, 3, 2, 1, 1, 0, 0, 0, 0], p97_5 = [9, 6, 4, 3, 2, 2, 1, 1, 0, 0] }"
    )
    other = f"{before}{inline}\n[curves.reference.swelling]{after}"
    row = row_of(other, protocol.parse(other))
    checked = check(other, row, parsed, p90_2="3.5")
    assert (checked.protocol, checked.text) == (None, other)
    assert checked.trouble is not None


def test_a_curve_nobody_has(text: str, parsed: protocol.Protocol) -> None:
    with pytest.raises(UnknownCurve):
        row_of(text, parsed, curve="nothing")


def test_answers_other_than_those_patients_are_asked_with_are_told_as_a_whole(
    text: str, parsed: protocol.Protocol
) -> None:
    row = row_of(text, parsed)
    asked: Any = {0: (0, 10)}
    checked = curve_row.check_row(text, row=row, typed=row.cells(), source=row.source, asked=asked)
    assert (checked.wrong, checked.protocol) == ({}, None)
    assert "must be the five that patients are asked with" in (checked.trouble or "")
