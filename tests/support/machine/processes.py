"""The product's own processes, started on a test's database and certainly ended with it."""

from __future__ import annotations

import http.client
import itertools
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from postgres_launcher.launcher import Endpoints

PROJECT = Path(__file__).resolve().parents[3]
OURS = (
    "ALERT_",
    "DATABASE_",
    "HEARTBEAT_",
    "METRICS_",
    "SMTP_",
    "SMS_",
    "TWILIO_",
    "PUBLIC_",
    "LINK_",
    "WEB_",
    "HOST",
    "PORT",
    "LOG_",
)
SHOWN_BYTES = 4_000

Found = TypeVar("Found")


@dataclass(frozen=True, kw_only=True)
class Running:
    """One process in a session of its own, and the file that holds what it says."""

    name: str
    popen: subprocess.Popen[bytes]
    output: Path

    def said(self) -> str:
        """Everything it has written so far."""
        return self.output.read_text(errors="replace")

    def send(self, number: signal.Signals) -> None:
        """A signal to the process alone."""
        self.popen.send_signal(number)

    def kill(self) -> None:
        """kill -9, and see it gone."""
        self.popen.kill()
        self.popen.wait(10)

    def wait(self, *, within: float = 30) -> int:
        """Its exit code, once it has ended by itself."""
        return self.popen.wait(within)


@dataclass(frozen=True, kw_only=True)
class Web:
    """A web server that answers on `port`."""

    process: Running
    port: int

    def request(
        self, method: str, path: str, *, body: object = None, headers: Mapping[str, str] | None = None
    ) -> tuple[int, Any]:
        """One exchange on a connection of its own: status, and the JSON of the answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            sent = None if body is None else json.dumps(body)
            connection.request(method, path, sent, {"Content-Type": "application/json", **(headers or {})})
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read() or b"null")
        finally:
            connection.close()


class Processes:
    """Starts processes that know one database and `environment`; ends all of them at the end of the block."""

    def __init__(self, database: Endpoints, *, folder: Path, **environment: str) -> None:
        self.folder = folder
        self._started: list[Running] = []
        self._numbers = itertools.count()
        kept = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
        self._environment = kept | {
            "DATABASE_URL": database.owner_url,
            "DATABASE_API_URL": database.api_url,
            "DATABASE_WORKER_URL": database.worker_url,
            "PYTHONUNBUFFERED": "1",
            **environment,
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for running in self._started:
            if running.popen.poll() is None:
                os.killpg(running.popen.pid, signal.SIGKILL)
        for running in self._started:
            running.popen.wait(10)
            say(
                f"--- {running.name}, ended with {running.popen.returncode}:\n{running.said()[-SHOWN_BYTES:]}"
            )

    def worker(self, **environment: str) -> Running:
        """`python -m worker`, just started."""
        return self._start("worker", "-m", "worker", environment=environment)

    def worker_at_work(self, **environment: str) -> Running:
        """`python -m worker` that has begun to tick."""
        started = self.worker(**environment)
        eventually(lambda: "worker started" in said_by(started), what="the worker to start")
        return started

    def web(self, *, workers: int, application: str = "wsgi:application", **environment: str) -> Web:
        """gunicorn with as many processes, ready to answer."""
        port = free_port()
        given = {"HOST": "127.0.0.1", "PORT": str(port), "WEB_WORKERS": str(workers), **environment}
        command = ("-m", "gunicorn", "-c", "config/gunicorn.conf.py", application)
        web = Web(process=self._start("web", *command, environment=given), port=port)

        def ready() -> bool:
            said_by(web.process)
            try:
                return web.request("GET", "/readyz")[0] == 200
            except OSError:
                return False

        eventually(ready, what="the web to answer", within=60)
        return web

    def carrier(self, *, callback_base: str | None = None, **plan: object) -> str:
        """The fake Twilio with its plan, posting receipts to `callback_base`; its address."""
        arguments = ["-m", "tests.support.carrier.fake_twilio", "--plan", json.dumps(plan)]
        arguments += ["--callback-base", callback_base] if callback_base else []
        started = self._start("carrier", *arguments, environment={})
        eventually(lambda: "\n" in said_by(started), what="the carrier to start")
        return started.said().strip()

    def command(self, *arguments: str) -> Any:
        """The JSON that `manage.py` prints."""
        done = self._manage(*arguments)
        assert done.returncode == 0, done.stderr.decode()
        return json.loads(done.stdout)

    def said_by_command(self, *arguments: str) -> tuple[int, str]:
        """The exit code of `manage.py`, and what it prints."""
        done = self._manage(*arguments)
        return done.returncode, done.stdout.decode()

    def _manage(self, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=PROJECT, env=self._environment, capture_output=True, timeout=60, check=False,
        )  # fmt: skip

    def forget(self, running: Running) -> None:
        """One that has ended, and of which nothing is to be shown."""
        assert running.popen.poll() is not None
        self._started.remove(running)
        running.output.unlink()

    def _start(self, name: str, *arguments: str, environment: Mapping[str, str]) -> Running:
        output = self.folder / f"{next(self._numbers):03}-{name}.log"
        with output.open("wb") as out:
            popen = subprocess.Popen(
                [sys.executable, *arguments],
                cwd=PROJECT, env=self._environment | dict(environment), stdin=subprocess.DEVNULL,
                stdout=out, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
        running = Running(name=name, popen=popen, output=output)
        self._started.append(running)
        return running


def said_by(running: Running) -> str:
    """What a process said so far; fails at once if it has ended."""
    code = running.popen.poll()
    assert code is None, f"the {running.name} ended with {code}:\n{running.said()}"
    return running.said()


def eventually(check: Callable[[], Found], *, what: str, within: float = 30) -> Found:
    """What `check` finds, as soon as it finds something; an AssertionError when the time is over."""
    end = time.monotonic() + within
    while not (found := check()):
        assert time.monotonic() < end, f"waited {within:.0f} s for {what}"
        time.sleep(0.02)
    return found


def say(line: str) -> None:
    """Something pytest shows where a test fails, or is asked to show."""
    sys.stdout.write(f"{line}\n")


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
