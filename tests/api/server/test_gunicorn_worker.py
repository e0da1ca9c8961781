"""What one connection may take. Phones that fall silent on a real server are in tests/faults."""

from __future__ import annotations

import errno
import socket
from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from api.server.gunicorn_worker import (
    REQUEST_SECONDS,
    SILENT_SECONDS,
    SLOWEST_BYTES,
    STALL_SECONDS,
    BoundedSocket,
    expect_body,
)


@pytest.fixture
def ends() -> Iterator[tuple[BoundedSocket, socket.socket]]:
    """The server's and the client's end of one connection."""
    ours, theirs = socket.socketpair()
    bounded = BoundedSocket(ours.family, ours.type, ours.proto, fileno=ours.detach())
    with bounded, theirs:
        yield bounded, theirs


def seconds(count: float) -> int:
    """So many bytes are waited for so long."""
    return int(count * SLOWEST_BYTES)


def request_on(connection: object, *headers: tuple[str, str]) -> SimpleNamespace:
    """What gunicorn hands over once it has read the head of a request."""
    return SimpleNamespace(unreader=SimpleNamespace(sock=connection), headers=list(headers))


def test_a_request_that_comes_in_time_is_read(ends: tuple[BoundedSocket, socket.socket]) -> None:
    bounded, client = ends
    bounded.setblocking(True)
    assert bounded.gettimeout() == STALL_SECONDS
    client.sendall(b"GET /")
    assert bounded.recv(3) == b"GET"
    assert bounded.recv(100) == b" /"


def test_between_requests_nobody_waits_on_it(ends: tuple[BoundedSocket, socket.socket]) -> None:
    bounded, _ = ends
    bounded.setblocking(True)
    bounded.setblocking(False)
    assert bounded.gettimeout() == 0.0
    with pytest.raises(BlockingIOError):
        bounded.recv(1)


def test_a_request_whose_time_is_over_is_a_client_that_is_gone(
    ends: tuple[BoundedSocket, socket.socket],
) -> None:
    bounded, client = ends
    bounded.setblocking(True)
    bounded.expect(-seconds(REQUEST_SECONDS + 1))
    client.sendall(b"late")
    with pytest.raises(ConnectionResetError) as gone:
        bounded.recv(4)
    assert gone.value.errno == errno.ECONNRESET


def test_a_client_that_stands_still_is_gone_when_its_time_is_over(
    ends: tuple[BoundedSocket, socket.socket],
) -> None:
    bounded, _ = ends
    bounded.setblocking(True)
    bounded.expect(-seconds(REQUEST_SECONDS - SILENT_SECONDS))
    with pytest.raises(ConnectionResetError):
        bounded.recv(1)


def test_the_next_request_has_its_own_time(ends: tuple[BoundedSocket, socket.socket]) -> None:
    bounded, client = ends
    bounded.setblocking(True)
    bounded.expect(-seconds(REQUEST_SECONDS + 1))
    bounded.setblocking(False)
    bounded.setblocking(True)
    client.sendall(b"next")
    assert bounded.recv(4) == b"next"


def test_near_the_end_no_wait_goes_beyond_it(ends: tuple[BoundedSocket, socket.socket]) -> None:
    bounded, client = ends
    bounded.setblocking(True)
    bounded.expect(-seconds(REQUEST_SECONDS - STALL_SECONDS + 0.5))
    client.sendall(b"x")
    assert bounded.recv(1) == b"x"
    left = bounded.gettimeout()
    assert left is not None
    assert 0 < left <= STALL_SECONDS - 0.5


@pytest.mark.parametrize(
    ("headers", "read"),
    [
        ([("HOST", "here"), ("CONTENT-LENGTH", str(seconds(200)))], True),
        ([("CONTENT-LENGTH", str(seconds(50)))], False),
        ([("HOST", "here")], False),
        ([("CONTENT-LENGTH", "")], False),
        ([("CONTENT-LENGTH", "-9000000")], False),
        ([("CONTENT-LENGTH", "many")], False),
        ([("X-LENGTH", str(seconds(200)))], False),
    ],
)
def test_a_body_gets_the_time_that_its_size_takes(
    ends: tuple[BoundedSocket, socket.socket], headers: list[tuple[str, str]], read: bool
) -> None:
    bounded, client = ends
    bounded.setblocking(True)
    bounded.expect(-seconds(REQUEST_SECONDS + 100))
    expect_body(request_on(bounded, *headers))
    client.sendall(b"body")
    if read:
        assert bounded.recv(4) == b"body"
    else:
        with pytest.raises(ConnectionResetError):
            bounded.recv(4)


def test_no_size_that_a_client_names_takes_a_thread_for_longer_than_the_largest_photo(
    ends: tuple[BoundedSocket, socket.socket],
) -> None:
    bounded, client = ends
    bounded.setblocking(True)
    bounded.expect(-seconds(REQUEST_SECONDS + 16_000_000 / SLOWEST_BYTES + 60))
    expect_body(request_on(bounded, ("CONTENT-LENGTH", "9" * 12)))
    client.sendall(b"body")
    with pytest.raises(ConnectionResetError):
        bounded.recv(4)


def test_another_kind_of_connection_is_left_as_it_is() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        expect_body(request_on(ours, ("CONTENT-LENGTH", "10")))
        assert ours.gettimeout() is None
