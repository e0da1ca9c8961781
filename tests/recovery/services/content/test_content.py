"""The content files are understood as one thing, and every one of them is among what is signed."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from config import content_files
from evaluation.texts import measure
from recovery.domain.clinical.protocol import ProtocolError
from recovery.domain.content.knowledge_pages import KnowledgeTopic, PageFault
from recovery.domain.core.language import Language
from recovery.services.content import content as contents
from recovery.services.content.content import Content, UnknownProtocol
from tests.tools import reader_figures


@pytest.fixture
def files() -> dict[str, Any]:
    """The shipped files as text."""
    return dataclasses.asdict(content_files.read_content_files())


def texts(value: object) -> set[str]:
    """Every text in nested mappings."""
    if isinstance(value, Mapping):
        return {text for part in value.values() for text in texts(part)}
    return {value} if isinstance(value, str) else set()


def test_a_protocol_is_found_by_the_version_it_names_and_not_by_its_file(files: dict[str, Any]) -> None:
    text = files["protocols"]["standard-2026-12"]
    understood = contents.parse_content(**files | {"protocols": {"some name.toml": text}})
    (version,) = understood.protocols
    assert understood.protocol(version).version == version
    assert understood.protocol_sources == {version: text}
    with pytest.raises(UnknownProtocol):
        understood.protocol("some name.toml")


@pytest.mark.parametrize(
    ("mapping", "read"),
    [
        ("catalogues", Content.catalogue_for),
        ("words", Content.words_for),
        ("check_in_words", Content.check_in_for),
        ("care", Content.care_for),
        ("consents", Content.consents_for),
    ],
)
def test_words_are_in_the_patient_s_language_and_in_english_where_it_has_none(
    content: Content, mapping: str, read: Callable[[Content, Language], object]
) -> None:
    known: Mapping[Language, object] = getattr(content, mapping)
    assert set(known) == set(Language)
    for language in Language:
        assert read(content, language) is known[language]
    english = known[Language.ENGLISH]
    fewer: dict[str, Any] = {mapping: {Language.ENGLISH: english}}
    assert read(dataclasses.replace(content, **fewer), Language.FRENCH) is english


def test_every_text_that_patients_are_judged_by_or_read_is_among_the_sources(
    content: Content, files: dict[str, Any]
) -> None:
    # What only bounds the clinic's own words is not told to anybody.
    signed = {
        name: value
        for name, value in files.items()
        if name not in {"protocols", "wording_rules", "wording_rules_of_all"}
    }
    assert set(content.sources.values()) == texts(signed)
    assert texts(files["protocols"]) == set(content.protocol_sources.values())
    pages = [name for name in content.sources if name.startswith("page ")]
    assert len(pages) == len(Language) * len(KnowledgeTopic)


def test_the_figures_of_the_reader_are_of_what_ships(content: Content) -> None:
    figures = content.sources["figures of the reader"]
    digest = reader_figures.digest(content_files.read_content_files())
    assert f"\nOf {digest}.\n" in figures, "make reader-figures"
    for goal in measure.GOALS:
        assert f"\n| {goal.name} | {goal.wanted} | " in figures


def test_a_protocol_whose_answers_are_not_those_of_the_check_in_is_refused(files: dict[str, Any]) -> None:
    steps = files["check_in_bands"].replace("most = 7", "most = 6").replace("least = 8", "least = 7")
    with pytest.raises(ProtocolError, match=r"^line \d+: answers: must be the five .*6 \(5-6\), 9 \(7-10\)$"):
        contents.parse_content(**files | {"check_in_bands": steps})
    assert contents.parse_content(**files).answers == {0: (0, 0), 2: (1, 2), 4: (3, 4), 6: (5, 7), 9: (8, 10)}


def test_a_page_that_is_missing_is_named(files: dict[str, Any]) -> None:
    pages = {language: dict(by_topic) for language, by_topic in files["pages"].items()}
    del pages["fr"][KnowledgeTopic.INFECTION.value]
    with pytest.raises(PageFault, match="infection"):
        contents.parse_content(**files | {"pages": pages})


def test_a_language_nobody_speaks_here_is_refused(files: dict[str, Any]) -> None:
    catalogues = files["catalogues"] | {"xx": files["catalogues"]["en"]}
    with pytest.raises(ValueError, match="xx"):
        contents.parse_content(**files | {"catalogues": catalogues})
