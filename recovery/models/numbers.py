"""One lock per phone number, so that an opt-out and a text to the number never pass each other.

Who changes what a number wants holds the lock alone; who takes texts for it in hand shares it. Both hold
it to the end of their transaction, so nothing is claimed after an opt-out was committed.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import ARRAY, Text, bindparam, func, select
from sqlalchemy.orm import Session

_SEED = 4_067_203_512
"""Keeps these locks apart from other advisory locks over 64 bits."""

_PHONE = func.unnest(bindparam("phones", type_=ARRAY(Text))).table_valued("phone").render_derived()
_SHARE = select(
    _PHONE.c.phone, func.pg_try_advisory_xact_lock_shared(func.hashtextextended(_PHONE.c.phone, _SEED))
)


def hold(session: Session, phone: str) -> None:
    """Hold the number alone until the transaction ends; waits for whoever holds it."""
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(phone, _SEED))))


def share(session: Session, phones: Collection[str]) -> frozenset[str]:
    """Those of the numbers that nobody holds alone, shared until the transaction ends. Never waits."""
    if not phones:
        return frozenset()
    rows = session.execute(_SHARE, {"phones": sorted(phones)})
    return frozenset(row[0] for row in rows if row[1])
