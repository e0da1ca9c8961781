"""Inbound texts over HTTP: signed or refused, obeyed before they are answered."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pydantic import SecretStr
from sqlalchemy.orm import Session, sessionmaker
from twilio.request_validator import RequestValidator

from config.settings import Settings
from recovery.models.messaging import opt_outs
from tests.support.data.inbound_texting import Texting, sid
from tests.support.data.people import Clinic

TOKEN = "0123456789abcdef0123456789abcdef"
ACCOUNT = "AC" + "0" * 32
PATH = "/webhooks/twilio/inbound"
URL = f"https://afterglow.example{PATH}"


@pytest.fixture
def carrier(app_of: Callable[[Settings], Flask], settings: Settings) -> FlaskClient:
    """The application as the carrier reaches it, on the API's role."""
    named = {
        "twilio_auth_token": SecretStr(TOKEN),
        "twilio_account_sid": ACCOUNT,
        "public_url": "https://afterglow.example",
    }
    return app_of(settings.model_copy(update=named)).test_client()


def _form(phone: str, body: str, **more: str) -> dict[str, str]:
    return {
        "AccountSid": ACCOUNT,
        "Body": body,
        "From": phone,
        "MessageSid": sid(),
        "NumMedia": "0",
        "To": "+15005550006",
    } | more


def _post(carrier: FlaskClient, form: dict[str, str], *, signature: str | None = None) -> tuple[int, bytes]:
    right = RequestValidator(TOKEN).compute_signature(URL, form)
    answer = carrier.post(
        PATH, data=form, headers={"X-Twilio-Signature": right if signature is None else signature}
    )
    return answer.status_code, answer.data


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("STOP", "stop"),
        ("START", "start"),
        ("HELP", "help"),
        ("3 2 0 1", "scores"),
        ("3 2 0 1 my chin itches", "scores"),
        ("I can't breathe", "emergency"),
        ("there is pus on my cheek", "warning"),
        ("hello\x00🙂", "other"),
        ("", "other"),
    ],
)
def test_signed_texts_are_taken_with_the_rights_of_the_api(
    carrier: FlaskClient, clinic: Clinic, texting: Texting, now: datetime, body: str, kind: str
) -> None:
    patient = clinic.add_patient(now=now)
    assert _post(carrier, _form(patient.phone, body)) == (200, b"<Response/>")
    texts = [entry for entry in texting.entries() if entry.source == "text"]
    assert [entry.meaning for entry in texts] == [kind]


def test_stop_is_in_force_when_the_answer_comes(
    carrier: FlaskClient, clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    patient = clinic.add_patient(now=now)
    form = _form(patient.phone, "arrêtez les messages")
    assert _post(carrier, form)[0] == 200
    with sessions() as session:
        assert opt_outs.get_opt_out(session, clinic_id=clinic.id, phone=patient.phone) is not None
    assert _post(carrier, form)[0] == 200
    assert _post(carrier, _form(patient.phone, "start"))[0] == 200
    with sessions() as session:
        assert opt_outs.get_opt_out(session, clinic_id=clinic.id, phone=patient.phone) is None


def test_what_the_carrier_took_as_stop_is_obeyed(
    carrier: FlaskClient, clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    patient = clinic.add_patient(now=now)
    assert _post(carrier, _form(patient.phone, "basta ya", OptOutType="STOP"))[0] == 200
    with sessions() as session:
        assert opt_outs.get_opt_out(session, clinic_id=clinic.id, phone=patient.phone) is not None


@pytest.mark.parametrize("signature", ["", "AAAA", "é" * 28, "x" * 5000])
def test_unsigned_texts_are_refused(
    carrier: FlaskClient, clinic: Clinic, texting: Texting, now: datetime, signature: str
) -> None:
    patient = clinic.add_patient(now=now)
    form = _form(patient.phone, "STOP")
    header = signature.encode("utf-8").decode("latin-1")
    assert _post(carrier, form, signature=header)[0] == 403
    assert texting.entries() == []


def test_a_genuine_text_cannot_be_recut(
    carrier: FlaskClient, clinic: Clinic, texting: Texting, now: datetime
) -> None:
    patient = clinic.add_patient(now=now)
    form = _form(patient.phone, "3 2 0 1")
    signature = RequestValidator(TOKEN).compute_signature(URL, form)
    for changed in (
        form | {"Body": "STOP"},
        form | {"From": "+12025550000"},
        form | {"OptOutType": "STOP"},
        {name: value for name, value in form.items() if name != "NumMedia"},
    ):
        assert _post(carrier, changed, signature=signature)[0] == 403
    moved = carrier.post(f"{PATH}?Body=STOP", data=form, headers={"X-Twilio-Signature": signature})
    assert moved.status_code == 403
    assert texting.entries() == []


@pytest.mark.parametrize("missing", ["MessageSid", "From"])
def test_a_text_that_cannot_be_read_is_answered(carrier: FlaskClient, texting: Texting, missing: str) -> None:
    form = {name: value for name, value in _form("+12025550101", "hi").items() if name != missing}
    assert _post(carrier, form) == (200, b"<Response/>")
    assert texting.entries() == []


@pytest.mark.parametrize("channel", ["whatsapp:", "rcs:", "WhatsApp: "])
def test_a_sender_with_a_channel_before_the_number_is_that_number(
    carrier: FlaskClient, clinic: Clinic, texting: Texting, now: datetime, channel: str
) -> None:
    patient = clinic.add_patient(now=now)
    assert _post(carrier, _form(f"{channel}{patient.phone}", "3 2 0 1"))[0] == 200
    assert [(entry.patient_id, entry.phone) for entry in texting.entries()] == [(patient.id, patient.phone)]


def test_a_sender_that_is_no_number_stays_as_it_came(
    carrier: FlaskClient, clinic: Clinic, texting: Texting
) -> None:
    assert _post(carrier, _form("messenger:1234567890", "hello"))[0] == 200
    assert [entry.phone for entry in texting.entries()] == ["messenger:1234567890"]


def test_yes_brings_texts_back_where_the_carrier_takes_it_as_start(
    carrier: FlaskClient, clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    patient = clinic.add_patient(now=now)
    _post(carrier, _form(patient.phone, "STOP"))
    assert _post(carrier, _form(patient.phone, "YES", OptOutType="START"))[0] == 200
    with sessions() as session:
        assert opt_outs.get_opt_out(session, clinic_id=clinic.id, phone=patient.phone) is None
