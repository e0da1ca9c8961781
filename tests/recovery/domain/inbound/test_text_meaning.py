from __future__ import annotations

import pytest

from recovery.domain.clinical.symptoms import Symptom, WarningSign
from recovery.domain.inbound.text_meaning import NamedSigns, ParsedText, TextLevel, TextMeaning

BREATHING = NamedSigns(emergency=frozenset({WarningSign.BREATHING}))
PUS = NamedSigns(warning=frozenset({WarningSign.PUS}))
BUMPS = NamedSigns(watch=frozenset({WarningSign.BUMPS}))
SCORES = {Symptom.PAIN: 3}


@pytest.mark.parametrize(
    ("meant", "level", "kind"),
    [
        (ParsedText(signs=BREATHING, stop=True), TextLevel.EMERGENCY, TextMeaning.EMERGENCY),
        (ParsedText(signs=PUS, stop=True), TextLevel.SAME_DAY, TextMeaning.STOP),
        (ParsedText(signs=PUS, scores=SCORES), TextLevel.SAME_DAY, TextMeaning.SCORES),
        (ParsedText(nurse=True), TextLevel.SAME_DAY, TextMeaning.WARNING),
        (ParsedText(signs=BUMPS), TextLevel.NEXT_DAY, TextMeaning.OTHER),
        (ParsedText(start=True), TextLevel.NONE, TextMeaning.START),
        (ParsedText(help=True), TextLevel.NONE, TextMeaning.HELP),
        (ParsedText(more=True), TextLevel.NONE, TextMeaning.OTHER),
    ],
)
def test_a_text_is_as_pressing_as_the_most_pressing_of_what_it_means(
    meant: ParsedText, level: TextLevel, kind: TextMeaning
) -> None:
    assert (meant.level, meant.kind) == (level, kind)


def test_levels_are_in_order_and_signs_are_there_or_not() -> None:
    assert [level.rank for level in TextLevel] == [0, 1, 2, 3]
    assert BUMPS
    assert not NamedSigns()
