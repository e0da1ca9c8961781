"""Answers as bytes on the wire, for what the fake carrier does not say by itself."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from recovery.sms import gateway_interface, twilio_gateway
from tests.support.carrier.fake_twilio import ACCOUNT_SID, AUTH_TOKEN

TEXT = gateway_interface.OutgoingText(reference="x" * 22, to="+15005550123", body="Afterglow: Day 1.")
SID = "SM" + "0a" * 16

Say = Callable[[bytes], gateway_interface.Answer]


@pytest.fixture
def say() -> Iterator[Say]:
    """Sends one text to a server that answers with exactly the given bytes."""
    gateways: list[twilio_gateway.TwilioGateway] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def say(answer: bytes) -> gateway_interface.Answer:
            thread = threading.Thread(target=serve, args=(server, answer))
            thread.start()
            gateways.append(gateway_at(server.getsockname()[1]))
            try:
                return gateways[-1].submit(TEXT)
            finally:
                thread.join()

        yield say
    for gateway in gateways:
        gateway.close()


def gateway_at(number: int) -> twilio_gateway.TwilioGateway:
    return twilio_gateway.TwilioGateway(
        account_sid=ACCOUNT_SID,
        auth_token=AUTH_TOKEN,
        from_number="+15005550006",
        receipts_url="https://clinic.example/r",
        api_base=f"http://127.0.0.1:{number}",
        read_timeout=2.0,
    )


def serve(server: socket.socket, answer: bytes) -> None:
    connection, _ = server.accept()
    with connection:
        request = b""
        while b"Body=" not in request or b"From=" not in request:
            request += connection.recv(65536)
        connection.sendall(answer)


def http(status: int, body: str, headers: str = "") -> bytes:
    raw = body.encode()
    return (
        f"HTTP/1.1 {status} Whatever\r\nContent-Length: {len(raw)}\r\n"
        f"Content-Type: application/json\r\n{headers}Connection: close\r\n\r\n"
    ).encode() + raw


@pytest.mark.parametrize(
    ("status", "body", "answer"),
    [
        (201, f'{{"sid": "{SID}"}}', gateway_interface.Accepted(carrier_id=SID)),
        (200, f'{{"sid": "MM{SID[2:]}"}}', gateway_interface.Accepted(carrier_id=f"MM{SID[2:]}")),
        (201, "{}", gateway_interface.Unconfirmed(code="unreadable")),
        (201, "", gateway_interface.Unconfirmed(code="unreadable")),
        (201, f'["{SID}"]', gateway_interface.Unconfirmed(code="unreadable")),
        (201, '{"sid": null}', gateway_interface.Unconfirmed(code="unreadable")),
        (201, f'{{"sid": "{SID}\\n"}}', gateway_interface.Unconfirmed(code="unreadable")),
        (201, '{"sid": "SM123"}', gateway_interface.Unconfirmed(code="unreadable")),
        (201, "[" * 100_000, gateway_interface.Unconfirmed(code="unreadable")),
        (302, "", gateway_interface.Unconfirmed(code="http_302")),
        (408, "", gateway_interface.Unconfirmed(code="http_408")),
        (500, "oops", gateway_interface.Unconfirmed(code="http_500")),
        (503, "", gateway_interface.Unconfirmed(code="http_503")),
        (503, '{"code": 30001}', gateway_interface.Unconfirmed(code="30001")),
        (504, "", gateway_interface.Unconfirmed(code="http_504")),
        (400, '{"code": 20500}', gateway_interface.Unconfirmed(code="20500")),
        (400, '{"code": 21612}', gateway_interface.Rejected(code="21612")),
        (403, '{"code": 20005}', gateway_interface.NotAccepted(code="20005", account_rejected=True)),
        (401, "", gateway_interface.NotAccepted(code="http_401", account_rejected=True)),
        # A page from a proxy says nothing about this number.
        (403, "<html>blocked</html>", gateway_interface.NotAccepted(code="http_403")),
        (404, '{"code": "21610"}', gateway_interface.NotAccepted(code="http_404")),
        (400, '{"code": true}', gateway_interface.NotAccepted(code="http_400")),
        (
            400,
            '{"type": "a", "title": "b", "status": 400, "code": 21610}',
            gateway_interface.Rejected(code="21610", opted_out=True),
        ),
        (429, "", gateway_interface.NotAccepted(code="http_429")),
    ],
)
def test_answers(say: Say, status: int, body: str, answer: gateway_interface.Answer) -> None:
    assert say(http(status, body)) == answer


@pytest.mark.parametrize(
    "answer", [b"", b"HTTP/1.1 201 Cre", b"SSH-2.0-x\r\n", b"HTTP/1.1 201 OK\r\nContent-Length: 99\r\n\r\n{"]
)
def test_an_answer_cut_short_leaves_a_doubt(say: Say, answer: bytes) -> None:
    assert isinstance(say(answer), gateway_interface.Unconfirmed)


@pytest.mark.parametrize(
    ("headers", "after"),
    [
        ("Retry-After: 30\r\n", timedelta(seconds=30)),
        ("Retry-After: 0\r\n", timedelta(0)),
        ("Retry-After: 99999999999999999999999\r\n", timedelta(days=1)),
        ("Retry-After: -3\r\n", None),
        ("Retry-After: soon\r\n", None),
        ("Retry-After: 1.5\r\n", None),
        ("", None),
        (
            "Date: Sun, 25 Oct 2026 00:59:30 GMT\r\nRetry-After: Sun, 25 Oct 2026 01:01:00 GMT\r\n",
            timedelta(seconds=90),
        ),
        (
            "Date: Sun, 25 Oct 2026 00:59:30 GMT\r\nRetry-After: Sun, 25 Oct 2026 00:00:00 GMT\r\n",
            timedelta(0),
        ),
        ("Retry-After: Sun, 25 Oct 2026 01:01:00 GMT\r\n", None),
        ("Date: today\r\nRetry-After: Sun, 25 Oct 2026 01:01:00 GMT\r\n", None),
    ],
)
def test_retry_after(say: Say, headers: str, after: timedelta | None) -> None:
    assert say(http(429, '{"code": 20429}', headers)) == gateway_interface.NotAccepted(
        code="20429", retry_after=after
    )


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (200, "no", "unreadable"),
        (200, "{}", "unreadable"),
        (200, '{"messages": [1]}', "unreadable"),
        (200, '{"messages": [], "next_page_uri": "https://elsewhere.example/"}', "unreadable"),
        (200, '{"messages": [{"sid": "SM1", "body": "Afterglow: Day 1."}]}', "unreadable"),
        (429, '{"code": 20429}', "20429"),
        (500, "", "http_500"),
    ],
)
def test_a_listing_that_cannot_be_read_is_an_error_not_an_absence(status: int, body: str, code: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=serve_listing, args=(server, http(status, body)))
        thread.start()
        gateway = gateway_at(server.getsockname()[1])
        with pytest.raises(gateway_interface.LookupFailed) as raised:
            gateway.find(TEXT, datetime(2026, 1, 1, tzinfo=UTC))
        gateway.close()
        thread.join()
    assert raised.value.code == code


def serve_listing(server: socket.socket, answer: bytes) -> None:
    connection, _ = server.accept()
    with connection:
        connection.recv(65536)
        connection.sendall(answer)
