from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from recovery.domain import clockwords, segments
from recovery.domain.people import Language

BOGOTA = ZoneInfo("America/Bogota")
NOW = datetime(2026, 12, 21, 13, tzinfo=UTC)
"""A Monday, 8:00 in Bogota."""


@pytest.mark.parametrize(
    ("moment", "english", "spanish", "french"),
    [
        (datetime(2026, 12, 21, 20, 40, tzinfo=UTC), "3:40 PM", "15:40", "15h40"),
        (datetime(2026, 12, 21, 17, tzinfo=UTC), "12 PM", "12:00", "12h"),
        (datetime(2026, 12, 23, 14, tzinfo=UTC), "Wed 9 AM", "mié 9:00", "mer 9h"),
        (datetime(2026, 12, 24, 15, 30, tzinfo=UTC), "Thu 10:30 AM", "jue 10:30", "jeu 10h30"),
        (datetime(2026, 12, 26, 14, 5, tzinfo=UTC), "Sat 9:05 AM", "26 dic 9:05", "sam 9h05"),
        (datetime(2026, 12, 28, 14, 30, tzinfo=UTC), "Dec 28 9 AM", "28 dic 9:30", "28/12 9h30"),
    ],
)
def test_moments_in_the_words_of_each_language(
    moment: datetime, english: str, spanish: str, french: str
) -> None:
    said = [clockwords.by(moment, now=NOW, zone=BOGOTA, language=language) for language in Language]
    assert said == [english, spanish, french]


@pytest.mark.parametrize("language", Language)
def test_every_moment_of_a_year_fits_its_place_without_leaving_gsm_7(language: Language) -> None:
    for quarter_hours in range(0, 366 * 96, 17):
        moment = NOW + timedelta(minutes=15 * quarter_hours)
        said = clockwords.by(moment, now=NOW, zone=BOGOTA, language=language)
        measure = segments.measure(said)
        assert measure.encoding is segments.Encoding.GSM7
        assert 1 < measure.units <= 12, said
