"""Keeps what ships now, so that later programs are held to reading it: run it when a version is released.

`python -m tests.tools.kept_content` writes a file named after the version. Such files are never changed.
"""

from __future__ import annotations

import dataclasses
import json
import lzma
import sys
from pathlib import Path

from config import content_files
from config.version import VERSION
from recovery.domain.content import course_plan
from recovery.domain.content.course_plan import CoursePlan, CourseStep
from recovery.domain.inbound import text_classifier
from recovery.domain.inbound.text_classifier import TextClassifier
from recovery.services.content import content, content_parts

KEPT = Path(__file__).resolve().parent.parent / "recovery" / "services" / "content" / "kept"
FEATURES = 400
"""So many weights of each question stand for all: their form is what has to stay readable."""


def main() -> None:
    """Write every text that is signed."""
    shipped = content.parse_content(**dataclasses.asdict(content_files.read_content_files()))
    newest = max(shipped.protocols)
    plan = CoursePlan(steps=(CourseStep(version=newest, since=None),))
    parts = {
        **shipped.sources,
        content_parts.WEIGHTS: text_classifier.dump(_cut(shipped.reader.classifier)),
        content_parts.COURSE: course_plan.dump(plan),
        **{f"{content_parts.PROTOCOL}{name}": text for name, text in shipped.protocol_sources.items()},
    }
    file = KEPT / f"{VERSION}.json.xz"
    file.write_bytes(lzma.compress(json.dumps(parts, ensure_ascii=False, sort_keys=True).encode()))
    sys.stdout.write(f"{file.name}, {file.stat().st_size // 1000} kB\n")


def _cut(classifier: TextClassifier) -> TextClassifier:
    heads = {
        name: dataclasses.replace(head, weights=dict(sorted(head.weights.items())[:FEATURES]))
        for name, head in classifier.heads.items()
    }
    return dataclasses.replace(classifier, heads=heads)


if __name__ == "__main__":
    main()
