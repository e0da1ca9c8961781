from __future__ import annotations

from pathlib import Path

import pytest

from recovery.domain.content import aftercare_tips, sign_wording
from recovery.domain.messaging import catalogue, sms_segments

ENGLISH = Path(__file__).parents[4] / "config" / "messages" / "en" / "texts.toml"

SEPTETS_AT_LIMITS = {
    "optin_confirm": 157,
    "day0": 160,
    "day1_link": 152,
    "day2_link": 141,
    "day3_link": 157,
    "day4_link": 159,
    "day5_link": 159,
    "day7_link": 153,
    "day14_link": 154,
    "day28_link": 160,
    "day56_link": 158,
    "again_link": 159,
    "again_text": 156,
    "reminder_link": 138,
    "reminder_text": 160,
    "dayN_text": 159,
    "marks_text": 158,
    "got_scores": 119,
    "as_expected": 158,
    "asked_again": 160,
    "which_sign": 152,
    "marks_none": 142,
    "flag_same_day": 150,
    "flag_after_hours": 157,
    "flag_next_day": 135,
    "emergency": 127,
    "emergency_sign": 158,
    "emergency_self_harm": 158,
    "seen": 133,
    "tried_to_call": 105,
    "got_text": 133,
    "maybe_emergency": 157,
    "repair_scores": 159,
    "stopped": 122,
    "stopped_danger": 156,
    "stopped_self_harm": 160,
    "texts_paused": 152,
    "photos": 160,
    "late": 139,
    "late_emergency": 143,
    "last": 147,
    "help": 150,
    "stop_ack": 121,
    "invitation": 160,
    "login_code": 114,
    "start_ack": 129,
    "session_reminder": 129,
    "staff_alert": 90,
    "on_call_alert": 108,
    "staff_factor": 148,
}
"""What is one segment. The figures were counted when the wordings were written."""

OF_TWO_SEGMENTS = ("first_text", "ask_signs", "ask_signs_tip", "ask_signs_marks")

SMALL = """
language = "en"
[limits]
clinic = 5
code = 3
[texts.hello]
kind = "account"
when = "at the door"
template = "{clinic}: {code} {{ok}} {clinic}"
[texts.bye]
kind = "staff"
when = "later"
template = "Bye."
"""


@pytest.fixture(scope="module")
def english() -> catalogue.Catalogue:
    return catalogue.parse(ENGLISH.read_text(encoding="utf-8"))


@pytest.mark.parametrize(("key", "septets"), SEPTETS_AT_LIMITS.items())
def test_each_english_text_is_one_segment_at_its_limits(
    english: catalogue.Catalogue, key: str, septets: int
) -> None:
    assert sms_segments.count_segments(english.longest(key)) == sms_segments.SegmentCount(
        encoding=sms_segments.Encoding.GSM7, units=septets, segments=1
    )


def test_no_english_text_goes_unmeasured(english: catalogue.Catalogue) -> None:
    assert set(english.keys) == {*SEPTETS_AT_LIMITS, *OF_TWO_SEGMENTS}
    for key in OF_TWO_SEGMENTS:
        assert sms_segments.count_segments(english.longest(key)).segments == 2
    assert english.language == "en"
    assert english.limits == {
        "clinic": 20,
        "phone": 17,
        "link": 40,
        "by": 12,
        "emergency": 3,
        "sign": sign_wording.LONGEST_IN_TEXT,
        "danger": sign_wording.LONGEST_DANGER,
        "signs": sign_wording.LONGEST_BY_TEXT,
        "tip": aftercare_tips.LONGEST_IN_TEXT,
        "crisis": 17,
        "day": 2,
        "code": 6,
        "ref": 6,
    }


def test_a_clinic_s_own_words_take_the_place_of_ours(english: catalogue.Catalogue) -> None:
    own = english.with_wordings({"seen": "{clinic}: We saw it. {phone} {ref}"})
    said = own.render("seen", clinic="Glow", phone="+12025550190", ref="A")
    assert said == "Glow: We saw it. +12025550190 A"
    assert own.text("seen").kind is catalogue.TextKind.ANSWER
    assert own.keys == english.keys
    assert own.text("help") == english.text("help")


@pytest.mark.parametrize("template", ["{clinic}: {", "{clinic}: {colour}"])
def test_own_words_that_no_longer_fit_give_way_to_ours(english: catalogue.Catalogue, template: str) -> None:
    assert english.with_wordings({"seen": template, "gone": "{clinic}: Bye."}) == english


def test_every_text_says_who_sends_it(english: catalogue.Catalogue) -> None:
    assert all(english.text(key).template.startswith("{clinic}: ") for key in english.keys)


def test_texts_to_staff_carry_a_reference_and_nothing_of_a_patient(english: catalogue.Catalogue) -> None:
    staff = [key for key in english.keys if english.text(key).kind is catalogue.TextKind.STAFF]
    assert staff == ["staff_alert", "on_call_alert"]
    assert all(english.text(key).placeholders == ("clinic", "by", "ref") for key in staff)


def test_rendering(english: catalogue.Catalogue) -> None:
    assert english.render("login_code", clinic="Afterglow", code="012345").startswith(
        "Afterglow: Your code is 012345. "
    )
    day = english.render("got_scores", clinic="Afterglow", day=3, phone="+15005550123", ref="7K3QXM")
    assert " for day 3." in day
    assert day.endswith(" Ref 7K3QXM")


def test_values_are_put_in_once_and_braces_in_them_mean_nothing() -> None:
    small = catalogue.parse(SMALL)
    assert small.render("hello", clinic="{x}", code=7) == "{x}: 7 {ok} {x}"
    assert small.longest("hello") == "00000: 000 {ok} 00000"
    assert small.keys == ("hello", "bye")
    assert small.text("hello").placeholders == ("clinic", "code")
    assert small.render("bye") == "Bye."


@pytest.mark.parametrize(
    ("key", "values", "words"),
    [
        ("nothing", {}, "text nothing: there is no such text"),
        ("hello", {"clinic": "A"}, "text hello: no value for code"),
        ("hello", {"clinic": "A", "code": 1, "day": 1}, "text hello: has no place for day"),
        ("hello", {"clinic": "A", "code": 1234}, "text hello: code takes 4, more than 3"),
        ("hello", {"clinic": " ", "code": 1}, "text hello: the value of clinic is empty"),
        # Three characters, but the euro sign takes two septets each.
        ("hello", {"clinic": "€€€", "code": 1}, "text hello: clinic takes 6, more than 5"),
        ("hello", {"clinic": "😀😀😀", "code": 1}, "text hello: clinic takes 6, more than 5"),
    ],
)
def test_values_that_do_not_fit_are_refused_by_name(
    key: str, values: dict[str, str | int], words: str
) -> None:
    with pytest.raises(catalogue.CatalogueError) as raised:
        catalogue.parse(SMALL).render(key, **values)
    assert str(raised.value) == words
    assert raised.value.key == key


def test_limits_may_be_widened_for_a_clinic_in_training(english: catalogue.Catalogue) -> None:
    link = "http://127.0.0.1:8000/r/" + "x" * 22
    with pytest.raises(catalogue.CatalogueError, match="link takes 46, more than 40"):
        english.render("last", clinic="Afterglow", phone="+12025550190", link=link)
    training = english.with_limits(link=60)
    assert link in training.render("last", clinic="Afterglow", phone="+12025550190", link=link)
    assert english.limits["link"] == 40
    with pytest.raises(catalogue.CatalogueError, match="no text has colour"):
        english.with_limits(colour=3)


@pytest.mark.parametrize(
    ("old", "new", "key", "words"),
    [
        ('language = "en"', "language = ", None, "not TOML"),
        ('language = "en"', "", None, "language is missing"),
        ('language = "en"', "language = 1", None, "language is a code"),
        ('language = "en"', 'language = "en"\nfont = 1', None, "font is unknown"),
        ("code = 3", "code = 0", None, "whole numbers"),
        ("code = 3", "code = true", None, "whole numbers"),
        ("code = 3", "", "hello", "code has no limit"),
        ('kind = "account"', 'kind = "advert"', "hello", "kind is one of"),
        ('when = "at the door"', "", "hello", "when is missing"),
        ('when = "at the door"', 'when = "x"\nsize = 1', "hello", "size is unknown"),
        ('when = "at the door"', "when = 3", "hello", "are words"),
        ('template = "Bye."', 'template = " "', "bye", "are words"),
        ('template = "Bye."', 'template = "Bye {"', "bye", "brace"),
        ('template = "Bye."', 'template = "Bye }"', "bye", "brace"),
        ('template = "Bye."', 'template = "{clinic.__class__}"', "bye", "plain name"),
        ('template = "Bye."', 'template = "{clinic!r}"', "bye", "plain name"),
        ('template = "Bye."', 'template = "{clinic:>40}"', "bye", "plain name"),
        ('template = "Bye."', 'template = "{}"', "bye", "plain name"),
        ("[texts.bye]", "[texts.hello]", None, "not TOML"),
    ],
)
def test_a_faulty_catalogue_is_refused_and_the_text_named(
    old: str, new: str, key: str | None, words: str
) -> None:
    assert old in SMALL
    with pytest.raises(catalogue.CatalogueError, match=words) as raised:
        catalogue.parse(SMALL.replace(old, new))
    assert raised.value.key == key


@pytest.mark.parametrize("texts", ["[texts]", 'texts = "none"', "[texts]\nhello = 3"])
def test_a_catalogue_holds_tables_of_texts(texts: str) -> None:
    head = 'language = "en"\nlimits = {}\n'
    with pytest.raises(catalogue.CatalogueError):
        catalogue.parse(head + texts)
