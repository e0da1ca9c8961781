"""Every sentence that a patient can be shown, in every state of the flag, at every kind of hour, on every
kind of day, in every language, on the page, by the API and by text: held against what is so."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import pytest

from recovery.domain.core.language import Language
from recovery.domain.flags.flag_lifecycle import Urgency
from tests.support.browser import page_sentences
from tests.support.told import told_sentences
from tests.support.told.told_sentences import (
    SERIES,
    Told,
    asked_again_at,
    asks_at,
    content,
    page_case,
    places,
    status_of,
    text_keys,
    text_values,
    unconfirmed_of,
)
from tests.support.told.told_states import (
    CLOSED,
    EMERGENCY,
    OWN,
    WITHOUT_FLAG,
    ZONE,
    FlagCase,
    ToldState,
    every_state,
)

LOOKING = {
    Language.ENGLISH: r"is looking|nurse has opened what|is with you",
    Language.SPANISH: r"está viendo|enfermera ha abierto lo que|le atiende",
    Language.FRENCH: r"infirmière (le )?regarde\b|infirmière a ouvert ce que|vous suit",
}
LOOKED = {
    Language.ENGLISH: r"has looked|nurse looked|been in touch",
    Language.SPANISH: r"ya (lo )?vio\b|ya se comunicó",
    Language.FRENCH: r"\ba regardé|a vu votre|vous a contacté",
}
LATE = {
    Language.ENGLISH: "should have looked",
    Language.SPANISH: "ya debería haber",
    Language.FRENCH: "aurait déjà dû",
}
EXPECTED = {
    Language.ENGLISH: r"\bexpect",
    Language.SPANISH: r"se espera|esperamos",
    Language.FRENCH: r"attend(u|ons)\b",
}
TODAY = {
    Language.ENGLISH: r"\btoday\b",
    # The label of the check-in that is sent on its own day is no promise.
    Language.SPANISH: r"(?<!preguntas de )\bhoy\b",
    Language.FRENCH: r"\baujourd'hui\b",
}
CLOCK_TIME = re.compile(r"(\d{1,2})(?:[:h](\d\d)|(?= ?[AP]M)|h\b)(?: ?([AP]M))?")
WEEKDAY = {
    Language.ENGLISH: ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
    Language.SPANISH: ("lun", "mar", "mié", "jue", "vie", "sáb", "dom"),
    Language.FRENCH: ("lun", "mar", "mer", "jeu", "ven", "sam", "dim"),
}


@pytest.fixture(scope="module")
def told() -> list[Told]:
    return told_sentences.tell_all()


def found(words: dict[Language, str], one: Told, sentence: str) -> bool:
    return re.search(words[one.state.language], sentence, re.IGNORECASE) is not None


def test_all_combinations_are_there(told: list[Told]) -> None:
    combined = {(one.state.flag, one.state.hour.name, one.state.day, one.state.language) for one in told}
    assert len(combined) == 8 * 8 * 6 * 3
    assert all(len(one.texts) >= 5 and len(one.api) == 5 for one in told)


def test_a_nurse_looks_only_where_one_has_claimed(told: list[Told]) -> None:
    for one in told:
        looking = [sentence for sentence in one.sentences() if found(LOOKING, one, sentence)]
        if one.state.flag is FlagCase.CLAIMED:
            assert found(LOOKING, one, one.page["phase"]), one
            assert found(LOOKING, one, one.page["follow_up"]), one
        else:
            assert looking == [], one.state


def test_a_nurse_has_looked_or_been_in_touch_only_where_one_has(told: list[Told]) -> None:
    for one in told:
        done = [sentence for sentence in one.sentences() if found(LOOKED, one, sentence)]
        if one.state.flag in (FlagCase.CONTACTED, FlagCase.CLOSED):
            assert found(LOOKED, one, one.page["follow_up"]), one.state
        else:
            assert done == [], one.state


def test_a_promise_that_was_not_kept_is_owned_up_to_and_says_whom_to_call(told: list[Told]) -> None:
    for one in told:
        late = [sentence for sentence in one.sentences() if found(LATE, one, sentence)]
        if one.state.flag is not FlagCase.OVERDUE:
            assert late == [], one.state
            assert not one.page["overdue"]
            continue
        assert one.page["overdue"]
        for key in ("phase", "follow_up"):
            assert found(LATE, one, one.page[key]), one.state
            assert numbers_in(one.page[key]) == [digits(one.state.hour.answering)], one.page[key]
        advised, _, *instead, _ = one.api
        assert found(LATE, one, advised) or one.state.urgency is Urgency.EMERGENCY, one.state
        assert all(found(LATE, one, sentence) for sentence in instead), one.state


def test_nothing_is_as_expected_while_in_doubt_flagged_or_judged_by_nobody(told: list[Told]) -> None:
    judged = {
        index
        for index, series in enumerate(SERIES)
        if series["judged"]
        and not series["points"][0]["in_question"]
        and (not series["points"][0]["flagged"] or series["place"] == "above")
        and series["place"] != "early"
    }
    for one in told:
        said = {index for index, words in enumerate(one.page["points"]) if found(EXPECTED, one, words)}
        assert said == judged, one.page["points"]
        clear, doubtful, *_ = one.api
        assert not found(EXPECTED, one, doubtful), one
        calm = one.state.flag is FlagCase.NONE and one.state.day > 0
        assert found(EXPECTED, one, clear) is calm, (one.state, clear)
        for sentence in (one.page["phase"], one.page["follow_up"], *one.api[2:]):
            assert not found(EXPECTED, one, sentence), sentence
        expected = [sentence for sentence in one.texts if found(EXPECTED, one, sentence)]
        assert len(expected) == (1 if calm else 0), (one.state, expected)


def test_no_sentence_says_today_of_a_day_that_may_be_another(told: list[Told]) -> None:
    for one in told:
        assert [sentence for sentence in one.sentences() if found(TODAY, one, sentence)] == [], one.state


def digits(number: str) -> str:
    return re.sub(r"\D", "", number)


def numbers_in(sentence: str) -> list[str]:
    """The telephone numbers in a sentence, emergency numbers too, by their digits."""
    return [digits(one) for one in re.findall(r"\+\d[\d \u00a0]{9,}\d|\b911\b", sentence)]


def test_every_number_is_answered_at_that_hour(told: list[Told]) -> None:
    for one in told:
        answered = one.state.hour.answering
        assert one.page["called"] == answered, one.state
        rows = one.page["numbers"]
        assert rows[0]["number"] == answered, one.state
        assert EMERGENCY in {row["number"] for row in rows}
        own = next(row for row in rows if row["name"] == "clinic")
        assert own["answered"] is one.state.hour.open, "its own number is a button only while it is open"
        may = {digits(answered), EMERGENCY}
        for sentence in one.sentences():
            assert set(numbers_in(sentence)) <= may, (one.state, sentence)
        assert any(digits(answered) in numbers_in(text) for text in one.texts), one.state


def test_the_clinics_hours_stand_on_the_page_and_say_when_it_opens_next(told: list[Told]) -> None:
    for one in told:
        lines, opens = one.page["hours"], one.state.hour.hours.next_opening(one.state.now)
        assert len(lines) == (1 if one.state.hour.open else 2), lines
        if not one.state.hour.open:
            assert opens is not None
            assert_names(lines[1], opens, one.state)


def test_the_emergency_number_stays_on_top_until_the_flag_is_closed(told: list[Told]) -> None:
    closed = (*WITHOUT_FLAG, FlagCase.CLOSED)
    for one in told:
        urgent = one.state.urgency is Urgency.EMERGENCY and one.state.flag not in closed
        assert one.page["emergency_on_top"] is urgent, one.state


def test_what_to_avoid_gives_way_to_a_flag_that_is_not_closed(told: list[Told]) -> None:
    for one in told:
        avoided = one.page["avoid"]
        if one.state.flag in (*WITHOUT_FLAG, FlagCase.CLOSED):
            running = {
                rule.what
                for rule in content().avoidance
                if rule.until(one.state.performed_at) > one.state.now
            }
            assert {row["what"] for row in avoided} == running, one.state
            assert all(row["until"] for row in avoided)
        else:
            assert len(avoided) == len(content().avoidance)
            assert {row["until"] for row in avoided} == {""}, one.state
            assert not any(re.search(r"\d", row["left"]) for row in avoided)


def times_in(sentence: str) -> list[tuple[int, int]]:
    """The times of day in a sentence, on the clock of 24 hours."""
    plain = sentence.replace("\u202f", " ").replace("\u00a0", " ")
    times = []
    for hour, minute, half in CLOCK_TIME.findall(plain):
        at = int(hour) % 12 + (12 if half == "PM" else 0) if half else int(hour)
        times.append((at, int(minute or 0)))
    return times


def assert_names(sentence: str, moment: datetime, state: ToldState) -> None:
    """The sentence names this moment by the clinic's clock, with its day unless it is the same."""
    local, today = moment.astimezone(ZONE), state.now.astimezone(ZONE)
    if (local.hour, local.minute) == (0, 0):
        local -= timedelta(minutes=1)
    at = (local.hour, local.minute)
    assert at in times_in(sentence), (sentence, local)
    day = WEEKDAY[state.language][local.weekday()]
    told_day = day.lower() in sentence.lower() or re.search(rf"\b{local.day}\b", sentence) is not None
    if local.date() != today.date():
        assert told_day, (sentence, local)


def test_a_promised_time_is_the_flags_due_time(told: list[Told]) -> None:
    for one in told:
        row = one.state.row(content().response_times)
        if row is None or one.status.by is None:
            assert times_in(one.page["phase"]) == [], one.page["phase"]
            continue
        for key in ("phase", "follow_up"):
            assert_names(one.page[key], row.due_at, one.state)
            assert len(times_in(one.page[key])) == 1
        assert_names(one.page["unconfirmed"], unconfirmed_of(one.state)["follow_up"]["by"], one.state)
        for key, by in text_keys(one.state).items():
            if by is None or "by" not in places(one.state, key):
                continue
            if key.startswith("flag_"):
                opens = one.state.hour.hours.next_opening(one.state.now)
                assert by == (opens if key == "flag_after_hours" else row.due_at)
            named = [text for text in one.texts if text_values(one.state, by)["by"] in text]
            assert len(named) >= 1
            for text in named:
                assert_names(text, by, one.state)


def test_what_is_asked_about_once_more_says_when_on_each_channel_in_each_language(told: list[Told]) -> None:
    asked = [one for one in told if one.state.flag is FlagCase.ASKED_AGAIN]
    assert {one.state.language for one in asked} == set(Language)
    for one in asked:
        moment, (advised, *_) = asks_at(one.state), one.api
        assert_names(advised, moment, one.state)
        assert len(times_in(advised)) == 1
        named = [text for text in one.texts if asked_again_at(one.state) in text]
        assert len(named) == 1, named
        assert_names(named[0], moment, one.state)
    others = [one for one in told if one.state.flag is not FlagCase.ASKED_AGAIN]
    for one in others:
        start, end = content().words_for(one.state.language).of_report["asked_again"].split("{at}")
        assert not any(words.startswith(start) or words.endswith(end) for words in one.api), one.state


def test_a_phone_that_has_not_asked_since_does_not_say_that_nobody_looked() -> None:
    cases = list[tuple[ToldState, dict[str, Any]]]()
    for state in every_state():
        if state.flag is FlagCase.OVERDUE:
            status = status_of(state)
            assert status.by is not None
            cases.append((state, page_case(state, status, asked_at=status.by - timedelta(minutes=1))))
            never = page_case(state, status)
            del never["report"]["asked_at"]
            cases.append((state, never))
    said = page_sentences.say([case for _, case in cases])
    for (state, _), page in zip(cases, said, strict=True):
        for sentence in (page["phase"], page["follow_up"]):
            assert not re.search(LATE[state.language], sentence), sentence
            assert numbers_in(sentence) == [digits(state.hour.answering)]
        assert not page["overdue"]


def test_the_number_for_closed_hours_is_another_than_the_clinics() -> None:
    assert len({OWN, CLOSED, EMERGENCY}) == 3
