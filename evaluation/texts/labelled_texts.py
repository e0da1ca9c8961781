"""Texts as patients may write them, each with what it means, read from their files; the digest of a part of
them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from recovery.domain.clinical.symptoms import Symptom

_HERE = Path(__file__).resolve().parent


class Part(StrEnum):
    """`seen`: the reader was made with these. `unseen`: other writers, only measured."""

    SEEN = "seen"
    UNSEEN = "unseen"


@dataclass(frozen=True, kw_only=True)
class LabelledText:
    """One text. `signs` are names of warning signs, or `call_me`; `kind` says what was to be written."""

    id: str
    writer: str
    language: str
    text: str
    level: str
    signs: tuple[str, ...]
    scores: Mapping[Symptom, int]
    opt_out: bool
    opt_in: bool
    question: str | None
    kind: str


def read(part: Part) -> list[LabelledText]:
    """All texts of a part, writer by writer."""
    return [
        _labelled(json.loads(line), writer=path.stem)
        for path in _paths(part)
        for line in path.read_text("utf-8").splitlines()
    ]


def digest(part: Part, *, beside: Iterable[str] = ()) -> str:
    """What changes when a text or a label of the part does, or one of the other texts that count."""
    whole = hashlib.sha256()
    for text in beside:
        whole.update(text.encode() + b"\0")
    for path in _paths(part):
        whole.update(path.name.encode() + b"\0" + path.read_bytes())
    return whole.hexdigest()


def _paths(part: Part) -> Iterator[Path]:
    yield from sorted((_HERE / part.value).glob("*.ndjson"))


def _labelled(row: dict[str, Any], *, writer: str) -> LabelledText:
    return LabelledText(
        id=row["id"],
        writer=writer,
        language=row["language"],
        text=row["text"],
        level=row["level"],
        signs=tuple(row["signs"]),
        scores={Symptom(name): score for name, score in (row["scores"] or {}).items()},
        opt_out=row["opt_out"],
        opt_in=row["opt_in"],
        question=row["question"],
        kind=row["kind"],
    )
