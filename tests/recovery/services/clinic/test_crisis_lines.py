from __future__ import annotations

from dataclasses import dataclass

import pytest

from recovery.services.clinic import crisis_lines


@dataclass(frozen=True, kw_only=True)
class Numbers:
    """The numbers of a clinic."""

    phone: str
    emergency_number: str = "112"
    crisis_number: str | None = None


@pytest.mark.parametrize(
    ("phone", "number"),
    [
        ("+14155550123", "988"),
        ("+16135550123", "988"),
        ("+33142685300", "3114"),
        ("+34912345678", "024"),
        ("+18765550123", "112"),
        ("+493012345678", "112"),
        ("+80012345678", "112"),
    ],
)
def test_a_country_s_own_line_comes_where_we_are_sure_of_it(phone: str, number: str) -> None:
    assert crisis_lines.number_of(Numbers(phone=phone)) == number


def test_the_clinic_s_own_choice_comes_first() -> None:
    clinic = Numbers(phone="+14155550123", crisis_number="+18005550100")
    assert crisis_lines.number_of(clinic) == "+18005550100"
    assert crisis_lines.usual_number(clinic) == "988"
