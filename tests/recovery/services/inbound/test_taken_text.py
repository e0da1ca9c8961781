"""How soon a nurse should look at a text, going by its words and by whether the number may be texted."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from recovery.domain.clinical.symptoms import WarningSign
from recovery.domain.flags.flag_lifecycle import Urgency
from recovery.domain.inbound.text_meaning import NamedSigns, ParsedText
from recovery.services.content.content import Content
from recovery.services.inbound.taken_text import TakenText
from recovery.sms.gateway_interface import InboundMessage

BREATHING, PUS = frozenset({WarningSign.BREATHING}), frozenset({WarningSign.PUS})


def taken(meaning: ParsedText, *, content: Content, silenced: bool = False) -> TakenText:
    text = InboundMessage(carrier_id="SM1", sender="+12025550100", body="look", pictures=2)
    return TakenText(
        text=text, meaning=meaning, content=content, now=datetime(2026, 11, 23, tzinfo=UTC), silenced=silenced
    )


@pytest.mark.parametrize(
    ("signs", "nurse", "may_be_texted", "called"),
    [
        (NamedSigns(), False, Urgency.NEXT_BUSINESS_DAY, Urgency.NEXT_BUSINESS_DAY),
        (NamedSigns(), True, Urgency.SAME_DAY, Urgency.SAME_DAY),
        (NamedSigns(watch=PUS), False, Urgency.NEXT_BUSINESS_DAY, Urgency.NEXT_BUSINESS_DAY),
        (NamedSigns(warning=PUS), False, Urgency.SAME_DAY, Urgency.EMERGENCY),
        (NamedSigns(emergency=BREATHING), False, Urgency.EMERGENCY, Urgency.EMERGENCY),
        (NamedSigns(emergency=BREATHING, doubtful=BREATHING), False, Urgency.EMERGENCY, Urgency.EMERGENCY),
    ],
)
def test_whoever_may_not_be_texted_is_called_as_soon_as_in_an_emergency(
    content: Content, signs: NamedSigns, nurse: bool, may_be_texted: Urgency, called: Urgency
) -> None:
    meaning = ParsedText(signs=signs, nurse=nurse)
    assert taken(meaning, content=content).urgency is may_be_texted
    assert taken(meaning, content=content, silenced=True).urgency is called
    assert taken(replace(meaning, stop=True), content=content).urgency is called


def test_an_emergency_is_certain_by_one_sign_beyond_doubt(content: Content) -> None:
    doubt = NamedSigns(emergency=BREATHING, doubtful=BREATHING)
    assert not taken(ParsedText(signs=doubt), content=content).certain_emergency
    both = NamedSigns(emergency=BREATHING | PUS, doubtful=BREATHING)
    assert taken(ParsedText(signs=both), content=content).certain_emergency


def test_each_picture_leaves_a_mark_in_the_words(content: Content) -> None:
    assert taken(ParsedText(), content=content).body == "look [picture] [picture]"
