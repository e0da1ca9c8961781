"""The silence tick's statement with very many active treatments: which check-ins are to be looked at now,
timed.

    python -m benchmarks.silence [TREATMENTS] [DUE]

Makes a database of its own with TREATMENTS (1,000,000) check-ins that wait, DUE (200, one batch) of them due
now, and prints milliseconds of the statement, against the floor of reading as many rows by their key.
"""

from __future__ import annotations

import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import create_engine, pool, text
from sqlalchemy.orm import Session

from migrations import upgrade
from postgres_launcher.launcher import LocalPostgres
from recovery.models.review import silence_checks

ROUNDS = 15

FILL = (
    """INSERT INTO clinic (name, text_name, phone, time_zone, weekly_hours, out_of_hours_phone, on_call_phone,
                           emergency_number, protocol, created_at)
       SELECT 'c', 'c', '+12025550100', 'UTC', '{}', '+1', '+1', '911', 'p', now()
       FROM generate_series(1, 100)""",
    """CREATE TEMP TABLE numbered AS
       SELECT id, row_number() OVER () - 1 AS number FROM clinic""",
    """INSERT INTO patient (clinic_id, id, first_name, last_name, phone, year_of_birth, language, time_zone,
                            answers_by, created_at)
       SELECT numbered.id, lpad(to_hex(n), 32, '0')::uuid, 'P', 'S', '+1' || (2000000000 + n), 1990, 'en',
              'UTC', 'link', now()
       FROM generate_series(1, :treatments) AS n JOIN numbered ON numbered.number = n % 100""",
    """INSERT INTO treatment (clinic_id, id, patient_id, performed_at, device, areas, session_number,
                              protocol, created_at)
       SELECT clinic_id, id, id, now() - interval '2 days', 'pen', '{face}', 1, 'p', now() FROM patient""",
    """INSERT INTO message (clinic_id, patient_id, treatment_id, step, template, due_at, useful_until, state,
                            created_at, asks_day, silence_at)
       SELECT clinic_id, id, id, 'day2_link', 'day2_link', now() - interval '6 hours',
              now() + interval '5 hours',
              'delivered', now(), 2,
              CASE WHEN ('x' || right(id::text, 8))::bit(32)::int <= :due THEN now() - interval '10 seconds'
                   ELSE now() + random() * interval '20 hours' + interval '1 hour' END
       FROM patient""",
    """INSERT INTO message (clinic_id, patient_id, treatment_id, step, template, due_at, useful_until, state,
                            created_at, asks_day)
       SELECT clinic_id, id, id, 'day1_link', 'day1_link', now() - interval '30 hours', now(),
              'delivered', now(), 1
       FROM patient""",
    """INSERT INTO report (clinic_id, id, treatment_id, revision, created_at)
       SELECT clinic_id, id, id, 1, now() FROM patient""",
    """INSERT INTO report_revision (clinic_id, report_id, revision, seen_at, hours, received_at, clock,
                                    scores, warning_signs, confirmed, body, answer)
       SELECT clinic_id, id, 1, now(), 25, now(), 'trusted', '{"redness": 1}', '{}', '{}', '{}', ''
       FROM patient""",
    """INSERT INTO assessment (clinic_id, treatment_id, report_id, revision, cause, level, day, findings,
                               ask_again, protocol, created_at, review_after, reviewed_at)
       SELECT clinic_id, id, id, 1, 'report', 'expected', 1, '[]', '{}', 'p', now(), now(), now()
       FROM patient""",
)
FLOOR = text("""
    SELECT m.*, t.*, p.*
    FROM patient p
    JOIN treatment t ON t.clinic_id = p.clinic_id AND t.id = p.id
    JOIN message m ON m.clinic_id = p.clinic_id AND m.patient_id = p.id AND m.treatment_id = p.id
                      AND m.step = 'day2_link'
    WHERE p.id = ANY(:ids)
""")


def main(treatments: int, due: int) -> int:
    """Fill, measure, print."""
    folder = Path(tempfile.mkdtemp(prefix="afterglow-silence-"))
    folder.chmod(0o711)
    try:
        with LocalPostgres(data_dir=folder, durable=False, settings={"shared_buffers": "512MB"}) as ends:
            upgrade.to_newest(owner_url=ends.owner_url, api_url=ends.api_url, worker_url=ends.worker_url)
            engine = create_engine(ends.owner_url, poolclass=pool.StaticPool)
            with engine.connect() as connection:
                for statement in FILL:
                    connection.execute(text(statement), {"treatments": treatments, "due": due})
                connection.commit()
                connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("VACUUM ANALYZE"))
            _measure(Session(engine), treatments=treatments, due=due)
            engine.dispose()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return 0


def _measure(session: Session, *, treatments: int, due: int) -> None:
    now = datetime.now(UTC)
    ids = [f"{number:032x}" for number in range(1, due + 1)]

    def tick() -> None:
        found = silence_checks.list_due_checks_for_update(session, now=now, limit=due)
        if len(found) != due:
            raise RuntimeError(f"{len(found)} check-ins were found instead of {due}")

    def floor() -> None:
        session.execute(FLOOR, {"ids": ids}).all()

    pairs = [(_timed(session, tick), _timed(session, floor)) for _ in range(ROUNDS)]
    mine, least = (statistics.median(column) for column in zip(*pairs, strict=True))
    ratio = statistics.median(one / other for one, other in pairs)
    print(f"{treatments} treatments, {due} due: {mine:.1f} ms, floor {least:.1f} ms, ratio {ratio:.1f}")


def _timed(session: Session, act: Callable[[], None]) -> float:
    start = time.perf_counter()
    act()
    took = (time.perf_counter() - start) * 1000
    session.rollback()
    return took


if __name__ == "__main__":
    numbers = [int(argument) for argument in sys.argv[1:]]
    sys.exit(main(*numbers, *(1_000_000, 200)[len(numbers) :]))
