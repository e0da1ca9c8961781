"""A report put over HTTP by wrk: requests a second and waiting times, beside the least a server can do.

    python -m benchmarks.report_write [ROUNDS]

Needs wrk (Debian: apt-get install wrk). Makes a database of its own with 50,000 patients of 100 clinics, each
with three reports; serves the product and the floor (`benchmarks.report_baseline`: the same two statements,
bare WSGI and psycopg) with config/gunicorn.conf.py and two processes each; and puts new reports over 16
connections, to one and the other in turns of a second, ROUNDS (12) times. Database, servers and load share
the machine, so the ratio of the pairs is what counts.
"""

from __future__ import annotations

import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import create_engine, pool, text

from migrations import upgrade
from postgres_launcher.launcher import Endpoints, LocalPostgres
from tests.support.machine.processes import Processes, Web

PATIENTS = 50_000
CONNECTIONS = 16
WEB_WORKERS = 2
SCRIPT = Path(__file__).with_suffix(".lua")
MEMORY = re.compile(r"^VmRSS:\s+(\d+) kB", re.MULTILINE)

FILL = (
    """INSERT INTO clinic (id, name, text_name, phone, time_zone, weekly_hours, out_of_hours_phone,
                           on_call_phone, emergency_number, protocol, created_at)
       SELECT lpad(to_hex(n), 32, '0')::uuid, 'c', 'c', '+12025550100', 'America/Chicago',
              '{"mon": [["09:00", "18:00"]], "wed": [["09:00", "18:00"]], "fri": [["09:00", "18:00"]]}',
              '+1', '+1', '911', :protocol, now()
       FROM generate_series(1, 100) AS n""",
    """INSERT INTO patient (clinic_id, id, first_name, last_name, phone, year_of_birth, language, time_zone,
                            skin_type, answers_by, created_at)
       SELECT lpad(to_hex(n % 100 + 1), 32, '0')::uuid, lpad(to_hex(n), 32, '0')::uuid, 'P', 'S',
              '+1' || (2000000000 + n), 1990, 'en', 'UTC', 3, 'link', now()
       FROM generate_series(1, :patients) AS n""",
    """INSERT INTO patient_session (clinic_id, token_hash, patient_id, created_at, last_seen_at, expires_at)
       SELECT clinic_id,
              sha256(convert_to('ag_' || replace(clinic_id::text, '-', '') || '_' ||
                                lpad(('x' || right(id::text, 8))::bit(32)::int::text, 43, '0'), 'UTF8')),
              id, now(), now(), now() + interval '90 days'
       FROM patient""",
    """INSERT INTO treatment (clinic_id, id, patient_id, performed_at, device, depth_mm, areas,
                              session_number, protocol, created_at)
       SELECT clinic_id, id, id, now() - interval '3 days', 'pen', 1.2, '{face}', 1, :protocol, now()
       FROM patient""",
    """INSERT INTO report (clinic_id, id, treatment_id, revision, created_at)
       SELECT clinic_id, gen_random_uuid(), id, 1, now() - hours * interval '1 hour'
       FROM patient, unnest(ARRAY[52, 28, 4]) AS hours""",
    """INSERT INTO report_revision (clinic_id, report_id, revision, seen_at, hours, received_at, clock,
                                    scores, warning_signs, confirmed, body, answer)
       SELECT clinic_id, id, 1, created_at, 25, created_at, 'trusted',
              '{"redness": 2, "swelling": 1, "peeling": 1, "pain": 1}', '{}', '{}', '{}', ''
       FROM report""",
    """INSERT INTO assessment (clinic_id, treatment_id, report_id, revision, cause, level, day, findings,
                               ask_again, protocol, created_at, review_after, reviewed_at)
       SELECT clinic_id, treatment_id, id, 1, 'report', 'expected', 1, '[]', '{}', :protocol, created_at,
              created_at, now()
       FROM report""",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Slice:
    """What wrk saw: requests a second, and milliseconds at the median and for 99 of 100."""

    rate: float
    p50: float
    p99: float


def main(rounds: int) -> int:
    """Fill, measure, print."""
    if shutil.which("wrk") is None:
        print("wrk is needed: apt-get install wrk", file=sys.stderr)
        return 2
    folder = Path(tempfile.mkdtemp(prefix="afterglow-reports-"))
    folder.chmod(0o711)
    try:
        with LocalPostgres(data_dir=folder / "data", settings={"shared_buffers": "512MB"}) as ends:
            upgrade.to_newest(owner_url=ends.owner_url, api_url=ends.api_url, worker_url=ends.worker_url)
            _fill(ends)
            with Processes(ends, folder=folder, LOG_LEVEL="ERROR") as started:
                product = started.web(workers=WEB_WORKERS)
                floor = started.web(workers=WEB_WORKERS, application="benchmarks.report_baseline:application")
                _measure(product, floor, rounds=rounds)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return 0


def _measure(product: Web, floor: Web, *, rounds: int) -> None:
    for web in (product, floor):
        _load(web, connections=CONNECTIONS, seconds=3)
    pairs = []
    for number in range(rounds):
        both = (product, floor) if number % 2 else (floor, product)
        seen = {web.port: _load(web, connections=CONNECTIONS, seconds=1) for web in both}
        pairs.append((seen[product.port], seen[floor.port]))
    ratios = sorted(mine.rate / least.rate for mine, least in pairs)
    low, middle, high = statistics.quantiles(ratios, n=4)
    print(f"{CONNECTIONS} connections, {rounds} pairs of a second")
    for name, column in zip(("product", "floor"), zip(*pairs, strict=True), strict=True):
        rate, p50, p99 = (statistics.median(getattr(one, what) for one in column) for what in Slice.__slots__)
        print(f"  {name:<8} {rate:6.0f} requests/s, p50 {p50:.1f} ms, p99 {p99:.1f} ms")
    print(f"  ratio    {middle:.2f} (quartiles {low:.2f}-{high:.2f})")
    single = [[_load(web, connections=1, seconds=1).p50 for web in (product, floor)] for _ in range(5)]
    mine, least = (statistics.median(column) for column in zip(*single, strict=True))
    print(f"1 connection: p50 product {mine:.2f} ms, floor {least:.2f} ms")
    print(f"memory after it: {_memory(product)} MB in the largest process of the web")


def _load(web: Web, *, connections: int, seconds: int) -> Slice:
    seed = str(int.from_bytes(os.urandom(4)))
    command = [
        "wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "-s", str(SCRIPT),
        f"http://127.0.0.1:{web.port}", "--", seed,
    ]  # fmt: skip
    done = subprocess.run(
        command, capture_output=True, text=True, check=True, timeout=60,
        env=os.environ | {"PATIENTS": str(PATIENTS)},
    )  # fmt: skip
    said = done.stdout
    failed = re.search(r"Non-2xx or 3xx responses: (\d+)|Socket errors: (.+)", said)
    asked = int(_found(r"(\d+) requests in", said))
    if failed and (failed[2] or int(failed[1]) > max(3, asked // 500)):
        raise RuntimeError(f"not every report was taken: {failed[0]}")
    return Slice(
        rate=float(_found(r"Requests/sec:\s+([\d.]+)", said)),
        p50=_milliseconds(_found(r"50%\s+([\d.]+[mu]?s)", said)),
        p99=_milliseconds(_found(r"99%\s+([\d.]+[mu]?s)", said)),
    )


def _found(pattern: str, said: str) -> str:
    found = re.search(pattern, said)
    if found is None:
        raise RuntimeError(f"wrk said nothing of {pattern}:\n{said}")
    return found[1]


def _milliseconds(told: str) -> float:
    units: Mapping[str, float] = {"us": 0.001, "ms": 1.0, "s": 1000.0}
    found = re.fullmatch(r"([\d.]+)(us|ms|s)", told)
    assert found is not None, told
    number, unit = found.groups()
    return float(number) * units[unit]


def _memory(web: Web) -> int:
    parent = str(web.process.popen.pid)
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    return max(int(MEMORY.findall(Path(f"/proc/{one}/status").read_text())[0]) for one in children) // 1024


def _fill(ends: Endpoints) -> None:
    protocol = max(path.stem for path in Path("config/protocols").glob("standard-*.toml"))
    engine = create_engine(ends.owner_url, poolclass=pool.StaticPool)
    with engine.connect() as connection:
        for statement in FILL:
            connection.execute(text(statement), {"patients": PATIENTS, "protocol": protocol})
        connection.commit()
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("VACUUM ANALYZE"))
    engine.dispose()


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 12))
