"""A batch done together or, where that fails, one by one, so that an impossible piece does not hold up the
others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

T = TypeVar("T")


def process_batch(
    session: Session,
    batch: Sequence[T],
    *,
    work: Callable[[Sequence[T]], None],
    on_failure: Callable[[T, Exception], None] | None,
) -> int:
    """Do the work for all of a batch together or, where that fails, for each alone; for how many it is done.

    What cannot be done is undone and told to `on_failure`, whose changes are kept. Without `on_failure` the
    error ends it all, and one of the database always does.
    """
    if not batch:
        return 0
    try:
        with session.begin_nested():
            work(batch)
    except DBAPIError:
        raise
    except Exception as error:
        if on_failure is None:
            raise
        if len(batch) == 1:
            on_failure(batch[0], error)
            return 0
        return sum(process_batch(session, [one], work=work, on_failure=on_failure) for one in batch)
    return len(batch)
