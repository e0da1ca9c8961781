"""A stand-in for Twilio that remembers what it took: the ground truth tests compare with.

In a test: `with FakeTwilio() as twilio: ...` and `twilio.ledger`. As a process of its own:
`python -m tests.support.carrier.fake_twilio --port 4020 --ledger FILE [--plan JSON]`. Beside Twilio's own
addresses it serves those of `tests.support.carrier.twilio_control`.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import itertools
import json
import os
import random
import re
import signal
import socket
import struct
import threading
import time
from collections import Counter, deque
from collections.abc import Callable
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlencode, urlsplit

from tests.support.carrier import twilio_callbacks, twilio_control
from tests.support.carrier.twilio_faults import TAKEN, CarrierFault, Plan
from tests.support.carrier.twilio_kills import KillPoint, Kills
from tests.support.carrier.twilio_message import CarrierMessage, reference_in

ACCOUNT_SID = "AC" + "0" * 31 + "1"
AUTH_TOKEN = "fake-auth-token"
STATUS_OF_CODE = {20003: 401, 20429: 429, 20503: 503, 20404: 404, 20500: 500}


class FakeTwilio:
    """The server with its ledger. `plan` may be exchanged at any time; `script` goes before its dice.

    Requests sign in with the account and `auth_token`, or with any API key and `auth_token` as secret.
    `callback_base` (scheme and host) is where receipts are posted instead of the address they are
    signed for, as a proxy in front of the product would do.
    """

    def __init__(
        self,
        *,
        plan: Plan | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        ledger_file: Path | None = None,
        account_sid: str = ACCOUNT_SID,
        auth_token: str = AUTH_TOKEN,
        callback_base: str | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.account_sid = account_sid
        self.auth_token = auth_token
        self.ledger: list[CarrierMessage] = []
        self.by_number: dict[str, list[CarrierMessage]] = {}
        self.by_sid: dict[str, CarrierMessage] = {}
        self.faults: Counter[str] = Counter()
        self.kills = Kills()
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.script: deque[CarrierFault | None] = deque()
        self.connections = 0
        self.stopped = threading.Event()
        self.resets: set[socket.socket] = set()
        self._now = now
        self._lock = threading.Lock()
        self._sids = itertools.count(1)
        self._file = (
            os.open(ledger_file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600) if ledger_file else None
        )
        self.plan = plan or Plan()
        self.callbacks = twilio_callbacks.Callbacks(
            auth_token=auth_token, account_sid=account_sid, base=callback_base
        )
        self._server = _Server((host, port), _Handler, twilio=self)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})

    @property
    def plan(self) -> Plan:
        """The faults in force."""
        return self._plan

    @plan.setter
    def plan(self, plan: Plan) -> None:
        with self._lock:
            self._plan = plan
            self._dice = random.Random(plan.seed)

    @property
    def url(self) -> str:
        """Scheme, host and port, as `api_base` wants them."""
        host, port = self._server.server_address[:2]
        return f"http://{host!s}:{port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stopped.set()
        self._server.shutdown()
        self._thread.join()
        self._server.hang_up()
        self._server.server_close()
        self.callbacks.close()
        if self._file is not None:
            os.close(self._file)

    def texts_to(self, number: str) -> list[CarrierMessage]:
        """What was taken for one number, in order."""
        with self._lock:
            return list(self.by_number.get(number, ()))

    def wait_for_texts(self, count: int, timeout: float = 10.0) -> bool:
        """Wait until the ledger holds `count` texts; False where that took too long."""
        until = time.monotonic() + timeout
        while len(self.ledger) < count and time.monotonic() < until:
            self.stopped.wait(0.01)
        return len(self.ledger) >= count

    def drop_connections(self) -> None:
        """End kept connections, as a load balancer does with idle ones."""
        self._server.hang_up()

    def lookup_fails(self) -> bool:
        """Whether the look-up that just came is answered 500."""
        with self._lock:
            return self._dice.random() < self._plan.lookup_errors

    def forget(self) -> None:
        """Empty the ledger and what was asked; the plan stays."""
        with self._lock:
            self.ledger.clear()
            self.by_number.clear()
            self.by_sid.clear()
            self.requests.clear()

    def next_fault(self) -> tuple[CarrierFault | None, float]:
        """What happens to the request that just came, and its latency."""
        with self._lock:
            latency = self._dice.uniform(*self._plan.latency)
            drawn = self._plan.draw(self._dice)
            fault = self.script.popleft() if self.script else drawn
            self.faults[fault or "none"] += 1
            return fault, latency

    def take(self, form: dict[str, str]) -> CarrierMessage:
        """Write one text into the ledger and let its receipts follow."""
        with self._lock:
            message = CarrierMessage(
                sid=f"SM{next(self._sids):032x}",
                to=form["To"],
                body=form["Body"],
                sender=form.get("MessagingServiceSid") or form["From"],
                callback=form.get("StatusCallback"),
                validity=int(form["ValidityPeriod"]) if "ValidityPeriod" in form else None,
                created_at=self._now().replace(microsecond=0),
                visible_at=time.monotonic() + self._plan.list_lag,
            )
            self.ledger.append(message)
            self.by_number.setdefault(message.to, []).append(message)
            self.by_sid[message.sid] = message
            if self._file is not None:
                os.write(self._file, json.dumps(message.as_line()).encode() + b"\n")
            self.callbacks.follow(message, plan=self._plan, dice=self._dice)
        return message

    def listed(self, number: str | None) -> list[CarrierMessage]:
        """What a listing shows by now, newest first."""
        with self._lock:
            known = self.ledger if number is None else self.by_number.get(number, [])
            return [message for message in reversed(known) if message.visible_at <= time.monotonic()]

    def shown(self, sid: str) -> CarrierMessage | None:
        """The record of one text, once it can be seen."""
        message = self.by_sid.get(sid)
        return message if message is not None and message.visible_at <= time.monotonic() else None


class _Server(ThreadingHTTPServer):
    daemon_threads = False
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], handler: type[_Handler], *, twilio: FakeTwilio) -> None:
        self.twilio = twilio
        self._open: set[socket.socket] = set()
        super().__init__(address, handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        self.twilio.connections += 1
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        if request in self.twilio.resets:
            # Without the orderly goodbye, closing sends a reset.
            self.twilio.resets.discard(request)
            self.close_request(request)
        else:
            super().shutdown_request(request)

    def hang_up(self) -> None:
        """End kept connections, so that their threads end."""
        for request in list(self._open):
            with contextlib.suppress(OSError):
                request.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is what these tests are about."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def do_POST(self) -> None:
        form = self._form()
        twilio = self.server.twilio
        if urlsplit(self.path).path != f"/2010-04-01/Accounts/{twilio.account_sid}/Messages.json":
            return self._refuse(20404, "The requested resource was not found")
        twilio.requests.append((self.path, form))
        self._reached(KillPoint.WRITTEN, form)
        fault, latency = twilio.next_fault()
        twilio.stopped.wait(latency)
        if not self._authorized() or fault is CarrierFault.UNAUTHORIZED:
            return self._refuse(20003, "Authenticate")
        code = _fault_of(form) or twilio.plan.refused.get(form["To"])
        if code is not None:
            return self._refuse(code, "refused")
        return self._create(form, fault)

    def do_GET(self) -> None:
        twilio = self.server.twilio
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        base = f"/2010-04-01/Accounts/{twilio.account_sid}/Messages"
        if parts.path.startswith("/control/"):
            return self._answer(200, twilio_control.shown(twilio, parts.path))
        if not self._authorized():
            return self._refuse(20003, "Authenticate")
        twilio.requests.append((self.path, query))
        if twilio.lookup_fails():
            return self._refuse(20500, "Internal Server Error")
        if parts.path == f"{base}.json":
            return self._answer(200, _page(twilio, base, query))
        found = twilio.shown(parts.path.removeprefix(f"{base}/").removesuffix(".json"))
        if found is not None:
            return self._answer(200, found.as_twilio(twilio.account_sid))
        return self._refuse(20404, "The requested resource was not found")

    def do_PUT(self) -> None:
        fields = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self._answer(200, twilio_control.put(self.server.twilio, self.path, fields))

    def _create(self, form: dict[str, str], fault: CarrierFault | None) -> None:
        twilio = self.server.twilio
        if fault is CarrierFault.LATE:
            twilio.stopped.wait(twilio.plan.slow_seconds)
        message = twilio.take(form) if fault is None or fault in TAKEN else None
        if message is not None:
            self._reached(KillPoint.TAKEN, form)
        match fault:
            case CarrierFault.THROTTLED:
                self._refuse(20429, "Too Many Requests", {"Retry-After": twilio.plan.retry_after})
            case CarrierFault.UNAVAILABLE:
                self._refuse(20503, "Service Unavailable", {"Retry-After": twilio.plan.retry_after})
            case CarrierFault.ERROR_DONE | CarrierFault.ERROR_NOT_DONE:
                self._refuse(20500, "Internal Server Error")
            case CarrierFault.RESET_BEFORE | CarrierFault.RESET_AFTER:
                self._reset()
            case CarrierFault.HANG:
                twilio.stopped.wait()
                self.close_connection = True
            case CarrierFault.GARBAGE:
                self._send(201, b"<html>It works</html>", {"Content-Type": "text/html"})
            case _:
                if fault is CarrierFault.SLOW:
                    twilio.stopped.wait(twilio.plan.slow_seconds)
                assert message is not None
                self._answer(201, message.as_twilio(twilio.account_sid) | {"status": "queued"})
                self._reached(KillPoint.ANSWERED, form)

    def _form(self) -> dict[str, str]:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        return {name: values[0] for name, values in parse_qs(body, keep_blank_values=True).items()}

    def _authorized(self) -> bool:
        user, password = self._signed_in_as()
        known = user == self.server.twilio.account_sid or user.startswith("SK")
        return known and password == self.server.twilio.auth_token

    def _signed_in_as(self) -> tuple[str, str]:
        scheme, _, given = self.headers.get("Authorization", "").partition(" ")
        if scheme != "Basic":
            return "", ""
        user, _, password = base64.b64decode(given).decode().partition(":")
        return user, password

    def _reached(self, point: KillPoint, form: dict[str, str]) -> None:
        reference = reference_in(form.get("StatusCallback")) or ""
        self.server.twilio.kills.reached(point, key=self._signed_in_as()[0], reference=reference)

    def _refuse(self, code: int, message: str, headers: dict[str, str] | None = None) -> None:
        status = STATUS_OF_CODE.get(code, 400)
        more_info = f"https://www.twilio.com/docs/errors/{code}"
        fields = {"code": code, "message": message, "more_info": more_info, "status": status}
        self._answer(status, fields, headers)

    def _answer(self, status: int, fields: object, headers: dict[str, str] | None = None) -> None:
        body = json.dumps(fields).encode()
        self._send(status, body, {"Content-Type": "application/json"} | (headers or {}))

    def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in (headers | {"Content-Length": str(len(body))}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _reset(self) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.server.twilio.resets.add(self.connection)
        self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


def _fault_of(form: dict[str, str]) -> int | None:
    """Twilio's code for a request that is wrong in itself."""
    if not form.get("To"):
        return 21604
    if not re.fullmatch(r"\+[1-9]\d{6,14}", form["To"]):
        return 21211
    if not form.get("Body"):
        return 21602
    if not form.get("From") and not form.get("MessagingServiceSid"):
        return 21603
    if not 1 <= int(form.get("ValidityPeriod", "1")) <= 36_000:
        return 90007
    return None


def _page(twilio: FakeTwilio, base: str, query: dict[str, str]) -> dict[str, Any]:
    size, number = int(query.get("PageSize", "50")), int(query.get("Page", "0"))
    messages = twilio.listed(query.get("To"))
    shown = messages[number * size : (number + 1) * size]
    following = query | {"Page": str(number + 1), "PageToken": f"PA{number + 1}"}
    return {
        "messages": [message.as_twilio(twilio.account_sid) for message in shown],
        "next_page_uri": f"{base}.json?{urlencode(following)}"
        if len(messages) > (number + 1) * size
        else None,
        "page": number,
        "page_size": size,
        "uri": f"{base}.json?{urlencode(query)}",
    }


def main() -> None:
    """Serve until told to stop."""
    parser = argparse.ArgumentParser(description="A stand-in for Twilio with a ledger.")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--ledger", type=Path)
    parser.add_argument("--plan", type=json.loads, default={})
    parser.add_argument("--callback-base")
    options = parser.parse_args()
    stop = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stop.set())
    with FakeTwilio(
        plan=Plan.from_json(options.plan),
        port=options.port,
        ledger_file=options.ledger,
        callback_base=options.callback_base,
    ) as twilio:
        print(twilio.url, flush=True)  # noqa: T201  # whoever started this process waits for the address
        stop.wait()


if __name__ == "__main__":
    main()
