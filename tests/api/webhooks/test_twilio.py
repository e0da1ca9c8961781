"""Receipts at the door: what Twilio signed moves the text, and nothing else does."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pydantic import SecretStr
from sqlalchemy.orm import Session, sessionmaker
from twilio.request_validator import RequestValidator
from werkzeug.test import TestResponse

from config.settings import Settings, SmsGateway
from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.models.messaging.messages import Message
from recovery.services.content.content import Content
from recovery.services.messaging import outbox
from recovery.services.messaging.outbox import RenderContext
from recovery.sms.gateway_interface import Accepted
from tests.support.carrier.fake_twilio import ACCOUNT_SID, AUTH_TOKEN
from tests.support.data.people import Clinic
from tests.support.data.texts import zone_at_noon

PUBLIC_URL = "https://clinic.example"
PATH = "/webhooks/twilio/receipts/"
SID = "SM" + "0a" * 16


@pytest.fixture
def settings() -> Settings:
    """A carrier's account, and an address that is not the one the test client calls."""
    return Settings(
        _env_file=None,  # type: ignore[call-arg]
        sms_gateway=SmsGateway.TWILIO,
        twilio_account_sid=ACCOUNT_SID,
        twilio_auth_token=SecretStr(AUTH_TOKEN),
        twilio_from="+15005550006",
        public_url=f"{PUBLIC_URL}/",
    )


@pytest.fixture
def reference(clinic: Clinic, sessions: sessionmaker[Session], content: Content, now: datetime) -> str:
    """Of a text the carrier has accepted."""
    clinic.add_patient(now=now, hours_ago=0, time_zone=zone_at_noon(now))
    wording = RenderContext(content=content, links_at="https://c.example")
    with sessions.begin() as session:
        (outgoing,) = outbox.lease_due_texts(session, wording=wording, worker_id=uuid4(), now=now, limit=1)
        outbox.record_results(session, answers={outgoing.reference: Accepted(carrier_id=SID)}, now=now)
    return outgoing.reference


def form(status: str = "delivered", **changes: str) -> dict[str, str]:
    return {
        "AccountSid": ACCOUNT_SID,
        "From": "+15005550006",
        "MessageSid": SID,
        "MessageStatus": status,
        "SmsSid": SID,
        "SmsStatus": status,
        "To": "+12025550001",
        **changes,
    }


def sign(path: str, fields: dict[str, str], *, base: str = PUBLIC_URL, token: str = AUTH_TOKEN) -> str:
    return str(RequestValidator(token).compute_signature(base + path, fields))


def post(
    client: FlaskClient, path: str, fields: dict[str, str], *, signature: str | None = None
) -> TestResponse:
    signed = sign(path, fields) if signature is None else signature
    return client.post(path, data=fields, headers={"X-Twilio-Signature": signed})


def state(sessions: sessionmaker[Session], reference: str) -> MessageState:
    with sessions() as session:
        return session.query(Message.state).filter_by(reference=reference).one()[0]


def test_a_signed_receipt_moves_the_text(
    client: FlaskClient, reference: str, sessions: sessionmaker[Session]
) -> None:
    assert post(client, PATH + reference, form("sent")).status_code == 204
    assert state(sessions, reference) is MessageState.SENT
    failed = form("undelivered", ErrorCode="30003")
    assert post(client, PATH + reference, failed).status_code == 204
    with sessions() as session:
        row = session.query(Message).filter_by(reference=reference).one()
    assert (row.state, row.reason, row.carrier_id) == (MessageState.UNDELIVERED, "30003", SID)


def test_a_replayed_receipt_changes_nothing(
    client: FlaskClient, reference: str, sessions: sessionmaker[Session]
) -> None:
    path = PATH + reference
    for status in ("sent", "delivered", "sent", "delivered", "queued"):
        assert post(client, path, form(status)).status_code == 204
    assert state(sessions, reference) is MessageState.DELIVERED


def test_the_signature_is_over_the_public_address(
    client: FlaskClient, reference: str, sessions: sessionmaker[Session]
) -> None:
    path = PATH + reference
    for base in ("http://localhost", "http://clinic.example", "https://other.example"):
        assert post(client, path, form(), signature=sign(path, form(), base=base)).status_code == 403
    fragment = sign(f"{path}#rc=3&rp=all", form())
    assert post(client, path, form(), signature=fragment).status_code == 403
    assert state(sessions, reference) is MessageState.ACCEPTED
    host = {"Host": "attacker.example", "X-Forwarded-Host": "attacker.example"}
    signed = client.post(path, data=form(), headers={**host, "X-Twilio-Signature": sign(path, form())})
    assert signed.status_code == 204


def test_a_query_belongs_to_what_is_signed(client: FlaskClient, reference: str) -> None:
    path = f"{PATH}{reference}?a=1&b=%20"
    assert post(client, path, form()).status_code == 204
    assert post(client, path, form(), signature=sign(PATH + reference, form())).status_code == 403


@pytest.mark.parametrize("signature", ["", "x", "é", "=" * 28, "A" * 10_000 + "=", sign(PATH, form())])
def test_a_forged_signature_is_refused(
    signature: str, client: FlaskClient, reference: str, sessions: sessionmaker[Session]
) -> None:
    answer = post(client, PATH + reference, form(), signature=signature.encode().decode("latin-1"))
    assert answer.status_code == 403
    assert state(sessions, reference) is MessageState.ACCEPTED


def test_an_unsigned_receipt_is_refused(
    client: FlaskClient, reference: str, sessions: sessionmaker[Session]
) -> None:
    assert client.post(PATH + reference, data=form()).status_code == 403
    assert client.post(PATH + reference, json=form()).status_code == 403
    assert client.post(PATH + reference).status_code == 403
    assert state(sessions, reference) is MessageState.ACCEPTED


def test_another_token_s_signature_is_refused(client: FlaskClient, reference: str) -> None:
    path = PATH + reference
    assert post(client, path, form(), signature=sign(path, form(), token="another")).status_code == 403


def test_a_receipt_that_speaks_of_another_account_is_refused(
    client: FlaskClient, reference: str, sessions: sessionmaker[Session]
) -> None:
    assert post(client, PATH + reference, form(AccountSid="AC" + "f" * 32)).status_code == 403
    assert state(sessions, reference) is MessageState.ACCEPTED


def test_a_repeated_parameter_is_refused(
    client: FlaskClient, reference: str, sessions: sessionmaker[Session]
) -> None:
    path = PATH + reference
    doubled = {**form(), "MessageStatus": ["delivered", "sent"]}
    header = {"X-Twilio-Signature": sign(path, form())}
    assert client.post(path, data=doubled, headers=header).status_code == 403
    assert (
        client.post(path, data={**form(), "MessageStatus": ["delivered"] * 2}, headers=header).status_code
        == 403
    )
    assert state(sessions, reference) is MessageState.ACCEPTED


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("x" * 22, form()),
        ("short", form()),
        ("x" * 200, form()),
        ("%00" * 16, form()),
        (None, form("no_such_status")),
        (None, form(MessageSid="SM-not-one")),
        (None, form(MessageSid="SM" + "1b" * 16)),
        (None, {"AccountSid": ACCOUNT_SID}),
    ],
)
def test_a_signed_receipt_that_is_not_about_a_text_of_ours_is_answered_and_changes_nothing(
    path: str | None, fields: dict[str, str], client: FlaskClient, reference: str,
    sessions: sessionmaker[Session],
) -> None:  # fmt: skip
    target = PATH + (reference if path is None else path)
    answer = post(client, target, fields)
    assert answer.status_code in (204, 403)
    assert state(sessions, reference) is MessageState.ACCEPTED


def test_another_text_s_id_is_not_taken_over(
    client: FlaskClient, reference: str, sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions.begin() as session:
        first = session.query(Message).filter_by(reference=reference).one()
        second = session.query(Message).filter(Message.id != first.id).limit(1).one()
        second.state, second.reference, second.to_phone = MessageState.CLAIMED, "y" * 22, "+12025550001"
    assert post(client, PATH + "y" * 22, form()).status_code == 204
    assert state(sessions, "y" * 22) is MessageState.CLAIMED


@hypothesis_settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(fields=st.dictionaries(st.text(max_size=20), st.text(max_size=40), max_size=8))
def test_whatever_comes_signed_or_not_is_never_a_fault_of_ours(
    fields: dict[str, str], client: FlaskClient, reference: str
) -> None:
    path = PATH + reference
    encodable = {
        name: value
        for name, value in fields.items()
        if not any("\ud800" <= c <= "\udfff" for c in name + value)
    }
    assert post(client, path, encodable).status_code < 500
    assert client.post(path, data=encodable).status_code == 403
