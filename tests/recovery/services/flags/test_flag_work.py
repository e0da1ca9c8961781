"""Every step a nurse may take with a flag, who may not, and what can be taken back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.clinic.staff_roles import Role
from recovery.domain.flags.flag_lifecycle import UNDO_WITHIN, FlagOutcome, FlagState, NurseText
from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.domain.messaging.unsent_reasons import UnsentReason
from recovery.models.core.audit import AuditEntry
from recovery.models.flags.flags import EventKind, Flag, FlagEvent
from recovery.models.messaging import opt_outs
from recovery.models.messaging.messages import Message
from recovery.services.access.authentication import StaffCaller
from recovery.services.flags import flag_work
from recovery.services.flags.flag_work import (
    AnotherFlagOpen,
    CommentRequired,
    ContactResult,
    HeldBySomeoneElse,
    IllegalTransition,
    NothingToUndo,
    UnknownColleague,
    UnknownFlag,
)
from recovery.services.flags.nurse_texts import TextNotAllowed
from tests.support.data.people import Clinic, Patient
from tests.support.data.reporting import raise_flag, staff_caller

Act = Callable[..., Flag]
SECOND = timedelta(seconds=1)
CLOSING: dict[str, Any] = {"outcome": FlagOutcome.IRRITATION, "comment": " Seen at noon.\n"}


@pytest.fixture
def flag_id(clinic: Clinic, patient: Patient, now: datetime) -> UUID:
    return raise_flag(clinic, patient, at=now)


@pytest.fixture
def anna(clinic: Clinic) -> StaffCaller:
    return staff_caller(clinic)


@pytest.fixture
def ben(clinic: Clinic, now: datetime) -> StaffCaller:
    return staff_caller(clinic, clinic.add_nurse(now=now))


@pytest.fixture
def act(sessions: sessionmaker[Session], flag_id: UUID, now: datetime) -> Act:
    """One step, committed."""

    def do(step: Callable[..., Flag], caller: StaffCaller, *, at: datetime = now, **more: Any) -> Flag:
        with sessions.begin() as session:
            return step(session, caller=caller, flag_id=flag_id, now=at, **more)

    return do


def events(sessions: sessionmaker[Session]) -> list[FlagEvent]:
    with sessions() as session:
        return list(session.scalars(select(FlagEvent).order_by(FlagEvent.id)))


def nurse_texts(sessions: sessionmaker[Session]) -> list[Message]:
    with sessions() as session:
        planned = select(Message).where(Message.template.in_(list(NurseText))).order_by(Message.id)
        return list(session.scalars(planned))


def test_a_flag_is_held_by_whoever_claims_it_first(
    act: Act, anna: StaffCaller, ben: StaffCaller, sessions: sessionmaker[Session], now: datetime
) -> None:
    flag = act(flag_work.claim, anna)
    assert (flag.state, flag.held_by, flag.held_since) == (FlagState.CLAIMED, anna.staff_id, now)
    assert act(flag_work.claim, anna, at=now + SECOND).held_since == now, "her own again changes nothing"
    with pytest.raises(HeldBySomeoneElse) as refused:
        act(flag_work.claim, ben)
    assert (refused.value.holder, refused.value.since) == (anna.name, now)
    assert [event.kind for event in events(sessions)] == [EventKind.OPENED, EventKind.CLAIMED]


def test_a_released_flag_is_anybodys_and_is_escalated_by_its_due_time(
    act: Act, anna: StaffCaller, ben: StaffCaller
) -> None:
    with pytest.raises(IllegalTransition) as refused:
        act(flag_work.release, anna)
    assert refused.value.state is FlagState.OPEN
    act(flag_work.claim, anna)
    with pytest.raises(HeldBySomeoneElse):
        act(flag_work.release, ben)
    flag = act(flag_work.release, anna)
    assert (flag.state, flag.held_by, flag.held_since) == (FlagState.OPEN, None, None)
    assert flag.escalate_at == flag.due_at
    assert act(flag_work.claim, ben).held_by == ben.staff_id


def test_a_flag_is_handed_over_by_its_holder_or_by_who_may_take_it_away(
    act: Act, anna: StaffCaller, ben: StaffCaller, now: datetime
) -> None:
    assert act(flag_work.hand_over, anna, to=anna.staff_id).state is FlagState.CLAIMED
    act(flag_work.record_contact, anna, result=ContactResult.REACHED, note=None)
    with pytest.raises(HeldBySomeoneElse):
        act(flag_work.hand_over, ben, to=ben.staff_id)
    for role in (Role.MANAGER, Role.MEDICAL_DIRECTOR):
        above = StaffCaller(clinic_id=ben.clinic_id, staff_id=ben.staff_id, name=ben.name, role=role)
        flag = act(flag_work.hand_over, above, to=ben.staff_id, at=now + SECOND)
        assert (flag.state, flag.held_by, flag.held_since) == (
            FlagState.CONTACTED,
            ben.staff_id,
            now + SECOND,
        )
        act(flag_work.hand_over, ben, to=anna.staff_id)


def test_nobody_gets_a_flag_who_is_not_of_the_clinic(
    act: Act, anna: StaffCaller, other_clinic: Clinic
) -> None:
    for stranger in (other_clinic.nurse.id, uuid4()):
        with pytest.raises(UnknownColleague):
            act(flag_work.hand_over, anna, to=stranger)


def test_only_who_was_reached_makes_a_flag_contacted(
    act: Act, anna: StaffCaller, sessions: sessionmaker[Session]
) -> None:
    for result in (ContactResult.REACHED, ContactResult.NO_ANSWER):
        with pytest.raises(IllegalTransition) as refused:
            act(flag_work.record_contact, anna, result=result, note=None)
        assert refused.value.state is FlagState.OPEN
    act(flag_work.claim, anna)
    states = [
        act(flag_work.record_contact, anna, result=result, note=None).state
        for result in (
            ContactResult.NO_ANSWER,
            ContactResult.LEFT_MESSAGE,
            ContactResult.REACHED,
            ContactResult.REACHED,
            ContactResult.NO_ANSWER,
        )
    ]
    assert states == [FlagState.CLAIMED] * 2 + [FlagState.CONTACTED] * 3
    attempts = [event.detail["result"] for event in events(sessions) if event.kind is EventKind.CONTACT]
    assert attempts == ["no_answer", "left_message", "reached", "reached", "no_answer"]


def test_a_note_is_anybodys_at_any_time_and_says_something(
    act: Act, anna: StaffCaller, ben: StaffCaller, sessions: sessionmaker[Session]
) -> None:
    act(flag_work.claim, anna)
    act(flag_work.add_note, ben, text="  She rang. ")
    for empty in ("", " \n"):
        with pytest.raises(CommentRequired):
            act(flag_work.add_note, ben, text=empty)
    (note,) = [event for event in events(sessions) if event.kind is EventKind.NOTE]
    assert (note.staff_id, note.detail["note"]) == (ben.staff_id, "She rang.")


def test_a_text_waits_until_it_can_no_longer_be_taken_back(
    act: Act, anna: StaffCaller, clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    send = {"template": NurseText.TRIED_TO_CALL, "content": clinic.content}
    with pytest.raises(IllegalTransition):
        act(flag_work.text_patient, anna, **send)
    act(flag_work.claim, anna)
    act(flag_work.text_patient, anna, **send)
    (text,) = nurse_texts(sessions)
    assert (text.template, text.due_at, text.state) == (
        NurseText.TRIED_TO_CALL.value,
        now + UNDO_WITHIN,
        MessageState.PLANNED,
    )
    assert events(sessions)[-1].detail["step"] == text.step


def test_who_asked_for_no_more_texts_gets_none_and_the_step_is_not_kept(
    act: Act, anna: StaffCaller, clinic: Clinic, patient: Patient, sessions: sessionmaker[Session],
    now: datetime,
) -> None:  # fmt: skip
    act(flag_work.claim, anna)
    with sessions.begin() as session:
        opt_outs.insert_opt_out(session, clinic_id=clinic.id, phone=patient.phone, how="text", now=now)
    with pytest.raises(TextNotAllowed) as refused:
        act(flag_work.resolve, anna, content=clinic.content, text=NurseText.LOOKED_AT, **CLOSING)
    assert refused.value.reason is UnsentReason.OPTED_OUT
    with sessions() as session:
        assert session.scalars(select(Flag)).one().state is FlagState.CLAIMED


def test_a_flag_is_closed_with_what_it_was_and_a_comment(
    act: Act, anna: StaffCaller, ben: StaffCaller, clinic: Clinic, sessions: sessionmaker[Session],
    now: datetime,
) -> None:  # fmt: skip
    with pytest.raises(IllegalTransition):
        act(flag_work.resolve, anna, content=clinic.content, **CLOSING)
    act(flag_work.claim, anna)
    with pytest.raises(CommentRequired):
        act(flag_work.resolve, anna, content=clinic.content, **CLOSING | {"comment": "\t"})
    with pytest.raises(HeldBySomeoneElse):
        act(flag_work.resolve, ben, content=clinic.content, **CLOSING)
    flag = act(flag_work.resolve, anna, content=clinic.content, text=NurseText.LOOKED_AT, **CLOSING)
    assert (flag.state, flag.resolved_at, flag.outcome, flag.comment) == (
        FlagState.RESOLVED,
        now,
        FlagOutcome.IRRITATION,
        "Seen at noon.",
    )
    assert [text.template for text in nurse_texts(sessions)] == [NurseText.LOOKED_AT.value]
    for step in (flag_work.claim, flag_work.release):
        with pytest.raises(IllegalTransition) as refused:
            act(step, anna)
        assert refused.value.state is FlagState.RESOLVED


def test_a_flag_that_is_opened_again_counts_from_now(
    act: Act, anna: StaffCaller, ben: StaffCaller, clinic: Clinic, now: datetime
) -> None:
    with pytest.raises(IllegalTransition):
        act(flag_work.reopen, ben, content=clinic.content)
    due_at = act(flag_work.claim, anna).due_at
    act(flag_work.resolve, anna, content=clinic.content, **CLOSING)
    day = timedelta(days=1)
    flag = act(flag_work.reopen, ben, content=clinic.content, at=now + day)
    assert (flag.state, flag.held_by, flag.held_since) == (FlagState.OPEN, None, None)
    assert (flag.resolved_at, flag.outcome, flag.comment) == (None, None, None)
    assert flag.due_at == flag.escalate_at == due_at + day


def test_a_treatment_has_one_unresolved_flag_at_most(
    act: Act, anna: StaffCaller, clinic: Clinic, patient: Patient, now: datetime
) -> None:
    act(flag_work.claim, anna)
    act(flag_work.resolve, anna, content=clinic.content, **CLOSING)
    second = raise_flag(clinic, patient, at=now + SECOND)
    for step, more in ((flag_work.reopen, {"content": clinic.content}), (flag_work.undo, {})):
        with pytest.raises(AnotherFlagOpen) as refused:
            act(step, anna, **more)
        assert refused.value.flag_id == second


def test_ones_own_last_step_is_taken_back_with_its_text(
    act: Act, anna: StaffCaller, clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    act(flag_work.claim, anna)
    act(flag_work.resolve, anna, content=clinic.content, text=NurseText.LOOKED_AT, **CLOSING)
    flag = act(flag_work.undo, anna, at=now + UNDO_WITHIN)
    assert (flag.state, flag.held_by, flag.held_since) == (FlagState.CLAIMED, anna.staff_id, now)
    assert (flag.resolved_at, flag.outcome, flag.comment) == (None, None, None)
    assert flag.escalate_at == flag.due_at
    (text,) = nurse_texts(sessions)
    assert (text.state, text.reason) == (MessageState.CANCELLED, UnsentReason.TAKEN_BACK)
    *_, closed, undone = events(sessions)
    assert (undone.kind, undone.detail["undoes"]) == (EventKind.UNDONE, str(closed.id))
    with pytest.raises(NothingToUndo):
        act(flag_work.undo, anna, at=now + UNDO_WITHIN)


def test_taking_back_gives_nobody_more_time(
    act: Act, anna: StaffCaller, sessions: sessionmaker[Session], now: datetime
) -> None:
    due_at = act(flag_work.claim, anna).due_at
    with sessions.begin() as session:
        # A worse report came meanwhile and brought the due time forward.
        session.execute(update(Flag).values(due_at=due_at - timedelta(hours=1)))
    assert act(flag_work.undo, anna, at=now + SECOND).due_at == due_at - timedelta(hours=1)


def test_a_step_is_taken_back_by_whoever_took_it_last_and_soon(
    act: Act, anna: StaffCaller, ben: StaffCaller, now: datetime
) -> None:
    act(flag_work.claim, anna)
    with pytest.raises(NothingToUndo):
        act(flag_work.undo, ben)
    with pytest.raises(NothingToUndo):
        act(flag_work.undo, anna, at=now + UNDO_WITHIN + SECOND)
    act(flag_work.add_note, ben, text="She rang.")
    with pytest.raises(NothingToUndo):
        act(flag_work.undo, anna)


def test_another_clinics_flag_is_unknown_to_every_step(act: Act, other_clinic: Clinic) -> None:
    stranger, content = staff_caller(other_clinic), other_clinic.content
    steps: list[tuple[Callable[..., Flag], dict[str, Any]]] = [
        (flag_work.claim, {}),
        (flag_work.release, {}),
        (flag_work.hand_over, {"to": other_clinic.nurse.id}),
        (flag_work.record_contact, {"result": ContactResult.REACHED, "note": None}),
        (flag_work.add_note, {"text": "hello"}),
        (flag_work.text_patient, {"template": NurseText.LOOKED_AT, "content": content}),
        (flag_work.resolve, {"content": content, **CLOSING}),
        (flag_work.reopen, {"content": content}),
        (flag_work.undo, {}),
    ]
    for step, more in steps:
        with pytest.raises(UnknownFlag):
            act(step, stranger, **more)


def test_every_step_is_audited_without_its_words(
    act: Act, anna: StaffCaller, clinic: Clinic, flag_id: UUID, sessions: sessionmaker[Session]
) -> None:
    act(flag_work.claim, anna)
    act(flag_work.record_contact, anna, result=ContactResult.REACHED, note="a secret")
    act(flag_work.resolve, anna, content=clinic.content, outcome=FlagOutcome.OTHER, comment="a secret")
    with sessions() as session:
        entries = session.scalars(select(AuditEntry).where(AuditEntry.subject_id == flag_id)).all()
        assert sorted(entry.action for entry in entries) == ["flag.claimed", "flag.contact", "flag.resolved"]
        assert all("secret" not in str(entry.detail) for entry in entries)
