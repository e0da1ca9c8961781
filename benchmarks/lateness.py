"""How late texts leave, and how soon a nurse is told of an abnormal report: the whole product at work under a
load.

    python -m benchmarks.lateness texts [--texts 10000] [--seconds 60]
    python -m benchmarks.lateness reports [--rate 50] [--seconds 20] [--abnormal 1.0]

The product's own processes, sending through the real Twilio client to a carrier that takes 20 ms. `texts`
spreads texts over a minute and prints how long after its moment each reached the carrier. `reports` puts
reports through the HTTP API at an even rate and prints how long it took from the moment a report was sent
until the text to the on-call number reached the carrier.
"""

from __future__ import annotations

import argparse
import hashlib
import http.client
import json
import queue
import secrets
import shutil
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine, create_engine, pool, text

from benchmarks import due_texts
from benchmarks.fake_carrier import FakeCarrier
from migrations import upgrade
from postgres_launcher.launcher import LocalPostgres
from tests.support.machine.processes import Processes, Web

SETTINGS = {"shared_buffers": "256MB"}
SENDERS = 16
CAUGHT_UP_SECONDS = 30


@dataclass(frozen=True, kw_only=True)
class Stage:
    """The product at work: its processes, its database, and the carrier."""

    processes: Processes
    owner: Engine
    carrier: FakeCarrier


@contextmanager
def stage(*, patients: int) -> Iterator[Stage]:
    """Everything but the processes is started; patients have one text each, due in three days."""
    folder = Path(tempfile.mkdtemp(prefix="afterglow-late-"))
    folder.chmod(0o711)
    try:
        with LocalPostgres(data_dir=folder, settings=SETTINGS) as ends, FakeCarrier() as carrier:
            upgrade.to_newest(owner_url=ends.owner_url, api_url=ends.api_url, worker_url=ends.worker_url)
            due_texts.fill(ends, due=patients, history=0, in_days=1)
            owner = create_engine(ends.owner_url, poolclass=pool.NullPool)
            given = {
                "SMS_GATEWAY": "twilio",
                "TWILIO_ACCOUNT_SID": f"AC{'0' * 32}",
                "TWILIO_AUTH_TOKEN": "x" * 32,
                "TWILIO_FROM": "+15005550006",
                "TWILIO_API_BASE": carrier.address,
                "PUBLIC_URL": "https://c.example",
                "SMS_RATE": "1000",
                "LOG_LEVEL": "WARNING",
            }
            with Processes(ends, folder=folder, **given) as processes:
                yield Stage(processes=processes, owner=owner, carrier=carrier)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def texts(*, count: int, seconds: float) -> None:
    """Spread texts over some time."""
    with stage(patients=count) as at:
        at.processes.worker_at_work(LOG_LEVEL="INFO")
        with at.owner.begin() as connection:
            spread = text("""
                UPDATE message SET due_at = :start + placed.number * make_interval(secs => :seconds) / :count
                FROM (SELECT id, row_number() OVER (ORDER BY random()) AS number FROM message) AS placed
                WHERE placed.id = message.id
                RETURNING (SELECT phone FROM patient WHERE patient.id = message.patient_id), due_at
            """)
            start = datetime.fromtimestamp(time.time() + 3, UTC)
            rows = connection.execute(spread, {"start": start, "seconds": seconds, "count": count}).all()
        moments = {row[0]: row[1].timestamp() for row in rows}
        time.sleep(max(0.0, start.timestamp() - time.time()) + seconds)
        _caught_up(at.owner, "SELECT count(*) FROM message WHERE state = 'planned'")
        late = [taken.at - moments[taken.to] for taken in at.carrier.end()]
    if len(late) != count:
        raise RuntimeError(f"{len(late)} texts left instead of {count}")
    _say(f"{count} texts over {seconds:.0f} s, late by", late)


def reports(*, rate: float, seconds: float, abnormal: float) -> None:
    """Put reports at an even rate, each of another patient; so large a part of them has an emergency sign."""
    count = int(rate * seconds)
    with stage(patients=count + SENDERS) as at:
        tokens = _sign_in(at.owner)
        web = at.processes.web(workers=2)
        at.processes.worker_at_work(LOG_LEVEL="INFO")
        # A first request of each connection's process, so that none is measured while it starts.
        for treatment, token in tokens[count:]:
            _put(http.client.HTTPConnection("127.0.0.1", web.port), treatment, token, sign=False)
        sent, answered = _put_all(web, tokens[:count], rate=rate, abnormal=abnormal)
        _caught_up(at.owner, "SELECT count(*) FROM assessment WHERE reviewed_at IS NULL")
        _caught_up(at.owner, "SELECT count(*) FROM message WHERE state = 'planned' AND due_at <= now()")
        with at.owner.connect() as connection:
            rows = connection.execute(
                text("SELECT reference, treatment_id FROM message WHERE step LIKE 'staff:%'")
            ).all()
        told = {row[0]: row[1] for row in rows}
        took = [one.at - sent[told[one.reference]] for one in at.carrier.end() if one.reference in told]
    if len(took) != sum(1 for number in range(count) if _is_abnormal(number, abnormal)):
        raise RuntimeError(f"{len(took)} texts to the on-call number left")
    _say(f"{count} reports at {rate:.0f}/s, the answer after", answered)
    _say(f"{len(took)} of them abnormal, the text to the on-call number after", took)


def _sign_in(owner: Engine) -> list[tuple[uuid.UUID, str]]:
    """Each treatment and a token of its patient."""
    tokens = []
    with owner.begin() as connection:
        for row in connection.execute(text("SELECT clinic_id, id FROM treatment")).all():
            token = f"ag_{row[0].hex}_{secrets.token_urlsafe(32)}"
            tokens.append((row[0], row[1], token))
        connection.execute(
            text("""
                INSERT INTO patient_session (clinic_id, token_hash, patient_id, created_at, last_seen_at,
                                             expires_at)
                VALUES (:clinic, :hash, :patient, now(), now(), now() + interval '90 days')
            """),
            [
                {"clinic": clinic, "hash": hashlib.sha256(token.encode()).digest(), "patient": patient}
                for clinic, patient, token in tokens
            ],
        )
    return [(treatment, token) for _, treatment, token in tokens]


def _put_all(
    web: Web, tokens: Sequence[tuple[uuid.UUID, str]], *, rate: float, abnormal: float
) -> tuple[dict[uuid.UUID, float], list[float]]:
    """When each report was sent (seconds since 1970), and how long each answer took."""
    waiting: queue.SimpleQueue[tuple[int, uuid.UUID, str]] = queue.SimpleQueue()
    for number, (treatment, token) in enumerate(tokens):
        waiting.put((number, treatment, token))
    sent: dict[uuid.UUID, float] = {}
    took: list[float] = []
    began = time.time() + 0.5

    def keep_putting() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", web.port, timeout=30)
        while True:
            try:
                number, treatment, token = waiting.get_nowait()
            except queue.Empty:
                return
            time.sleep(max(0.0, began + number / rate - time.time()))
            # From the moment it was meant to leave: waiting for a free connection counts.
            sent[treatment] = began + number / rate
            _put(connection, treatment, token, sign=_is_abnormal(number, abnormal))
            took.append(time.time() - sent[treatment])

    threads = [threading.Thread(target=keep_putting) for _ in range(SENDERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sent, took


def _put(connection: http.client.HTTPConnection, treatment: uuid.UUID, token: str, *, sign: bool) -> None:
    body = {
        "seen_at": datetime.now(UTC).isoformat(),
        "scores": {"redness": 1, "swelling": 1, "peeling": 0},
        "warning_signs": ["breathing"] if sign else [],
    }
    path = f"/api/v1/me/treatments/{treatment}/reports/{uuid.uuid4()}"
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    connection.request("PUT", path, json.dumps(body), headers)
    answer = connection.getresponse()
    if answer.status != 201:
        raise RuntimeError(f"{answer.status}: {answer.read()!r}")
    answer.read()


def _is_abnormal(number: int, part: float) -> bool:
    return int((number + 1) * part) > int(number * part)


def _caught_up(owner: Engine, waiting: str) -> None:
    end = time.monotonic() + CAUGHT_UP_SECONDS
    while _count(owner, waiting) and time.monotonic() < end:
        time.sleep(0.5)
    # Those in hand are with the carrier in a moment.
    time.sleep(1)


def _count(owner: Engine, waiting: str) -> int:
    with owner.connect() as connection:
        return int(connection.execute(text(waiting)).scalar_one())


def _say(what: str, seconds: Sequence[float]) -> None:
    ordered = sorted(1000 * one for one in seconds)
    parts = {f"p{part}": ordered[int(part / 100 * len(ordered))] for part in (50, 95, 99)}
    shown = ", ".join(f"{name} {value:.0f} ms" for name, value in parts.items())
    print(f"{what}: {shown}, most {ordered[-1]:.0f} ms", flush=True)


def main() -> int:
    """Measure what is asked for."""
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=["texts", "reports"])
    parser.add_argument("--texts", type=int, default=10_000)
    parser.add_argument("--seconds", type=float)
    parser.add_argument("--rate", type=float, default=50)
    parser.add_argument("--abnormal", type=float, default=1.0)
    options = parser.parse_args()
    if options.what == "texts":
        texts(count=options.texts, seconds=options.seconds or 60)
    else:
        reports(rate=options.rate, seconds=options.seconds or 20, abnormal=options.abnormal)
    return 0


if __name__ == "__main__":
    sys.exit(main())
