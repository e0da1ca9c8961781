"""A nurse works a flag: claims, releases, hands over, notes a contact, texts, closes, opens again, undoes;
who holds it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from recovery.domain.clinic.staff_roles import Role
from recovery.domain.flags import flag_lifecycle
from recovery.domain.flags.flag_lifecycle import FlagOutcome, FlagState, NurseText
from recovery.domain.messaging.unsent_reasons import UnsentReason
from recovery.domain.review import undo as undo_rule
from recovery.models.clinic import clinics
from recovery.models.flags import flags
from recovery.models.flags.flags import EventKind, Flag, FlagEvent
from recovery.models.messaging import again_texts
from recovery.models.patients import patients
from recovery.models.treatments.treatments import Treatment
from recovery.services.access.authentication import StaffCaller
from recovery.services.clinic.clinics import opening_hours_of
from recovery.services.content.content import Content
from recovery.services.core import audit
from recovery.services.flags import flag_queue_entries, nurse_texts
from recovery.services.treatments import session_plan

MAY_TAKE_AWAY = (Role.MANAGER, Role.MEDICAL_DIRECTOR)
"""Who may hand over a flag that somebody else holds, as when a nurse has gone home with it."""


class UnknownFlag(LookupError):
    """No flag has this id."""


class UnknownColleague(LookupError):
    """Nobody of the clinic who may sign in has this id."""


class CommentRequired(ValueError):
    """A flag is resolved with a comment: what was seen, said and done."""


class HeldBySomeoneElse(Exception):
    """Somebody else holds this flag. `holder` is their name, `since` when they took it."""

    def __init__(self, *, holder: str, since: datetime | None) -> None:
        super().__init__()
        self.holder = holder
        self.since = since


class IllegalTransition(Exception):
    """A flag in this state cannot do that. `state` is where it stands."""

    def __init__(self, state: FlagState) -> None:
        super().__init__()
        self.state = state


class AnotherFlagOpen(Exception):
    """The treatment has another flag that is not resolved, `flag_id`: at most one at a time is."""

    def __init__(self, flag_id: UUID) -> None:
        super().__init__()
        self.flag_id = flag_id


class NothingToUndo(Exception):
    """One's own last step is undone, and within a minute."""


class ContactResult(StrEnum):
    """How an attempt to reach the patient ended."""

    REACHED = "reached"
    NO_ANSWER = "no_answer"
    LEFT_MESSAGE = "left_message"


def claim(session: Session, *, caller: StaffCaller, flag_id: UUID, now: datetime) -> Flag:
    """Take a flag. Taking one's own again changes nothing.

    Raises UnknownFlag, HeldBySomeoneElse, IllegalTransition (resolved), UnknownColleague (no more).
    """
    # Before the flag, as whoever ends their access locks them: nobody holds it for somebody who is out.
    active = clinics.signs_in(session, caller.clinic_id, caller.staff_id)
    flag = _locked(session, caller, flag_id)
    if flag.held_by == caller.staff_id and flag.state is not FlagState.RESOLVED:
        return flag
    _not_held_by_another(session, caller, flag)
    if not active:
        raise UnknownColleague(caller.staff_id)
    before = _standing(flag)
    _move(flag, FlagState.CLAIMED)
    flag.held_by, flag.held_since = caller.staff_id, now
    _write(session, caller, flag, EventKind.CLAIMED, before=before, now=now)
    return flag


def release(session: Session, *, caller: StaffCaller, flag_id: UUID, now: datetime) -> Flag:
    """Give a flag back to the queue. Raises UnknownFlag, HeldBySomeoneElse, IllegalTransition."""
    flag = _locked(session, caller, flag_id)
    _not_held_by_another(session, caller, flag)
    if flag.state is FlagState.RESOLVED:
        # resolved -> open is legal but is a reopening, which needs its own event.
        raise IllegalTransition(flag.state)
    before = _standing(flag)
    _move(flag, FlagState.OPEN)
    flag.held_by, flag.held_since = None, None
    _write(session, caller, flag, EventKind.RELEASED, before=before, now=now)
    return flag


def release_all_of(
    session: Session, *, clinic_id: UUID, staff_id: UUID, by: UUID | None, now: datetime
) -> int:
    """Whoever signs in no more holds nothing: their flags go back to the queue; how many those were.

    `by` is who ended their access. What is overdue is escalated at once.
    """
    held = flags.list_held_for_update(session, clinic_id, staff_id)
    for flag in held:
        _move(flag, FlagState.OPEN)
        flag.held_by, flag.held_since = None, None
        session.add(
            FlagEvent(
                clinic_id=clinic_id,
                flag_id=flag.id,
                at=now,
                kind=EventKind.RELEASED,
                staff_id=by,
                detail={"left": str(staff_id)},
            )
        )
    session.flush()
    return len(held)


def hand_over(session: Session, *, caller: StaffCaller, flag_id: UUID, to: UUID, now: datetime) -> Flag:
    """Give a flag to a colleague: one's own, and for managers and the medical director anybody's.

    Where nobody holds it, it goes to them too. The patient who was reached stays reached.
    Raises UnknownFlag, UnknownColleague, HeldBySomeoneElse, IllegalTransition (resolved).
    """
    active = clinics.signs_in(session, caller.clinic_id, to)
    flag = _locked(session, caller, flag_id)
    if caller.role not in MAY_TAKE_AWAY:
        _not_held_by_another(session, caller, flag)
    if flag.state is FlagState.RESOLVED:
        raise IllegalTransition(flag.state)
    if not active:
        raise UnknownColleague(to)
    before = _standing(flag)
    if flag.state is FlagState.OPEN:
        _move(flag, FlagState.CLAIMED)
    flag.held_by, flag.held_since = to, now
    _write(session, caller, flag, EventKind.HANDED_OVER, before=before, detail={"to": str(to)}, now=now)
    return flag


def record_contact(
    session: Session,
    *,
    caller: StaffCaller,
    flag_id: UUID,
    result: ContactResult,
    note: str | None,
    now: datetime,
) -> Flag:
    """Note an attempt to reach the patient. Raises UnknownFlag, HeldBySomeoneElse, IllegalTransition."""
    flag = _locked(session, caller, flag_id)
    _not_held_by_another(session, caller, flag)
    before = _standing(flag)
    if result is ContactResult.REACHED and flag.state is not FlagState.CONTACTED:
        _move(flag, FlagState.CONTACTED)
    elif flag.state not in (FlagState.CLAIMED, FlagState.CONTACTED):
        raise IllegalTransition(flag.state)
    detail = {"result": result.value, "note": note or ""}
    _write(session, caller, flag, EventKind.CONTACT, before=before, detail=detail, now=now)
    return flag


def add_note(session: Session, *, caller: StaffCaller, flag_id: UUID, text: str, now: datetime) -> Flag:
    """Write something down about a flag, whoever holds it. Raises UnknownFlag, CommentRequired."""
    if not text.strip():
        raise CommentRequired
    flag = _locked(session, caller, flag_id)
    detail = {"note": text.strip()}
    _write(session, caller, flag, EventKind.NOTE, before=_standing(flag), detail=detail, now=now)
    return flag


def text_patient(
    session: Session,
    *,
    caller: StaffCaller,
    flag_id: UUID,
    template: NurseText,
    content: Content,
    now: datetime,
) -> Flag:
    """Text the patient in one of the approved wordings, a minute from now.

    Raises UnknownFlag, HeldBySomeoneElse, IllegalTransition (nobody holds it, or resolved), TextNotAllowed.
    """
    flag = _locked(session, caller, flag_id)
    _not_held_by_another(session, caller, flag)
    if flag.state not in (FlagState.CLAIMED, FlagState.CONTACTED):
        raise IllegalTransition(flag.state)
    step = nurse_texts.plan(session, flag=flag, template=template, content=content, now=now)
    detail = {"text": template.value, "step": step}
    _write(session, caller, flag, EventKind.TEXT, before=_standing(flag), detail=detail, now=now)
    return flag


def resolve(
    session: Session,
    *,
    caller: StaffCaller,
    flag_id: UUID,
    outcome: FlagOutcome,
    comment: str,
    content: Content,
    now: datetime,
    text: NurseText | None = None,
) -> Flag:
    """Close a flag with what it was; with a text, the patient is told a minute from now.

    Raises UnknownFlag, CommentRequired, HeldBySomeoneElse, IllegalTransition (not claimed, or resolved),
    TextNotAllowed.
    """
    if not comment.strip():
        raise CommentRequired
    flag = _locked(session, caller, flag_id)
    _not_held_by_another(session, caller, flag)
    before = _standing(flag)
    _move(flag, FlagState.RESOLVED)
    detail = {"outcome": outcome.value, "comment": comment.strip()}
    if text is not None:
        detail["text"] = text.value
        detail["step"] = nurse_texts.plan(session, flag=flag, template=text, content=content, now=now)
    flag.resolved_at, flag.outcome, flag.comment = now, outcome, comment.strip()
    _write(session, caller, flag, EventKind.RESOLVED, before=before, detail=detail, now=now)
    treatment = session.get_one(Treatment, (flag.clinic_id, flag.treatment_id))
    patient = patients.get_one(session, flag.clinic_id, treatment.patient_id)
    session_plan.replan_reminder(session, patient=patient, content=content, now=now)
    return flag


def reopen(session: Session, *, caller: StaffCaller, flag_id: UUID, content: Content, now: datetime) -> Flag:
    """Open a resolved flag again, for anyone to claim; its time counts from now.

    What it was closed with stays in its history.
    Raises UnknownFlag, IllegalTransition (not resolved), AnotherFlagOpen.
    """
    flag = _locked(session, caller, flag_id)
    if flag.state is not FlagState.RESOLVED:
        raise IllegalTransition(flag.state)
    _alone(session, flag)
    before = _standing(flag)
    hours = opening_hours_of(clinics.get_one(session, flag.clinic_id))
    flag.due_at = flag_lifecycle.due_at(flag.urgency, since=now, hours=hours, times=content.response_times)
    flag.escalated = flag.late_told_at = None
    _move(flag, FlagState.OPEN)
    flag.held_by, flag.held_since = None, None
    flag.resolved_at, flag.outcome, flag.comment = None, None, None
    _write(session, caller, flag, EventKind.REOPENED, before=before, now=now)
    key = flag.clinic_id, flag.treatment_id
    again_texts.cancel_waiting(session, [key], reason=UnsentReason.FLAG_OPEN, now=now)
    flag_queue_entries.refresh(session, clinic_id=flag.clinic_id, treatment_id=flag.treatment_id)
    return flag


def undo(session: Session, *, caller: StaffCaller, flag_id: UUID, now: datetime) -> Flag:
    """Take back one's own last step, if nobody did anything since and a minute has not passed.

    A text that went with it does not leave. What was done stays in the history, marked as taken back.
    Raises UnknownFlag, NothingToUndo, AnotherFlagOpen.
    """
    flag = _locked(session, caller, flag_id)
    last = undo_rule.find_undoable(
        flags.list_events(session, flag.clinic_id, flag.id), staff_id=caller.staff_id, now=now
    )
    if last is None:
        raise NothingToUndo
    if flag.state is FlagState.RESOLVED:
        _alone(session, flag)
    before, previous = _standing(flag), last.detail["before"]
    flag.state = FlagState(previous["state"])
    flag.held_by = None if previous["held_by"] is None else UUID(previous["held_by"])
    flag.held_since, flag.resolved_at = (_moment(previous[name]) for name in ("held_since", "resolved_at"))
    flag.outcome = None if previous["outcome"] is None else FlagOutcome(previous["outcome"])
    flag.comment = previous["comment"]
    flag.due_at = min(flag.due_at, datetime.fromisoformat(previous["due_at"]))
    flag.escalate_at = flag.due_at if flag.state in (FlagState.OPEN, FlagState.CLAIMED) else None
    if "step" in last.detail:
        nurse_texts.cancel(session, flag=flag, step=last.detail["step"], now=now)
    detail = {"undoes": str(last.id), "kind": last.kind.value}
    _write(session, caller, flag, EventKind.UNDONE, before=before, detail=detail, now=now)
    if flag.state is not FlagState.RESOLVED:
        flag_queue_entries.refresh(session, clinic_id=flag.clinic_id, treatment_id=flag.treatment_id)
    return flag


def _locked(session: Session, caller: StaffCaller, flag_id: UUID) -> Flag:
    flag = flags.get_for_update(session, caller.clinic_id, flag_id)
    if flag is None:
        raise UnknownFlag(flag_id)
    return flag


def _not_held_by_another(session: Session, caller: StaffCaller, flag: Flag) -> None:
    if flag.state is FlagState.RESOLVED or flag.held_by in (None, caller.staff_id):
        return
    names = clinics.staff_names(session, caller.clinic_id)
    raise HeldBySomeoneElse(holder=names.get(flag.held_by, ""), since=flag.held_since)


def _alone(session: Session, flag: Flag) -> None:
    other = flags.get_unresolved(session, flag.clinic_id, flag.treatment_id)
    if other is not None and other.id != flag.id:
        raise AnotherFlagOpen(other.id)


def _move(flag: Flag, then: FlagState) -> None:
    if not flag_lifecycle.is_legal_move(now=flag.state, then=then):
        raise IllegalTransition(flag.state)
    flag.state = then
    if then is FlagState.OPEN:
        flag.escalate_at = flag.due_at


def _standing(flag: Flag) -> dict[str, str | None]:
    """The flag's state as stored with an event, for undo."""
    return {
        "state": flag.state.value,
        "held_by": None if flag.held_by is None else str(flag.held_by),
        "held_since": _text(flag.held_since),
        "resolved_at": _text(flag.resolved_at),
        "outcome": None if flag.outcome is None else flag.outcome.value,
        "comment": flag.comment,
        "due_at": _text(flag.due_at),
    }


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _write(
    session: Session,
    caller: StaffCaller,
    flag: Flag,
    kind: EventKind,
    *,
    before: Mapping[str, Any],
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
            detail={**(detail or {}), "before": dict(before)},
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
