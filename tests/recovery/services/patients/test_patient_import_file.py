"""A table of patients, and each way in which one of its places can be wrong."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from recovery.domain.core.language import Language
from recovery.domain.patients import import_columns
from recovery.domain.patients.consent import ConsentKind
from recovery.domain.patients.contact import AnswersBy
from recovery.domain.patients.spreadsheet_cells import DateOrder
from recovery.models.clinic.clinics import Clinic
from recovery.services.patients import import_table, patient_import_file
from recovery.services.patients.patient_import_file import ImportChoices, ImportFile

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
CLINIC = Clinic(phone="+12025550190", time_zone="America/Chicago")
HEAD = ",".join(import_columns.COLUMNS)
GOOD = {
    "first_name": "Ada",
    "last_name": "Example",
    "phone": "202-555-0811",
    "year_of_birth": "1988",
    "language": "es",
    "answers_by": "text",
    "time_zone": "America/New_York",
    "skin_type": "IV",
    "pin": "4711",
    "recovery_texts_on": "2026-10-01",
    "recovery_texts_wording": '"Yes, text me."',
    "session_reminders_on": "",
    "session_reminders_wording": "",
}


def _read(text: str | bytes, *, order: DateOrder | None = None) -> ImportFile:
    table = import_table.read_table(text if isinstance(text, bytes) else text.encode())
    columns = import_columns.guess(table.headings, kept={})
    return patient_import_file.parse_table(
        table, choices=ImportChoices(columns=columns, date_order=order), clinic=CLINIC, now=NOW
    )


def _line(**more: str) -> str:
    return ",".join({**GOOD, **more}.values())


def _wrong(text: str | bytes) -> list[tuple[int, str | None]]:
    return [(one.line, one.column) for one in _read(text).problems]


def test_a_full_row_is_understood() -> None:
    (row,) = _read(f"{HEAD}\n{_line()}\n").rows
    new = row.new
    assert (row.line, new.phone, new.year_of_birth, new.pin) == (2, "+12025550811", 1988, "4711")
    assert (new.language, new.answers_by, new.skin_type) == (Language.SPANISH, AnswersBy.TEXT, 4)
    assert new.time_zone == "America/New_York"
    (consent,) = new.consents
    assert (consent.kind, consent.wording) == (ConsentKind.RECOVERY_TEXTS, "Yes, text me.")
    assert consent.given_at == datetime(2026, 10, 1, 17, tzinfo=UTC), "noon in the clinic's zone"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("between", [",", ";", "\t"])
def test_little_is_enough_in_whatever_a_spreadsheet_writes(encoding: str, between: str) -> None:
    rows = [
        ["Year of birth", "first_name", "LAST_NAME", "phone"],
        ["1988", " Zoë ", "Ñandú", "+442079460123"],
    ]
    text = "\r\n".join(between.join(cells) for cells in [*rows, ["", "", "", ""]])
    file = _read(text.encode(encoding))
    assert file.problems == []
    (row,) = file.rows
    assert (row.new.first_name, row.new.last_name, row.new.phone) == ("Zoë", "Ñandú", "+442079460123")
    assert (row.new.language, row.new.answers_by, row.new.time_zone) == ("en", "link", None)
    assert not row.new.consents


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("first_name", ""),
        ("first_name", "=HYPERLINK(1)"),
        ("last_name", "@SUM"),
        ("last_name", "a\x00b"),
        ("last_name", "a\x1bb"),
        ("last_name", "a\u200bb"),
        ("first_name", "x" * 101),
        ("first_name", "####"),
        ("phone", "12"),
        ("phone", "555-0142"),
        ("phone", "1.2025E+10"),
        ("phone", "########"),
        ("phone", "=A2&B2"),
        ("phone", "#REF!"),
        ("year_of_birth", "88"),
        ("year_of_birth", "٢٠٠٠"),
        ("year_of_birth", "2027"),
        ("year_of_birth", "1900"),
        ("year_of_birth", "31/02/1988"),
        ("language", "xx"),
        ("answers_by", "fax"),
        ("time_zone", "../etc/passwd"),
        ("time_zone", "Etc/GMT-3"),
        ("skin_type", "7"),
        ("skin_type", "²"),
        ("pin", "12a4"),
        ("pin", "412"),
        ("recovery_texts_on", "2026-11-25"),
        ("recovery_texts_on", "13/13/2026"),
        ("recovery_texts_on", ""),
        ("recovery_texts_wording", "-1+cmd"),
        ("session_reminders_on", "2026-10-01"),
    ],
)
def test_each_wrong_place_is_named(column: str, value: str) -> None:
    file = _read(f"{HEAD}\n{_line()}\n{_line(**{column: value})}\n")
    assert len(file.rows) == 1
    assert file.problems
    named = {(one.line, (one.column or "").split("_")[0]) for one in file.problems}
    assert named == {(3, column.split("_")[0])}
    assert not any(value in one.text for one in file.problems if len(value) > 4)


def test_a_wrong_name_is_told_by_its_own() -> None:
    (problem,) = _read(f"{HEAD}\n{_line(last_name='Exa' + chr(0x200B) + 'mple')}\n").problems
    assert problem.text.startswith("The last name holds a character that cannot be seen (U+200B)")


def test_every_wrong_place_of_a_row_is_told_at_once() -> None:
    row = _line(first_name="", phone="12", year_of_birth="88", pin="x")
    assert _wrong(f"{HEAD}\n{row}\n") == [
        (2, "first_name"), (2, "phone"), (2, "year_of_birth"), (2, "pin"),
    ]  # fmt: skip


def test_lines_are_counted_as_an_editor_does() -> None:
    quoted = _line(recovery_texts_wording='"Yes,\ntext me."')
    assert _wrong(f"{HEAD}\n{quoted}\n\n{_line(phone='12')}\n") == [(5, "phone")]
    assert _wrong(f"{HEAD}\n{_line()},\n{_line(phone='12')}\n") == [(3, "phone")]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("first_name,last_name,phone\nAda,Example,+12025550811\n", "year_of_birth"),
        ("Who,Number\nAda,+12025550811\n", "first_name, phone, year_of_birth"),
        ("\n".join([HEAD, *[_line(pin="")] * (patient_import_file.MOST_ROWS + 1)]), "At most 500 patients"),
        ("\n".join([HEAD, *[_line()] * (patient_import_file.MOST_PINS + 1)]), "At most 40 PINs"),
    ],
)
def test_a_file_that_cannot_be_used_says_so_once(text: str, told: str) -> None:
    file = _read(text)
    assert (file.rows, file.problems) == ([], [])
    (said,) = file.unusable
    assert told in said
    assert len(said) < 300


def test_columns_nobody_asked_for_are_left_out() -> None:
    (row,) = _read(f"{HEAD},shoe_size,\n{_line()},38,left\n").rows
    assert row.new.first_name == "Ada"
    assert len(_read(f"{HEAD},pin\n{_line()},4712\n").rows) == 1, "the first of two alike counts"


def test_dates_that_read_in_two_ways_are_asked_about_once() -> None:
    text = f"{HEAD}\n{_line(year_of_birth='03/04/1985', recovery_texts_on='03/04/2026')}\n"
    assert _read(text).unusable == [patient_import_file.ASK_ORDER]
    for order, month in ((DateOrder.DAY_FIRST, 4), (DateOrder.MONTH_FIRST, 3)):
        (row,) = _read(text, order=order).rows
        assert row.new.year_of_birth == 1985
        assert row.new.consents[0].given_at.month == month


def test_one_date_that_proves_the_order_answers_for_all() -> None:
    proves = _line(year_of_birth="31/12/1985", pin="")
    other = _line(recovery_texts_on="03/04/2026")
    file = _read(f"{HEAD}\n{proves}\n{other}\n")
    assert [row.new.year_of_birth for row in file.rows] == [1985, 1988]
    assert file.rows[1].new.consents[0].given_at.month == 4
