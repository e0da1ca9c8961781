"""How long the manager's figures take over a year of 100,000 treatments.

    python -m benchmarks.figures FOLDER [TREATMENTS] [ROUNDS]

The first time it fills a database of its own in FOLDER, which is kept, with a generated year (ten texts and
some three reports a treatment). Then it sums the year up through the product's own service, in one process
and as the API's role: first while no day is kept, a few times, with what each part takes; then, after the
worker's tick has kept the days, ROUNDS (15) times. Before each of these something of as many patients
changes as in a minute of such a clinic.
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
from recovery.models.read_models import figure_days
from recovery.services.read_models import clinic_summary
from recovery.services.read_models.figures import kept_figures
from tests.support.data import people
from tests.support.figures.generated_year import YearSize, generate_year

SETTINGS = {"shared_buffers": "1GB", "max_wal_size": "8GB"}
FILLED = "filled"
COLD_ROUNDS = 2
BATCH = 20

CHANGED = """
INSERT INTO figure_change (clinic_id, patient_id)
SELECT clinic_id, patient_id FROM treatment
WHERE clinic_id = :clinic AND performed_at > now() - interval '30 days'
ORDER BY hashtext(id::text || :salt) LIMIT 5
"""
"""As the triggers note it: a text or two leaves a minute, and a report comes every two."""


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
        api = create_engine(ends.api_url, connect_args={"options": options})
        worker = create_engine(ends.worker_url, connect_args={"options": "-c timezone=UTC"})
        _measure(api, worker, rounds)
        api.dispose()
        worker.dispose()
    return 0


def _fill(engine: Engine, treatments: int) -> None:
    sessions, now = sessionmaker(engine, expire_on_commit=False), datetime.now(UTC)
    clinic = people.found_clinic(sessions, content=shipped(), now=now)
    with sessions.begin() as session:
        session.get_one(Clinic, clinic.id).live_since = now - timedelta(days=400)
        generate_year(session, clinic.id, clinic.nurse.id, size=YearSize(treatments=treatments), now=now)
    with engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("VACUUM ANALYZE"))


def _measure(api: Engine, worker: Engine, rounds: int) -> None:
    with Session(api, expire_on_commit=False) as session:
        clinic = session.scalars(select(Clinic)).one()
        figure_days.drop_all(session, clinic.id)
        session.commit()
        for table in ("treatment", "message", "report", "flag"):
            print(f"{session.scalar(text(f'SELECT count(*) FROM {table}')):,} rows in {table}")  # noqa: S608
    print(f"while no day is kept: {_told([_sum_up(api, clinic) for _ in range(COLD_ROUNDS)])}")
    for length, words in _parts(api, clinic):
        print(f"  {length:7.1f} ms  {words}")
    began = time.monotonic()
    print(f"{_keep(worker, clinic):,} days counted and kept in {time.monotonic() - began:.0f} s")
    took, again = [], 0
    for number in range(rounds):
        again += _keep(worker, clinic)
        with Session(worker) as session:
            session.execute(text(CHANGED), {"clinic": clinic.id, "salt": str(number)})
            session.commit()
        took.append(_sum_up(api, clinic))
    print(f"from kept days, of which {again / rounds:.1f} were counted again each time: {_told(took)}")
    for length, words in _parts(api, clinic):
        print(f"  {length:7.1f} ms  {words}")


def _sum_up(engine: Engine, clinic: Clinic) -> float:
    """How long one summary of the year takes, in milliseconds."""
    now = datetime.now(UTC)
    period = clinic_summary.parse_period(clinic, first=now.date() - timedelta(days=365), last=None, now=now)
    with Session(engine) as session:
        began = time.perf_counter()
        clinic_summary.summarize(session, clinic=clinic, period=period, now=now)
        return (time.perf_counter() - began) * 1000


def _keep(engine: Engine, clinic: Clinic) -> int:
    """What the worker's tick does: how many days were counted."""
    kept, batch = 0, BATCH
    while batch == BATCH:
        with Session(engine) as session, session.begin():
            batch = kept_figures.keep_days(session, clinic, now=datetime.now(UTC), limit=BATCH)
        kept += batch
    return kept


def _parts(engine: Engine, clinic: Clinic) -> list[tuple[float, str]]:
    """How long each statement of a summary takes, and how it ends."""
    parts: list[tuple[float, str]] = []
    began: list[float] = []

    def before(*_: object) -> None:
        began.append(time.perf_counter())

    def after(_: object, __: object, statement: str, *___: object) -> None:
        parts.append(((time.perf_counter() - began.pop()) * 1000, " ".join(statement.split())[-150:]))

    event.listen(engine, "before_cursor_execute", before)
    event.listen(engine, "after_cursor_execute", after)
    _sum_up(engine, clinic)
    event.remove(engine, "before_cursor_execute", before)
    event.remove(engine, "after_cursor_execute", after)
    return parts


def _told(took: Sequence[float]) -> str:
    cut = statistics.quantiles(took, n=100, method="inclusive")
    return f"p50 {cut[49]:.0f} ms, p95 {cut[94]:.0f} ms, longest {max(took):.0f} ms"


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit("usage: python -m benchmarks.figures FOLDER [TREATMENTS] [ROUNDS]")
    sizes = [int(one) for one in sys.argv[2:]]
    sys.exit(main(Path(sys.argv[1]).resolve(), *sizes, *(100_000, 15)[len(sizes) :]))
