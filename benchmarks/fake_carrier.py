"""A carrier of its own process for the benchmarks: takes every text after a while over HTTP as Twilio's, and
says when each came.

    python -m benchmarks.fake_carrier [LATENCY_SECONDS]

Prints its address, then serves until its input ends. Then it prints one line a text: when it was asked to
take it (seconds since 1970), to whom it goes, and its reference.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
import urllib.parse
from dataclasses import dataclass
from pathlib import Path
from typing import Self

PROJECT = Path(__file__).resolve().parent.parent

NEW = b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"


class Taking(asyncio.Protocol):
    """One kept connection; requests come one after the other."""

    taken: list[tuple[float, bytes]] = []  # noqa: RUF012  (shared by all connections on purpose)
    latency = 0.02

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Somebody connected."""
        self._transport = transport
        self._buffer = b""

    def data_received(self, data: bytes) -> None:
        """A request, or a part of one."""
        self._buffer += data
        head, found, body = self._buffer.partition(b"\r\n\r\n")
        if not found:
            return
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0] or 0)
        if len(body) >= length:
            self._buffer = body[length:]
            self.taken.append((time.time(), body[:length]))
            answer = b'{"sid": "SM%032x", "status": "queued"}' % len(self.taken)
            asyncio.get_running_loop().call_later(self.latency, self._answer, answer)

    def _answer(self, body: bytes) -> None:
        if isinstance(self._transport, asyncio.Transport):
            self._transport.write(NEW % (len(body), body))


async def serve() -> None:
    """Serve until standard input ends."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Taking, "127.0.0.1", 0)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


@dataclass(frozen=True, kw_only=True)
class TakenText:
    """One text as the carrier saw it; `at` in seconds since 1970."""

    at: float
    to: str
    reference: str


class FakeCarrier:
    """The carrier in a process of its own, for as long as the block runs."""

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.fake_carrier"],
            cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.address = self._process.stdout.readline().strip() if self._process.stdout else ""
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            self.end()

    def end(self) -> list[TakenText]:
        """Stop it; what it took, in order."""
        lines = self._process.communicate(timeout=60)[0].splitlines()
        parts = [line.split() for line in lines]
        return [TakenText(at=float(at), to=to, reference=reference) for at, to, reference in parts]


def main() -> int:
    """Take texts, then say when each came."""
    if len(sys.argv) > 1:
        Taking.latency = float(sys.argv[1])
    asyncio.run(serve())
    for at, body in Taking.taken:
        form = urllib.parse.parse_qs(body.decode())
        reference = form["StatusCallback"][0].partition("#")[0].rpartition("/")[2]
        print(f"{at:.6f} {form['To'][0]} {reference}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
