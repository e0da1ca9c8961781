"""What the documents say of the code is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from config.version import VERSION
from tests.tools import file_listing

PROJECT = Path(__file__).resolve().parent.parent
PAGES = sorted({PROJECT / "README.md", PROJECT / "CONTRIBUTING.md", *(PROJECT / "docs").rglob("*.md")})
NAMED = re.compile(r"`((?!/)[\w.-]+/[\w./-]+\.(?:py|toml|md|env|mjs))`")
"""A file by its path from the project's folder, from that of `recovery`, or from the page's own."""

LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(PROJECT)))
def test_files_that_a_page_names_are_there(page: Path) -> None:
    text = page.read_text("utf-8")
    roots = (PROJECT, PROJECT / "recovery", page.parent)
    named = {
        next((root / name for root in roots if (root / name).exists()), PROJECT / name)
        for name in NAMED.findall(text)
    }
    linked = {page.parent / name for name in LINK.findall(text)}
    assert [str(path) for path in sorted(named | linked) if not path.exists()] == []


def test_every_decision_is_in_the_index() -> None:
    folder = PROJECT / "docs" / "decisions"
    listed = re.findall(
        r"\]\((\d{4}-[\w-]+\.md)\) \| .+ \| .+ \| \d{4}-\d\d-\d\d \|", (folder / "README.md").read_text()
    )
    assert listed == [path.name for path in sorted(folder.glob("[0-9]*.md"))]


def test_every_word_of_the_glossary_says_where_it_lives() -> None:
    rows = [
        line.split(" | ")
        for line in (PROJECT / "docs" / "glossary.md").read_text("utf-8").splitlines()
        if line.startswith("| ") and not line.startswith("| word |")
    ]
    assert len(rows) > 90
    words = [row[0].removeprefix("| ") for row in rows]
    assert len(set(words)) == len(words)
    assert words == sorted(words, key=str.lower)
    for row in rows:
        assert re.search(r"`([\w/]+\.(?:py|md))`", row[-1]), row


def test_the_changelog_begins_with_the_version_there_is() -> None:
    versions = re.findall(
        r"^## (\S+) - (\d{4}-\d\d-\d\d)$", (PROJECT / "CHANGELOG.md").read_text("utf-8"), re.M
    )
    assert versions[0][0] == VERSION
    assert [version for version, _ in versions] == sorted((v for v, _ in versions), reverse=True)


def test_the_architecture_lists_every_file_with_what_it_says_of_itself() -> None:
    assert file_listing.PAGE.read_text("utf-8") == file_listing.page(), "run make listing"
