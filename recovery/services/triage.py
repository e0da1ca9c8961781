"""A nurse works a flag: claims it, notes a contact, closes it with what it was."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from recovery.domain import triage
from recovery.domain.triage import FlagState, Outcome
from recovery.models import clinics, flags
from recovery.models.flags import EventKind, Flag, FlagEvent
from recovery.services import audit
from recovery.services.access import StaffCaller


class UnknownFlag(LookupError):
    """No flag has this id."""


class CommentRequired(ValueError):
    """A flag is resolved with a comment: what was seen, said and done."""


class HeldBySomeoneElse(Exception):
    """Somebody else holds this flag. `holder` is their name, `since` when they took it."""

    def __init__(self, *, holder: str, since: datetime | None) -> None:
        super().__init__()
        self.holder = holder
        self.since = since


class IllegalMove(Exception):
    """A flag in this state cannot do that. `state` is where it stands."""

    def __init__(self, state: FlagState) -> None:
        super().__init__()
        self.state = state


class ContactResult(StrEnum):
    """How an attempt to reach the patient ended."""

    REACHED = "reached"
    NO_ANSWER = "no_answer"
    LEFT_MESSAGE = "left_message"


def claim(session: Session, *, caller: StaffCaller, flag_id: UUID, now: datetime) -> Flag:
    """Take a flag. Taking one's own again changes nothing.

    Raises UnknownFlag, HeldBySomeoneElse, IllegalMove (resolved).
    """
    flag = _locked(session, caller, flag_id)
    if flag.held_by == caller.staff_id and flag.state is not FlagState.RESOLVED:
        return flag
    _not_held_by_another(session, caller, flag)
    _move(flag, FlagState.CLAIMED)
    flag.held_by, flag.held_since = caller.staff_id, now
    _write(session, caller, flag, EventKind.CLAIMED, now=now)
    return flag


def release(session: Session, *, caller: StaffCaller, flag_id: UUID, now: datetime) -> Flag:
    """Give a flag back to the queue. Raises UnknownFlag, HeldBySomeoneElse, IllegalMove."""
    flag = _locked(session, caller, flag_id)
    _not_held_by_another(session, caller, flag)
    if flag.state is FlagState.RESOLVED:
        # Back to open is legal from here too, but that is reopening, and says why.
        raise IllegalMove(flag.state)
    _move(flag, FlagState.OPEN)
    flag.held_by, flag.held_since = None, None
    _write(session, caller, flag, EventKind.RELEASED, now=now)
    return flag


def contact(
    session: Session,
    *,
    caller: StaffCaller,
    flag_id: UUID,
    result: ContactResult,
    note: str | None,
    now: datetime,
) -> Flag:
    """Note an attempt to reach the patient. Raises UnknownFlag, HeldBySomeoneElse, IllegalMove."""
    flag = _locked(session, caller, flag_id)
    _not_held_by_another(session, caller, flag)
    if result is ContactResult.REACHED and flag.state is not FlagState.CONTACTED:
        _move(flag, FlagState.CONTACTED)
    elif flag.state not in (FlagState.CLAIMED, FlagState.CONTACTED):
        raise IllegalMove(flag.state)
    _write(
        session, caller, flag, EventKind.CONTACT, now=now, detail={"result": result.value, "note": note or ""}
    )
    return flag


def resolve(
    session: Session,
    *,
    caller: StaffCaller,
    flag_id: UUID,
    outcome: Outcome,
    comment: str,
    now: datetime,
) -> Flag:
    """Close a flag with what it was.

    Raises UnknownFlag, CommentRequired, HeldBySomeoneElse, IllegalMove (not claimed, or resolved).
    """
    if not comment.strip():
        raise CommentRequired
    flag = _locked(session, caller, flag_id)
    _not_held_by_another(session, caller, flag)
    _move(flag, FlagState.RESOLVED)
    flag.resolved_at, flag.outcome, flag.comment = now, outcome, comment.strip()
    _write(session, caller, flag, EventKind.RESOLVED, now=now, detail={"outcome": outcome.value})
    return flag


def _locked(session: Session, caller: StaffCaller, flag_id: UUID) -> Flag:
    flag = flags.locked(session, caller.clinic_id, flag_id)
    if flag is None:
        raise UnknownFlag(flag_id)
    return flag


def _not_held_by_another(session: Session, caller: StaffCaller, flag: Flag) -> None:
    if flag.state is FlagState.RESOLVED or flag.held_by in (None, caller.staff_id):
        return
    names = clinics.staff_names(session, caller.clinic_id)
    raise HeldBySomeoneElse(holder=names.get(flag.held_by, ""), since=flag.held_since)


def _move(flag: Flag, then: FlagState) -> None:
    if not triage.may_become(now=flag.state, then=then):
        raise IllegalMove(flag.state)
    flag.state = then
    if then is FlagState.OPEN:
        flag.escalate_at = flag.due_at


def _write(
    session: Session,
    caller: StaffCaller,
    flag: Flag,
    kind: EventKind,
    *,
    now: datetime,
    detail: Mapping[str, Any] | None = None,
) -> None:
    session.add(
        FlagEvent(
            clinic_id=flag.clinic_id,
            flag_id=flag.id,
            at=now,
            kind=kind,
            staff_id=caller.staff_id,
            detail=dict(detail or {}),
        )
    )
    audit.record(
        session,
        clinic_id=flag.clinic_id,
        actor=audit.staff(caller.staff_id),
        action=f"flag.{kind.value}",
        subject=("flag", flag.id),
        now=now,
    )
    session.flush()
