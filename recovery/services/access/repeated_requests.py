"""Requests that may come twice, by a double click or a lost answer: the second is answered like the first."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from recovery.models.access import kept_answers
from recovery.models.access.kept_answers import KeptAnswer
from recovery.services.access.authentication import StaffCaller

KEPT = timedelta(days=1)


class StillAtWork(Exception):
    """The request with this key has not been answered yet."""


class KeyOfAnotherRequest(Exception):
    """This key came with another request before."""


@dataclass(frozen=True, kw_only=True)
class RepeatableRequest:
    """A request by what it is known again: who asks, their key, and what is asked."""

    caller: StaffCaller
    key_hash: bytes
    request_hash: bytes


def identify(caller: StaffCaller, *, key: str, asked: bytes) -> RepeatableRequest:
    """The request of a caller under a key; keys of two callers have nothing to do with each other."""
    own = f"{caller.clinic_id}\n{caller.staff_id}\n{key}".encode()
    return RepeatableRequest(
        caller=caller,
        key_hash=hashlib.sha256(own).digest(),
        request_hash=hashlib.sha256(asked).digest(),
    )


def find_answer(
    session: Session, request: RepeatableRequest, *, wait: bool, now: datetime
) -> KeptAnswer | None:
    """The answer that this request got before, None for a new one, which is held until the transaction ends.

    With `wait` the same request that is still at work is waited for; else it raises StillAtWork. Raises
    KeyOfAnotherRequest.
    """
    if not kept_answers.lock_key(session, request.key_hash, wait=wait):
        raise StillAtWork
    caller = request.caller
    kept_answers.delete_older(session, caller.clinic_id, before=now - KEPT)
    kept = kept_answers.get_answer(session, caller.clinic_id, caller.staff_id, key_hash=request.key_hash)
    if kept is not None and kept.request_hash != request.request_hash:
        raise KeyOfAnotherRequest
    return kept


def keep_answer(
    session: Session,
    request: RepeatableRequest,
    *,
    status: int,
    location: str | None = None,
    body: bytes | None = None,
    now: datetime,
) -> None:
    """Answer this request like this for a day. No secret may stand in the body."""
    kept_answers.insert_answer(
        session,
        KeptAnswer(
            clinic_id=request.caller.clinic_id,
            staff_id=request.caller.staff_id,
            key_hash=request.key_hash,
            request_hash=request.request_hash,
            status=status,
            location=location,
            body=body,
            kept_at=now,
        ),
    )
