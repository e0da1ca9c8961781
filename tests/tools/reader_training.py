"""Trains the weights of the reader of texts anew from the seen texts: `make reader`."""

from __future__ import annotations

import dataclasses
import sys

from config import content_files
from config.content_files import READER_FIGURES, READER_WEIGHTS, ContentFiles
from evaluation.texts import labelled_texts, training
from evaluation.texts.labelled_texts import Part
from recovery.domain.inbound import text_classifier
from recovery.domain.inbound.text_classifier import TextClassifier
from recovery.services.content import content

UNTAUGHT = text_classifier.dump(TextClassifier(texts="", heads={}))


def digest(files: ContentFiles) -> str:
    """What changes when weights have to be learnt anew: a seen text, or what words are about."""
    return labelled_texts.digest(Part.SEEN, beside=files.lexicons.values())


def main() -> None:
    """Learn, and write the weights; about a minute. The old ones need not be readable."""
    READER_WEIGHTS.touch()
    READER_FIGURES.touch()
    files = content_files.read_content_files()
    reader = content.parse_content(**dataclasses.asdict(files) | {"reader_weights": UNTAUGHT}).reader
    texts, features = [], []
    for text in labelled_texts.read(Part.SEEN):
        if learnt_from := reader.learnt_from(text.text):
            texts.append(text)
            features.append(learnt_from)
    learnt = training.train(texts, features, digest=digest(files), how=training.Training())
    READER_WEIGHTS.write_text(text_classifier.dump(learnt), "utf-8")
    sys.stdout.write(f"{len(texts)} texts, {READER_WEIGHTS.stat().st_size // 1000} kB\n")


if __name__ == "__main__":
    main()
