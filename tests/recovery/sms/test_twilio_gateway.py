from __future__ import annotations

import contextlib
import dataclasses
import logging
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
import trustme

from recovery.sms import gateway_interface, twilio_gateway
from tests.support.carrier.fake_twilio import ACCOUNT_SID, AUTH_TOKEN, FakeTwilio
from tests.support.carrier.twilio_faults import TAKEN, CarrierFault, Plan

TEXT = gateway_interface.OutgoingText(
    reference="aB3_-" + "x" * 17,
    to="+15005550123",
    body="Afterglow: Día 1, 3 €?",
    valid_for=timedelta(hours=4),
)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def test_a_text_is_taken_once_with_its_body_callback_and_validity(
    carrier: FakeTwilio, gateway: twilio_gateway.TwilioGateway
) -> None:
    answer = gateway.submit(TEXT)
    [message] = carrier.ledger
    assert answer == gateway_interface.Accepted(carrier_id=message.sid)
    assert (message.to, message.body, message.validity) == (TEXT.to, TEXT.body, 4 * 3600)
    assert message.callback == (
        f"https://clinic.example/webhooks/twilio/receipts/{TEXT.reference}#rc=3&rp=all"
    )
    assert message.reference == TEXT.reference


@pytest.mark.parametrize(
    ("valid_for", "seconds"),
    [
        (timedelta(0), 1),
        (timedelta(seconds=-5), 1),
        (timedelta(seconds=90.7), 90),
        (timedelta(days=2), 36_000),
    ],
)
def test_validity_is_brought_into_the_range_twilio_takes(
    carrier: FakeTwilio, gateway: twilio_gateway.TwilioGateway, valid_for: timedelta, seconds: int
) -> None:
    gateway.submit(dataclasses.replace(TEXT, valid_for=valid_for))
    assert carrier.ledger[0].validity == seconds


def test_without_a_validity_none_is_asked_for_and_characters_are_left_alone(
    carrier: FakeTwilio, gateway: twilio_gateway.TwilioGateway
) -> None:
    gateway.submit(dataclasses.replace(TEXT, valid_for=None))
    [(_, form)] = carrier.requests
    assert "ValidityPeriod" not in form
    assert form["SmartEncoded"] == "false"


def test_connections_are_kept(carrier: FakeTwilio, gateway: twilio_gateway.TwilioGateway) -> None:
    for _ in range(5):
        gateway.submit(TEXT)
    assert carrier.connections == 1


def test_a_connection_that_ended_while_idle_leaves_no_doubt(
    carrier: FakeTwilio, gateway: twilio_gateway.TwilioGateway
) -> None:
    gateway.submit(TEXT)
    carrier.drop_connections()
    assert isinstance(gateway.submit(TEXT), gateway_interface.Accepted)
    assert carrier.connections == 2


@pytest.mark.parametrize(
    ("fault", "answer"),
    [
        (
            CarrierFault.THROTTLED,
            gateway_interface.NotAccepted(code="20429", retry_after=timedelta(seconds=7)),
        ),
        (
            CarrierFault.UNAVAILABLE,
            gateway_interface.NotAccepted(code="20503", retry_after=timedelta(seconds=7)),
        ),
        (CarrierFault.UNAUTHORIZED, gateway_interface.NotAccepted(code="20003", account_rejected=True)),
        (CarrierFault.ERROR_NOT_DONE, gateway_interface.Unconfirmed(code="20500")),
        (CarrierFault.ERROR_DONE, gateway_interface.Unconfirmed(code="20500")),
        (CarrierFault.RESET_BEFORE, gateway_interface.Unconfirmed(code="reset")),
        (CarrierFault.RESET_AFTER, gateway_interface.Unconfirmed(code="reset")),
        (CarrierFault.SLOW, gateway_interface.Unconfirmed(code="timeout")),
        (CarrierFault.LATE, gateway_interface.Unconfirmed(code="timeout")),
        (CarrierFault.HANG, gateway_interface.Unconfirmed(code="timeout")),
        (CarrierFault.GARBAGE, gateway_interface.Unconfirmed(code="unreadable")),
    ],
)
@pytest.mark.parametrize("warm", [False, True])
def test_each_fault_has_its_answer_and_is_tried_once(
    carrier: FakeTwilio,
    gateway: twilio_gateway.TwilioGateway,
    fault: CarrierFault,
    answer: gateway_interface.Answer,
    warm: bool,
) -> None:
    if warm:
        gateway.submit(dataclasses.replace(TEXT, to="+15005550999"))
        carrier.forget()
    carrier.plan = Plan(retry_after="7", slow_seconds=0.6)
    carrier.script.append(fault)
    assert gateway.submit(TEXT) == answer
    assert len(carrier.requests) == 1
    if fault is CarrierFault.LATE:
        assert carrier.ledger == []
        assert carrier.wait_for_texts(1)
    assert len(carrier.ledger) == (1 if fault in TAKEN else 0)


@pytest.mark.parametrize(
    ("code", "answer"),
    [
        (21610, gateway_interface.Rejected(code="21610", opted_out=True)),
        (21211, gateway_interface.Rejected(code="21211")),
        (21408, gateway_interface.Rejected(code="21408")),
        (21614, gateway_interface.Rejected(code="21614")),
        (30005, gateway_interface.Rejected(code="30005")),
        (21617, gateway_interface.Rejected(code="21617")),
        (21611, gateway_interface.NotAccepted(code="21611")),
        (21606, gateway_interface.NotAccepted(code="21606", account_rejected=True)),
        (20404, gateway_interface.NotAccepted(code="20404", account_rejected=True)),
    ],
)
def test_codes_about_the_number_or_text_are_final_and_codes_about_us_are_not(
    carrier: FakeTwilio, gateway: twilio_gateway.TwilioGateway, code: int, answer: gateway_interface.Answer
) -> None:
    carrier.plan = Plan(refused={TEXT.to: code})
    assert gateway.submit(TEXT) == answer
    assert carrier.ledger == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (dataclasses.replace(TEXT, to="whatsapp:+15005550123"), "invalid_number"),
        (dataclasses.replace(TEXT, to="5005550123"), "invalid_number"),
        (dataclasses.replace(TEXT, body="half a \ud83d"), "unencodable"),
    ],
)
def test_what_could_never_be_sent_is_refused_without_asking(
    carrier: FakeTwilio,
    gateway: twilio_gateway.TwilioGateway,
    text: gateway_interface.OutgoingText,
    code: str,
) -> None:
    assert gateway.submit(text) == gateway_interface.Rejected(code=code)
    assert carrier.requests == []


def elsewhere(api_base: str) -> twilio_gateway.TwilioGateway:
    return twilio_gateway.TwilioGateway(
        account_sid=ACCOUNT_SID,
        api_key_sid="SK1",
        api_key_secret=AUTH_TOKEN,
        messaging_service_sid="MG" + "0" * 32,
        receipts_url="https://clinic.example/receipts/",
        api_base=api_base,
        connect_timeout=0.2,
        read_timeout=0.3,
    )


@pytest.fixture
def full_port() -> Iterator[int]:
    """A port whose queue of connections is full, so that connecting times out."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        waiting = [socket.socket() for _ in range(4)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(server.getsockname())
        yield server.getsockname()[1]
        for one in waiting:
            one.close()


def test_a_connection_that_was_never_made_is_a_definite_no(full_port: int) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        refused = elsewhere(f"http://127.0.0.1:{unused.getsockname()[1]}")
        assert refused.submit(TEXT) == gateway_interface.NotAccepted(code="connect")
    unknown = elsewhere("http://no-such-host.invalid:9")
    assert unknown.submit(TEXT) == gateway_interface.NotAccepted(code="connect")
    slow = elsewhere(f"http://127.0.0.1:{full_port}")
    assert slow.submit(TEXT) == gateway_interface.NotAccepted(code="connect_timeout")


def answered_by(server: socket.socket, serve: Callable[[socket.socket], None]) -> gateway_interface.Answer:
    def accept() -> None:
        connection, _ = server.accept()
        with connection, contextlib.suppress(OSError):
            serve(connection)

    thread = threading.Thread(target=accept)
    thread.start()
    try:
        return elsewhere(f"https://127.0.0.1:{server.getsockname()[1]}").submit(TEXT)
    finally:
        thread.join()


def test_a_certificate_that_does_not_hold_is_a_definite_no() -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)

    def serve(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as secured:
            secured.recv(1)

    with socket.create_server(("127.0.0.1", 0)) as server:
        assert answered_by(server, serve) == gateway_interface.NotAccepted(code="tls")


def test_any_other_fault_of_the_secure_layer_proves_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        answer = answered_by(server, lambda connection: connection.sendall(b"HTTP/1.1 400 No\r\n\r\n"))
    assert answer == gateway_interface.Unconfirmed(code="tls")


def test_an_api_key_and_a_messaging_service_send_too(carrier: FakeTwilio) -> None:
    gateway = elsewhere(carrier.url)
    gateway.submit(TEXT)
    gateway.close()
    [message] = carrier.ledger
    assert message.sender == "MG" + "0" * 32
    assert message.callback == f"https://clinic.example/receipts/{TEXT.reference}#rc=3&rp=all"


def test_proxies_regions_and_passwords_of_the_environment_are_not_used(
    carrier: FakeTwilio, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
        monkeypatch.setenv(name.lower(), "http://127.0.0.1:9")
    monkeypatch.setenv("TWILIO_REGION", "au1")
    monkeypatch.setenv("TWILIO_EDGE", "sydney")
    gateway = elsewhere(carrier.url)
    assert isinstance(gateway.submit(TEXT), gateway_interface.Accepted)
    gateway.close()


def test_without_a_stand_in_the_public_address_is_asked_whatever_the_environment_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = []

    def unknown(host: str, port: int, *_: object, **__: object) -> list[object]:
        asked.append((host, port))
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    monkeypatch.setenv("TWILIO_REGION", "au1")
    monkeypatch.setenv("TWILIO_EDGE", "sydney")
    gateway = twilio_gateway.TwilioGateway(
        account_sid=ACCOUNT_SID,
        auth_token=AUTH_TOKEN,
        from_number="+15005550006",
        receipts_url="https://clinic.example/r",
    )
    assert gateway.submit(TEXT) == gateway_interface.NotAccepted(code="connect")
    assert asked == [("api.twilio.com", 443)]


def test_logs_show_neither_number_nor_reference_nor_body(
    carrier: FakeTwilio, gateway: twilio_gateway.TwilioGateway, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    carrier.script.extend([None, CarrierFault.RESET_AFTER, CarrierFault.SLOW])
    for _ in range(3):
        gateway.submit(TEXT)
    gateway.find(TEXT, LONG_AGO)
    for secret in (TEXT.to.removeprefix("+"), TEXT.reference, "Afterglow", ACCOUNT_SID):
        assert secret not in caplog.text


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"account_sid": "AC1"}, "account_sid"),
        ({"auth_token": None}, "auth token"),
        ({"api_key_sid": "SK1"}, "belong together"),
        ({"messaging_service_sid": "MG1"}, "exactly one"),
        ({"from_number": None}, "exactly one"),
        ({"api_base": "ftp://host"}, "api_base"),
        ({"api_base": "http://host/path"}, "api_base"),
    ],
)
def test_half_right_settings_are_refused(changed: dict[str, str | None], words: str) -> None:
    right = {
        "account_sid": ACCOUNT_SID,
        "auth_token": AUTH_TOKEN,
        "from_number": "+15005550006",
        "receipts_url": "https://clinic.example/r",
    }
    with pytest.raises(ValueError, match=words):
        twilio_gateway.TwilioGateway(**(right | changed))  # type: ignore[arg-type]
