"""French pages keep a fixed space before tall marks and within quotes; its texts, being GSM-7, plain ones."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from recovery.domain.core.language import Language

CONFIG = Path(__file__).resolve().parents[4] / "config"
FIXED = "\u00a0\u202f"
READ_ON_A_PAGE = ("aftercare", "check-in", "companion", "export", "findings", "signs")
"""What was agreed to keeps its words until its version changes, so the consents are not among them."""


def told(value: object) -> Iterator[str]:
    """Every text in a file."""
    if isinstance(value, Mapping):
        for part in value.values():
            yield from told(part)
    elif isinstance(value, list):
        for part in value:
            yield from told(part)
    elif isinstance(value, str):
        yield value


def pages(language: str) -> Iterator[str]:
    """Every text of a language that is read on a page."""
    for name in READ_ON_A_PAGE:
        yield from told(tomllib.loads((CONFIG / "messages" / language / f"{name}.toml").read_text("utf-8")))
    for path in sorted((CONFIG / "knowledge" / language).glob("*.md")):
        yield path.read_text("utf-8")


def test_french_pages_have_a_fixed_space_where_print_has_one() -> None:
    loose = re.compile(
        rf"(?<![{FIXED}\s])[;!?](?!\w)|(?<=[^\S{FIXED}])[:;!?](?!\w)|«(?![{FIXED}])|(?<![{FIXED}])»"
    )
    unspaced = re.compile(r"[^\W\d]:(?=\s|$)")
    texts = [text for text in pages("fr") if text != "; "]
    assert len(texts) > 300
    assert [text for text in texts if loose.search(text) or unspaced.search(text)] == []


@pytest.mark.parametrize("language", [Language.ENGLISH, Language.SPANISH])
def test_other_languages_have_no_space_there(language: Language) -> None:
    assert [text for text in pages(language) if re.search(rf"[\s{FIXED}][:;!?](?=\s|$)", text)] == []


def test_texts_have_plain_spaces() -> None:
    for language in Language:
        assert not set(FIXED) & set((CONFIG / "messages" / language / "texts.toml").read_text("utf-8"))
