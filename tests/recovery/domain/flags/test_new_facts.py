"""Only what nobody of the clinic knows yet is news: by what was seen when, in which revision, how severe."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recovery.domain.clinical.findings import AssessmentRule, Finding, SignMention
from recovery.domain.clinical.symptoms import Level, Symptom, WarningSign
from recovery.domain.flags import new_facts
from recovery.domain.flags.new_facts import Fact, HandledFlag

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
FIRST, SECOND = UUID(int=1), UUID(int=2)
LEVELS = (Level.WATCH, Level.ABNORMAL, Level.EMERGENCY)


def sign(
    named: WarningSign = WarningSign.BREATHING,
    *,
    source: UUID = FIRST,
    at: datetime = NOON,
    level: Level = Level.EMERGENCY,
    said: SignMention | None = None,
    anew: bool = False,
) -> Fact:
    finding = Finding(rule=AssessmentRule.WARNING_SIGN, level=level, day=1, sign=named, said=said)
    return Fact(source=source, seen_at=at, finding=finding, said_anew=anew)


def score(
    level: Level = Level.ABNORMAL,
    *,
    source: UUID = FIRST,
    at: datetime = NOON,
    rule: AssessmentRule = AssessmentRule.FAR_ABOVE,
    symptom: Symptom = Symptom.REDNESS,
) -> Fact:
    return Fact(
        source=source, seen_at=at, finding=Finding(rule=rule, level=level, day=1, symptom=symptom, value=9)
    )


def closed(*facts: Fact, at: datetime = NOON + HOUR) -> HandledFlag:
    return HandledFlag(facts=facts, closed_at=at)


def is_new(fact: Fact, *handled: HandledFlag) -> bool:
    return new_facts.new_facts([fact], handled=handled) == [fact]


def test_what_no_flag_knows_is_new() -> None:
    assert is_new(sign())
    assert is_new(score())


def test_a_hold_that_ends_brings_no_second_emergency() -> None:
    """The sign was handled; the score that was in question is no more severe than what was."""
    handled = closed(sign())
    assert new_facts.new_facts([sign(), score()], handled=[handled]) == []


def test_a_hold_that_ends_above_what_was_handled_is_new() -> None:
    assert is_new(score(Level.ABNORMAL), closed(score(Level.WATCH, rule=AssessmentRule.LATE)))


def test_a_late_report_of_the_same_adds_to_what_was_closed() -> None:
    late = sign(source=SECOND, at=NOON - HOUR)
    assert not is_new(late, closed(sign()))
    assert not is_new(score(source=SECOND, at=NOON - HOUR), closed(sign()))


def test_a_sign_that_nobody_was_shown_is_new_however_late_it_comes() -> None:
    fever = sign(WarningSign.FEVER, source=SECOND, at=NOON - HOUR)
    assert is_new(fever, closed(sign()))
    assert is_new(sign(WarningSign.PUS, level=Level.ABNORMAL, source=SECOND), closed(sign()))


def test_what_is_seen_after_the_close_is_always_new() -> None:
    still = sign(source=SECOND, at=NOON + 4 * HOUR)
    assert is_new(still, closed(sign()))
    assert is_new(score(source=SECOND, at=NOON + 4 * HOUR), closed(sign()))
    assert is_new(replace(still, source=FIRST), closed(sign())), "the same report, seen anew"


def test_a_correction_is_new_for_the_signs_that_it_says_first() -> None:
    assert not is_new(sign(), closed(sign()))
    assert is_new(sign(anew=True), closed(sign())), "it had been taken back in between"
    assert not is_new(sign(anew=True), HandledFlag(facts=[sign()], closed_at=None)), "an open flag shows it"


def test_what_was_in_doubt_is_new_once_it_is_certain() -> None:
    doubtful = sign(said=SignMention.DOUBTFUL)
    assert is_new(sign(), closed(doubtful))
    assert not is_new(doubtful, closed(sign()))


def test_what_is_told_to_the_staff_is_always_new() -> None:
    told = score(source=SECOND, rule=AssessmentRule.TOLD, symptom=Symptom.PAIN)
    assert is_new(told, closed(sign()))


def test_an_open_flag_knows_only_its_own_reports() -> None:
    open_flag = HandledFlag(facts=[sign()], closed_at=None)
    assert not is_new(sign(), open_flag)
    assert is_new(sign(source=SECOND), open_flag)
    assert is_new(score(), open_flag), "the same report has something more"


def test_the_level_of_facts_is_that_of_the_most_severe() -> None:
    assert new_facts.level_of([]) is Level.EXPECTED
    assert new_facts.level_of([score(Level.WATCH), sign(), score()]) is Level.EMERGENCY


facts = st.one_of(
    st.builds(
        sign,
        st.sampled_from([WarningSign.BREATHING, WarningSign.PUS, WarningSign.FEVER]),
        source=st.sampled_from([FIRST, SECOND]),
        at=st.integers(0, 8).map(lambda hours: NOON + hours * HOUR),
        level=st.sampled_from(LEVELS),
    ),
    st.builds(
        score,
        st.sampled_from(LEVELS),
        source=st.sampled_from([FIRST, SECOND]),
        at=st.integers(0, 8).map(lambda hours: NOON + hours * HOUR),
    ),
)
flags = st.builds(
    HandledFlag,
    facts=st.lists(facts, max_size=4),
    closed_at=st.one_of(st.none(), st.integers(0, 8).map(lambda hours: NOON + hours * HOUR)),
)


@given(fact=facts, handled=st.lists(flags, max_size=4))
def test_what_was_brought_is_never_news_again_and_what_came_since_always_is(
    fact: Fact, handled: Sequence[HandledFlag]
) -> None:
    brought = HandledFlag(facts=[fact], closed_at=fact.seen_at + HOUR)
    assert not is_new(fact, *handled, brought)
    later = replace(fact, source=UUID(int=3), seen_at=NOON + 20 * HOUR)
    assert is_new(later, *handled, brought), "seen after every close, in a report nobody has"


@given(fact=facts, handled=st.lists(flags, max_size=4))
def test_nothing_above_all_that_was_handled_is_lost(fact: Fact, handled: Sequence[HandledFlag]) -> None:
    known = [one.level.rank for flag in handled for one in flag.facts]
    if fact.level.rank > max(known, default=0):
        assert is_new(fact, *handled)


@given(fact=facts, handled=st.lists(flags, max_size=4))
def test_a_sign_that_no_flag_was_shown_is_never_lost(fact: Fact, handled: Sequence[HandledFlag]) -> None:
    shown = {named for flag in handled for one in flag.facts for named in one.signs}
    if fact.signs - shown:
        assert is_new(fact, *handled)


@pytest.mark.parametrize("level", LEVELS)
def test_more_flags_never_make_known_facts_new(level: Level) -> None:
    known = score(level)
    assert not is_new(known, closed(known))
    assert not is_new(known, closed(known), closed(sign(at=NOON - HOUR), at=NOON - HOUR))
