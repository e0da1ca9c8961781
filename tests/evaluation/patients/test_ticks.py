from __future__ import annotations

import random
import statistics

import pytest

from evaluation.patients import ticks
from recovery.domain.clinical import symptoms

SHOWN = (symptoms.WarningSign.PUS, symptoms.WarningSign.FEVER)


def test_nothing_that_shows_is_nothing_ticked() -> None:
    rng = random.Random(1)
    before = rng.getstate()
    assert ticks.ticked(rng, shown=(), chance=1.0, word_rate=None) == frozenset()
    assert rng.getstate() == before


def test_each_sign_is_ticked_by_itself() -> None:
    rng = random.Random(1)
    found = [ticks.ticked(rng, shown=SHOWN, chance=0.9, word_rate=None) for _ in range(3_000)]
    for sign in SHOWN:
        assert statistics.fmean(sign in each for each in found) == pytest.approx(0.9, abs=0.02)
    assert statistics.fmean(len(each) == 2 for each in found) == pytest.approx(0.81, abs=0.03)


def test_by_text_one_word_stands_for_all_of_them() -> None:
    rng = random.Random(1)
    found = [ticks.ticked(rng, shown=SHOWN, chance=0.9, word_rate=0.7) for _ in range(3_000)]
    assert set(found) == {frozenset(), frozenset({symptoms.WarningSign.WORRIED})}
    assert statistics.fmean(bool(each) for each in found) == pytest.approx(0.63, abs=0.03)


def test_a_slipping_finger_ticks_any_of_the_page_and_the_word_by_text() -> None:
    rng = random.Random(1)
    assert {ticks.stray(rng, by_text=False) for _ in range(500)} == set(ticks.STRAY_SIGNS)
    assert {ticks.stray(rng, by_text=True) for _ in range(20)} == {symptoms.WarningSign.WORRIED}


def test_healing_skin_is_ticked_for_in_one_report_of_so_large_a_share_of_courses() -> None:
    rng = random.Random(1)
    drawn = [ticks.once(rng, reports=4, worried_rate=0.2, breakout_rate=0.5) for _ in range(3_000)]
    for sign, rate in ((symptoms.WarningSign.WORRIED, 0.2), (symptoms.WarningSign.BREAKOUT, 0.5)):
        places = [[place for place, ticked in each if ticked is sign] for each in drawn]
        assert max(map(len, places)) == 1
        assert statistics.fmean(map(len, places)) == pytest.approx(rate, abs=0.03)
        assert {place for each in places for place in each} == {0, 1, 2, 3}


def test_by_text_and_without_a_report_there_is_no_breakout_to_tick() -> None:
    rng = random.Random(1)
    by_text = [ticks.once(rng, reports=4, worried_rate=0.5, breakout_rate=None) for _ in range(200)]
    assert {sign for each in by_text for _, sign in each} == {symptoms.WarningSign.WORRIED}
    assert ticks.once(rng, reports=0, worried_rate=1.0, breakout_rate=1.0) == []
