"""A network before the web that loses answers: the request arrives, what came of it does not."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

CHUNK = 65_536
PATIENCE = 30.0


class Cutter:
    """Passes one connection after the other on to `port`, each with one exchange.

    Of a connection for which `cut` says so, the web's whole answer is waited for (what it did is committed
    then) and the client's side is reset without a byte of it.
    """

    def __init__(self, port: int, *, cut: Callable[[], bool]) -> None:
        self._target = port
        self._cut = cut
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=256)
        self._threads: list[threading.Thread] = []
        self.port: int = self._listening.getsockname()[1]
        self.cuts = 0

    def __enter__(self) -> Self:
        self._accepting = threading.Thread(target=self._accept)
        self._accepting.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._accepting.join(PATIENCE)
        self._listening.close()
        for thread in self._threads:
            thread.join(PATIENCE)

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            cut = self._cut()
            self.cuts += cut
            thread = threading.Thread(target=self._exchange, args=(client, cut))
            self._threads = [one for one in self._threads if one.is_alive()]
            self._threads.append(thread)
            thread.start()

    def _exchange(self, client: socket.socket, cut: bool) -> None:
        with client, socket.create_connection(("127.0.0.1", self._target), timeout=PATIENCE) as web:
            client.settimeout(PATIENCE)
            request = threading.Thread(target=_pass_on, args=(client, web))
            request.start()
            while answer := web.recv(CHUNK):
                if not cut:
                    client.sendall(answer)
            if cut:
                # Close with a reset, as a network that breaks does, not with an orderly end.
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            client.shutdown(socket.SHUT_RD)
            request.join(PATIENCE)


def _pass_on(client: socket.socket, web: socket.socket) -> None:
    try:
        while data := client.recv(CHUNK):
            web.sendall(data)
    except OSError:
        return
