"""Measured figures of the reader of texts, kept as Markdown, taken apart into paragraphs and tables for the
sign page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class FigureBlock:
    """A paragraph, or a table with its heads and rows; the other of the two is empty."""

    text: str = ""
    heads: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()


def read_blocks(page: str) -> Iterator[FigureBlock]:
    """The paragraphs and tables of a page in their order, without its title."""
    for block in page.split("\n\n"):
        lines = block.strip().splitlines()
        if not lines or lines[0].startswith("#"):
            continue
        if all(line.startswith("|") for line in lines):
            heads, _, *rows = (_cells(line) for line in lines)
            yield FigureBlock(heads=heads, rows=rows)
        else:
            yield FigureBlock(text=" ".join(lines))


def _cells(line: str) -> Sequence[str]:
    return [cell.strip() for cell in line.strip("|").split("|")]
