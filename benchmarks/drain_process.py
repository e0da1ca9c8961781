"""One process of the drain benchmark: the product's sender, or a bare loop of the same statements.

    python -m benchmarks.drain_process product|floor DATABASE_URL [CARRIER_URL]

Says "ready", begins when a line comes in, and prints how many texts it sent and when it had none left.
"""

from __future__ import annotations

import dataclasses
import secrets
import sys
import time
import uuid
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
from sqlalchemy import create_engine, make_url
from sqlalchemy.dialects.postgresql import psycopg as driver
from sqlalchemy.orm import sessionmaker

from config import content_files
from operations import worker_registry
from recovery.models.core.array_parameters import array_values
from recovery.models.messaging import send_results, sent_counts, text_leases
from recovery.services.content import content
from recovery.services.messaging.outbox import RenderContext
from recovery.sms.gateway_interface import Accepted, Answer, Gateway, OutgoingText
from recovery.sms.twilio_gateway import TwilioGateway
from worker.context import WorkerContext
from worker.sender import LARGEST_CLAIM, Sender

OPTIONS = "-c timezone=UTC -c synchronous_commit=on"
BODY = "Clinic: Day 2. How is your skin today? Tell us here, it takes a minute: https://c.example/0123456789"


class Nowhere:
    """Takes every text and does nothing."""

    def submit(self, outgoing: OutgoingText) -> Answer:
        """Take one text."""
        return Accepted(carrier_id=f"SM{outgoing.reference}")

    def close(self) -> None:
        """Nothing is open."""


def product(url: str, carrier: str | None) -> Callable[[], int]:
    """The worker's sender as it ships, without a rate."""
    engine = create_engine(url, pool_size=6, connect_args={"options": OPTIONS})
    sessions = sessionmaker(engine, expire_on_commit=False)
    understood = content.parse_content(**dataclasses.asdict(content_files.read_content_files()))
    gateway: Gateway = Nowhere()
    if carrier is not None:
        gateway = TwilioGateway(
            account_sid=f"AC{'0' * 32}",
            auth_token="x" * 32,
            from_number="+15005550006",
            receipts_url="https://c.example/webhooks/twilio/receipts",
            api_base=carrier,
        )
    duties = WorkerContext(
        sessions=sessions,
        gateway=gateway,
        ledger=None,
        account="drain",
        wording=RenderContext(content=understood, links_at="https://c.example"),
        worker_id=uuid.uuid4(),
        rate=1_000_000.0,
    )
    with sessions.begin() as session:
        worker_registry.register(session, worker_id=duties.worker_id, host="b", pid=1, now=datetime.now(UTC))
    return Sender(duties).send_due


class Floor:
    """Claims and settles with the product's own statements, and decides, words and hands over nothing."""

    def __init__(self, url: str) -> None:
        parts = make_url(url)
        self._connection = psycopg.connect(
            host=str(parts.query["host"]),
            port=str(parts.query["port"]),
            user=parts.username,
            dbname=parts.database,
            options=OPTIONS,
        )
        self._worker = uuid.uuid4()
        self._texts = {name: _compiled(statement) for name, statement in _STATEMENTS.items()}

    def drain(self) -> int:
        """Until nothing is due; how many there were."""
        total = 0
        while True:
            now = datetime.now(UTC)
            taken = self._claim(now)
            self._connection.commit()
            if not taken:
                return total
            answers = {text.reference: f"SM{text.reference}" for text in taken}
            held = self._run("lock", array_values(send_results._given, answers.items()))
            rows = [(*row[:2], "accepted", None, row[4], row[5], answers[row[9]], None, now) for row in held]
            self._run("settle", array_values(send_results._settled, rows))
            self._connection.commit()
            total += len(taken)

    def _claim(self, now: datetime) -> list[text_leases.LeasedText]:
        due = self._run("due", {"now": now, "most": LARGEST_CLAIM, "leave": []})
        if not due:
            return []
        since = now - timedelta(hours=12)
        people = [(row[0], row[2], since) for row in due]
        self._run("persons", array_values(text_leases._people, people))
        clinics = {row[0] for row in due}
        self._run("senders", {"clinics": list(clinics), "since": now.date()})
        ways_in = [(row[0], row[2], secrets.token_bytes(32), now, now + timedelta(hours=72)) for row in due]
        self._run("invite", array_values(text_leases._ways_in, ways_in))
        taken = [
            text_leases.LeasedText(
                row[0], row[1], secrets.token_urlsafe(16), row[7], BODY + secrets.token_urlsafe(8), 1
            )
            for row in due
        ]
        values = array_values(text_leases._taken, taken)
        self._run("take", {**values, "worker": self._worker, "now": now})
        sent = Counter(row[0] for row in due)
        days = [(clinic, now.date(), self._worker, texts) for clinic, texts in sorted(sent.items())]
        self._run("count", array_values(sent_counts._given, days))
        return taken

    def _run(self, name: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
        statement, fixed = self._texts[name]
        cursor = self._connection.execute(statement, {**fixed, **values}, prepare=True)
        return cursor.fetchall() if cursor.description else []


_STATEMENTS = {
    "due": text_leases._DUE,
    "persons": text_leases._PERSONS,
    "senders": text_leases._SENDERS,
    "invite": text_leases._INVITE,
    "take": text_leases._TAKE,
    "count": sent_counts._COUNT,
    "lock": send_results._LOCK,
    "settle": send_results._SETTLE,
}


def _compiled(statement: Any) -> tuple[bytes, dict[str, Any]]:
    compiled = statement.compile(dialect=driver.dialect())  # type: ignore[no-untyped-call]
    fixed = {name: value for name, value in compiled.params.items() if value is not None}
    return str(compiled).encode(), fixed


def main(kind: str, url: str, carrier: str | None = None) -> int:
    """Get ready, wait for the others, drain."""
    drain = product(url, carrier) if kind == "product" else Floor(url).drain
    print("ready", flush=True)
    sys.stdin.readline()
    total = 0
    while sent := drain():
        total += sent
    print(total, time.monotonic(), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
