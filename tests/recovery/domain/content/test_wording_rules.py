from __future__ import annotations

from pathlib import Path

import pytest

from recovery.domain.content import wording_rules
from recovery.domain.content.wording_rules import WordingRule, WordingRules
from recovery.domain.core.language import Language
from recovery.domain.messaging import catalogue, sms_segments, text_schedule
from recovery.domain.messaging.catalogue import Catalogue, TextKind
from recovery.domain.patients.contact import AnswersBy

MESSAGES = Path(__file__).parents[4] / "config" / "messages"
COMMON = (MESSAGES / "wording-rules.toml").read_text(encoding="utf-8")
SEGMENTS = {"first_text": 2, "ask_signs": 2, "ask_signs_tip": 2, "ask_signs_marks": 2}
"""What needs more than one at the longest."""

ALIKE_IS_FINE = {"stop_ack", "login_code"}
"""The carrier sends the one itself, and a code is new in every text."""


def _catalogue(language: str) -> Catalogue:
    return catalogue.parse((MESSAGES / language / "texts.toml").read_text(encoding="utf-8"))


def _rules(language: str) -> WordingRules:
    own = (MESSAGES / language / "wording-rules.toml").read_text(encoding="utf-8")
    return wording_rules.parse(COMMON, own)


CATALOGUES = {language.value: _catalogue(language.value) for language in Language}
RULES = {language.value: _rules(language.value) for language in Language}
SHIPPED = [(language, key) for language, texts in CATALOGUES.items() for key in texts.keys]


def found(template: str, *, key: str = "seen", language: str = "en") -> set[WordingRule]:
    faults = wording_rules.find_faults(
        template, key=key, rules=RULES[language], limits=CATALOGUES[language].limits
    )
    return {fault.rule for fault in faults}


@pytest.mark.parametrize(("language", "key"), SHIPPED)
def test_no_shipped_wording_is_at_fault(language: str, key: str) -> None:
    texts = CATALOGUES[language]
    template = texts.text(key).template
    assert wording_rules.find_faults(template, key=key, rules=RULES[language], limits=texts.limits) == ()


@pytest.mark.parametrize(("language", "key"), SHIPPED)
def test_every_language_says_the_same_texts_with_the_same_places_in_as_few_segments(
    language: str, key: str
) -> None:
    texts, english = CATALOGUES[language], CATALOGUES["en"]
    assert set(texts.text(key).placeholders) == set(english.text(key).placeholders)
    assert texts.text(key).kind is english.text(key).kind
    assert texts.keys == english.keys
    assert texts.limits == english.limits
    measure = sms_segments.count_segments(texts.longest(key))
    assert (measure.encoding, measure.segments) == (sms_segments.Encoding.GSM7, SEGMENTS.get(key, 1))


@pytest.mark.parametrize(("language", "key"), SHIPPED)
def test_every_invitation_and_check_in_says_whose_it_is_and_whom_to_call(language: str, key: str) -> None:
    rules, text = RULES[language], CATALOGUES[language].text(key)
    if text.kind is TextKind.CHECK_IN or key == "invitation":
        assert {"clinic", "phone"} <= set(text.placeholders)
        assert rules.segments[key] == 2
        assert {"clinic", "phone"} <= rules.required(key)


@pytest.mark.parametrize("language", CATALOGUES)
def test_what_a_course_costs_in_segments_is_what_the_page_says(language: str) -> None:
    texts = CATALOGUES[language]
    schedule = text_schedule.parse((MESSAGES / "schedule.toml").read_text("utf-8"))

    def cost(answers_by: AnswersBy) -> int:
        planned = [step.template for step in schedule.steps if step.answers_by in (None, answers_by)]
        asked = [key for key in planned if texts.text(key).kind in (TextKind.TIP, TextKind.CHECK_IN)]
        sent = ["optin_confirm", "invitation", *asked]
        return sum(sms_segments.count_segments(texts.longest(key)).segments for key in sent)

    said = (MESSAGES.parents[1] / "docs" / "operations.md").read_text("utf-8")
    assert f"by link {cost(AnswersBy.LINK)} segments" in said
    assert f"by text {cost(AnswersBy.TEXT)} segments" in said


@pytest.mark.parametrize(("language", "key"), SHIPPED)
def test_a_text_has_a_link_or_a_reference_that_no_other_text_has(language: str, key: str) -> None:
    places = set(CATALOGUES[language].text(key).placeholders)
    assert bool(places & {"link", "ref"}) is (key not in ALIKE_IS_FINE)
    assert bool(RULES[language].required(key) & {"link", "ref"}) is (key not in ALIKE_IS_FINE)


@pytest.mark.parametrize("language", CATALOGUES)
def test_the_rules_know_exactly_the_texts_that_there_are(language: str) -> None:
    rules, keys = RULES[language], set(CATALOGUES[language].keys)
    assert set(rules.must) == keys
    assert {*rules.may, *rules.says} <= keys
    assert set(rules.samples) == set(CATALOGUES[language].limits)
    assert rules.language == language


@pytest.mark.parametrize("key", CATALOGUES["en"].keys)
def test_english_reads_at_the_sixth_grade_or_below(key: str) -> None:
    grade = wording_rules.reading_grade(CATALOGUES["en"].text(key).template, rules=RULES["en"])
    assert grade is not None
    assert grade <= 6


def test_the_nurse_s_word_is_the_one_of_the_language() -> None:
    words = {"en": "NURSE", "es": "ENFERMERA", "fr": "INFIRMIERE"}
    assert {language: rules.says["dayN_text"] for language, rules in RULES.items()} == {
        language: (word,) for language, word in words.items()
    }


@pytest.mark.parametrize(
    ("template", "fault"),
    [
        ("{clinic}: We saw it. {phone} {ref} {", WordingRule.BRACES),
        ("{clinic}: We saw it. {phone!r} {ref}", WordingRule.BRACES),
        ("{clinic}: We saw it, {first_name}. {phone} {ref}", WordingRule.UNKNOWN_PLACE),
        ("{clinic}: We saw it. {phone} {ref} {code}", WordingRule.UNKNOWN_PLACE),
        ("{clinic}: We saw it. {ref}", WordingRule.MISSING_PLACE),
        ("{clinic}: We saw it. {phone}", WordingRule.MISSING_PLACE),
        ("We at {clinic}: saw it. {phone} {ref}", WordingRule.CLINIC_FIRST),
        ("{clinic}: We’ve seen it. {phone} {ref}", WordingRule.CHARACTER),
        ("{clinic}: We saw\u00a0it. {phone} {ref}", WordingRule.CHARACTER),
        ("{clinic}: We saw it.\n{phone} {ref}", WordingRule.CHARACTER),
        ("{clinic}: We saw it 😀. {phone} {ref}", WordingRule.CHARACTER),
        ("{clinic}: We saw your síntomas. {phone} {ref}", WordingRule.CHARACTER),
        ("{clinic}: " + "We saw it. " * 12 + "{phone} {ref}", WordingRule.LENGTH),
        ("{clinic}: Your Microneedling heals. {phone} {ref}", WordingRule.FORBIDDEN_WORD),
        ("{clinic}: After your chemical peel, call. {phone} {ref}", WordingRule.FORBIDDEN_WORD),
        ("{clinic}: BOTOX. {phone} {ref}", WordingRule.FORBIDDEN_WORD),
        ("{clinic}: Your score is fine. {phone} {ref}", WordingRule.FORBIDDEN_WORD),
        ("{clinic}: You sent 8/10. {phone} {ref}", WordingRule.FORBIDDEN_WORD),
        ("{clinic}: Dear Pat. {phone} {ref}", WordingRule.FORBIDDEN_WORD),
        ("{clinic}: Immediately communicate individual deterioration. {phone} {ref}", WordingRule.GRADE),
    ],
)
def test_each_fault_is_found_alone(template: str, fault: WordingRule) -> None:
    assert found(template) == {fault}


def test_a_plain_wording_of_one_s_own_passes() -> None:
    assert found("{clinic}: We saw your answers. Peeling may go on. Call {phone}. {ref}") == set()


@pytest.mark.parametrize(
    ("key", "template", "fault"),
    [
        ("day1_link", "{clinic}: Please check in.", WordingRule.MISSING_PLACE),
        ("emergency", "{clinic}: Call us: {phone}. {ref}", WordingRule.MISSING_PLACE),
        ("flag_next_day", "{clinic}: We look by {by}. {ref}", WordingRule.MISSING_PLACE),
        ("help", "{clinic}: Call {phone} or {emergency}. Reply stop. {ref}", WordingRule.MISSING_WORD),
        ("dayN_text", "{clinic}: Day {day}: text 0-10. {signs}? {phone} {ref}", WordingRule.MISSING_WORD),
    ],
)
def test_what_a_text_is_of_no_use_without(key: str, template: str, fault: WordingRule) -> None:
    assert found(template, key=key) == {fault}


def test_correct_spelling_may_take_two_segments_outside_english() -> None:
    spanish = "{clinic}: Aquí están: {phone}. Llámenos sin pensarlo más, de día o de noche. {ref}"
    assert (
        sms_segments.count_segments(
            catalogue.render_longest(spanish, limits=CATALOGUES["es"].limits)
        ).segments
        == 2
    )
    assert found(spanish, language="es") == set()
    assert found(spanish + " Más y más y más. Llame de día o de noche.", language="es") == {
        WordingRule.LENGTH
    }
    assert found("{clinic} : être là, c’est tout. {phone} {ref}", language="fr") == {WordingRule.CHARACTER}
    assert found("{clinic} : après la radiofrequence. {phone} {ref}", language="fr") == {
        WordingRule.FORBIDDEN_WORD
    }


@pytest.mark.parametrize(
    ("common", "own", "words"),
    [
        ("=", "", "not TOML"),
        (COMMON, "", "language is missing"),
        ("anywhere = []", 'language = "en"', "always is missing"),
        (COMMON, 'language = "en"\nucs2_segments = 0\nforbidden = 3', "another type"),
    ],
)
def test_rules_that_cannot_be_read_are_refused(common: str, own: str, words: str) -> None:
    with pytest.raises(wording_rules.WordingRulesError, match=words):
        wording_rules.parse(common, own)
