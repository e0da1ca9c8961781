"""Where a patient sees it strongest: one of the areas that were treated, or nothing."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from recovery.domain.clinical.symptoms import Area
from recovery.models.treatments import treatments
from recovery.models.treatments.treatments import Treatment


class UnknownArea(ValueError):
    """It is said to be strongest where this patient was not treated, or where there is nothing to choose.
    `allowed` is what may be said."""

    def __init__(self, allowed: Sequence[str]) -> None:
        super().__init__()
        self.allowed = allowed


def to_choose(treated: Sequence[str]) -> Sequence[str]:
    """What a patient may choose from: nothing where one area was treated."""
    return treated if len(treated) > 1 else ()


def is_possible(area: Area | None, treated: Sequence[str]) -> bool:
    """Whether it may be strongest there; nothing may be said in any case."""
    return area is None or area in to_choose(treated)


def require_possible(session: Session, area: Area | None, *, treatment: Treatment) -> None:
    """Raise UnknownArea. What the treatment was said to be before a correction holds as well: the question
    may have been kept on the device since then."""
    if is_possible(area, treatment.areas):
        return
    corrections = treatments.list_corrections(session, treatment.clinic_id, treatment.id)
    if not any(is_possible(area, corrected.before.get("areas", ())) for corrected in corrections):
        raise UnknownArea(to_choose(treatment.areas))
