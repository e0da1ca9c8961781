from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path

import pytest

from config import content_files
from recovery.domain.inbound import vocabulary
from recovery.domain.inbound.text_reader import TextReader
from recovery.domain.inbound.vocabulary import Vocabulary
from recovery.services.content import content

MESSAGES = Path(__file__).resolve().parents[4] / "config" / "messages"


@pytest.fixture(scope="session")
def inbound_files() -> Mapping[str, str]:
    """The shipped words, by language."""
    return {path.parent.name: path.read_text("utf-8") for path in MESSAGES.glob("*/inbound.toml")}


@pytest.fixture(scope="session")
def words(inbound_files: Mapping[str, str]) -> Vocabulary:
    return vocabulary.parse(inbound_files)


@pytest.fixture(scope="session")
def reader() -> TextReader:
    """The shipped reader, whole."""
    return content.parse_content(**dataclasses.asdict(content_files.read_content_files())).reader
