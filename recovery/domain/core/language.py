"""The languages the product speaks to patients."""

from __future__ import annotations

from enum import StrEnum


class Language(StrEnum):
    """Languages the product speaks to patients."""

    ENGLISH = "en"
    SPANISH = "es"
    FRENCH = "fr"
