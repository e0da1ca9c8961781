"""The fake Twilio's receipts: signed, and as unreliable as the plan says."""

from __future__ import annotations

import contextlib
import functools
import heapq
import http.client
import itertools
import random
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

from twilio.request_validator import RequestValidator

from tests.support.carrier.twilio_faults import Plan
from tests.support.carrier.twilio_message import CarrierMessage

_WORKERS = 4
_TRIES = 3


@dataclass(frozen=True)
class Delivery:
    """One callback that was posted, and the answer's status (None: no answer)."""

    url: str
    form: dict[str, str]
    answer: int | None


@dataclass(order=True)
class _Job:
    due: float
    number: int
    act: Callable[[], None] = field(compare=False)


class Callbacks:
    """Posts receipts in due time from a few threads, and any other signed request at once."""

    def __init__(self, *, auth_token: str, account_sid: str, base: str | None) -> None:
        self.delivered: list[Delivery] = []
        self._signer = RequestValidator(auth_token)
        self._account_sid = account_sid
        self._base = base
        self._jobs: list[_Job] = []
        self._numbers = itertools.count()
        self._changed = threading.Condition()
        self._busy = 0
        self._closed = False
        self._threads = [threading.Thread(target=self._work) for _ in range(_WORKERS)]
        for thread in self._threads:
            thread.start()

    def follow(self, message: CarrierMessage, *, plan: Plan, dice: random.Random) -> None:
        """Let one message go its way: sent, then delivered or undelivered, each with its receipt."""
        end = ("undelivered", 30003) if dice.random() < plan.undelivered else ("delivered", None)
        steps: list[tuple[str, int | None]] = [("sent", None), end]
        self._in_turn(plan.receipt_delay, [functools.partial(_move, message, *step) for step in steps])
        if message.callback is None or dice.random() < plan.receipts_lost:
            return
        posts = list(reversed(steps)) if dice.random() < plan.receipts_shuffled else steps
        if dice.random() < plan.receipts_doubled:
            posts = posts + posts
        forms = [self._receipt(message, *post) for post in posts]
        self._in_turn(
            plan.receipt_delay, [functools.partial(self._try, message.callback, form) for form in forms]
        )

    def inbound(self, *, url: str, sender: str, to: str, body: str, sid: str) -> int | None:
        """Post a text from a patient's phone, signed; the answer's status."""
        form = {
            "AccountSid": self._account_sid,
            "Body": body,
            "From": sender,
            "MessageSid": sid,
            "NumMedia": "0",
            "NumSegments": "1",
            "SmsSid": sid,
            "To": to,
        }
        return self.post(url, form)

    def post(self, url: str, form: dict[str, str], signature: str | None = None) -> int | None:
        """Post one form as Twilio would; with `signature` in place of the right one where given."""
        signed_url = url.partition("#")[0]
        genuine = self._signer.compute_signature(signed_url, form)
        answer = None
        with contextlib.suppress(OSError, http.client.HTTPException):
            answer = self._exchange(signed_url, form, genuine if signature is None else signature)
        self.delivered.append(Delivery(signed_url, form, answer))
        return answer

    def wait_idle(self, timeout: float = 10.0) -> bool:
        """Wait until nothing is due or being posted; False where that took too long."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._jobs and not self._busy, timeout)

    def close(self) -> None:
        """Drop what is not yet due and end the threads."""
        with self._changed:
            self._closed = True
            self._jobs.clear()
            self._changed.notify_all()
        for thread in self._threads:
            thread.join()

    def _receipt(self, message: CarrierMessage, status: str, code: int | None) -> dict[str, str]:
        form = {
            "AccountSid": self._account_sid,
            "ApiVersion": "2010-04-01",
            "From": message.sender,
            "MessageSid": message.sid,
            "MessageStatus": status,
            "SmsSid": message.sid,
            "SmsStatus": status,
            "To": message.to,
        }
        return form | ({"ErrorCode": str(code)} if code else {})

    def _try(self, url: str, form: dict[str, str]) -> None:
        for _ in range(_TRIES):
            answer = self.post(url, form)
            if self._closed or (answer is not None and answer < 500):
                return

    def _exchange(self, url: str, form: dict[str, str], signature: str) -> int:
        parts = urlsplit(url)
        target = urlsplit(self._base) if self._base else parts
        connection = http.client.HTTPConnection(target.hostname or "", target.port, timeout=5)
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Host": parts.netloc,
            "X-Twilio-Signature": signature,
        }
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        try:
            connection.request("POST", path, urlencode(form), headers)
            response = connection.getresponse()
            response.read()
            return response.status
        finally:
            connection.close()

    def _in_turn(self, delay: float, acts: Sequence[Callable[[], None]]) -> None:
        """Each act `delay` seconds after the one before it ended, so that their order is certain."""

        def first_and_rest() -> None:
            acts[0]()
            self._in_turn(delay, acts[1:])

        if acts:
            self._at(delay, first_and_rest)

    def _at(self, delay: float, act: Callable[[], None]) -> None:
        with self._changed:
            if self._closed:
                return
            heapq.heappush(self._jobs, _Job(time.monotonic() + delay, next(self._numbers), act))
            self._changed.notify()

    def _work(self) -> None:
        while (job := self._next()) is not None:
            job.act()
            with self._changed:
                self._busy -= 1
                self._changed.notify_all()

    def _next(self) -> _Job | None:
        with self._changed:
            while not self._closed:
                wait = self._jobs[0].due - time.monotonic() if self._jobs else None
                if wait is not None and wait <= 0:
                    self._busy += 1
                    return heapq.heappop(self._jobs)
                self._changed.wait(wait)
        return None


def _move(message: CarrierMessage, status: str, code: int | None) -> None:
    message.events.append(status)
    if message.status not in ("delivered", "undelivered"):
        message.status, message.error_code = status, code
