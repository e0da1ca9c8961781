"""The names under which the texts of all content are read, signed and kept, and the way back to the files."""

from __future__ import annotations

import functools
import hashlib
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

PROTOCOL = "protocol "
"""Begins the name of one version of the expected course."""

COURSE = "course"
"""The part that says which version holds from when on."""

WEIGHTS = "weights of the reader"
AVOIDED = "what to avoid"
SCHEDULE = "schedule of texts"

_SINGLE: Mapping[str, str] = {
    "response times": "response_times",
    "silence": "silence",
    SCHEDULE: "schedule",
    "signs": "sign_list",
    "bounds of the reader": "reader_limits",
    WEIGHTS: "reader_weights",
    "figures of the reader": "reader_figures",
    "check-in bands": "check_in_bands",
    AVOIDED: "avoidance",
    "precautions": "precautions",
}
_BY_LANGUAGE: Mapping[str, str] = {
    "texts": "catalogues",
    "signs": "signs",
    "findings": "findings",
    "understood words": "inbound",
    "lexicon": "lexicons",
    "check-in": "check_in_words",
    "aftercare": "care",
    "consents": "consents",
    "words of the page": "page_words",
}
_PAGE = "page"

Files = Mapping[str, Any]
"""The texts of the content files, by the parameters of `content.parse_content`."""


def name_parts(files: Files) -> dict[str, str]:
    """Every text by its name, but for the protocols, which are known by the version they say themselves."""
    parts: dict[str, str] = {name: files[key] for name, key in _SINGLE.items()}
    for family, key in _BY_LANGUAGE.items():
        parts |= {f"{family} {language}": text for language, text in files[key].items()}
    for language, pages in files["pages"].items():
        parts |= {f"{_PAGE} {language} {topic}": text for topic, text in pages.items()}
    return parts


def to_files(parts: Mapping[str, str]) -> dict[str, Any]:
    """The files that parts of these names come from; what is a clinic's own is left out."""
    files: dict[str, Any] = {key: {} for key in (*_BY_LANGUAGE.values(), "protocols")}
    pages: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for name, text in parts.items():
        family, _, rest = name.partition(" ") if name.startswith(f"{_PAGE} ") else name.rpartition(" ")
        if name in _SINGLE:
            files[_SINGLE[name]] = text
        elif name.startswith(PROTOCOL):
            files["protocols"][name.removeprefix(PROTOCOL)] = text
        elif family in _BY_LANGUAGE:
            files[_BY_LANGUAGE[family]][rest] = text
        elif family == _PAGE:
            language, _, topic = rest.partition(" ")
            pages[language][topic] = text
    return {**files, "pages": dict(pages)}


@functools.lru_cache(maxsize=1024)
def digest_of(text: str) -> bytes:
    """By what a text is known among the parts that are kept."""
    return hashlib.sha256(text.encode()).digest()
