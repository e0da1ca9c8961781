"""The wire itself: one try, at one address, and what a failure on it proves."""

from __future__ import annotations

import contextlib
import logging
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
import requests
import urllib3.exceptions
from urllib3.connection import HTTPConnection
from urllib3.connectionpool import HTTPConnectionPool

from recovery.sms import twilio_http

POOL = HTTPConnectionPool("carrier.example")
NOT_MADE = urllib3.exceptions.NewConnectionError(HTTPConnection("carrier.example"), "refused")
BAD_CERTIFICATE = urllib3.exceptions.SSLError(ssl.SSLCertVerificationError("self-signed"))
BROKEN_TLS = urllib3.exceptions.SSLError(ssl.SSLError("wrong version number"))


def caused(reason: Exception) -> urllib3.exceptions.MaxRetryError:
    return urllib3.exceptions.MaxRetryError(POOL, "/", reason)


FAILURES: list[tuple[requests.RequestException, str, bool]] = [
    (requests.ConnectTimeout(), "connect_timeout", True),
    (requests.ReadTimeout(), "timeout", False),
    (requests.ConnectionError(caused(NOT_MADE)), "connect", True),
    (requests.ConnectionError(caused(urllib3.exceptions.ProtocolError("reset"))), "reset", False),
    (requests.ConnectionError("reset"), "reset", False),
    (requests.ConnectionError(), "reset", False),
    (requests.exceptions.SSLError(caused(BAD_CERTIFICATE)), "tls", True),
    (requests.exceptions.SSLError(caused(BROKEN_TLS)), "tls", False),
    (requests.exceptions.SSLError(caused(urllib3.exceptions.SSLError())), "tls", False),
    (requests.exceptions.ChunkedEncodingError(), "network", False),
]


@pytest.mark.parametrize(("failure", "code", "certain"), FAILURES)
def test_only_a_connection_that_was_never_made_proves_that_nothing_was_sent(
    failure: requests.RequestException, code: str, certain: bool
) -> None:
    assert (twilio_http.code_of(failure), twilio_http.never_sent(failure)) == (code, certain)


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ('{"sid": "SM1"}', {"sid": "SM1"}),
        ("{}", {}),
        ("[1]", None),
        ("null", None),
        ('"sid"', None),
        ("", None),
        ("<html>", None),
        ("[" * 100_000, None),
    ],
)
def test_a_body_that_is_no_object_is_read_as_none(text: str, fields: dict[str, str] | None) -> None:
    assert twilio_http.HttpReply(status=200, text=text, headers={}).json() == fields


@dataclass
class Peer:
    """A server that answers each connection with the same bytes, or hangs up, and keeps what it was asked."""

    answer: bytes
    asked: list[bytes] = field(default_factory=list)
    port: int = 0

    def serve(self, server: socket.socket) -> None:
        """Until the listening socket is closed."""
        with contextlib.suppress(OSError):
            while True:
                connection, _ = server.accept()
                with connection:
                    self.asked.append(connection.recv(65536))
                    connection.sendall(self.answer)


Answering = Callable[[bytes], Peer]


@pytest.fixture
def answering() -> Iterator[Answering]:
    with contextlib.ExitStack() as stack:

        def start(answer: bytes) -> Peer:
            server = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
            peer = Peer(answer, port=server.getsockname()[1])
            thread = threading.Thread(target=peer.serve, args=(server,))
            thread.start()
            stack.callback(thread.join)
            stack.callback(server.shutdown, socket.SHUT_RDWR)
            return peer

        yield start


@contextlib.contextmanager
def transport_to(peer: Peer) -> Iterator[twilio_http.Transport]:
    transport = twilio_http.Transport(
        api_base=f"http://127.0.0.1:{peer.port}/", connect_timeout=2.0, read_timeout=5.0
    )
    try:
        yield transport
    finally:
        transport.close()


def test_a_stand_in_replaces_the_host_and_keeps_path_and_query(answering: Answering) -> None:
    peer = answering(b"HTTP/1.1 201 Created\r\nX-Told: yes\r\nContent-Length: 2\r\n\r\n{}")
    with transport_to(peer) as transport:
        reply = transport.request("get", f"{twilio_http.PUBLIC_API}/2010/Messages.json?PageSize=5")
    assert (reply.status_code, reply.text, reply.headers["x-told"]) == (201, "{}", "yes")
    assert [asked.partition(b"\r\n")[0] for asked in peer.asked] == [
        b"GET /2010/Messages.json?PageSize=5 HTTP/1.1"
    ]


def test_a_request_is_tried_once(answering: Answering) -> None:
    peer = answering(b"")
    with transport_to(peer) as transport, pytest.raises(requests.ConnectionError) as caught:
        transport.request("POST", f"{twilio_http.PUBLIC_API}/Messages.json", data={"Body": "Day 1"})
    assert not twilio_http.never_sent(caught.value)
    assert len(peer.asked) == 1


def test_a_redirect_is_not_followed(answering: Answering) -> None:
    peer = answering(b"HTTP/1.1 307 Elsewhere\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n")
    with transport_to(peer) as transport:
        reply = transport.request("POST", f"{twilio_http.PUBLIC_API}/Messages.json", data={"Body": "Day 1"})
    assert (reply.status_code, len(peer.asked)) == (307, 1)


def test_neither_address_nor_body_reaches_a_log(
    answering: Answering, caplog: pytest.LogCaptureFixture
) -> None:
    peer = answering(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    with caplog.at_level(logging.DEBUG), transport_to(peer) as transport:
        transport.request("POST", f"{twilio_http.PUBLIC_API}/+15005550123", data={"Body": "Day 1"})
    assert len(peer.asked) == 1
    assert [record.getMessage() for record in caplog.records] == []


@pytest.mark.parametrize(
    "api_base",
    ["127.0.0.1:4010", "ftp://127.0.0.1", "http://", "http://127.0.0.1:4010/api", "http://127.0.0.1?x=1", ""],
)
def test_a_stand_in_is_a_scheme_and_a_host_and_nothing_more(api_base: str) -> None:
    with pytest.raises(ValueError, match="a scheme and a host"):
        twilio_http.Transport(api_base=api_base, connect_timeout=1.0, read_timeout=1.0)
