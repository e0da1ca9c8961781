from __future__ import annotations

import pytest

from recovery.domain.clinical.symptoms import WarningSign
from recovery.domain.inbound import sign_reader
from recovery.domain.inbound.text_meaning import NamedSigns
from recovery.domain.inbound.text_reader import TextReader


def read(reader: TextReader, plain: str, **shares: float) -> NamedSigns:
    return sign_reader.read_signs(
        plain, shares, words=reader.vocabulary, lexicon=reader.lexicon, bounds=reader.bounds
    )


def test_a_plain_phrase_stands_whatever_the_weights_say(reader: TextReader) -> None:
    signs = read(reader, "i can't breathe", none=0.9)
    assert (signs.emergency, signs.doubtful) == (frozenset({WarningSign.BREATHING}), frozenset())


@pytest.mark.parametrize(
    "plain",
    [
        "i never said i can't breathe, no, not that i can't breathe",
        "what if i can't breathe",
        "i can't breathe?",
        "years ago i had chest pain",
    ],
)
def test_a_phrase_that_is_turned_is_left_to_the_weights(reader: TextReader, plain: str) -> None:
    assert not read(reader, plain, none=0.9)


def test_a_phrase_falls_where_the_weights_all_but_rule_a_danger_out(reader: TextReader) -> None:
    assert not read(reader, "i can't breathe", none=0.995)


def test_a_doubt_that_is_spread_over_many_signs_is_none(reader: TextReader) -> None:
    few = dict.fromkeys(["swallowing", "pus", "fever", "vision", "seizure"], 0.04)
    assert not read(reader, "words", none=0.8, **few)


def test_an_emergency_is_one_that_is_likely_in_itself(reader: TextReader) -> None:
    spread = read(reader, "words", none=0.5, pus=0.3, swallowing=0.07, vision=0.07, seizure=0.06)
    assert (spread.emergency, spread.warning) == (frozenset(), frozenset({WarningSign.PUS}))


def test_weights_add_and_what_they_add_may_be_in_doubt(reader: TextReader) -> None:
    likely = read(reader, "words", swallowing=0.9, none=0.1)
    assert (likely.emergency, likely.doubtful) == (frozenset({WarningSign.SWALLOWING}), frozenset())
    perhaps = read(reader, "words", swallowing=0.3, none=0.7)
    assert (perhaps.emergency, perhaps.doubtful) == (frozenset({WarningSign.SWALLOWING}),) * 2


def test_the_same_day_counts_what_is_for_now_as_well(reader: TextReader) -> None:
    signs = read(reader, "words", swallowing=0.1, pus=0.06, none=0.84)
    assert (signs.emergency, signs.warning, signs.doubtful) == (
        frozenset(),
        frozenset({WarningSign.PUS}),
        frozenset({WarningSign.PUS}),
    )


def test_fever_and_spreading_heat_together_are_for_now(reader: TextReader) -> None:
    signs = read(reader, "words", fever_spreading=0.9, none=0.1)
    assert signs.emergency == frozenset({WarningSign.FEVER, WarningSign.SPREADING_HEAT})


def test_what_can_wait_a_day_is_only_named_where_nothing_else_is(reader: TextReader) -> None:
    assert read(reader, "words", bumps=0.9, none=0.1).watch == frozenset({WarningSign.BUMPS})
    assert not read(reader, "words", bumps=0.5, pus=0.5).watch


def test_a_wish_to_be_called(reader: TextReader) -> None:
    assert sign_reader.asks_for_call({"call_me": 0.5}, reader.bounds)
    assert not sign_reader.asks_for_call({"call_me": 0.01}, reader.bounds)
