"""How long the manager's figures take over a year of 100,000 treatments.

    python -m benchmarks.figures FOLDER [TREATMENTS] [ROUNDS]

The first time it fills a database of its own in FOLDER, which is kept, with a generated year (ten texts and
some three reports a treatment). Then it sums the year up ROUNDS (15) times through the product's own service,
in one process and as the API's role, and prints the waiting times, and what each part of them took.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine, create_engine, event, pool, select, text
from sqlalchemy.orm import Session, sessionmaker

from commands.shipped_content import shipped
from migrations import upgrade
from postgres_launcher.launcher import LocalPostgres
from recovery.models.clinic.clinics import Clinic
from recovery.services.read_models import clinic_summary
from tests.support.data import people
from tests.support.figures.generated_year import YearSize, generate_year

SETTINGS = {"shared_buffers": "1GB", "max_wal_size": "8GB"}
FILLED = "filled"


def main(folder: Path, treatments: int, rounds: int) -> int:
    """Fill where nothing is filled yet, measure, print."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o711)
    with LocalPostgres(data_dir=folder / "data", settings=SETTINGS) as ends:
        upgrade.to_newest(owner_url=ends.owner_url, api_url=ends.api_url, worker_url=ends.worker_url)
        if not (folder / FILLED).exists():
            engine = create_engine(ends.owner_url, poolclass=pool.NullPool)
            began = time.monotonic()
            _fill(engine, treatments)
            (folder / FILLED).touch()
            engine.dispose()
            print(f"filled in {time.monotonic() - began:.0f} s")
        options = "-c timezone=UTC -c statement_timeout=60s"
        engine = create_engine(ends.api_url, connect_args={"options": options})
        _measure(engine, rounds)
        engine.dispose()
    return 0


def _fill(engine: Engine, treatments: int) -> None:
    sessions, now = sessionmaker(engine, expire_on_commit=False), datetime.now(UTC)
    clinic = people.found_clinic(sessions, content=shipped(), now=now)
    with sessions.begin() as session:
        session.get_one(Clinic, clinic.id).live_since = now - timedelta(days=400)
        generate_year(session, clinic.id, clinic.nurse.id, size=YearSize(treatments=treatments), now=now)
    with engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("VACUUM ANALYZE"))


def _measure(engine: Engine, rounds: int) -> None:
    took: list[float] = []
    with Session(engine) as session:
        clinic = session.scalars(select(Clinic)).one()
        for table in ("treatment", "message", "report", "flag"):
            print(f"{session.scalar(text(f'SELECT count(*) FROM {table}')):,} rows in {table}")  # noqa: S608
    now = datetime.now(UTC)
    period = clinic_summary.parse_period(clinic, first=now.date() - timedelta(days=365), last=None, now=now)
    parts: list[tuple[float, str]] = []
    for number in range(rounds + 1):
        with Session(engine) as session:
            if number == rounds:
                _watch(engine, parts)
            began = time.perf_counter()
            found = clinic_summary.summarize(session, clinic=clinic, period=period, now=now)
            took.append((time.perf_counter() - began) * 1000)
        if number == 0:
            print(f"{found.treatments:,} treatments counted")
    print(_told(took[1:-1] or took))
    for length, words in parts:
        print(f"  {length:7.1f} ms  {words}")


def _watch(engine: Engine, parts: list[tuple[float, str]]) -> None:
    began: list[float] = []
    event.listen(engine, "before_cursor_execute", lambda *_: began.append(time.perf_counter()))

    def after(_: object, __: object, statement: str, *___: object) -> None:
        parts.append(((time.perf_counter() - began.pop()) * 1000, " ".join(statement.split())[-150:]))

    event.listen(engine, "after_cursor_execute", after)


def _told(took: Sequence[float]) -> str:
    cut = statistics.quantiles(took, n=100, method="inclusive")
    return f"p50 {cut[49]:.0f} ms, p95 {cut[94]:.0f} ms, longest {max(took):.0f} ms"


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit("usage: python -m benchmarks.figures FOLDER [TREATMENTS] [ROUNDS]")
    sizes = [int(one) for one in sys.argv[2:]]
    sys.exit(main(Path(sys.argv[1]).resolve(), *sizes, *(100_000, 15)[len(sizes) :]))
