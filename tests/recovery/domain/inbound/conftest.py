from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from recovery.domain.inbound import vocabulary
from recovery.domain.inbound.vocabulary import Vocabulary

MESSAGES = Path(__file__).resolve().parents[4] / "config" / "messages"


@pytest.fixture(scope="session")
def inbound_files() -> Mapping[str, str]:
    """The shipped words, by language."""
    return {path.parent.name: path.read_text("utf-8") for path in MESSAGES.glob("*/inbound.toml")}


@pytest.fixture(scope="session")
def words(inbound_files: Mapping[str, str]) -> Vocabulary:
    return vocabulary.parse(inbound_files)
