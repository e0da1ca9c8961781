"""The fake Twilio of a storm, in its own process: told what to do, and asked for the truth."""

from __future__ import annotations

import contextlib
import json
import socket
import urllib.request
from collections.abc import Iterator
from typing import Any

from tests.support.carrier.twilio_kills import KillPoint
from tests.support.storms.storm_plan import Event

POINTS = {Event.WRITTEN: KillPoint.WRITTEN, Event.TAKEN: KillPoint.TAKEN, Event.ANSWERED: KillPoint.ANSWERED}


class StormCarrier:
    """Its control addresses at `url`."""

    def __init__(self, url: str) -> None:
        self.url = url

    def kill_at(self, event: Event, *, key: str, pid: int) -> None:
        """The sender with this API key dies in its next exchange that comes so far."""
        self._put("kill", {"key": key, "pid": pid, "point": POINTS[event].value})

    def spare(self, *, key: str) -> None:
        """The sender with this API key does not die any more."""
        self._put("kill", {"key": key, "pid": 0, "point": None})

    def calm(self, **plan: object) -> None:
        """From here on it takes and answers everything at once, but for what is said here."""
        self._put("plan", plan)

    def get(self, what: str) -> Any:
        """What it shows under a control address."""
        with urllib.request.urlopen(f"{self.url}/control/{what}", timeout=60) as answer:
            return json.loads(answer.read())

    def _put(self, what: str, fields: dict[str, Any]) -> None:
        body = json.dumps(fields).encode()
        request = urllib.request.Request(f"{self.url}/control/{what}", data=body, method="PUT")
        urllib.request.urlopen(request, timeout=60).close()


@contextlib.contextmanager
def out_of_reach() -> Iterator[str]:
    """An address that neither takes nor refuses connections: its queue is full, and nobody empties it."""
    with contextlib.ExitStack() as stack:
        listening = stack.enter_context(socket.socket())
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listening.getsockname())
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
