from __future__ import annotations

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.core.language import Language
from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.domain.messaging.unsent_reasons import UnsentReason
from recovery.models.access.sign_in_codes import SignInCode
from recovery.models.clinic.clinics import Clinic as ClinicRow
from recovery.models.clinic.clinics import ClinicMode
from recovery.models.messaging.messages import Message
from recovery.models.messaging.opt_outs import OptOut
from recovery.models.patients.patients import Patient as PatientRow
from recovery.services.access import sign_in_codes
from tests.support.access.documented_client import DocumentedClient
from tests.support.data.inbound_texting import Texting
from tests.support.data.people import YEAR_OF_BIRTH, Clinic, Patient

CODES, SIGN_IN = "/api/v1/patient/codes", "/api/v1/patient/sessions"
RIGHT = str(YEAR_OF_BIRTH)
_ADDRESSES = count(1)

type_of = "urn:afterglow:problem:{}".format


def from_elsewhere() -> dict[str, str]:
    """The environment of a request from an address nobody used before."""
    number = next(_ADDRESSES)
    return {"REMOTE_ADDR": f"10.{number // 65536 % 256}.{number // 256 % 256}.{number % 256}"}


@dataclass(frozen=True, kw_only=True)
class Phone:
    """What somebody does who holds a phone; the worker's part happens when they wait for a text."""

    client: DocumentedClient
    sessions: sessionmaker[Session]
    texting: Texting

    def ask(self, number: str) -> Any:
        return self.client.post(CODES, json={"phone": number}, environ_base=from_elsewhere())

    def wait(self, *, at: datetime | None = None) -> dict[str, str]:
        """The codes that are texted now, by number."""
        now = at or datetime.now(UTC)
        with self.sessions.begin() as session:
            sign_in_codes.create_requested_codes(session, now=now, limit=100)
        sent = self.texting.claim(now=now)
        found = ((one.to, re.search(r"\b\d{6}\b", one.body)) for one in sent)
        return {to: code[0] for to, code in found if code is not None}

    def code(self, number: str) -> str:
        assert self.ask(number).status_code == 202
        return self.wait()[number]

    def sign_in(self, number: str, code: str, secret: str = RIGHT, **more: Any) -> Any:
        body = {"phone": number, "code": code, "secret": secret} | more
        return self.client.post(SIGN_IN, json=body, environ_base=from_elsewhere())


@pytest.fixture
def phone(client: DocumentedClient, sessions: sessionmaker[Session], texting: Texting) -> Phone:
    return Phone(client=client, sessions=sessions, texting=texting)


def other_than(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


def test_a_code_and_the_secret_sign_in_once(phone: Phone, patient: Patient, client: DocumentedClient) -> None:
    code = phone.code(patient.phone)
    opened = phone.sign_in(patient.phone, code)
    assert opened.status_code == 201
    token = {"Authorization": f"Bearer {opened.json['access_token']}"}
    assert client.get("/api/v1/me", headers=token).get_json()["id"] == str(patient.id)
    again = phone.sign_in(patient.phone, code)
    assert (again.status_code, again.json["type"]) == (401, type_of("sign-in-refused"))


def test_the_code_is_texted_in_the_patient_s_language(phone: Phone, clinic: Clinic, now: datetime) -> None:
    begins = {
        Language.ENGLISH: "Your code is",
        Language.SPANISH: "Su clave es",
        Language.FRENCH: "votre code",
    }
    for language, words in begins.items():
        patient = clinic.add_patient(now=now, language=language)
        code = phone.code(patient.phone)
        with phone.sessions() as session:
            bodies = session.scalars(
                select(Message.body).where(Message.template == sign_in_codes.TEMPLATE)
            ).all()
        assert any(
            f"{words} {code}" in (body or "") or f"{words} est {code}" in (body or "") for body in bodies
        )


def test_only_a_hash_of_the_code_is_kept_for_signing_in(phone: Phone, patient: Patient) -> None:
    code = phone.code(patient.phone)
    with phone.sessions() as session:
        row = session.scalars(select(SignInCode)).one()
    assert row.code_hash is not None
    assert row.code_hash.startswith("$argon2id$")
    assert code not in row.code_hash


def test_a_code_lives_ten_minutes(phone: Phone, patient: Patient) -> None:
    code = phone.code(patient.phone)
    moved = update(SignInCode).values(expires_at=datetime.now(UTC) - timedelta(seconds=1))
    with phone.sessions.begin() as session:
        life = session.scalars(select(SignInCode)).one()
        assert life.expires_at is not None
        assert timedelta(0) < life.expires_at - datetime.now(UTC) <= timedelta(minutes=10)
        session.execute(moved)
    assert phone.sign_in(patient.phone, code).json["type"] == type_of("sign-in-refused")


def test_a_new_code_kills_the_old_and_takes_back_its_text(phone: Phone, patient: Patient) -> None:
    first = phone.code(patient.phone)
    second = phone.code(patient.phone)
    assert phone.sign_in(patient.phone, first).status_code == (201 if first == second else 401)
    phone.ask(patient.phone)
    # Asking is enough: nobody knows yet what the new one is.
    assert phone.sign_in(patient.phone, second).status_code == 401
    with phone.sessions.begin() as session:
        sign_in_codes.create_requested_codes(session, now=datetime.now(UTC), limit=10)
    phone.ask(patient.phone)
    # The limit of three in a quarter of an hour: that one was not taken.
    with phone.sessions.begin() as session:
        sign_in_codes.request_code(session, phone=patient.phone, now=datetime.now(UTC))
    (sent,) = phone.wait().values()
    with phone.sessions() as session:
        rows = session.scalars(
            select(Message).where(Message.template == sign_in_codes.TEMPLATE).order_by(Message.created_at)
        ).all()
    assert [row.state for row in rows] == [MessageState.CLAIMED] * 2 + [
        MessageState.CANCELLED,
        MessageState.CLAIMED,
    ]
    assert rows[2].reason == UnsentReason.NEWER_CODE
    assert phone.sign_in(patient.phone, sent).status_code == 201


def test_five_wrong_codes_or_secrets_end_a_code(phone: Phone, patient: Patient) -> None:
    code = phone.code(patient.phone)
    for number in range(5):
        given = (other_than(code), RIGHT) if number % 2 else (code, "1900")
        refused = phone.sign_in(patient.phone, *given)
        assert (refused.status_code, refused.json["type"]) == (401, type_of("sign-in-refused"))
    assert phone.sign_in(patient.phone, code).status_code == 401
    assert phone.sign_in(patient.phone, phone.code(patient.phone)).status_code == 201


def test_ten_tries_a_day_and_number_then_no_more_whoever_has_it(phone: Phone, patient: Patient) -> None:
    answers: list[list[tuple[int, bytes]]] = []
    for number in (patient.phone, "+12025559999"):
        told = [phone.sign_in(number, "123456", "1900") for _ in range(11)]
        assert [one.status_code for one in told] == [401] * 10 + [429]
        assert 86_000 < int(told[-1].headers["Retry-After"]) <= 86_400
        answers.append([(one.status_code, one.data) for one in told])
    assert answers[0] == answers[1]


def test_two_hundred_wrong_codes_at_once_are_five_tries(app: Flask, phone: Phone, patient: Patient) -> None:
    code, answers = phone.code(patient.phone), []
    begin, places = threading.Barrier(20), [from_elsewhere() for _ in range(200)]

    def guess(number: int) -> None:
        client = app.test_client()
        begin.wait()
        for place in places[number::20]:
            body = {"phone": patient.phone, "code": other_than(code), "secret": RIGHT}
            answers.append(client.post(SIGN_IN, json=body, environ_base=place).status_code)

    threads = [threading.Thread(target=guess, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (answers.count(401), answers.count(429)) == (10, 190)
    with phone.sessions() as session:
        assert session.scalars(select(SignInCode.tries)).one() == sign_in_codes.TRIES
    assert phone.sign_in(patient.phone, code).status_code == 429


def test_a_thousand_asks_for_unknown_numbers_text_nobody(phone: Phone, patient: Patient) -> None:
    known = phone.ask(patient.phone)
    told = {
        (answer.status_code, answer.data, tuple(answer.headers.to_wsgi_list()))
        for answer in (phone.ask(f"+1303555{number:04d}") for number in range(1000))
    }
    assert told == {(known.status_code, known.data, tuple(known.headers.to_wsgi_list()))}
    with phone.sessions.begin() as session:
        assert (
            sum(
                sign_in_codes.create_requested_codes(session, now=datetime.now(UTC), limit=100)
                for _ in range(12)
            )
            == 1001
        )
    assert list(phone.wait()) == [patient.phone]
    with phone.sessions() as session:
        sent = session.scalars(select(Message).where(Message.template == sign_in_codes.TEMPLATE)).all()
        assert [one.to_phone for one in sent] == [patient.phone]
        made = session.scalars(select(SignInCode.phone).where(SignInCode.code_hash.is_not(None))).all()
    assert made == [patient.phone]


def test_a_number_is_read_however_it_is_written(phone: Phone, patient: Patient) -> None:
    spaced = f"{patient.phone[:2]} ({patient.phone[2:5]}) {patient.phone[5:8]}-{patient.phone[8:]}"
    assert phone.ask(spaced).status_code == 202
    assert phone.sign_in(spaced, phone.wait()[patient.phone]).status_code == 201
    assert phone.ask(spaced.removeprefix("+1 ")).status_code == 202, "of the one clinic's country"
    for number in ("555-0100", "nobody", "+1"):
        refused = phone.ask(number)
        assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (422, "#/phone")


@pytest.mark.parametrize("closed", ["opted out", "training", "stop switch"])
def test_no_code_leaves_where_no_text_may(
    phone: Phone, clinic: Clinic, patient: Patient, now: datetime, closed: str
) -> None:
    free = clinic.add_patient(now=now)
    usual = phone.ask(free.phone)
    with phone.sessions.begin() as session:
        if closed == "opted out":
            session.add(OptOut(clinic_id=clinic.id, phone=patient.phone, since=now, how="text"))
        else:
            training = {"mode": ClinicMode.TRAINING} if closed == "training" else {"texts_stopped_at": now}
            session.execute(update(ClinicRow).values(training))
    told = phone.ask(patient.phone)
    assert (told.status_code, told.data) == (usual.status_code, usual.data)
    assert patient.phone not in phone.wait()
    with phone.sessions() as session:
        kept = session.scalars(
            select(Message).where(
                Message.template == sign_in_codes.TEMPLATE, Message.patient_id == patient.id
            )
        ).one()
    if closed == "stop switch":
        assert kept.state is MessageState.PLANNED
    else:
        reasons = {"opted out": UnsentReason.OPTED_OUT, "training": UnsentReason.TRAINING}
        assert (kept.state, kept.reason) == (MessageState.CANCELLED, reasons[closed])


def test_a_clinic_that_may_text_sends_the_code_for_one_that_may_not(
    phone: Phone, other_clinic: Clinic, clinic: Clinic, now: datetime
) -> None:
    allowed = other_clinic.add_patient(now=now, hours_ago=50)
    clinic.add_patient(now=now, hours_ago=20, phone=allowed.phone)
    with phone.sessions.begin() as session:
        session.add(OptOut(clinic_id=clinic.id, phone=allowed.phone, since=now, how="carrier"))
    assert phone.code(allowed.phone)
    with phone.sessions() as session:
        (sent,) = session.scalars(select(Message).where(Message.template == sign_in_codes.TEMPLATE))
    assert sent.clinic_id == other_clinic.id


def test_several_records_are_told_apart_by_clinic_and_nothing_is_spent(
    phone: Phone,
    clinic: Clinic,
    other_clinic: Clinic,
    patient: Patient,
    client: DocumentedClient,
    now: datetime,
) -> None:
    same = other_clinic.add_patient(now=now, phone=patient.phone)
    code = phone.code(patient.phone)
    told = phone.sign_in(patient.phone, code)
    assert (told.status_code, told.json["type"]) == (409, type_of("several-records"))
    records = {one["clinic"]: one["record"] for one in told.json["records"]}
    assert set(records) == {"Test Clinic", "Other Clinic"}
    for _ in range(5):
        assert phone.sign_in(patient.phone, code).status_code == 409
    assert phone.sign_in(patient.phone, code, record=str(clinic.id)).status_code == 401
    opened = phone.sign_in(patient.phone, code, record=records["Other Clinic"])
    token = {"Authorization": f"Bearer {opened.json['access_token']}"}
    assert client.get("/api/v1/me", headers=token).get_json()["id"] == str(same.id)
    assert phone.sign_in(patient.phone, code, record=records["Test Clinic"]).status_code == 401


def test_on_a_shared_phone_the_secret_says_who_it_is(
    phone: Phone, clinic: Clinic, patient: Patient, client: DocumentedClient, now: datetime
) -> None:
    child = clinic.add_patient(now=now, phone=patient.phone, pin="27182")
    for secret, who in (("27182", child), (RIGHT, patient)):
        opened = phone.sign_in(patient.phone, phone.code(patient.phone), secret)
        token = {"Authorization": f"Bearer {opened.json['access_token']}"}
        assert client.get("/api/v1/me", headers=token).get_json()["id"] == str(who.id)


def test_wrong_secrets_count_for_everyone_on_the_number(
    phone: Phone, clinic: Clinic, patient: Patient, now: datetime
) -> None:
    with phone.sessions.begin() as session:
        session.execute(update(PatientRow).values(wrong_secrets=9, wrong_secrets_on=now.date()))
    code = phone.code(patient.phone)
    assert phone.sign_in(patient.phone, code, "1900").status_code == 401
    closed = phone.sign_in(patient.phone, code)
    assert (closed.status_code, closed.json["type"]) == (429, type_of("too-many-secrets"))
    assert 0 < int(closed.headers["Retry-After"]) <= 86_400


def test_a_code_asked_for_while_no_worker_ran_is_not_sent_late(phone: Phone, patient: Patient) -> None:
    phone.ask(patient.phone)
    assert phone.wait(at=datetime.now(UTC) + timedelta(minutes=11)) == {}
    with phone.sessions() as session:
        assert session.scalars(select(SignInCode.waiting)).one() is False


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"phone": "+12025550100"},
        {"code": "123456"},
        {"invitation": "A" * 22, "code": "123456", "phone": "+12025550100"},
        {"invitation": "A" * 22, "phone": "+12025550100"},
        {"invitation": "A" * 22, "record": "0198aaaa-0000-7000-8000-000000000000"},
        {"phone": "+12025550100", "code": "12345"},
        {"phone": "+12025550100", "code": "١٢٣٤٥٦"},
    ],
)
def test_a_sign_in_is_one_way_or_the_other(client: DocumentedClient, body: dict[str, str]) -> None:
    assert client.post(SIGN_IN, json=body | {"secret": RIGHT}).status_code == 422


def test_old_asks_are_forgotten(
    phone: Phone, sessions: sessionmaker[Session], clinic: Clinic, make_old: Callable[[], None]
) -> None:
    for number in range(25):
        phone.ask(f"+1303556{number:04d}")
    make_old()
    phone.ask("+13035569999")
    phone.ask("+13035569998")
    with sessions() as session:
        assert len(session.scalars(select(SignInCode)).all()) == 2


@pytest.fixture
def make_old(sessions: sessionmaker[Session], now: datetime) -> Callable[[], None]:
    def move() -> None:
        with sessions.begin() as session:
            session.execute(update(SignInCode).values(asked_at=now - timedelta(days=2)))

    return move
