"""Recording the carrier's results for submitted texts: two statements, which lock and settle a whole batch of
answers.

The first locks the texts, in the order of their ids, so that no two batches wait for each other; the rules
say what becomes of each; the second writes it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, cast
from uuid import UUID

from sqlalchemy import DateTime, SmallInteger, Table, Text, Uuid, select, type_coerce, update
from sqlalchemy.orm import Session

from recovery.models.core.array_parameters import array_table, array_values
from recovery.models.messaging.messages import Message


class SubmittedText(NamedTuple):
    """A text that was submitted, locked.

    `holder` is the text that the carrier already knows under the id it gave to this one, if there is any.
    """

    clinic_id: UUID
    id: UUID
    state: str
    reason: str | None
    attempts: int
    due_at: datetime
    carrier_id: str | None
    evidence: str | None
    settled_at: datetime | None
    reference: str
    useful_until: datetime
    worker_id: UUID | None
    claimed_at: datetime | None
    holder: UUID | None


_message = cast(Table, Message.__table__)
_other = _message.alias("other")
_given = array_table("given", reference=Text(), carrier_id=Text())
_settled = array_table(
    "settled",
    clinic_id=Uuid(),
    id=Uuid(),
    state=Text(),
    reason=Text(),
    attempts=SmallInteger(),
    due_at=DateTime(timezone=True),
    carrier_id=Text(),
    evidence=Text(),
    settled_at=DateTime(timezone=True),
)
_KEPT = [column.name for column in _settled.c]

_LOCK = (
    select(
        _message.c.clinic_id,
        _message.c.id,
        type_coerce(_message.c.state, Text()).label("state"),
        _message.c.reason,
        _message.c.attempts,
        _message.c.due_at,
        _message.c.carrier_id,
        _message.c.evidence,
        _message.c.settled_at,
        _message.c.reference,
        _message.c.useful_until,
        _message.c.worker_id,
        _message.c.claimed_at,
        select(_other.c.id).where(_other.c.carrier_id == _given.c.carrier_id).scalar_subquery(),
    )
    .join_from(_given, _message, _message.c.reference == _given.c.reference)
    .order_by(_message.c.id)
    .with_for_update(of=_message)
)
_SETTLE = (
    update(_message)
    .where(_message.c.clinic_id == _settled.c.clinic_id, _message.c.id == _settled.c.id)
    .values({name: _settled.c[name] for name in _KEPT[2:]})
)


def list_submitted_for_update(session: Session, carrier_ids: Mapping[str, str | None]) -> list[SubmittedText]:
    """The texts of these references, each locked; references that no text has are left out.

    `carrier_ids` are what the carrier called each, None where it did not say.
    """
    rows = session.execute(_LOCK, array_values(_given, carrier_ids.items()))
    return [SubmittedText._make(row) for row in rows]


def write_results(session: Session, texts: Sequence[SubmittedText]) -> None:
    """Write the new states of these texts."""
    if texts:
        session.execute(_SETTLE, array_values(_settled, [text[: len(_KEPT)] for text in texts]))
