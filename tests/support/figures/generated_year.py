"""A year of a clinic, made in the database itself: treatments, texts, reports and flags."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

_STEPS = (Path(__file__).parent / "generated_year.sql").read_text("utf-8").split("\n--\n")


@dataclass(frozen=True, kw_only=True)
class YearSize:
    """How many treatments, of four patients for every five of them."""

    treatments: int

    @property
    def patients(self) -> int:
        """Some come twice."""
        return max(1, self.treatments * 4 // 5)


def generate_year(session: Session, clinic_id: UUID, nurse: UUID, *, size: YearSize, now: datetime) -> None:
    """The year that ends now, with a few treatments before it. The caller commits. Nobody in it exists."""
    given = {
        "clinic": clinic_id,
        "nurse": nurse,
        "now": now,
        "treatments": size.treatments,
        "patients": size.patients,
    }
    for step in _STEPS:
        named = {name: value for name, value in given.items() if f":{name}" in step}
        session.execute(text(step), named)
