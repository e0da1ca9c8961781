"""What the patient's page says and asks, read once when the application is put together."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from config import content
from recovery.domain import symptoms
from recovery.domain.people import Language


class CopyError(ValueError):
    """The page's words or its bands cannot be used; the message names what is wrong."""


@dataclass(frozen=True, kw_only=True)
class Band:
    """One labelled step of a question; `score` of 0 to 10, `name` a key into the page's words."""

    name: str
    score: int


@dataclass(frozen=True, kw_only=True)
class Copy:
    """The words of one language as nested tables, and the bands in rising order."""

    words: Mapping[str, Any]
    bands: tuple[Band, ...]


def read(language: Language) -> Copy:
    """The page in one language. Raises CopyError, and OSError where the language has no page."""
    texts = content.read_companion(language)
    try:
        words = tomllib.loads(texts.words)
        bands = tuple(Band(**band) for band in tomllib.loads(texts.check_in)["bands"])
        unnamed = [band.name for band in bands if not (words["bands"].get(band.name))]
        unnamed += [one for one in symptoms.Symptom if one not in words["symptoms"]]
    except (tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise CopyError(f"the patient's page in {language}: {error}") from error
    scores = [band.score for band in bands]
    if unnamed or scores != sorted(set(scores)) or not set(scores) <= set(range(symptoms.MAX_SCORE + 1)):
        raise CopyError(f"the patient's page in {language}: bands {scores}, without words {unnamed}")
    return Copy(words=words, bands=bands)
