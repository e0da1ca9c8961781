"""How long a nurse waits for the queue and a flag's page, where a clinic has very many of both: a database
filled with copies.

    python -m benchmarks.console FOLDER [ROUNDS]

The first time it fills a database of its own in FOLDER, which is kept: one clinic with 100,000 patients, each
with ten reports, a treatment and an open flag, so 1,000,000 reports, all made from those of one patient who
went through the product itself. Then it serves the product with config/gunicorn.conf.py and two processes and
asks for each page ROUNDS (60) times, by one caller and by four at once, with what an answer without any work
takes (`/healthz`) in between; it prints waiting times and the size of each page.
"""

from __future__ import annotations

import http.client
import itertools
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from random import Random
from uuid import uuid4

from sqlalchemy import Connection, Engine, create_engine, pool, select, text
from sqlalchemy.orm import sessionmaker

from api.console import guard
from commands.shipped_content import shipped
from migrations import upgrade
from postgres_launcher.launcher import LocalPostgres
from recovery.domain.clinic.staff_roles import Role
from recovery.models.clinic.clinics import Clinic
from recovery.services.access import authentication
from recovery.services.clinic import clinics
from recovery.services.review import report_review
from tests.support.data import people
from tests.support.machine.processes import Processes, Web

PATIENTS = 100_000
REPORTS = 10
BATCH = 5_000
WEB_WORKERS = 2
CALLERS = (1, 4)
SETTINGS = {"shared_buffers": "1GB", "max_wal_size": "8GB"}
FILLED = "filled"
HOURS = (20, 27, 35, 44, 51, 60, 68, 75, 84, 92)
SCORES = {"redness": 3, "swelling": 2, "peeling": 1, "pain": 1}

TABLES: Mapping[str, Sequence[str]] = {
    "patient": ("id",),
    "consent": (
        "id",
        "patient_id",
    ),
    "treatment": (
        "id",
        "patient_id",
    ),
    "message": (
        "id",
        "patient_id",
        "treatment_id",
    ),
    "report": (
        "id",
        "treatment_id",
    ),
    "report_revision": ("report_id",),
    "assessment": (
        "id",
        "treatment_id",
        "report_id",
    ),
    "flag": (
        "id",
        "treatment_id",
    ),
    "flag_assessment": (
        "flag_id",
        "assessment_id",
    ),
    "flag_event": (
        "id",
        "flag_id",
    ),
}
"""What one patient has, each table with the ids that are another's for every copy."""

CHANGED: Mapping[str, Mapping[str, str]] = {
    "message": {"reference": "NULL", "carrier_id": "NULL"},
    "patient": {"phone": "'+1' || (3000000000 + n)", "last_name": "last_name || ' ' || n"},
    "flag": {
        "urgency_rank": "n % 3",
        "urgency": "(ARRAY['emergency', 'same_day', 'next_business_day'])[n % 3 + 1]",
        "due_at": "due_at + (n % 86400) * interval '1 second'",
        "state": "CASE WHEN n % 4 = 0 THEN 'claimed' ELSE 'open' END",
        "held_by": "CASE WHEN n % 4 = 0 THEN CAST(:nurse AS uuid) END",
        "held_since": "CASE WHEN n % 4 = 0 THEN opened_at END",
    },
}
"""Columns of a copy that are not those of the original."""


@dataclass(frozen=True, kw_only=True)
class Looking:
    """The tokens of those who look, and the flags they look at."""

    nurse: str
    manager: str
    flags: Sequence[str]


def main(folder: Path, rounds: int) -> int:
    """Fill where nothing is filled yet, measure, print."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o711)
    with LocalPostgres(data_dir=folder / "data", settings=SETTINGS) as ends:
        engine = create_engine(ends.owner_url, poolclass=pool.NullPool)
        if not (folder / FILLED).exists():
            upgrade.to_newest(owner_url=ends.owner_url, api_url=ends.api_url, worker_url=ends.worker_url)
            began = time.monotonic()
            with Processes(ends, folder=folder, LOG_LEVEL="ERROR") as started:
                _fill(started.web(workers=1), engine)
            (folder / FILLED).touch()
            print(f"filled in {time.monotonic() - began:.0f} s; run it again to measure")
            return 0
        upgrade.to_newest(owner_url=ends.owner_url, api_url=ends.api_url, worker_url=ends.worker_url)
        _counted(engine)
        with Processes(ends, folder=folder, LOG_LEVEL="ERROR") as started:
            _measure(started.web(workers=WEB_WORKERS), _look(engine), rounds=rounds)
        engine.dispose()
    return 0


def _fill(web: Web, engine: Engine) -> None:
    """One patient goes through the product; all others are copies."""
    sessions, content, now = sessionmaker(engine, expire_on_commit=False), shipped(), datetime.now(UTC)
    clinic = people.found_clinic(sessions, content=content, now=now)
    patient = clinic.add_patient(now=now, hours_ago=96)
    for hours in HOURS:
        seen_at = patient.performed_at + timedelta(hours=hours)
        body = {"seen_at": seen_at.isoformat(), "scores": SCORES, "confirmed": ["redness"]}
        if hours == HOURS[-1]:
            body |= {"warning_signs": ["pus"], "note": "It feels warm since this morning."}
        status, answer = web.request("PUT", patient.report_path(uuid4()), body=body, headers=patient.headers)
        if status != 201:
            raise RuntimeError(answer)
    with sessions.begin() as session:
        report_review.review_due(session, content=content, now=datetime.now(UTC), limit=100)
    with engine.connect() as connection:
        for table in TABLES:
            connection.execute(text(f"CREATE TEMP TABLE first_{table} AS SELECT * FROM {table}"))  # noqa: S608
        copies = {table: _copying(connection, table) for table in TABLES}
        for first in range(1, PATIENTS, BATCH):
            last = min(first + BATCH, PATIENTS) - 1
            for copying in copies.values():
                given = {"first": first, "last": last, "nurse": clinic.nurse.id}
                named = {name: value for name, value in given.items() if f":{name}" in copying}
                connection.execute(text(copying), named)
            connection.commit()
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("VACUUM ANALYZE"))


def _copying(connection: Connection, table: str) -> str:
    """The statement that copies one table's rows of the first patient, once for each number."""
    columns = text(
        "SELECT attname FROM pg_attribute WHERE attrelid = CAST(:table AS regclass) AND attnum > 0"
    )
    names = connection.execute(columns, {"table": f"first_{table}"}).scalars().all()
    changed = {name: f"md5({name} || '/' || n)::uuid" for name in TABLES[table]} | dict(
        CHANGED.get(table, {})
    )
    values = ", ".join(changed.get(name, name) for name in names)
    numbers = "generate_series(CAST(:first AS int), CAST(:last AS int)) AS n"
    return f"INSERT INTO {table} ({', '.join(names)}) SELECT {values} FROM first_{table}, {numbers}"  # noqa: S608


def _counted(engine: Engine) -> None:
    with engine.connect() as connection:
        for what in ("report", "flag"):
            print(f"{connection.scalar(text(f'SELECT count(*) FROM {what}')):,} rows in {what}")  # noqa: S608


def _look(engine: Engine) -> Looking:
    """Two who sign in now, and some of the flags."""
    sessions, now = sessionmaker(engine, expire_on_commit=False), datetime.now(UTC)
    with sessions() as session:
        clinic_id = session.scalars(select(Clinic.id)).one()
        some = text("SELECT id FROM flag ORDER BY id LIMIT 5000")
        flag_ids = Random(1).sample(list(session.scalars(some)), 500)
    tokens = []
    for role in (Role.NURSE, Role.MANAGER):
        email = f"{role.value}-{uuid4().hex[:8]}@clinic.example"
        with sessions.begin() as session:
            member = clinics.add_staff(
                session, clinic_id=clinic_id, email=email, name="Robin Sample", role=role,
                password=people.PASSWORD, now=now,
            )  # fmt: skip
            opened = authentication.open_staff_session(session, member=member, proved=True, now=now)
            tokens.append(opened.access_token)
    return Looking(nurse=tokens[0], manager=tokens[1], flags=[str(one) for one in flag_ids])


def _measure(web: Web, looking: Looking, *, rounds: int) -> None:
    paths = itertools.cycle(looking.flags)
    pages: dict[str, Callable[[], tuple[str, str]]] = {
        "an answer without work": lambda: ("/healthz", looking.nurse),
        "queue": lambda: ("/console", looking.nurse),
        "queue, today only": lambda: ("/console?urgency=same_day", looking.nurse),
        "queue, mine": lambda: ("/console?whose=own", looking.nurse),
        "flag": lambda: (f"/console/flags/{next(paths)}", looking.nurse),
        "follow-up": lambda: ("/console/follow-up", looking.nurse),
        "to read": lambda: ("/console/to-read", looking.nurse),
        "figures of the manager": lambda: ("/console/figures", looking.manager),
    }
    for page in pages.values():
        _asked(web, *page())
    for callers in CALLERS:
        print(f"{callers} at once, {rounds} times each")
        with ThreadPoolExecutor(callers) as pool_of:
            for name, page in pages.items():
                few = rounds // 10 if "figures" in name else rounds
                asked = [page() for _ in range(max(few, 2))]
                seen = list(pool_of.map(lambda one: _asked(web, *one), asked))
                print(f"  {name:<24}{_told(seen)}")


def _asked(web: Web, path: str, token: str) -> tuple[float, int]:
    """Milliseconds until the whole page was there, and its bytes."""
    connection = http.client.HTTPConnection("127.0.0.1", web.port, timeout=60)
    began = time.perf_counter()
    try:
        connection.request("GET", path, headers={"Cookie": f"{guard.COOKIE}={token}"})
        answer = connection.getresponse()
        body = answer.read()
    finally:
        connection.close()
    if answer.status != HTTPStatus.OK:
        raise RuntimeError(f"{path}: {answer.status}")
    return (time.perf_counter() - began) * 1000, len(body)


def _told(seen: Sequence[tuple[float, int]]) -> str:
    waits = [wait for wait, _ in seen]
    cut = statistics.quantiles(waits, n=100, method="inclusive")
    largest = max(size for _, size in seen) / 1000
    return f"p50 {cut[49]:7.1f} ms, p95 {cut[94]:7.1f} ms, longest {max(waits):7.1f} ms, {largest:6.1f} kB"


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit("usage: python -m benchmarks.console FOLDER [ROUNDS]")
    sys.exit(main(Path(sys.argv[1]).resolve(), int(sys.argv[2]) if len(sys.argv) > 2 else 60))
