"""Reading a form: what can be used, and for each field that cannot, why."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from api.console.form_reader import Form
from recovery.domain.core.language import Language

CHICAGO = ZoneInfo("America/Chicago")


def test_what_was_typed_is_trimmed_and_what_was_not_sent_is_empty() -> None:
    form = Form({"name": "  Ada \n"})
    assert form.raw("name") == "Ada"
    assert form.raw("other") == ""
    assert form.wrong == {}


@pytest.mark.parametrize(
    ("typed", "lines", "kept"),
    [
        (" Ada ", False, "Ada"),
        ("x" * 10, False, "x" * 10),
        ("x" * 11, False, None),
        ("a\x00b", False, None),
        ("a\r\nb", True, "a\nb"),
        ("a\r\nb", False, None),
    ],
)
def test_words_are_kept_up_to_their_length_and_without_what_cannot_be_seen(
    typed: str, lines: bool, kept: str | None
) -> None:
    form = Form({"name": typed})
    assert form.words("name", longest=10, lines=lines) == kept
    message = {"name": "At most 10 characters, and none that cannot be seen."}
    assert form.wrong == ({} if kept else message)


def test_words_that_are_missing_are_wrong_only_where_they_are_needed() -> None:
    form = Form({"name": "   "})
    assert form.words("name", longest=10) is None
    assert form.wrong == {}
    assert form.words("name", longest=10, missing="The name is missing.") is None
    assert form.wrong == {"name": "The name is missing."}


def test_a_word_of_a_list_is_one_of_it() -> None:
    form = Form({"language": "es", "empty": "", "strange": "xx"})
    assert form.one_of("language", Language) is Language.SPANISH
    assert form.one_of("empty", Language) is None
    assert form.wrong == {}
    assert form.one_of("empty", Language, missing="Choose the language.") is None
    assert form.one_of("strange", Language) is None
    assert form.wrong == {"empty": "Choose the language.", "strange": "Choose one of the list."}


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("1", 1), ("50", 50), ("007", 7), ("0", None), ("51", None), ("-1", None), ("1.0", None),
        ("٣", None), ("²", None), ("1e1", None), ("000000001", None), ("many", None),
    ],
)  # fmt: skip
def test_a_whole_number_is_of_plain_digits_and_within_its_bounds(typed: str, number: int | None) -> None:
    form = Form({"sessions": typed})
    assert form.whole("sessions", least=1, most=50) == number
    assert form.wrong == ({} if number else {"sessions": "A whole number from 1 to 50."})


def test_a_number_that_is_missing_is_wrong_only_where_it_is_needed() -> None:
    form = Form({})
    assert form.whole("sessions", least=1, most=50) is None
    assert form.wrong == {}
    assert form.whole("sessions", least=1, most=50, missing="Choose how many.") is None
    assert form.wrong == {"sessions": "Choose how many."}


@pytest.mark.parametrize(
    ("typed", "length"),
    [
        ("1.5", Decimal("1.5")), ("1,25", Decimal("1.25")), ("5", Decimal(5)), ("0.01", Decimal("0.01")),
        ("5.01", None), ("0", None), ("-1", None), ("1.255", None), ("NaN", None), ("Infinity", None),
        ("1.5 mm", None),
    ],
)  # fmt: skip
def test_a_length_has_a_point_or_a_comma_and_at_most_two_decimals(typed: str, length: Decimal | None) -> None:
    form = Form({"depth_mm": typed})
    assert form.millimetres("depth_mm", most=5) == length
    assert form.wrong == ({} if length else {"depth_mm": "Millimetres above 0 and up to 5, like 1.5."})


@pytest.mark.parametrize(
    ("typed", "pin"),
    [
        ("0815", "0815"),
        ("12345678", "12345678"),
        ("123", None),
        ("123456789", None),
        ("12a4", None),
        ("١٢٣٤", None),
    ],
)
def test_a_pin_has_four_to_eight_digits_and_keeps_its_zeros(typed: str, pin: str | None) -> None:
    form = Form({"pin": typed})
    assert form.pin("pin") == pin
    assert form.wrong == ({} if pin else {"pin": "Four to eight digits."})


def test_a_day_of_the_calendar() -> None:
    form = Form({"on": "2026-12-24", "never": "2026-02-30"})
    assert form.day("on") == date(2026, 12, 24)
    assert form.wrong == {}
    assert form.day("never") is None
    assert form.wrong == {"never": "A date like 2026-12-24."}


@pytest.mark.parametrize(
    ("typed", "moment"),
    [
        ("2026-07-01T09:30", datetime(2026, 7, 1, 14, 30, tzinfo=UTC)),
        ("2026-01-15T09:30", datetime(2026, 1, 15, 15, 30, tzinfo=UTC)),
        # Half past two is skipped in the night in which the clocks go forward: half past three is meant.
        ("2026-03-08T02:30", datetime(2026, 3, 8, 8, 30, tzinfo=UTC)),
        ("2026-07-01T09:30+02:00", None),
        ("1999-12-31T23:59", None),
        ("2201-01-01T00:00", None),
        ("tomorrow", None),
        ("", None),
    ],
)
def test_a_moment_is_one_of_the_clinics_wall(typed: str, moment: datetime | None) -> None:
    form = Form({"performed_at": typed})
    assert form.moment("performed_at", zone=CHICAGO, missing="When it was done.") == moment
    assert form.wrong == ({} if moment else {"performed_at": "When it was done."})


def test_a_zone_has_a_name_that_is_known() -> None:
    form = Form({"near": "America/Chicago", "outside": "../etc/passwd"})
    assert form.zone("near") == "America/Chicago"
    assert form.wrong == {}
    assert form.zone("outside") is None
    assert form.wrong == {"outside": "A time zone like America/Chicago."}


@pytest.mark.parametrize(
    "getter", [Form.pin, Form.day, Form.zone, lambda form, name: form.millimetres(name, most=5)]
)
def test_what_may_be_left_empty_is_nothing_and_not_wrong(getter: Callable[[Form, str], object]) -> None:
    form = Form({"field": "  "})
    assert getter(form, "field") is None
    assert form.wrong == {}
