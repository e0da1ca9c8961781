"""A file of patients as spreadsheets write it, and each way in which one of its places can be wrong."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from recovery.domain.core.language import Language
from recovery.domain.patients.consent import ConsentKind
from recovery.domain.patients.contact import AnswersBy
from recovery.models.clinic.clinics import Clinic
from recovery.services.patients import patient_import_file

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
CLINIC = Clinic(phone="+12025550190", time_zone="America/Chicago")
HEAD = ",".join(patient_import_file.COLUMNS)
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


def _read(text: str | bytes) -> patient_import_file.ImportFile:
    return patient_import_file.parse_file(
        text if isinstance(text, bytes) else text.encode(), clinic=CLINIC, now=NOW
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
        ("first_name", "x" * 101),
        ("phone", "12"),
        ("year_of_birth", "88"),
        ("year_of_birth", "٢٠٠٠"),
        ("year_of_birth", "2027"),
        ("language", "xx"),
        ("answers_by", "fax"),
        ("time_zone", "../etc/passwd"),
        ("skin_type", "7"),
        ("skin_type", "²"),
        ("pin", "12a4"),
        ("recovery_texts_on", "2026-11-25"),
        ("recovery_texts_on", "10/01/2026"),
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


def test_lines_are_counted_as_an_editor_does() -> None:
    quoted = _line(recovery_texts_wording='"Yes,\ntext me."')
    assert _wrong(f"{HEAD}\n{quoted}\n\n{_line(phone='12')}\n") == [(5, "phone")]
    assert _wrong(f"{HEAD}\n{_line()},\n{_line(phone='12')}\n") == [(2, None), (3, "phone")]


@pytest.mark.parametrize(
    "text",
    [
        "",
        HEAD,
        "first_name,last_name,phone\nAda,Example,+12025550811\n",
        f"{HEAD},shoe_size\n{_line()},38\n",
        f"{HEAD},pin\n{_line()},4712\n",
        f'{HEAD}\n"Ada,{_line()}\n',
        "first_name,last_name\nZo\xeb".encode("latin-1"),
        b"PK\x03\x04" + bytes(range(256)),
        b"a," * patient_import_file.LARGEST_FILE,
    ],
)
def test_a_file_that_cannot_be_used_says_so_once(text: str | bytes) -> None:
    file = _read(text)
    assert file.rows == []
    assert len(file.problems) == 1
    assert len(file.problems[0].text) < 300


def test_files_have_limits() -> None:
    many = "\n".join([HEAD, *[_line(pin="")] * (patient_import_file.MOST_ROWS + 1)])
    assert _wrong(many) == [(1, None)]
    pins = "\n".join([HEAD, *[_line()] * (patient_import_file.MOST_PINS + 1)])
    assert _wrong(pins) == [(1, "pin")]
