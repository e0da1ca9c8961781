"""Rows of the codes with which patients sign in, one a phone number: asked for, waiting for the worker,
tried, ended."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Index, SmallInteger, delete, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from recovery.models.core.base import Base

FORGOTTEN_AFTER = timedelta(days=1)
FORGOTTEN_AT_ONCE = 20
"""How many old rows one ask clears away, so that numbers nobody has do not pile up."""


class SignInCode(Base):
    """The one code of a number, known to a clinic or not; only an argon2id hash of it is kept.

    `waiting` until the worker has seen who the number belongs to. Without a hash no code stands.
    """

    __tablename__ = "sign_in_code"
    __table_args__ = (
        Index("ix_sign_in_code_waiting", "asked_at", postgresql_where=text("waiting")),
        Index("ix_sign_in_code_asked_at", "asked_at"),
    )

    phone: Mapped[str] = mapped_column(primary_key=True)
    asked_at: Mapped[datetime]
    waiting: Mapped[bool]
    code_hash: Mapped[str | None]
    tries: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    expires_at: Mapped[datetime | None]


def request_code(session: Session, phone: str, *, now: datetime) -> None:
    """A new code is wanted for this number, whoever has it; the one before opens nothing from here on."""
    fresh = {"asked_at": now, "waiting": True, "code_hash": None, "tries": 0, "expires_at": None}
    session.execute(
        insert(SignInCode)
        .values(phone=phone, **fresh)
        .on_conflict_do_update(index_elements=[SignInCode.phone], set_=fresh)
    )


def delete_expired(session: Session, *, now: datetime) -> None:
    """Clear away some rows that nobody needs any more."""
    old = (
        select(SignInCode.phone)
        .where(SignInCode.asked_at < now - FORGOTTEN_AFTER)
        .limit(FORGOTTEN_AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    session.execute(delete(SignInCode).where(SignInCode.phone.in_(old)))


def list_waiting_for_update(session: Session, *, limit: int) -> Sequence[SignInCode]:
    """Codes asked for that no other worker is making, oldest first, locked."""
    wanted = select(SignInCode).where(SignInCode.waiting).order_by(SignInCode.asked_at).limit(limit)
    return session.scalars(wanted.with_for_update(skip_locked=True)).all()


def count_try(session: Session, phone: str, *, most: int, now: datetime) -> str | None:
    """Take one of the tries of the number's code; its hash, None where no try is left or no code stands.

    One statement: parallel guesses cannot see the same count.
    """
    counted = (
        update(SignInCode)
        .where(
            SignInCode.phone == phone,
            SignInCode.code_hash.is_not(None),
            SignInCode.expires_at > now,
            SignInCode.tries < most,
        )
        .values(tries=SignInCode.tries + 1)
        .returning(SignInCode.code_hash)
    )
    return session.scalar(counted)


def uncount_try(session: Session, phone: str) -> None:
    """The last try found the right code, and it is to be used once more."""
    session.execute(update(SignInCode).where(SignInCode.phone == phone).values(tries=SignInCode.tries - 1))


def end_code(session: Session, phone: str) -> None:
    """No code of this number opens anything from here on."""
    session.execute(
        update(SignInCode).where(SignInCode.phone == phone).values(code_hash=None, expires_at=None)
    )
