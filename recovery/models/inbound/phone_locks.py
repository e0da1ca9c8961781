"""The lock on a phone number: what a number sends is taken one text after the other."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

_SEED = 4_067_203_512
"""Keeps these locks apart from other advisory locks over 64 bits."""


def lock_number(session: Session, phone: str) -> None:
    """Hold the number alone until the transaction ends; waits for whoever holds it."""
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(phone, _SEED))))
