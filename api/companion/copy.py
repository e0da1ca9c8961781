"""What the patient's page says, read once when the application is put together."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from config import content as files
from recovery.domain import check_in
from recovery.domain.people import Language
from recovery.services.content import Content


class CopyError(ValueError):
    """The page's words cannot be used; the message names what is wrong."""


@dataclass(frozen=True, kw_only=True)
class Copy:
    """The words of one language as nested tables, what a check-in asks among them, and its bands."""

    words: Mapping[str, Any]
    bands: tuple[check_in.Band, ...]


def read(language: Language, *, content: Content) -> Copy:
    """The page in one language. Raises CopyError, and OSError where the language has no page."""
    asked = content.check_in_for(language)
    try:
        words = tomllib.loads(files.read_companion(language))
        words["form"] |= {**asked.form, "groups": asked.groups}
        words["urgent"] |= asked.emergency
        words["answer"] |= {f"ask_{name}": said for name, said in asked.ask.items()}
    except (tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise CopyError(f"the patient's page in {language}: {error}") from error
    words |= {"bands": asked.bands, "band_meanings": asked.meanings, "symptoms": asked.symptoms}
    words["emergency_anywhere"] = asked.emergency["anywhere"]
    return Copy(words=words, bands=content.check_in_bands)
