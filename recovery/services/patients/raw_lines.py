"""What the readers of files give: lines of cells, before anybody asks what they mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class UnusableFile(ValueError):
    """The whole file cannot be read; the message says what to do."""

    def __init__(self, text: str, *, line: int = 1) -> None:
        super().__init__(text)
        self.line = line


@dataclass(frozen=True, kw_only=True)
class RawLine:
    """The cells of one line, and its number as the program shows it that wrote the file."""

    line: int
    cells: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class RawLines:
    """The lines in the order of the file, and what somebody who looks at them should know."""

    lines: Sequence[RawLine]
    notices: Sequence[str] = ()
