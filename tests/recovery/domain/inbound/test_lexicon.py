from __future__ import annotations

import pytest

from recovery.domain.inbound import lexicon
from recovery.domain.inbound.lexicon import LexiconError, Mention
from recovery.domain.inbound.text_reader import TextReader

TEXT = """
language = "en"
contrast = ["but"]

[concepts]
lip = ["lip", "upper lip"]
swell = ["swoll*", "fat"]

[cues]
denied = ["no", "is not"]
"""


def test_words_in_a_row_and_beginnings_are_named() -> None:
    read = lexicon.parse({"en": TEXT})
    assert list(read.mentions(["my", "upper", "lip", "is", "not", "swollen"])) == [
        Mention(1, 2, "lip", cue=False),
        Mention(2, 1, "lip", cue=False),
        Mention(3, 2, "denied", cue=True),
        Mention(5, 1, "swell", cue=False),
    ]


def test_languages_share_the_names() -> None:
    spanish = TEXT.replace('"en"', '"es"').replace('"lip", "upper lip"', '"labio"')
    read = lexicon.parse({"en": TEXT, "es": spanish})
    assert [mention.concept for mention in read.mentions(["labio", "lip"])] == ["lip", "lip"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('language = "en"', 'language = "fr"', "en: line 2: language"),
        ('"fat"', '"!"', "en: line 7: concepts.swell: '!' has no word"),
        ('"swoll*"', '"sw*"', "en: line 7: concepts.swell: 'sw*' must be one beginning"),
        ("[cues]", "[clues]", "en: line 1: file: cues is missing"),
    ],
)
def test_faults_are_named_with_their_line(old: str, new: str, said: str) -> None:
    with pytest.raises(LexiconError) as raised:
        lexicon.parse({"en": TEXT.replace(old, new)})
    assert str(raised.value).startswith(said)


def test_the_shipped_languages_name_the_same_things(reader: TextReader) -> None:
    named = {concept for concepts in reader.lexicon.phrases.values() for concept in concepts}
    assert {"lip", "breathe", "denied", "ending"} <= named
