from __future__ import annotations

from datetime import UTC, datetime

import pytest

from recovery.domain.patients import birth_year
from recovery.domain.patients.birth_year import ImplausibleBirthYear

NOW = datetime(2026, 11, 29, tzinfo=UTC)


@pytest.mark.parametrize("year", [1906, 1988, 2025])
def test_somebody_alive_can_have_been_born_then(year: int) -> None:
    assert birth_year.require_plausible(year, now=NOW) == year


@pytest.mark.parametrize("year", [0, 88, 1900, 1905, 2026, 2027, 19880])
def test_nobody_who_is_treated_was_born_then_and_the_refusal_says_when(year: int) -> None:
    with pytest.raises(ImplausibleBirthYear, match="from 1906 to 2025"):
        birth_year.require_plausible(year, now=NOW)
