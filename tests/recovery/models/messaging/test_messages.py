from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.models.messaging import messages
from recovery.models.messaging.messages import Message
from recovery.models.patients.patients import Patient
from recovery.models.treatments.treatments import Treatment
from tests.support.data.model_rows import add_text, add_treatment

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
AFTER_PLANNED = [state for state in MessageState if state is not MessageState.PLANNED]


def _planned(treatment: Treatment, *, step: str, due_at: datetime, **values: Any) -> Message:
    return Message(
        clinic_id=treatment.clinic_id,
        patient_id=treatment.patient_id,
        treatment_id=treatment.id,
        step=step,
        template="seen",
        due_at=due_at,
        useful_until=due_at + HOUR,
        state=MessageState.PLANNED,
        created_at=due_at,
        **values,
    )


@pytest.fixture
def clinic_texts(session: Session, treatment: Treatment, now: datetime) -> list[Message]:
    """Two texts that were handed over."""
    return [
        add_text(
            session,
            treatment.clinic_id,
            due_at=now,
            state=MessageState.SENT,
            reference=f"ref-{number}",
            carrier_id=f"SM{number}",
        )
        for number in (1, 2)
    ]


def test_a_step_is_planned_once_for_each_treatment(
    session: Session, patient: Patient, treatment: Treatment, now: datetime
) -> None:
    other = add_treatment(session, patient, performed_at=now)
    assert messages.insert_planned(session, _planned(treatment, step="day1", due_at=now))
    assert not messages.insert_planned(session, _planned(treatment, step="day1", due_at=now + DAY))
    assert messages.insert_planned(session, _planned(other, step="day1", due_at=now))
    assert messages.count_planned(session, patient.clinic_id, patient.id) == 2


def test_many_texts_are_planned_at_once_but_for_steps_that_stand(
    session: Session, treatment: Treatment, now: datetime
) -> None:
    messages.insert_planned_many(session, [])
    assert messages.insert_planned(session, _planned(treatment, step="day2", due_at=now))
    later = [_planned(treatment, step=f"day{day}", due_at=now + day * DAY, asks_day=day) for day in (1, 2, 3)]
    messages.insert_planned_many(session, later)
    steps = messages.steps_by_treatment_for_update(session, treatment.clinic_id, [treatment.id])[treatment.id]
    assert {step: (row.due_at, row.asks_day) for step, row in steps.items()} == {
        "day1": (now + DAY, 1),
        "day2": (now, None),
        "day3": (now + 3 * DAY, 3),
    }


def test_steps_are_by_treatment_and_none_is_left_out(
    session: Session, patient: Patient, treatment: Treatment, foreign_treatment: Treatment, now: datetime
) -> None:
    empty = add_treatment(session, patient, performed_at=now)
    own = add_text(session, treatment.clinic_id, due_at=now, treatment=treatment, step="day1")
    add_text(session, treatment.clinic_id, due_at=now, treatment_id=treatment.id, step="to staff")
    asked = [treatment.id, empty.id, foreign_treatment.id]
    steps = messages.steps_by_treatment_for_update(session, treatment.clinic_id, asked)
    assert steps == {treatment.id: {"day1": own}, empty.id: {}, foreign_treatment.id: {}}


Cancel = Callable[[Session, Treatment, datetime], None]
CANCELS: dict[str, Cancel] = {
    "all": lambda session, treatment, now: messages.cancel_planned(
        session, clinic_id=treatment.clinic_id, patient_id=treatment.patient_id, reason="why", now=now
    ),
    "step": lambda session, treatment, now: messages.cancel_step(
        session, clinic_id=treatment.clinic_id, treatment_id=treatment.id, step="day2", reason="why", now=now
    ),
    "wording": lambda session, treatment, now: messages.cancel_wording(
        session,
        clinic_id=treatment.clinic_id,
        patient_id=treatment.patient_id,
        template="reminder",
        reason="why",
        now=now,
    ),
    "check-ins": lambda session, treatment, now: messages.cancel_check_ins(
        session,
        clinic_id=treatment.clinic_id,
        treatment_id=treatment.id,
        through_day=2,
        reason="why",
        now=now,
    ),
}


@pytest.mark.parametrize(
    ("cancel", "gone"),
    [
        ("all", ["day1", "day2", "day3", "tip"]),
        ("step", ["day2"]),
        ("wording", ["day2", "tip"]),
        ("check-ins", ["day1", "day2"]),
    ],
)
def test_only_planned_texts_that_are_meant_are_cancelled(
    session: Session,
    treatment: Treatment,
    foreign_treatment: Treatment,
    now: datetime,
    cancel: str,
    gone: list[str],
) -> None:
    templates = {"day1": "check_in", "day2": "reminder", "day3": "check_in", "tip": "reminder"}
    for row in (treatment, foreign_treatment):
        for step, template in templates.items():
            day = int(step[3:]) if step.startswith("day") else None
            add_text(
                session, row.clinic_id, due_at=now, treatment=row, step=step, template=template, asks_day=day
            )
    left = [
        add_text(
            session,
            treatment.clinic_id,
            due_at=now,
            treatment=treatment,
            state=state,
            template="reminder",
            asks_day=1,
        )
        for state in AFTER_PLANNED
    ]
    CANCELS[cancel](session, treatment, now)
    session.expire_all()
    by_treatment = {
        row.id: messages.list_for_treatment(session, row.clinic_id, row.id)
        for row in (treatment, foreign_treatment)
    }
    cancelled = [row for row in by_treatment[treatment.id] if row.reason == "why"]
    assert sorted(row.step for row in cancelled) == gone
    assert all((row.state, row.settled_at) == (MessageState.CANCELLED, now) for row in cancelled)
    assert [row.state for row in left] == AFTER_PLANNED
    assert {row.state for row in by_treatment[foreign_treatment.id]} == {MessageState.PLANNED}


def test_a_cancelled_check_in_is_no_longer_waited_for(
    session: Session, treatment: Treatment, now: datetime
) -> None:
    asks: dict[str, Any] = {"treatment": treatment, "due_at": now, "silence_at": now + HOUR}
    first = add_text(session, treatment.clinic_id, **asks, asks_day=1)
    second = add_text(session, treatment.clinic_id, **asks, asks_day=2)
    messages.cancel_check_ins(
        session,
        clinic_id=treatment.clinic_id,
        treatment_id=treatment.id,
        through_day=1,
        reason="answered",
        now=now,
    )
    session.expire_all()
    assert (first.silence_at, second.silence_at) == (None, now + HOUR)


def test_texts_in_doubt_are_asked_about_after_a_quiet_time_the_oldest_first(
    session: Session, sessions: sessionmaker[Session], treatment: Treatment, now: datetime
) -> None:
    def doubt(claimed_at: datetime, look_at: datetime | None = None) -> UUID:
        return add_text(
            session, treatment.clinic_id, due_at=now, treatment=treatment,
            state=MessageState.IN_DOUBT, claimed_at=claimed_at, look_at=look_at,
        ).id  # fmt: skip

    second, first, third = doubt(now - 2 * HOUR), doubt(now - 3 * HOUR, now), doubt(now - HOUR)
    doubt(now - HOUR + timedelta(seconds=1))
    doubt(now - 4 * HOUR, now + timedelta(seconds=1))
    add_text(session, treatment.clinic_id, due_at=now, state=MessageState.SENT, claimed_at=now - 4 * HOUR)
    session.commit()
    with sessions() as one, sessions() as other:
        taken = messages.list_unconfirmed_for_update(one, now=now, quiet=HOUR, limit=2)
        assert [row.id for row in taken] == [first, second]
        rest = messages.list_unconfirmed_for_update(other, now=now, quiet=HOUR, limit=9)
        assert [row.id for row in rest] == [third]


def test_texts_without_a_receipt_are_followed_within_their_time(
    session: Session, treatment: Treatment, now: datetime
) -> None:
    def text(state: MessageState, settled_at: datetime, look_at: datetime | None = None) -> UUID:
        return add_text(
            session, treatment.clinic_id, due_at=now, treatment=treatment,
            state=state, settled_at=settled_at, look_at=look_at,
        ).id  # fmt: skip

    newest = text(MessageState.SENT, now - HOUR)
    oldest = text(MessageState.ACCEPTED, now - DAY, now)
    text(MessageState.SENT, now - HOUR + timedelta(seconds=1))
    text(MessageState.SENT, now - DAY - timedelta(seconds=1))
    text(MessageState.SENT, now - 2 * HOUR, now + timedelta(seconds=1))
    text(MessageState.DELIVERED, now - 2 * HOUR)
    window = {"now": now, "heard_before": now - HOUR, "followed_from": now - DAY}
    awaiting = messages.list_awaiting_receipt_for_update(session, **window, limit=9)
    assert [row.id for row in awaiting] == [oldest, newest]
    assert len(messages.list_awaiting_receipt_for_update(session, **window, limit=1)) == 1


def test_texts_are_found_by_reference_and_by_the_carrier_s_id(
    session: Session, clinic_texts: list[Message]
) -> None:
    first, second = clinic_texts
    assert messages.get_for_update(session, "ref-1") is first
    assert messages.get_for_update(session, "ref-3") is None
    found = messages.list_for_update(session, ["ref-2", "ref-1", "ref-3"])
    assert found == {"ref-1": first, "ref-2": second}
    assert messages.holder_of_carrier_id(session, "SM2") == second.id
    assert messages.holder_of_carrier_id(session, "ref-2") is None


def test_what_a_lost_worker_had_in_hand_is_in_doubt_but_for_what_it_still_has(
    session: Session, treatment: Treatment, now: datetime
) -> None:
    worker, other = uuid4(), uuid4()
    claimed: dict[str, Any] = {"due_at": now, "state": MessageState.CLAIMED}
    lost, held, foreign = (
        add_text(session, treatment.clinic_id, **claimed, worker_id=holder, reference=reference)
        for holder, reference in ((worker, "lost"), (worker, "held"), (other, "foreign"))
    )
    sent = add_text(session, treatment.clinic_id, due_at=now, state=MessageState.SENT, worker_id=worker)
    assert messages.mark_unconfirmed(session, worker, reason="gone", now=now, but=["held"]) == 1
    session.expire_all()
    assert (lost.state, lost.reason, lost.settled_at) == (MessageState.IN_DOUBT, "gone", now)
    assert [row.state for row in (held, foreign, sent)] == [
        MessageState.CLAIMED,
        MessageState.CLAIMED,
        MessageState.SENT,
    ]
    assert messages.mark_unconfirmed(session, worker, reason="gone", now=now) == 1


def test_texts_are_counted_where_they_stand_over_all_clinics(
    session: Session, treatment: Treatment, foreign_treatment: Treatment, now: datetime
) -> None:
    for row in (treatment, foreign_treatment):
        add_text(session, row.clinic_id, due_at=now, treatment=row)
    for hours in (1, 2, 3):
        add_text(
            session,
            treatment.clinic_id,
            due_at=now,
            state=MessageState.IN_DOUBT,
            claimed_at=now - hours * HOUR,
        )
    assert messages.count_by_state(session) == {MessageState.PLANNED: 2, MessageState.IN_DOUBT: 3}
    unconfirmed = messages.list_unconfirmed(session, limit=2)
    assert [row.claimed_at for row in unconfirmed] == [now - 3 * HOUR, now - 2 * HOUR]


def test_a_treatment_s_texts_are_those_to_the_patient_and_those_to_staff_by_due_time(
    session: Session, patient: Patient, treatment: Treatment, now: datetime
) -> None:
    clinic_id = treatment.clinic_id
    last = add_text(session, clinic_id, due_at=now + DAY, treatment=treatment)
    first = add_text(session, clinic_id, due_at=now - DAY, treatment_id=treatment.id)
    other = add_treatment(session, patient, performed_at=now)
    add_text(session, clinic_id, due_at=now, treatment=other)
    add_text(session, clinic_id, due_at=now)
    assert messages.list_for_treatment(session, clinic_id, treatment.id) == [first, last]


def test_a_patient_s_texts_come_last_due_first_and_are_read_on(
    session: Session, treatment: Treatment, now: datetime
) -> None:
    clinic_id, patient_id = treatment.clinic_id, treatment.patient_id
    made = [
        add_text(session, clinic_id, due_at=due_at, treatment=treatment)
        for due_at in (now - DAY, now, now, now + DAY)
    ]
    add_text(session, clinic_id, due_at=now)
    newest = messages.list_for_patient(session, clinic_id, patient_id, after=None, limit=2)
    assert newest == [made[3], made[2]]
    key = newest[-1].due_at, newest[-1].id
    rest = messages.list_for_patient(session, clinic_id, patient_id, after=key, limit=9)
    assert rest == [made[1], made[0]]
