"""Why skin is treated: scars, wrinkles, tone and the like, as a treatment names it."""

from __future__ import annotations

from enum import StrEnum


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
