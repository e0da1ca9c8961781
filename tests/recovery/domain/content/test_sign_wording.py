from __future__ import annotations

import re
from pathlib import Path

import pytest

from recovery.domain.clinical.protocol import Protocol
from recovery.domain.clinical.symptoms import Level, WarningSign
from recovery.domain.content import sign_wording
from recovery.domain.content.sign_wording import SignList, SignsError, SignWords
from recovery.domain.messaging import sms_segments
from recovery.domain.messaging.sms_segments import Encoding

CONFIG = Path(__file__).resolve().parents[4] / "config"
LANGUAGES = sorted(path.parent.name for path in CONFIG.glob("messages/*/signs.toml"))
LIST = (CONFIG / "signs.toml").read_text("utf-8")
ENGLISH = (CONFIG / "messages" / "en" / "signs.toml").read_text("utf-8")
MOST_BOXES = 10
"""Emergency signs on one screen: more are not read."""


@pytest.fixture(scope="module", params=LANGUAGES)
def words(request: pytest.FixtureRequest, sign_list: SignList) -> SignWords:
    text = (CONFIG / "messages" / request.param / "signs.toml").read_text("utf-8")
    return sign_wording.parse(text, listed=sign_list)


def test_every_sign_is_asked_once_but_for_harm_to_oneself(sign_list: SignList) -> None:
    asked = [sign for question in sign_list.questions for sign in question.signs]
    assert sorted([*asked, WarningSign.SELF_HARM]) == sorted(WarningSign)
    assert sign_list.private == {WarningSign.SELF_HARM}


def test_the_signs_of_a_box_are_as_urgent_as_each_other_and_few_boxes_are_emergencies(
    sign_list: SignList, standard: Protocol
) -> None:
    levels = [{standard.urgency(sign) for sign in question.signs} for question in sign_list.questions]
    assert all(len(level) == 1 for level in levels)
    assert levels == sorted(levels, key=lambda level: -max(one.rank for one in level))
    assert levels.count({Level.EMERGENCY}) <= MOST_BOXES
    warned = {*sign_list.anywhere, *sign_list.danger}
    assert {standard.urgency(sign) for sign in warned} == {Level.EMERGENCY}


def test_a_tick_stores_the_first_of_the_most_urgent_signs(sign_list: SignList) -> None:
    question = sign_list.question_of(WarningSign.RACING_HEART)
    assert question.signs == (WarningSign.CHEST_PAIN, WarningSign.RACING_HEART)
    assert question.ticked(lambda _: Level.WATCH) is WarningSign.CHEST_PAIN
    milder = {WarningSign.CHEST_PAIN: Level.WATCH, WarningSign.RACING_HEART: Level.EMERGENCY}
    assert question.ticked(milder.__getitem__) is WarningSign.RACING_HEART


def test_every_language_says_every_sign(words: SignWords, standard: Protocol) -> None:
    assert set(words.nurse) == set(words.patient) == set(WarningSign)
    assert set(words.asks) == set(words.text) == set(WarningSign) - words.listed.private
    boxes = [words.asked(question) for question in words.listed.questions]
    assert len(set(boxes)) == len(boxes)
    assert [
        box
        for level in (Level.EMERGENCY, Level.ABNORMAL, Level.WATCH)
        for box in words.asked_at(level, urgency=standard.urgency)
    ] == boxes


def test_each_sign_has_its_definition_in_the_question(english_signs: SignWords) -> None:
    asks = english_signs.asks
    assert "38 C (100.4 F) or more" in asks[WarningSign.FEVER]
    assert "fast breath" in asks[WarningSign.VERY_ILL]
    assert "fainting" in asks[WarningSign.FAINTING]


@pytest.mark.parametrize("sign", [sign for sign in WarningSign if sign is not WarningSign.SELF_HARM])
def test_what_a_text_says_of_a_sign_or_its_box_fits(words: SignWords, sign: WarningSign) -> None:
    for said in (words.in_text(sign, ticked=True), words.in_text(sign, ticked=False)):
        measured = sms_segments.count_segments(said)
        assert measured.encoding is Encoding.GSM7
        assert measured.units <= sign_wording.LONGEST_IN_TEXT
    assert sms_segments.count_segments(words.danger).units <= sign_wording.LONGEST_DANGER


def test_a_sign_that_is_nobody_else_s_business_is_in_no_text(english_signs: SignWords) -> None:
    with pytest.raises(KeyError):
        english_signs.in_text(WarningSign.SELF_HARM, ticked=False)
    assert english_signs.nurse_ticked(WarningSign.SELF_HARM) == "thoughts of self-harm or suicide"


def test_lists_are_told_apart_from_what_is_within_them(english_signs: SignWords) -> None:
    assert english_signs.in_text(WarningSign.BREATHING, ticked=True) == (
        "trouble breathing or trouble swallowing"
    )
    assert english_signs.patient_ticked(WarningSign.SEIZURE) == (
        "fainting; a seizure; being confused or hard to wake; or a face that hangs on one side, "
        "strange speech or a weak arm"
    )
    assert english_signs.danger == "trouble breathing, fainting or feeling very ill"
    assert english_signs.anywhere.endswith("; eye pain; a change in sight; or feeling very ill")


def test_spanish_needs_no_other_word_for_or_before_these_signs() -> None:
    text = (CONFIG / "messages" / "es" / "signs.toml").read_text("utf-8")
    words = sign_wording.parse(text, listed=sign_wording.parse_list(LIST))
    said = [words.danger, words.anywhere]
    for question in words.listed.questions:
        lead = question.signs[0]
        said += [words.asked(question), words.patient_ticked(lead), words.in_text(lead, ticked=True)]
    assert [one for one in said if re.search(r"\bo h?o", one)] == []


@pytest.mark.parametrize(
    ("before", "after", "complaint"),
    [
        ('signs = ["pus"]', 'signs = ["pus", "fever"]', "line 1: fever must be asked once"),
        ('signs = ["pus"]', 'signs = ["slime"]', r"line \d+: questions.\d+.signs: .*slime"),
        ('[[questions]]\nsigns = ["pus"]\n', "", "line 1: pus must be asked once, or be private"),
        ('signs = ["pus"]', 'signs = ["pus"]\nlevel = "watch"', "level: is not known"),
        ('danger = ["breathing"', 'danger = ["self_harm"', "line 1: self_harm is private"),
    ],
)
def test_a_list_that_leaves_a_doubt_is_refused(before: str, after: str, complaint: str) -> None:
    assert before in LIST
    with pytest.raises(SignsError, match=complaint):
        sign_wording.parse_list(LIST.replace(before, after, 1))


@pytest.mark.parametrize(
    ("before", "after", "complaint"),
    [
        ('text = "fainting"\n', "", "signs.fainting: text is missing"),
        ('text = "fainting"', f'text = "{"x" * 30}"', "signs.fainting.text: a text says .* at most 58"),
        ('text = "fainting"', 'text = "desmayó"', "signs.fainting.text: a text says"),
        ('text = "trouble breathing"', f'text = "{"x" * 25}"', "signs.breathing.text: a text says .* 48"),
        ('asks = "fainting or', 'question = "fainting or', "asks is missing"),
        ("[signs.self_harm]", '[signs.self_harm]\ntext = "x"', "signs.self_harm.text: is not known"),
        ("[signs.self_harm]", '[signs.self_harm]\nasks = "x"', "signs.self_harm.asks: is not known"),
        ("[signs.pus]", "[signs.slime]", "pus is missing"),
        ('or = "or"', "or = ", "not valid TOML"),
    ],
)
def test_words_that_lack_something_are_refused(
    sign_list: SignList, before: str, after: str, complaint: str
) -> None:
    assert before in ENGLISH
    with pytest.raises(SignsError, match=complaint):
        sign_wording.parse(ENGLISH.replace(before, after, 1), listed=sign_list)
