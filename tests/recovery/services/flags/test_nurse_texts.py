"""What a nurse may text about a flag, to whom it may not go, and what it will say."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.core.language import Language
from recovery.domain.flags.flag_lifecycle import UNDO_WITHIN, NurseText
from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.domain.messaging.unsent_reasons import UnsentReason
from recovery.models.flags.flags import Flag
from recovery.models.messaging import opt_outs
from recovery.models.messaging.messages import Message
from recovery.models.patients.patients import Patient as PatientRow
from recovery.services.content.content import Content
from recovery.services.flags import nurse_texts
from recovery.services.flags.nurse_texts import TextNotAllowed
from tests.support.data.people import Clinic, Patient
from tests.support.data.reporting import raise_flag


@pytest.fixture
def flag(clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], now: datetime) -> Flag:
    flag_id = raise_flag(clinic, patient, at=now)
    with sessions() as session:
        return session.get_one(Flag, (clinic.id, flag_id))


def planned(sessions: sessionmaker[Session]) -> list[Message]:
    with sessions() as session:
        chosen = select(Message).where(Message.step.startswith("nurse:")).order_by(Message.id)
        return list(session.scalars(chosen))


@pytest.mark.parametrize("template", NurseText)
def test_a_text_is_planned_for_the_patient_of_the_flag(
    flag: Flag, patient: Patient, content: Content, sessions: sessionmaker[Session], now: datetime,
    template: NurseText,
) -> None:  # fmt: skip
    with sessions.begin() as session:
        step = nurse_texts.plan(session, flag=flag, template=template, content=content, now=now)
    (text,) = planned(sessions)
    assert (text.patient_id, text.treatment_id, text.step) == (patient.id, patient.treatment_id, step)
    assert (text.template, text.due_at) == (template.value, now + UNDO_WITHIN)
    assert text.useful_until == text.due_at + nurse_texts.USEFUL


def test_the_same_wording_may_be_sent_again_later(
    flag: Flag, content: Content, sessions: sessionmaker[Session], now: datetime
) -> None:
    for minutes in (0, 5):
        at = now + timedelta(minutes=minutes)
        with sessions.begin() as session:
            nurse_texts.plan(session, flag=flag, template=NurseText.TRIED_TO_CALL, content=content, now=at)
    assert len({text.step for text in planned(sessions)}) == 2


def test_a_text_that_is_taken_back_is_cancelled_alone(
    flag: Flag, content: Content, sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions.begin() as session:
        first = nurse_texts.plan(session, flag=flag, template=NurseText.LOOKED_AT, content=content, now=now)
        nurse_texts.plan(session, flag=flag, template=NurseText.TRIED_TO_CALL, content=content, now=now)
    with sessions.begin() as session:
        nurse_texts.cancel(session, flag=flag, step=first, now=now)
    assert [(text.state, text.reason) for text in planned(sessions)] == [
        (MessageState.CANCELLED, UnsentReason.TAKEN_BACK),
        (MessageState.PLANNED, None),
    ]


def test_an_opt_out_or_a_missing_consent_stands_against_it(
    clinic: Clinic, patient: Patient, content: Content, sessions: sessionmaker[Session], now: datetime
) -> None:
    without = clinic.add_patient(now=now, consent=False)
    with sessions.begin() as session:
        rows = [session.get_one(PatientRow, (clinic.id, who.id)) for who in (patient, without)]
        reasons = [
            nurse_texts.reason_not_to_text(session, row, content=content, template=NurseText.LOOKED_AT)
            for row in rows
        ]
        assert reasons == [None, UnsentReason.NO_CONSENT]
        opt_outs.insert_opt_out(session, clinic_id=clinic.id, phone=patient.phone, how="text", now=now)
        assert (
            nurse_texts.reason_not_to_text(session, rows[0], content=content, template=NurseText.LOOKED_AT)
            is UnsentReason.OPTED_OUT
        )


def test_what_may_not_go_is_not_planned(
    flag: Flag, clinic: Clinic, patient: Patient, content: Content, sessions: sessionmaker[Session],
    now: datetime,
) -> None:  # fmt: skip
    with sessions.begin() as session:
        opt_outs.insert_opt_out(session, clinic_id=clinic.id, phone=patient.phone, how="text", now=now)
    with sessions.begin() as session:
        with pytest.raises(TextNotAllowed) as refused:
            nurse_texts.plan(session, flag=flag, template=NurseText.LOOKED_AT, content=content, now=now)
        assert refused.value.reason is UnsentReason.OPTED_OUT
    assert planned(sessions) == []


@pytest.mark.parametrize("language", Language)
def test_every_text_is_shown_in_the_patients_language_with_every_place_filled(
    clinic: Clinic, content: Content, sessions: sessionmaker[Session], now: datetime, language: Language
) -> None:
    patient = clinic.add_patient(now=now, language=language)
    with sessions() as session:
        row = session.get_one(PatientRow, (clinic.id, patient.id))
        preview = nurse_texts.preview_texts(session, row, content=content, now=now)
    assert set(preview) == set(NurseText)
    for template, words in preview.items():
        assert words.startswith("Test Clinic")
        assert "{" not in words
        assert ("......" in words) is (
            "ref" in content.catalogue_for(language).text(template.value).placeholders
        )
