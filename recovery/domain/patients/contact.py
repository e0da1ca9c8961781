"""How a patient answers check-ins: on a page, or with numbers in a text."""

from __future__ import annotations

from enum import StrEnum


class AnswersBy(StrEnum):
    """How a patient answers check-ins: on a page, or with numbers in a text."""

    LINK = "link"
    TEXT = "text"
