"""Rows of answers under the keys of requests that may come twice, and the lock on a key."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, SmallInteger, delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from recovery.models.core.base import Base, clinic_foreign_key, clinic_key, clinic_reference

_LOCK_SPACE = 0x6B657074


class KeptAnswer(Base):
    """The answer to one request of one member of staff, under the SHA-256 of the key that came with it.

    `request_hash` tells what was asked. A form's answer is where it led, in `location`; one of the API is its
    `body`. No secret stands in it.
    """

    __tablename__ = "kept_answer"
    __table_args__ = (
        clinic_reference(),
        clinic_foreign_key("staff_id", "staff"),
        Index("ix_kept_answer_clinic_id_kept_at", "clinic_id", "kept_at"),
    )

    clinic_id: Mapped[UUID] = clinic_key()
    staff_id: Mapped[UUID] = mapped_column(primary_key=True)
    key_hash: Mapped[bytes] = mapped_column(primary_key=True)
    request_hash: Mapped[bytes]
    status: Mapped[int] = mapped_column(SmallInteger)
    location: Mapped[str | None]
    body: Mapped[bytes | None]
    kept_at: Mapped[datetime]


def lock_key(session: Session, key_hash: bytes, *, wait: bool) -> bool:
    """Hold a key until the transaction ends; whether it is held. Without `wait` nobody is waited for."""
    place = int.from_bytes(key_hash[:4], "big", signed=True)
    if wait:
        session.execute(select(func.pg_advisory_xact_lock(_LOCK_SPACE, place)))
        return True
    return bool(session.scalar(select(func.pg_try_advisory_xact_lock(_LOCK_SPACE, place))))


def get_answer(session: Session, clinic_id: UUID, staff_id: UUID, *, key_hash: bytes) -> KeptAnswer | None:
    """The answer under this key, as it stands now."""
    return session.get(KeptAnswer, (clinic_id, staff_id, key_hash), populate_existing=True)


def insert_answer(session: Session, answer: KeptAnswer) -> None:
    """Keep an answer; where the key has one already that one stays."""
    columns = KeptAnswer.__table__.columns.keys()
    kept = insert(KeptAnswer).values({name: getattr(answer, name) for name in columns})
    session.execute(kept.on_conflict_do_nothing())


def delete_older(session: Session, clinic_id: UUID, *, before: datetime) -> None:
    """Forget what the clinic's staff were answered before this moment."""
    old = delete(KeptAnswer).where(KeptAnswer.clinic_id == clinic_id, KeptAnswer.kept_at < before)
    session.execute(old.execution_options(synchronize_session=False))
