"""Every text has one name under which it is read, signed and kept."""

from __future__ import annotations

import dataclasses
import hashlib
from typing import Any

import pytest

from config import content_files
from recovery.services.content import content_parts
from recovery.services.content.content import Content


@pytest.fixture
def files() -> dict[str, Any]:
    """The shipped files as text."""
    return dataclasses.asdict(content_files.read_content_files())


def test_parts_and_files_are_two_names_of_the_same(files: dict[str, Any], content: Content) -> None:
    unsigned = ("wording_rules", "wording_rules_of_all")
    assert content_parts.name_parts(files) == content.sources
    curves = {f"protocol {version}": text for version, text in content.protocol_sources.items()}
    back = content_parts.to_files({**content.sources, **curves, "own wording en x": "y", "course": "[]"})
    back["protocols"] = {name: back["protocols"][name] for name in sorted(back["protocols"])}
    assert back == {name: value for name, value in files.items() if name not in unsigned}


def test_a_text_is_known_by_what_it_says() -> None:
    assert content_parts.digest_of("é") == hashlib.sha256("é".encode()).digest()
    assert content_parts.digest_of("é") != content_parts.digest_of("e")
