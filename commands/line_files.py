"""Files of lines, each turned into another of as many lines, whole or not at all; for `replay` and `texts
read`."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path


class BadLine(ValueError):
    """A line cannot be read; the message begins with its number."""

    def __init__(self, number: int, reason: str) -> None:
        super().__init__(f"line {number}: {reason}")


def rewrite(source: Path, out: Path, *, turned: Callable[[Iterator[str]], Iterator[str]]) -> None:
    """Write the turned lines of `source` to `out`, which is only there once every line is."""
    handle, name = tempfile.mkstemp(dir=out.parent, prefix=f".{out.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as written, open(source, "rb") as given:
            # Bytes that are no UTF-8 become characters that no line may have, so their line is refused.
            for line in turned(line.decode("utf-8", errors="replace") for line in given):
                written.write(line + "\n")
        os.replace(name, out)
    finally:
        if os.path.exists(name):
            os.unlink(name)
