"""How fast due texts are leased, submitted and recorded: the sender's processes beside a bare loop of
statements, or a carrier.

    python -m benchmarks.drain [--due 100000] [--history 10000] [--workers 1,2,4] [--rounds 1]
    python -m benchmarks.drain --carrier [--due 10000] [--workers 1]

The first prints texts a second of the product's sender with a carrier that takes everything at once, beside
a floor on copies of the same database: a bare loop of the product's own claim and settle statements, as many
rows at a time, which decides, words and hands over nothing. The second sends through the real Twilio client
to a carrier that takes 20 ms. The database writes to disk at each commit, as in use.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from sqlalchemy import create_engine, pool, text

from benchmarks import due_texts
from benchmarks.fake_carrier import FakeCarrier
from migrations import upgrade
from postgres_launcher.launcher import Endpoints, LocalPostgres

PROJECT = Path(__file__).resolve().parent.parent
SETTINGS = {"shared_buffers": "512MB", "max_wal_size": "4GB"}


def main() -> int:
    """Fill, measure, print."""
    options = _options()
    folder = Path(tempfile.mkdtemp(prefix="afterglow-drain-"))
    folder.chmod(0o711)
    try:
        with LocalPostgres(data_dir=folder, settings=SETTINGS) as ends:
            upgrade.to_newest(owner_url=ends.owner_url, api_url=ends.api_url, worker_url=ends.worker_url)
            due_texts.fill(ends, due=options.due, history=options.history)
            for workers in options.workers:
                if options.carrier:
                    _against_carrier(ends, due=options.due, workers=workers)
                else:
                    _against_floor(ends, options, workers=workers)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--due", type=int, default=100_000)
    parser.add_argument("--history", type=int, default=10_000)
    parser.add_argument("--workers", type=_numbers, default=[1, 2, 4])
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--carrier", action="store_true")
    return parser.parse_args()


def _numbers(value: str) -> list[int]:
    return [int(one) for one in value.split(",")]


def _against_floor(ends: Endpoints, options: argparse.Namespace, *, workers: int) -> None:
    product, floor = [], []
    for _ in range(options.rounds):
        product.append(_drained(ends, "product", due=options.due, workers=workers))
        floor.append(_drained(ends, "floor", due=options.due, workers=workers))
    ratio = statistics.median(mine / least for mine, least in zip(product, floor, strict=True))
    print(
        f"{options.due} due, {options.history} historic, {workers} workers: "
        f"{statistics.median(product):.0f}/s, floor {statistics.median(floor):.0f}/s, ratio {ratio:.2f}",
        flush=True,
    )


def _against_carrier(ends: Endpoints, *, due: int, workers: int) -> None:
    with FakeCarrier() as carrier:
        rate = _drained(ends, "product", due=due, workers=workers, carrier=carrier.address)
    print(f"20 ms carrier, {workers} workers: {rate:.0f}/s, {rate / workers:.0f}/s a process", flush=True)


def _drained(ends: Endpoints, kind: str, *, due: int, workers: int, carrier: str = "") -> float:
    """Texts a second from the common start to the end of the last process."""
    with due_texts.copied(ends, "drain_copy") as copy:
        command = [sys.executable, "-m", "benchmarks.drain_process", kind, copy.worker_url]
        command += [carrier] if carrier else []
        processes = [
            subprocess.Popen(command, cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            for _ in range(workers)
        ]
        for process in processes:
            if process.stdout is None or process.stdout.readline() != "ready\n":
                raise RuntimeError("a process did not get ready")
        began = time.monotonic()
        for process in processes:
            if process.stdin is not None:
                process.stdin.write("go\n")
                process.stdin.flush()
        ended = [process.communicate(timeout=600)[0].split() for process in processes]
        sent = sum(int(total) for total, _ in ended)
        _check(copy, due=due, sent=sent)
        return sent / (max(float(at) for _, at in ended) - began)


def _check(ends: Endpoints, *, due: int, sent: int) -> None:
    engine = create_engine(ends.owner_url, poolclass=pool.NullPool)
    with engine.connect() as connection:
        accepted = connection.execute(
            text("SELECT count(*) FROM message WHERE state = 'accepted' AND carrier_id IS NOT NULL")
        ).scalar_one()
    engine.dispose()
    if not due == sent == accepted:
        raise RuntimeError(f"{due} were due, {sent} sent, {accepted} accepted")


if __name__ == "__main__":
    sys.exit(main())
