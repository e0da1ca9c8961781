"""A code is asked for by anyone, made for an enrolled number, and spent with the second secret."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.domain.messaging.unsent_reasons import UnsentReason
from recovery.models.access.sign_in_codes import FORGOTTEN_AFTER, SignInCode
from recovery.models.clinic.clinics import Clinic as ClinicRow
from recovery.models.clinic.clinics import ClinicMode
from recovery.models.clinic.staff_phones import StaffPhone
from recovery.models.messaging.messages import Message
from recovery.services.access import authentication, sign_in_codes
from recovery.services.access.authentication import SignedIn, SignInRefused
from recovery.services.access.sign_in_codes import SeveralRecords, SignInRecord
from tests.support.data.people import YEAR_OF_BIRTH, Clinic, Patient

RIGHT, WRONG = str(YEAR_OF_BIRTH), str(YEAR_OF_BIRTH + 1)
SECOND = timedelta(seconds=1)


def codes_planned(session: Session) -> Sequence[Message]:
    wanted = select(Message).where(Message.template == sign_in_codes.TEMPLATE)
    return session.scalars(
        wanted.order_by(Message.created_at).execution_options(populate_existing=True)
    ).all()


def make_code(session: Session, phone: str, *, now: datetime) -> str:
    """The code that is texted when one is asked for."""
    sign_in_codes.request_code(session, phone=phone, now=now)
    assert sign_in_codes.create_requested_codes(session, now=now, limit=10) == 1
    return str(codes_planned(session)[-1].details["code"])


def other_than(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


def sign_in(
    session: Session, phone: str, code: str, *, now: datetime, secret: str = RIGHT, record: UUID | None = None
) -> SignedIn:
    return sign_in_codes.sign_in(
        session, phone=phone, code=code, secret=secret, record=record, device="a phone", now=now
    )


def test_a_code_and_the_secret_open_a_session_once(
    patient: Patient, sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions() as session:
        code = make_code(session, patient.phone, now=now)
        opened = sign_in(session, patient.phone, code, now=now)
        caller = authentication.patient_caller(session, bearer=opened.access_token, now=now)
        assert caller.patient_id == patient.id
        with pytest.raises(SignInRefused):
            sign_in(session, patient.phone, code, now=now)


def test_a_code_is_texted_at_once_and_is_of_use_as_long_as_it_opens(
    patient: Patient, sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions() as session:
        make_code(session, patient.phone, now=now)
        (text,) = codes_planned(session)
        assert (text.patient_id, text.due_at, text.useful_until) == (
            patient.id, now, now + sign_in_codes.LIVES,
        )  # fmt: skip


@pytest.mark.parametrize(("after", "opens"), [(-SECOND, True), (timedelta(0), False)])
def test_a_code_ends_after_its_minutes(
    patient: Patient, sessions: sessionmaker[Session], now: datetime, after: timedelta, opens: bool
) -> None:
    with sessions() as session:
        code = make_code(session, patient.phone, now=now)
        then = now + sign_in_codes.LIVES + after
        if opens:
            assert sign_in(session, patient.phone, code, now=then)
        else:
            with pytest.raises(SignInRefused):
                sign_in(session, patient.phone, code, now=then)


def test_wrong_codes_and_wrong_secrets_use_the_same_tries_up(
    patient: Patient, sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions() as session:
        code = make_code(session, patient.phone, now=now)
        for number in range(sign_in_codes.TRIES):
            given, secret = (other_than(code), RIGHT) if number % 2 else (code, WRONG)
            with pytest.raises(SignInRefused):
                sign_in(session, patient.phone, given, secret=secret, now=now)
        with pytest.raises(SignInRefused):
            sign_in(session, patient.phone, code, now=now)
        assert sign_in(session, patient.phone, make_code(session, patient.phone, now=now + SECOND), now=now)


def test_asking_again_ends_the_code_before_and_takes_its_text_back(
    patient: Patient, sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions() as session:
        first = make_code(session, patient.phone, now=now)
        sign_in_codes.request_code(session, phone=patient.phone, now=now + SECOND)
        with pytest.raises(SignInRefused):
            sign_in(session, patient.phone, first, now=now + SECOND)
        sign_in_codes.create_requested_codes(session, now=now + SECOND, limit=10)
        assert [(text.state, text.reason) for text in codes_planned(session)] == [
            (MessageState.CANCELLED, UnsentReason.NEWER_CODE),
            (MessageState.PLANNED, None),
        ]


def test_nothing_is_made_for_a_number_nobody_has_and_nothing_opens(
    patient: Patient, sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions() as session:
        sign_in_codes.request_code(session, phone="+12025559999", now=now)
        assert sign_in_codes.create_requested_codes(session, now=now, limit=10) == 1
        assert sign_in_codes.create_requested_codes(session, now=now, limit=10) == 0, "it waits no more"
        asked = session.get_one(SignInCode, "+12025559999")
        assert (asked.waiting, asked.code_hash) == (False, None)
        assert codes_planned(session) == []
        with pytest.raises(SignInRefused):
            sign_in(session, "+12025559999", "123456", now=now)


@pytest.mark.parametrize(("late", "made"), [(-SECOND, 1), (timedelta(0), 0)])
def test_a_code_asked_for_while_no_worker_ran_is_not_made_late(
    patient: Patient, sessions: sessionmaker[Session], now: datetime, late: timedelta, made: int
) -> None:
    with sessions() as session:
        sign_in_codes.request_code(session, phone=patient.phone, now=now)
        then = now + sign_in_codes.LIVES + late
        assert sign_in_codes.create_requested_codes(session, now=then, limit=10) == 1
        assert len(codes_planned(session)) == made


def test_codes_are_made_in_the_order_in_which_they_were_asked_for(
    clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    first, second = clinic.add_patient(now=now), clinic.add_patient(now=now)
    with sessions() as session:
        sign_in_codes.request_code(session, phone=second.phone, now=now)
        sign_in_codes.request_code(session, phone=first.phone, now=now - SECOND)
        assert sign_in_codes.create_requested_codes(session, now=now, limit=1) == 1
        assert [text.patient_id for text in codes_planned(session)] == [first.id]


def test_asks_of_long_ago_are_cleared_away(
    patient: Patient, sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions() as session:
        sign_in_codes.request_code(session, phone="+12025559999", now=now)
        sign_in_codes.request_code(session, phone=patient.phone, now=now + FORGOTTEN_AFTER)
        assert session.get(SignInCode, "+12025559999") is not None
        session.expire_all()
        sign_in_codes.request_code(session, phone=patient.phone, now=now + FORGOTTEN_AFTER + SECOND)
        assert list(session.scalars(select(SignInCode.phone))) == [patient.phone]


def test_several_records_are_named_and_the_code_stands_until_one_is_chosen(
    clinic: Clinic, other_clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], now: datetime
) -> None:
    same = other_clinic.add_patient(now=now, phone=patient.phone)
    with sessions() as session:
        code = make_code(session, patient.phone, now=now)
        for _ in range(sign_in_codes.TRIES):
            with pytest.raises(SeveralRecords):
                sign_in(session, patient.phone, code, now=now)
        with pytest.raises(SeveralRecords) as several:
            sign_in(session, patient.phone, code, now=now)
        assert sorted(several.value.records, key=lambda record: record.clinic) == [
            SignInRecord(id=same.id, clinic="Other Clinic"),
            SignInRecord(id=patient.id, clinic="Test Clinic"),
        ]
        with pytest.raises(SignInRefused):
            sign_in(session, patient.phone, code, record=uuid4(), now=now)
        opened = sign_in(session, patient.phone, code, record=same.id, now=now)
        caller = authentication.patient_caller(session, bearer=opened.access_token, now=now)
        assert (caller.clinic_id, caller.patient_id) == (other_clinic.id, same.id)
        with pytest.raises(SignInRefused):
            sign_in(session, patient.phone, code, record=patient.id, now=now)


@pytest.mark.parametrize("closed", ["stopped", "training", "training, but a phone of its staff"])
def test_of_two_clinics_the_one_that_may_text_sends_the_code(
    clinic: Clinic, other_clinic: Clinic, sessions: sessionmaker[Session], now: datetime, closed: str
) -> None:
    allowed = other_clinic.add_patient(now=now, hours_ago=50)
    newest = clinic.add_patient(now=now, hours_ago=20, phone=allowed.phone)
    with sessions() as session:
        row = session.get_one(ClinicRow, clinic.id)
        if closed == "stopped":
            row.texts_stopped_at = now
        else:
            row.mode = ClinicMode.TRAINING
        if closed.endswith("staff"):
            session.add(
                StaffPhone(clinic_id=clinic.id, staff_id=clinic.nurse.id, phone=allowed.phone, proved_at=now)
            )
        make_code(session, allowed.phone, now=now)
        sender = newest if closed.endswith("staff") else allowed
        assert [text.patient_id for text in codes_planned(session)] == [sender.id]
