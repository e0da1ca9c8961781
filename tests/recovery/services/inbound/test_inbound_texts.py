"""What one text from a phone sets off."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from commands.messaging import stray_texts
from recovery.domain.flags.flag_lifecycle import Urgency
from recovery.domain.inbound.no_answer import NoAnswer
from recovery.domain.inbound.text_meaning import TextMeaning
from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.domain.messaging.unsent_reasons import UnsentReason
from recovery.models.flags.flags import Flag
from recovery.models.inbound.stray_texts import StrayText
from recovery.models.messaging import messages
from recovery.models.messaging.messages import Message
from recovery.models.messaging.opt_outs import OptOut
from recovery.models.tasks.tasks import TaskKind
from recovery.sms.gateway_interface import CarrierKeyword
from tests.support.data.inbound_texting import Texting, sid
from tests.support.data.people import Clinic, Patient


def test_the_same_text_twice_happens_once(texting: Texting, followed: Patient, now: datetime) -> None:
    carrier_id = sid()
    assert texting.send(followed.phone, "3 2 0 1", now=now, carrier_id=carrier_id) is TextMeaning.SCORES
    assert texting.send(followed.phone, "3 2 0 1", now=now, carrier_id=carrier_id) is None
    assert (len(texting.revisions()), len(texting.entries()), len(texting.answers())) == (1, 1, 1)


def test_other_words_are_a_task_and_answered_every_time(
    texting: Texting, followed: Patient, now: datetime
) -> None:
    for minute, body in enumerate(["When can I use makeup?", "And a hat?", "hello"]):
        assert texting.send(followed.phone, body, now=now + timedelta(minutes=minute)) is TextMeaning.OTHER
    (task,) = texting.tasks()
    assert (task.kind, task.patient_id, task.done_at) == (TaskKind.TEXT_TO_READ, followed.id, None)
    assert [answer.template for answer in texting.answers()] == ["got_text"] * 3
    assert {(entry.to_read, entry.answer, entry.no_answer) for entry in texting.entries()} == {
        (True, "got_text", None)
    }
    # Each has its own due time, and the task is due with the first.
    assert task.due_at == min(entry.due_at for entry in texting.entries() if entry.due_at)


def test_a_picture_without_words_is_kept_to_be_read(
    texting: Texting, followed: Patient, now: datetime
) -> None:
    texting.send(followed.phone, "", now=now, pictures=2)
    (entry,) = texting.entries()
    assert (entry.body, entry.to_read) == ("[picture] [picture]", True)


def test_stop_holds_for_everyone_on_the_number_in_every_clinic(
    texting: Texting,
    clinic: Clinic,
    other_clinic: Clinic,
    followed: Patient,
    sessions: sessionmaker[Session],
    now: datetime,
) -> None:
    second = other_clinic.add_patient(now=now, phone=followed.phone)
    assert texting.send(followed.phone, "ya no me manden mensajes", now=now) is TextMeaning.STOP
    with sessions() as session:
        assert {row.clinic_id for row in session.scalars(select(OptOut))} == {clinic.id, other_clinic.id}
        waiting = session.scalars(select(Message).where(Message.state == MessageState.PLANNED)).all()
        assert [text.template for text in waiting] == ["stopped"]
    (said_back,) = texting.answers()
    assert said_back.template == "stopped"
    leaving = [text.body for text in texting.claim(now=now) if text.to == followed.phone]
    assert len(leaving) == 1, "the confirmation is the last text that leaves"
    assert "no more texts" in leaving[0]
    assert texting.claim(now=now + timedelta(days=1)) == []
    assert {task.treatment_id for task in texting.tasks() if task.kind is TaskKind.OPTED_OUT} == {
        followed.treatment_id,
        second.treatment_id,
    }


def test_stop_turns_an_open_flag_into_a_task_for_the_phone(
    texting: Texting, followed: Patient, sessions: sessionmaker[Session], now: datetime
) -> None:
    texting.send(followed.phone, "there is pus", now=now)
    texting.review(now=now)
    texting.send(followed.phone, "STOP", now=now + timedelta(minutes=1))
    with sessions() as session:
        flag = session.scalars(select(Flag)).one()
    (task,) = texting.tasks()
    assert (task.kind, task.due_at, task.detail) == (TaskKind.OPTED_OUT, flag.due_at, {"flag": str(flag.id)})


def test_stop_with_an_emergency_is_both(
    texting: Texting, followed: Patient, sessions: sessionmaker[Session], now: datetime
) -> None:
    texting.send(followed.phone, "Stop texting me, I can't breathe", now=now)
    texting.review(now=now)
    with sessions() as session:
        assert session.scalars(select(Flag)).one().urgency is Urgency.EMERGENCY
        assert session.scalars(select(OptOut)).one().phone == followed.phone
    leaving = texting.claim(now=now)
    assert [text.to for text in leaving if text.to != followed.phone] == ["+12025550192"]
    (said_back,) = (text.body for text in leaving if text.to == followed.phone)
    assert "No more texts" in said_back
    assert "Call 911 now" in said_back
    (call,) = texting.tasks()
    assert (call.kind, call.due_at) == (TaskKind.OPTED_OUT, now + timedelta(minutes=15))
    assert texting.claim(now=now + timedelta(minutes=1)) == [], "from then on it is a call"


def test_only_start_from_the_number_brings_texts_back_and_those_still_to_come(
    texting: Texting, followed: Patient, sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions() as session:
        before = {
            one.step
            for one in messages.list_for_treatment(session, *_key(session, followed))
            if one.state == "planned"
        }
    texting.send(followed.phone, "STOP", now=now)
    texting.send(followed.phone, "START", now=now + timedelta(minutes=1))
    with sessions() as session:
        rows = messages.list_for_treatment(session, *_key(session, followed))
        assert session.scalars(select(OptOut)).all() == []
    assert {
        one.step for one in rows if one.state == "planned" and one.asks_day is not None and one.due_at > now
    } == {step for step in before if any(one.step == step and one.due_at > now for one in rows)}
    assert not [
        one
        for one in rows
        if one.reason == UnsentReason.OPTED_OUT and one.due_at > now + timedelta(minutes=1)
    ]
    assert [answer.template for answer in texting.answers()] == ["stopped", "start_ack"]


def test_help_is_answered_unless_the_carrier_did(texting: Texting, followed: Patient, now: datetime) -> None:
    texting.send(followed.phone, "HELP", now=now)
    assert [answer.template for answer in texting.answers()] == ["help"]
    texting.send(followed.phone, "HELP", now=now, taken_as=CarrierKeyword.HELP)
    assert [answer.template for answer in texting.answers()] == ["help"]
    assert texting.tasks() == []


def test_the_carriers_stop_counts_whatever_the_words_are(
    texting: Texting, followed: Patient, sessions: sessionmaker[Session], now: datetime
) -> None:
    texting.send(followed.phone, "quittez", now=now, taken_as=CarrierKeyword.STOP)
    with sessions() as session:
        assert session.scalars(select(OptOut)).one().how == "text"


def test_a_shared_number_goes_to_the_list_and_into_nobodys_record(
    texting: Texting, clinic: Clinic, followed: Patient, now: datetime
) -> None:
    clinic.add_patient(now=now, phone=followed.phone, pin="2718")
    texting.send(followed.phone, "3 2 0 1", now=now)
    assert texting.revisions() == []
    (task,) = texting.tasks()
    (entry,) = texting.entries()
    assert (task.kind, task.patient_id, task.detail) == (
        TaskKind.UNMATCHED_TEXT,
        None,
        {"text": str(entry.id)},
    )
    assert [answer.template for answer in texting.answers()] == ["got_text"]


def test_an_emergency_from_a_shared_number_calls_every_clinic_it_may_be_for(
    texting: Texting, other_clinic: Clinic, followed: Patient, now: datetime
) -> None:
    other_clinic.add_patient(now=now, phone=followed.phone)
    texting.send(followed.phone, "I can't breathe", now=now)
    assert len({entry.clinic_id for entry in texting.entries()}) == 2
    assert [answer.template for answer in texting.answers()] == ["emergency_sign"]
    sent = [text for text in texting.claim(now=now) if "URGENT" in text.body]
    assert len(sent) == 2


def test_an_unknown_number_is_on_the_list_of_the_only_clinic(
    texting: Texting, clinic: Clinic, now: datetime
) -> None:
    texting.send("+12025559999", "hello", now=now)
    (entry,) = texting.entries()
    assert (entry.clinic_id, entry.patient_id, entry.to_read) == (clinic.id, None, True)
    assert [task.kind for task in texting.tasks()] == [TaskKind.UNMATCHED_TEXT]


def test_an_unknown_number_among_several_clinics_is_kept_for_the_operator(
    texting: Texting, clinic: Clinic, other_clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    carrier_id = sid()
    texting.send("+12025559999", "hello", now=now, carrier_id=carrier_id)
    assert texting.send("+12025559999", "hello", now=now, carrier_id=carrier_id) is None
    assert (texting.entries(), texting.tasks()) == ([], [])
    with sessions() as session:
        assert session.scalars(select(StrayText)).one().body == "hello"
        (listed,) = stray_texts.list_stray_texts(session, since=now)["texts"]
        assert (listed["from"], listed["meaning"]) == ("+12025559999", "other")
        assert stray_texts.list_stray_texts(session, since=now + timedelta(seconds=1)) == {"texts": []}


def test_a_loop_of_danger_is_answered_up_to_its_cap_and_then_only_a_nurse_is_told(
    texting: Texting, followed: Patient, now: datetime
) -> None:
    most = texting.content.schedule.limits.emergency_answers_per_hour
    for minute in range(most + 2):
        texting.send(followed.phone, "I can't breathe", now=now + timedelta(minutes=minute))
    assert [answer.template for answer in texting.answers()] == ["emergency_sign"] * most
    assert [entry.no_answer for entry in texting.entries()] == [None] * most + [NoAnswer.TOO_MANY] * 2
    (task,) = texting.tasks()
    assert (task.kind, task.detail) == (TaskKind.TEXT_TO_READ, {"unanswered": "too_many"})
    assert task.due_at == now + timedelta(minutes=15 + most)


def _key(session: Session, patient: Patient) -> tuple[UUID, UUID]:
    row = session.scalars(select(Message).where(Message.patient_id == patient.id).limit(1)).one()
    return row.clinic_id, patient.treatment_id
