"""Which texts are answered, how often, until when, and what the staff is told at which hour."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.models.clinic.clinics import Clinic as ClinicRow
from recovery.models.messaging.messages import Message
from recovery.models.patients.patients import Patient as PatientRow
from recovery.services.content.content import Content
from recovery.services.inbound import text_replies
from recovery.services.inbound.text_replies import (
    ALERT_USEFUL,
    ANSWER_USEFUL,
    CAP_WINDOW,
    InboundReference,
    Reply,
    ReplyTemplate,
)
from recovery.services.messaging import outbox
from recovery.services.messaging.outbox import RenderContext
from tests.support.data.inbound_texting import sid
from tests.support.data.people import Clinic, Patient
from tests.support.data.reporting import open_on_weekdays

ABOUT = UUID(int=0xABCDEF012345)


def reply(
    clinic: Clinic, patient: Patient, template: ReplyTemplate, *, at: datetime, carrier_id: str = "",
    **more: object,
) -> bool:  # fmt: skip
    with clinic.sessions.begin() as session:
        return text_replies.plan_reply(
            session,
            InboundReference(carrier_id=carrier_id or sid(), at=at),
            clinic=session.get_one(ClinicRow, clinic.id),
            patient=session.get_one(PatientRow, (clinic.id, patient.id)),
            reply=Reply(template=template, **more),  # type: ignore[arg-type]
            limits=clinic.content.schedule.limits,
        )


def text_staff(clinic: Clinic, *, urgent: bool, now: datetime) -> None:
    with clinic.sessions.begin() as session:
        text_replies.text_staff(
            session,
            clinic=session.get_one(ClinicRow, clinic.id),
            about=ABOUT,
            urgent=urgent,
            by=now + timedelta(hours=2),
            now=now,
        )


def planned(sessions: sessionmaker[Session]) -> list[Message]:
    with sessions() as session:
        return list(session.scalars(select(Message).order_by(Message.id)))


def test_an_answer_is_due_at_once_and_of_use_for_two_hours(
    clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], now: datetime
) -> None:
    reply(
        clinic, patient, ReplyTemplate.GOT_SCORES, at=now, carrier_id="SM1", day=3,
        treatment_id=patient.treatment_id, by=now + timedelta(hours=2),
    )  # fmt: skip
    (text,) = planned(sessions)
    assert (text.patient_id, text.treatment_id) == (patient.id, patient.treatment_id)
    assert (text.template, text.step) == ("got_scores", "answer:SM1:got_scores")
    assert text.details == {"day": "3", "by": "2 PM"}
    assert text.due_at == text.replies_to_at == text.created_at == now
    assert (text.useful_until, text.state) == (now + ANSWER_USEFUL, MessageState.PLANNED)


def test_one_text_is_answered_once(
    clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], now: datetime
) -> None:
    for _ in range(2):
        reply(clinic, patient, ReplyTemplate.HELP, at=now, carrier_id="SM1")
    assert [text.template for text in planned(sessions)] == ["help"]


def test_an_answer_names_the_number_that_answers_at_its_hour(
    clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], content: Content, now: datetime
) -> None:
    open_on_weekdays(clinic)
    wording = RenderContext(content=content, links_at="https://c.example")
    with sessions() as session:
        place = session.get_one(ClinicRow, clinic.id)
        in_hours, out_of_hours = place.phone, place.out_of_hours_phone
    assert in_hours != out_of_hours
    for at in (now, now.replace(hour=23)):
        reply(clinic, patient, ReplyTemplate.GOT_TEXT, at=at, by=at + timedelta(hours=2))
        with sessions.begin() as session:
            (sent,) = outbox.lease_due_texts(session, wording=wording, worker_id=ABOUT, now=at, limit=1)
        assert (in_hours in sent.body, out_of_hours in sent.body) == (at == now, at != now)


def test_two_machines_do_not_talk_for_ever(
    clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], now: datetime
) -> None:
    most = clinic.content.schedule.limits.answers_per_hour
    words = (ReplyTemplate.GOT_TEXT, ReplyTemplate.HELP)
    said = [
        reply(clinic, patient, words[minutes % 2], at=now + timedelta(minutes=minutes))
        for minutes in range(most + 2)
    ]
    assert said == [True] * most + [False] * 2
    assert len(planned(sessions)) == most
    assert reply(clinic, patient, ReplyTemplate.GOT_TEXT, at=now + CAP_WINDOW), "the first has left the hour"


def test_small_talk_takes_no_answer_from_an_emergency_and_a_loop_of_danger_ends_too(
    clinic: Clinic, patient: Patient, now: datetime
) -> None:
    limits = clinic.content.schedule.limits
    for minutes in range(limits.answers_per_hour + 1):
        reply(clinic, patient, ReplyTemplate.GOT_TEXT, at=now + timedelta(minutes=minutes))
    words = (ReplyTemplate.EMERGENCY, ReplyTemplate.MAYBE_EMERGENCY)
    said = [
        reply(clinic, patient, words[minutes % 2], at=now + timedelta(minutes=minutes))
        for minutes in range(limits.emergency_answers_per_hour + 1)
    ]
    assert said == [True] * limits.emergency_answers_per_hour + [False]


def test_another_patients_answers_count_for_nobody_else(
    clinic: Clinic, patient: Patient, now: datetime
) -> None:
    second = clinic.add_patient(now=now, consent=False)
    most = clinic.content.schedule.limits.answers_per_hour
    assert [reply(clinic, patient, ReplyTemplate.HELP, at=now) for _ in range(most + 1)][-1] is False
    assert reply(clinic, second, ReplyTemplate.HELP, at=now)


def test_the_staff_hears_of_what_is_not_urgent_once_the_clinic_opens(
    clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    open_on_weekdays(clinic)
    evening, morning = now.replace(hour=20), (now + timedelta(days=1)).replace(hour=9)
    text_staff(clinic, urgent=False, now=evening)
    (text,) = planned(sessions)
    assert (text.template, text.patient_id, text.due_at) == ("staff_alert", None, morning)
    assert (text.useful_until, text.created_at) == (morning + ALERT_USEFUL, evening)
    assert text.details["ref"] == "012345"


@pytest.mark.parametrize(("urgent", "template"), [(True, "on_call_alert"), (False, "staff_alert")])
def test_the_staff_hears_at_once_while_it_is_open_or_it_is_urgent(
    clinic: Clinic, sessions: sessionmaker[Session], now: datetime, urgent: bool, template: str
) -> None:
    open_on_weekdays(clinic)
    at = now.replace(hour=23) if urgent else now
    for _ in range(2):
        text_staff(clinic, urgent=urgent, now=at)
    (text,) = planned(sessions)
    assert (text.template, text.due_at) == (template, at)
    assert text.details["ref"] == ABOUT.hex[-6:]


def test_every_wording_of_an_answer_is_in_the_catalogue(clinic: Clinic) -> None:
    for catalogue in clinic.content.catalogues.values():
        for template in (*ReplyTemplate, "on_call_alert", "staff_alert"):
            assert catalogue.text(str(template)).placeholders
