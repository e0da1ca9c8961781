"""What the patient did not write, in three languages, from two kinds of phones."""

from __future__ import annotations

import re

import pytest

from recovery.domain.inbound import text_cleaning
from recovery.domain.inbound.text_reader import TextReader

NOTHING = re.compile(r"(?!)")

REACTIONS = [
    "Liked “Trouble breathing, or swollen lips or tongue? Call 911 now”",
    'Reacted 👍 to "Any pus or fever? Call us."',
    'Removed a heart from "Is it spreading?"',
    "Marta liked “Tell us about hives”",
    '👍 to "Call 911 now"',
    "Loved an image",
    "Le gustó “Si le cuesta respirar llame al 911”",
    'Reaccionó con ❤️ a "Avísenos de fiebre o pus"',
    "A aimé « En cas de difficulté à respirer, appelez le 15 »",
    "A mis l'accent sur « Si la langue gonfle, composez le 15 »",
]


@pytest.mark.parametrize("text", REACTIONS)
def test_a_reaction_says_nothing(reader: TextReader, text: str) -> None:
    assert reader.clean(text).plain == ""
    assert not reader.read(text).written


def test_what_stands_after_the_quotation_of_a_reaction_is_the_patients(reader: TextReader) -> None:
    cleaned = reader.clean("Liked “Any pus or fever?” yes I have pus coming out")
    assert (cleaned.plain, cleaned.reaction) == ("yes i have pus coming out", True)
    assert reader.read("Liked “Any pus or fever?” yes I have pus coming out").signs


def test_words_in_quotation_marks_are_read_where_nobody_reacted(reader: TextReader) -> None:
    assert reader.read("I can't breathe “at all”").signs.emergency


@pytest.mark.parametrize(
    "text",
    [
        "I'm driving with Do Not Disturb While Driving turned on. I'll see your message later.",
        "This is an automated response. In an emergency call 911.",
        "Estoy conduciendo. Si es urgente llámame.",
        "Réponse automatique : absente du bureau. En cas d'urgence appelez le 15.",
    ],
)
def test_an_automatic_answer_says_nothing(reader: TextReader, text: str) -> None:
    assert not reader.read(text).written


def test_somebody_at_the_wheel_may_be_in_danger(reader: TextReader) -> None:
    meant = reader.read("I'm driving to the ER, I can't breathe")
    assert meant.written
    assert meant.signs.emergency


def test_our_own_words_come_back_as_a_quote_and_say_nothing() -> None:
    own = text_cleaning.own_runs(
        ["{clinic}: Trouble breathing, or swollen lips? Then call us now, please. Ref {ref}"]
    )
    phrases = text_cleaning.UnwrittenPhrases(
        reactions=frozenset(),
        pictured=frozenset(),
        bare_reactions=frozenset(),
        automatic=NOTHING,
        signatures=NOTHING,
    )
    quoted = "Trouble breathing, or swollen lips? Then call us now, please. Ref 7K3QXM ok got it"
    assert text_cleaning.clean(quoted, phrases, own=own).plain == "ok got it"
    mine = "trouble breathing and swollen lips since noon"
    assert text_cleaning.clean(mine, phrases, own=own).plain == mine


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("3 2 0 1\nSent from my iPhone", "3 2 0 1"),
        ("3 2 0 1 Envoyé de mon iPhone", "3 2 0 1"),
        ("see https://example.org/r/abc and tell me", "see and tell me"),
        ("> Call 911 for swollen lips\nall fine here", "all fine here"),
    ],
)
def test_signatures_links_and_quoted_lines_go(reader: TextReader, text: str, left: str) -> None:
    assert " ".join(reader.clean(text).plain.split()) == left


@pytest.mark.parametrize(
    "text",
    [
        "photo sent from my husbands phone, i can't breathe and my lips are blue",
        "Got the link sent with the text but I can't breathe",
        "enviado desde el celular de mi hija, no puedo respirar bien",
        "I can't breathe or talk well",
        "J'ai du mal à respirer, malaise, très mal",
        "is this normal? my throat is closing",
    ],
)
def test_a_danger_is_read_beside_words_that_phones_or_we_write_too(reader: TextReader, text: str) -> None:
    assert reader.read(text).signs.emergency


@pytest.mark.parametrize(
    "text",
    [
        'Allergic to "lidocaine"',
        'I reacted to "the numbing cream"',
        'Had to "gasp for air',
        "I'm in a meeting, can you tell me if I can wear makeup",
    ],
)
def test_what_a_patient_wrote_is_not_taken_for_a_phone_s(reader: TextReader, text: str) -> None:
    assert reader.read(text).written
