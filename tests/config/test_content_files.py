from __future__ import annotations

import tomllib
from dataclasses import fields
from pathlib import Path

import pytest

from config import content_files
from recovery.domain.content.knowledge_pages import KnowledgeTopic
from recovery.domain.core.language import Language

CONFIG = Path(content_files.__file__).parent
BY_LANGUAGE = {
    "catalogues": "texts.toml",
    "signs": "signs.toml",
    "findings": "findings.toml",
    "inbound": "inbound.toml",
    "wording_rules": "wording-rules.toml",
    "check_in_words": "check-in.toml",
    "care": "aftercare.toml",
    "consents": "consent.toml",
}
ALONE = {
    "response_times": "protocols/response-times.toml",
    "silence": "protocols/silence.toml",
    "schedule": "messages/schedule.toml",
    "wording_rules_of_all": "messages/wording-rules.toml",
    "sign_list": "signs.toml",
    "check_in_bands": "check-in.toml",
    "avoidance": "protocols/avoid.toml",
    "precautions": "protocols/precautions.toml",
    "reader_weights": "reader/weights.ndjson",
    "reader_limits": "reader/bounds.toml",
}


@pytest.fixture(scope="module")
def read() -> content_files.ContentFiles:
    return content_files.read_content_files()


@pytest.mark.parametrize(("name", "file"), BY_LANGUAGE.items())
def test_what_has_words_is_there_in_every_language(
    read: content_files.ContentFiles, name: str, file: str
) -> None:
    assert getattr(read, name) == {
        language.value: (CONFIG / "messages" / language.value / file).read_text("utf-8")
        for language in Language
    }


@pytest.mark.parametrize(("name", "file"), ALONE.items())
def test_what_has_no_words_is_one_file(read: content_files.ContentFiles, name: str, file: str) -> None:
    assert getattr(read, name) == (CONFIG / file).read_text("utf-8")


def test_a_protocol_is_every_file_beside_those_that_are_something_else(
    read: content_files.ContentFiles,
) -> None:
    others = {Path(file).stem for file in ALONE.values() if file.startswith("protocols/")}
    stems = {path.stem for path in (CONFIG / "protocols").glob("*.toml")}
    assert set(read.protocols) == stems - others != set()
    for stem, text in read.protocols.items():
        assert tomllib.loads(text)["version"] == stem


def test_every_language_has_every_page(read: content_files.ContentFiles) -> None:
    assert set(read.pages) == {language.value for language in Language}
    for pages in read.pages.values():
        assert set(pages) == {topic.value for topic in KnowledgeTopic}
        assert all(text.startswith("# ") for text in pages.values())


def test_every_language_has_its_lexicon(read: content_files.ContentFiles) -> None:
    assert read.lexicons == {
        language.value: (CONFIG / "reader" / "lexicon" / f"{language.value}.toml").read_text("utf-8")
        for language in Language
    }


def test_nothing_that_ships_is_forgotten_here(read: content_files.ContentFiles) -> None:
    assert {field.name for field in fields(read)} == {
        *BY_LANGUAGE,
        *ALONE,
        "protocols",
        "pages",
        "lexicons",
        "page_words",
        "reader_figures",
    }


def test_the_words_of_the_export_are_there_in_every_language_and_in_no_other() -> None:
    for language in Language:
        assert tomllib.loads(content_files.read_export(language.value))
    with pytest.raises(FileNotFoundError):
        content_files.read_export("xx")
