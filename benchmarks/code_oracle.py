"""Whether the time of an answer tells that a number is enrolled: sign-in codes asked for known and unknown
ones, compared.

    python -m benchmarks.code_oracle [ASKS] [GUESSES]

Makes a database of its own with enrolled numbers, then asks for codes of ASKS (2,000) enrolled and as many
unknown numbers in random order, makes the codes, and sends GUESSES (200) wrong codes for either kind. Prints
the medians, and the two-sample Kolmogorov-Smirnov statistic with its asymptotic p: above 0.01 the times of
the two kinds are not told apart.
"""

from __future__ import annotations

import bisect
import math
import random
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from flask import Flask
from sqlalchemy import create_engine, pool, text
from sqlalchemy.orm import Session

from api.app import create_app
from api.database import db
from config.settings import Settings
from migrations import upgrade
from postgres_launcher.launcher import LocalPostgres
from recovery.services.access import sign_in_codes

FILL = (
    """INSERT INTO clinic (name, text_name, phone, time_zone, weekly_hours, out_of_hours_phone, on_call_phone,
                           emergency_number, protocol, mode, created_at)
       VALUES ('c', 'c', '+12025550100', 'UTC', '{}', '+1', '+1', '911', 'p', 'live', now())""",
    """INSERT INTO patient (clinic_id, first_name, last_name, phone, year_of_birth, language, time_zone,
                            answers_by, created_at)
       SELECT clinic.id, 'P', 'S', '+1303555' || lpad(n::text, 4, '0'), 1990, 'en', 'UTC', 'link', now()
       FROM clinic, generate_series(0, :most) AS n""",
)
_ADDRESSES = count(1)


def main(asks: int, guesses: int) -> int:
    """Measure and print; 1 where the two kinds are told apart."""
    folder = Path(tempfile.mkdtemp(prefix="afterglow-oracle-"))
    folder.chmod(0o711)
    try:
        with LocalPostgres(data_dir=folder, durable=True) as ends:
            upgrade.to_newest(owner_url=ends.owner_url, api_url=ends.api_url, worker_url=ends.worker_url)
            owner = create_engine(ends.owner_url, poolclass=pool.NullPool)
            with owner.begin() as connection:
                for statement in FILL:
                    parameters = {"most": asks - 1} if ":most" in statement else {}
                    connection.execute(text(statement), parameters)
            app = create_app(Settings(_env_file=None), database_url=ends.api_url)  # type: ignore[call-arg]
            told = _compare("asking", asks, lambda phone: _ask(app, phone))
            with Session(owner) as session, session.begin():
                # Hashing the codes of all of them would take the longest.
                few = text("UPDATE sign_in_code SET waiting = false WHERE phone >= :end")
                session.execute(few, {"end": f"+1303555{guesses:04d}"})
                while sign_in_codes.create_requested_codes(session, now=datetime.now(UTC), limit=guesses):
                    pass
            told |= _compare("a wrong code", guesses, lambda phone: _guess(app, phone))
            with app.app_context():
                db.engine.dispose()
            owner.dispose()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return int(told)


def _ask(app: Flask, phone: str) -> bytes:
    answer = app.test_client().post(
        "/api/v1/patient/codes", json={"phone": phone}, environ_base=_from_elsewhere()
    )
    assert answer.status_code == 202
    return answer.get_data()


def _guess(app: Flask, phone: str) -> bytes:
    body = {"phone": phone, "code": "000000", "secret": "1900"}
    answer = app.test_client().post("/api/v1/patient/sessions", json=body, environ_base=_from_elsewhere())
    assert answer.status_code == 401
    return answer.get_data()


def _from_elsewhere() -> dict[str, str]:
    number = next(_ADDRESSES)
    return {"REMOTE_ADDR": f"10.{number // 65536 % 256}.{number // 256 % 256}.{number % 256}"}


def _compare(what: str, times: int, call: Callable[[str], bytes]) -> bool:
    """Call for both kinds in random order; whether they are told apart."""
    waiting = list(_numbers("+1303555", times)) + list(_numbers("+1303556", times))
    for phone in _numbers("+1303557", 20):
        call(phone)
    random.Random(7).shuffle(waiting)
    taken: dict[str, list[float]] = {"+1303555": [], "+1303556": []}
    answers = set()
    for phone in waiting:
        began = time.perf_counter()
        answers.add(call(phone))
        taken[phone[:8]].append(time.perf_counter() - began)
    known, unknown = sorted(taken["+1303555"]), sorted(taken["+1303556"])
    distance = _distance(known, unknown)
    p = _chance(distance, len(known), len(unknown))
    print(
        f"{what}: {times} each; median {statistics.median(known) * 1000:.2f} ms enrolled, "
        f"{statistics.median(unknown) * 1000:.2f} ms unknown; KS D {distance:.4f}, p {p:.3f}; "
        f"{len(answers)} different answer(s)"
    )
    return p <= 0.01 or len(answers) > 1


def _numbers(start: str, times: int) -> Iterator[str]:
    return (f"{start}{number:04d}" for number in range(times))


def _distance(one: Sequence[float], other: Sequence[float]) -> float:
    """The greatest distance between the two empirical distributions of sorted samples."""
    return max(
        abs(bisect.bisect_right(one, value) / len(one) - bisect.bisect_right(other, value) / len(other))
        for value in (*one, *other)
    )


def _chance(distance: float, one: int, other: int) -> float:
    """How likely so great a distance is where both are the same (Kolmogorov's limit)."""
    root = math.sqrt(one * other / (one + other))
    x = (root + 0.12 + 0.11 / root) * distance
    if x < 0.2:
        return 1.0
    return min(1.0, 2 * sum((-1.0) ** (k - 1) * math.exp(-2 * k * k * x * x) for k in range(1, 101)))


if __name__ == "__main__":
    asked = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    guessed = int(sys.argv[2]) if len(sys.argv) > 2 else 200
    sys.exit(main(asked, guessed))
