"""gunicorn's threaded worker whose sockets give up on slow requests: seconds for a request, its body, a
silent connection.

Left to itself a thread waits for ever on a phone that went into a tunnel in the middle of a report; a few of
them, and nobody is answered any more.
"""

from __future__ import annotations

import errno
import socket
import time
from typing import Any

from gunicorn.workers.gthread import TConn, ThreadWorker

STALL_SECONDS = 5.0
"""How long a request may stand still."""

SILENT_SECONDS = 0.1
"""How long a thread waits for the first byte; then the connection waits without one."""

REQUEST_SECONDS = 10.0
"""How long the head of a request may take, and its body besides what its size is given."""

SLOWEST_BYTES = 50_000
"""Bytes a second that are waited for: 15 MB, the largest photo, may take five minutes."""


class BoundedSocket(socket.socket):
    """A client's connection on which every wait has an end, and all waits of one request together."""

    _until = float("inf")

    def setblocking(self, flag: bool, /) -> None:
        """The worker asks for this when it begins to read a request."""
        if flag:
            self._until = time.monotonic() + REQUEST_SECONDS
            self.settimeout(STALL_SECONDS)
        else:
            super().setblocking(False)

    def expect(self, size: int) -> None:
        """So many more bytes are to come."""
        self._until += size / SLOWEST_BYTES

    def recv(self, size: int, flags: int = 0, /) -> bytes:
        """Raises ConnectionResetError where it takes too long: to the worker the client is gone."""
        left = self._until - time.monotonic()
        try:
            if left <= 0:
                raise TimeoutError
            if left < STALL_SECONDS:
                self.settimeout(left)
            return super().recv(size, flags)
        except TimeoutError:
            raise ConnectionResetError(errno.ECONNRESET, "the request came too slowly") from None


class BoundedConnection(TConn):  # type: ignore[misc]  # gunicorn has no types
    """A connection that takes no thread for longer than SILENT_SECONDS before its first byte is there."""

    def wait_for_data(self, timeout: float) -> Any:
        """Whether a byte is there, in the end."""
        return super().wait_for_data(min(timeout, SILENT_SECONDS))


class BoundedWorker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """What config/gunicorn.conf.py runs."""

    def enqueue_req(self, conn: Any) -> None:
        """Every connection comes by here before a thread reads it, a new one for the first time."""
        if not isinstance(conn, BoundedConnection):
            plain = conn.sock
            kind = (plain.family, plain.type, plain.proto)
            conn = BoundedConnection(
                conn.cfg, BoundedSocket(*kind, fileno=plain.detach()), conn.client, conn.server
            )
        super().enqueue_req(conn)

    def handle_request(self, req: Any, conn: Any) -> Any:
        """The head of a request is there, and says how much follows."""
        expect_body(req)
        return super().handle_request(req, conn)


def expect_body(request: Any) -> None:
    """Give a connection the time that the body of this request may take."""
    connection = request.unreader.sock
    length = next((value for name, value in request.headers if name == "CONTENT-LENGTH"), "0")
    if isinstance(connection, BoundedSocket) and length.isdecimal():
        connection.expect(min(int(length), 16_000_000))
