"""Stand-ins for those who are told: an address that takes calls, and a mail server."""

from __future__ import annotations

import json
import socketserver
import threading
from collections import deque
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self


class Outside:
    """Takes GET and POST, keeps what came, and answers 200 or what `script` says next."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, str, Any]] = []
        self.script: deque[int] = deque()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._take(None)

            def do_POST(self) -> None:
                self._take(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

            def _take(self, body: Any) -> None:
                outer.calls.append((self.command, self.path, body))
                self.send_response(outer.script.popleft() if outer.script else 200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})

    @property
    def url(self) -> str:
        """Scheme, host and port."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def told(self) -> list[tuple[str, str]]:
        """What each alert was about and whether it began or ended, in order."""
        return [(body["alert"], body["state"]) for method, _, body in self.calls if method == "POST"]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class MailServer:
    """Takes mails without asking who you are, and keeps them."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        outer = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                self._say(b"220 here")
                while line := self.rfile.readline():
                    word = line.strip().upper()
                    if word == b"DATA":
                        self._say(b"354 go on")
                        outer.mails.append(self._mail())
                    self._say(b"221 bye" if word == b"QUIT" else b"250 well")
                    if word == b"QUIT":
                        return

            def _mail(self) -> EmailMessage:
                lines = []
                while (line := self.rfile.readline()) not in (b".\r\n", b""):
                    lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
                read = message_from_bytes(b"".join(lines), policy=policy.default)
                assert isinstance(read, EmailMessage)
                return read

            def _say(self, line: bytes) -> None:
                self.wfile.write(line + b"\r\n")

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})

    @property
    def url(self) -> str:
        """As SMTP_URL wants it."""
        return f"smtp://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
