from __future__ import annotations

from recovery.domain.inbound import lexicon, text_features

LEXICON = lexicon.parse(
    {
        "en": """
language = "en"
contrast = ["but"]
[concepts]
lip = ["lip"]
swell = ["swollen"]
[cues]
denied = ["not", "no"]
if = ["if"]
past = ["years ago"]
"""
    }
)


def features(text: str) -> set[str]:
    return set(text_features.list_features(text, LEXICON))


def test_words_pairs_and_parts_of_words() -> None:
    assert {"w:my", "w:swollen", "b:my lip", "l:<swo", "l:len>", "first:my lip", "last:swollen"} <= features(
        "My lip: swollen"
    )


def test_what_words_name_alone_and_together() -> None:
    assert {"c:lip", "c:swell", "pair:lip+swell"} <= features("my lip is swollen")


def test_a_denial_reaches_on_until_a_contrast() -> None:
    assert "c:not swell" in features("my lip is not swollen")
    assert "c:swell" in features("no fever but swollen")
    assert "c:swell" in features("no. swollen")


def test_what_turns_a_text_is_held_against_what_it_names() -> None:
    assert {"cue:if", "if:lip", "mark:?", "?:lip"} <= features("what if my lip hurts?")
    assert "past elsewhere:lip" in features("That was years ago. My lip is fine")


def test_each_stands_once_and_strange_texts_have_some() -> None:
    listed = text_features.list_features("pain " * 500, LEXICON)
    assert len(listed) == len(set(listed))
    for text in ("", "\x00", "🙂" * 50, "3 2 0 1"):
        assert text_features.list_features(text, LEXICON)
