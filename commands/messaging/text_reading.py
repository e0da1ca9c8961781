"""`texts read` and `texts measure`: a file of texts read into meanings, and how well the labelled ones are
understood."""

from __future__ import annotations

import json
import sys
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from commands.line_files import BadLine, rewrite
from commands.shipped_content import shipped
from evaluation.texts import labelled_texts, measure
from evaluation.texts.labelled_texts import Part
from recovery.domain.inbound.text_reader import TextReader


def read(given: Namespace) -> int:
    """`texts read --in FILE --out FILE [--explain]`: each text with what it is taken as, in the same order.

    A line that cannot be read ends it with status 2, its number on standard error, and no output file.
    """
    reader = shipped().reader
    try:
        rewrite(
            Path(given.source),
            Path(given.out),
            turned=lambda lines: _read_lines(lines, reader, explain=given.explain),
        )
    except BadLine as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


def measure_texts(given: Namespace) -> int:
    """`texts measure [--part] [--writer]`: shares and confusion on the project's labelled texts."""
    texts = [text for text in labelled_texts.read(Part(given.part)) if given.writer in (None, text.writer)]
    print(measure.page(measure.read_all(texts, read=shipped().reader.read)))  # noqa: T201  (the answer)
    return 0


def _read_lines(lines: Iterator[str], reader: TextReader, *, explain: bool) -> Iterator[str]:
    for number, line in enumerate(lines, start=1):
        given = _checked(line, number=number)
        meaning = _meaning(given, reader)
        if explain:
            meaning["because"] = {sign: reader.reasons(given["text"], sign) for sign in meaning["signs"]}
        yield json.dumps(meaning)


def _checked(line: str, *, number: int) -> dict[str, Any]:
    try:
        given = json.loads(line)
    except ValueError as error:
        raise BadLine(number, "is no JSON") from error
    if not isinstance(given, dict):
        raise BadLine(number, "is no object")
    if not isinstance(given.get("id"), str | int) or isinstance(given.get("id"), bool):
        raise BadLine(number, "has no id")
    if not isinstance(given.get("text"), str):
        raise BadLine(number, "has no text")
    if not isinstance(given.get("language"), str | None):
        raise BadLine(number, "has a language that is no word")
    return given


def _meaning(given: dict[str, Any], reader: TextReader) -> dict[str, Any]:
    meant = reader.read(given["text"])
    signs = meant.signs
    return {
        "id": given["id"],
        "level": meant.level.value,
        "signs": sorted(signs.emergency | signs.warning | signs.watch),
        "scores": dict(meant.scores) or None,
        "opt_out": meant.stop or meant.may_stop,
        "opt_in": meant.start,
        "question": None if meant.question is None else meant.question.value,
    }
