from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recovery.domain.content import time_phrases
from recovery.domain.core.language import Language
from recovery.domain.messaging import sms_segments

NEW_YORK = ZoneInfo("America/New_York")
NOW = datetime(2026, 11, 23, 14, 0, tzinfo=NEW_YORK)


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        ("2026-11-23 15:40", "3:40 PM"),
        ("2026-11-23 09:05", "9:05 AM"),
        ("2026-11-23 12:00", "12 PM"),
        ("2026-11-23 00:30", "12:30 AM"),
        ("2026-11-24 09:00", "Tue 9 AM"),
        ("2026-11-29 17:30", "Sun 5:30 PM"),
        ("2026-11-30 17:00", "Nov 30 5 PM"),
        ("2026-12-28 09:30", "Dec 28 9 AM"),
    ],
)
def test_a_moment_in_the_words_of_a_text(moment: str, words: str) -> None:
    at = datetime.fromisoformat(moment).replace(tzinfo=NEW_YORK)
    assert (
        time_phrases.format_deadline(at.astimezone(UTC), now=NOW, zone=NEW_YORK, language=Language.ENGLISH)
        == words
    )


def test_today_is_the_clinic_s_today() -> None:
    late = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)  # ten in the evening of the 23rd in New York
    assert time_phrases.format_deadline(late, now=NOW, zone=NEW_YORK, language=Language.ENGLISH) == "10 PM"
    assert (
        time_phrases.format_deadline(late, now=NOW, zone=ZoneInfo("UTC"), language=Language.ENGLISH)
        == "Tue 3 AM"
    )


@given(
    ahead=st.timedeltas(timedelta(0), timedelta(days=60)),
    zone=st.sampled_from([NEW_YORK, ZoneInfo("Europe/London"), ZoneInfo("Australia/Lord_Howe")]),
    language=st.sampled_from(Language),
)
def test_it_always_fits_the_room_a_text_has(ahead: timedelta, zone: ZoneInfo, language: Language) -> None:
    measure = sms_segments.count_segments(
        time_phrases.format_deadline(NOW + ahead, now=NOW, zone=zone, language=language)
    )
    assert measure.encoding is sms_segments.Encoding.GSM7
    assert 1 < measure.units <= 12


@pytest.mark.parametrize(
    ("moment", "spanish", "french"),
    [
        ("2026-11-23 15:40", "15:40", "15h40"),
        ("2026-11-23 12:00", "12:00", "12h"),
        ("2026-11-25 09:00", "mié 9:00", "mer 9h"),
        ("2026-11-26 10:30", "jue 10:30", "jeu 10h30"),
        # Saturday's Spanish name has a letter outside GSM-7.
        ("2026-11-28 09:05", "28 nov 9:05", "sam 9h05"),
        ("2026-12-28 09:30", "28 dic 9:30", "28/12 9h30"),
    ],
)
def test_the_same_in_spanish_and_french(moment: str, spanish: str, french: str) -> None:
    at = datetime.fromisoformat(moment).replace(tzinfo=NEW_YORK)
    said = [
        time_phrases.format_deadline(at, now=NOW, zone=NEW_YORK, language=language)
        for language in (Language.SPANISH, Language.FRENCH)
    ]
    assert said == [spanish, french]
