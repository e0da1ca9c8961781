"""How patients are reached and what they agreed to."""

from __future__ import annotations

from enum import StrEnum


class Language(StrEnum):
    """Languages the product speaks to patients."""

    ENGLISH = "en"
    SPANISH = "es"
    FRENCH = "fr"


class AnswersBy(StrEnum):
    """How a patient answers check-ins: on a page, or with numbers in a text."""

    LINK = "link"
    TEXT = "text"


class ConsentKind(StrEnum):
    """Separate consents: recovery texts, and reminders of a next session (never implied)."""

    RECOVERY_TEXTS = "recovery_texts"
    SESSION_REMINDERS = "session_reminders"


class Indication(StrEnum):
    """Why the skin was treated."""

    ACNE_SCARS = "acne_scars"
    SURGICAL_SCARS = "surgical_scars"
    STRETCH_MARKS = "stretch_marks"
    WRINKLES = "wrinkles"
    FINE_LINES = "fine_lines"
    HYPERPIGMENTATION = "hyperpigmentation"
    UNEVEN_TONE = "uneven_tone"
    TEXTURE = "texture"
