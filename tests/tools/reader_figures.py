"""Measures how well the reader that ships understands texts: `make reader-figures`, also after `make reader`.

A medical director signs the figures with the weights and bounds that they are of.
"""

from __future__ import annotations

import dataclasses
import hashlib
import sys

from config import content_files
from config.content_files import READER_FIGURES, ContentFiles
from evaluation.texts import labelled_texts, measure
from evaluation.texts.labelled_texts import Part
from recovery.services.content import content

HEAD = "# How well texts are understood"


def digest(files: ContentFiles) -> str:
    """What changes when there is something to measure anew: weights, bounds, words, or the texts."""
    measured = hashlib.sha256()
    for text in (
        files.reader_weights,
        files.reader_limits,
        *files.inbound.values(),
        *files.lexicons.values(),
    ):
        measured.update(text.encode() + b"\0")
    return labelled_texts.digest(Part.UNSEEN, beside=[measured.hexdigest()])


def main() -> None:
    """Measure, and write the figures; about half a minute. The old ones need not be there."""
    READER_FIGURES.touch()
    files = content_files.read_content_files()
    reader = content.parse_content(**dataclasses.asdict(files)).reader
    table = measure.page(measure.read_all(labelled_texts.read(Part.UNSEEN), read=reader.read))
    said = (
        "Measured on texts by writers whose texts the reader was not made with; no clinician labelled them."
    )
    READER_FIGURES.write_text(f"{HEAD}\n\n{said}\nOf {digest(files)}.\n\n{table}\n", "utf-8")
    sys.stdout.write(f"{READER_FIGURES.name} written\n")


if __name__ == "__main__":
    main()
