from __future__ import annotations

import gsm0338
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recovery.domain.messaging import sms_segments

CODEC = gsm0338.Codec()


def septets_by_codec(text: str) -> int | None:
    try:
        return len(CODEC.encode(text)[0])
    except UnicodeEncodeError:
        return None


def test_every_character_of_the_basic_plane_is_judged_as_the_codec_judges_it() -> None:
    wrong = []
    for code in range(0x10000):
        if 0xD800 <= code <= 0xDFFF:
            continue
        found = sms_segments.count_segments(chr(code))
        expected = septets_by_codec(chr(code))
        if found.units != (1 if expected is None else expected) or (
            (found.encoding is sms_segments.Encoding.UCS2) != (expected is None)
        ):
            wrong.append(hex(code))
    # The codec passes the escape code itself through; in a text it stands for no character.
    assert wrong == ["0x1b"]


def test_the_alphabet_holds_127_characters_and_10_extensions() -> None:
    widths = [sms_segments.count_segments(chr(code)) for code in range(0x3000)]
    septets = [found.units for found in widths if found.encoding is sms_segments.Encoding.GSM7]
    assert (septets.count(1), septets.count(2)) == (127, 10)


@given(st.text(alphabet=st.sampled_from("aé@Δ€[]{}~^|\\\n "), max_size=200))
def test_septets_of_a_text_agree_with_the_codec(text: str) -> None:
    assert sms_segments.count_segments(text).units == septets_by_codec(text)


@pytest.mark.parametrize(
    ("text", "encoding", "units", "parts"),
    [
        ("", "gsm7", 0, 0),
        ("a", "gsm7", 1, 1),
        ("a" * 160, "gsm7", 160, 1),
        ("a" * 161, "gsm7", 161, 2),
        ("a" * 306, "gsm7", 306, 2),
        ("a" * 307, "gsm7", 307, 3),
        ("€" * 80, "gsm7", 160, 1),
        ("€" * 81, "gsm7", 162, 2),
        # The pair at 153 moves whole into the next part, so that part one holds 152 septets.
        ("a" * 152 + "€" + "a" * 152, "gsm7", 306, 3),
        ("a" * 151 + "€" + "a" * 153, "gsm7", 306, 2),
        ("ç", "ucs2", 1, 1),
        ("ç" * 70, "ucs2", 70, 1),
        ("ç" * 71, "ucs2", 71, 2),
        ("ç" * 134, "ucs2", 134, 2),
        ("ç" * 135, "ucs2", 135, 3),
        ("😀" * 35, "ucs2", 70, 1),
        ("ç" * 66 + "😀" + "ç" * 66, "ucs2", 134, 3),
        ("ç" * 65 + "😀" + "ç" * 67, "ucs2", 134, 2),
        ("curly ’ quote", "ucs2", 13, 1),
    ],
)
def test_segments(text: str, encoding: str, units: int, parts: int) -> None:
    assert sms_segments.count_segments(text) == sms_segments.SegmentCount(
        encoding=sms_segments.Encoding(encoding), units=units, segments=parts
    )
