from __future__ import annotations

import pytest

from recovery.domain.core.language import Language
from recovery.domain.patients import consent
from recovery.domain.patients.consent import ConsentKind
from recovery.services.content.content import Content

GOOD = """language = "en"
version = 2
recovery_texts = "Yes, {clinic}."
session_reminders = "Next, {clinic}."
"""


def test_what_is_kept_names_the_clinic_the_language_and_the_version() -> None:
    kept = consent.parse(GOOD).render_with_version(ConsentKind.RECOVERY_TEXTS, clinic="A {clinic}")
    assert kept == "Yes, A {clinic}. (en, version 2)"


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        ("{clinic}", "us"),
        ("version = 2", ""),
        ('"en"', '"xx"'),
        ("session_reminders", "reminders"),
        ("= 2", '= "2"'),
    ],
)
def test_what_cannot_be_kept_is_refused(good: str, bad: str) -> None:
    with pytest.raises(consent.ConsentError):
        consent.parse(GOOD.replace(good, bad))


def test_every_language_says_how_to_stop(content: Content) -> None:
    for language in Language:
        said = content.consents[language]
        assert said.language is language
        assert all("STOP" in statement for statement in said.words.values())
