"""Trains the weights of the reader of texts anew from the seen texts: `make reader`."""

from __future__ import annotations

import dataclasses
import sys

from config import content_files
from config.content_files import READER_WEIGHTS
from evaluation.texts import labelled_texts, training
from evaluation.texts.labelled_texts import Part
from recovery.domain.inbound import text_classifier
from recovery.services.content import content


def main() -> None:
    """Learn, and write the weights; about a minute."""
    reader = content.parse_content(**dataclasses.asdict(content_files.read_content_files())).reader
    texts, features = [], []
    for text in labelled_texts.read(Part.SEEN):
        if learnt_from := reader.learnt_from(text.text):
            texts.append(text)
            features.append(learnt_from)
    learnt = training.train(texts, features, digest=labelled_texts.digest(Part.SEEN), how=training.Training())
    READER_WEIGHTS.write_text(text_classifier.dump(learnt), "utf-8")
    sys.stdout.write(f"{len(texts)} texts, {READER_WEIGHTS.stat().st_size // 1000} kB\n")


if __name__ == "__main__":
    main()
