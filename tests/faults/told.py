"""How long until somebody outside knows: `python -m tests.faults.told`.

Real web servers and workers, each pair on a database of its own; webhook and heartbeat go to a listener.
Each is broken in one way, and one JSON object says after how many seconds the alert came and whether the
heartbeat stayed away. Ends with 1 where it took longer than two minutes. Takes about three minutes.
"""

from __future__ import annotations

import json
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import create_engine, pool
from sqlalchemy.orm import sessionmaker

from commands.shipped_content import shipped
from migrations import upgrade
from postgres_launcher.launcher import Endpoints, LocalPostgres
from recovery.models.operations.alerts import IncidentKind
from tests.support.carrier.fake_twilio import ACCOUNT_SID, AUTH_TOKEN, FakeTwilio
from tests.support.data import texts
from tests.support.data.people import found_clinic
from tests.support.machine import databases
from tests.support.machine.alert_receivers import Outside
from tests.support.machine.processes import Processes, Running

BOUND = 120.0
"""Seconds within which somebody has to know."""
TEMPLATE = "afterglow_told"
LINE = 1.0
"""Seconds between two texts that fall due."""


class Place:
    """One installation at work: web, worker, a carrier, patients, and somebody outside who listens."""

    def __init__(self, stack: ExitStack, database: Endpoints, folder: Path) -> None:
        self.outside = stack.enter_context(Outside())
        self._carrier = ExitStack()
        stack.push(self._carrier)
        fake = self._carrier.enter_context(FakeTwilio())
        engine = create_engine(database.owner_url, poolclass=pool.NullPool)
        self.sessions = sessionmaker(engine, expire_on_commit=False)
        clinic = found_clinic(self.sessions, content=shipped(), now=datetime.now(UTC))
        texts.treated(clinic, now=datetime.now(UTC), patients=40)
        self.processes = stack.enter_context(
            Processes(
                database,
                folder=folder,
                HEARTBEAT_URL=f"{self.outside.url}/alive",
                ALERT_WEBHOOK=f"{self.outside.url}/alerts",
                SMS_GATEWAY="twilio",
                TWILIO_ACCOUNT_SID=ACCOUNT_SID,
                TWILIO_AUTH_TOKEN=AUTH_TOKEN,
                TWILIO_FROM="+15005550006",
                TWILIO_API_BASE=fake.url,
                PUBLIC_URL="https://c.example",
            )
        )
        self.fake = fake
        self.processes.web(workers=2)
        self.worker: Running = self.processes.worker_at_work()

    def carrier_goes(self) -> None:
        """Nobody listens at the carrier's address any more."""
        self._carrier.close()

    def texts_go_on(self, until: threading.Event) -> None:
        """One text after the other falls due, as on an ordinary morning."""
        while not until.wait(LINE):
            texts.make_due(self.sessions, now=datetime.now(UTC), limit=1)


def killed(place: Place) -> None:
    """kill -9."""
    place.worker.kill()


def paused(place: Place) -> None:
    """SIGSTOP: it holds its place and does nothing."""
    place.worker.send(signal.SIGSTOP)


def refused(place: Place) -> None:
    """The token was changed at the carrier."""
    place.fake.auth_token = "another one"


BREAKAGES: dict[str, tuple[Callable[[Place], None], IncidentKind]] = {
    "worker killed": (killed, IncidentKind.WORKER_SILENT),
    "worker paused": (paused, IncidentKind.WORKER_SILENT),
    "carrier gone": (Place.carrier_goes, IncidentKind.CARRIER_AWAY),
    "credentials refused": (refused, IncidentKind.CREDENTIALS_REFUSED),
}


def told(name: str, database: Endpoints, folder: Path) -> dict[str, object]:
    """Break one installation, and see when the alert comes."""
    breaks, trouble = BREAKAGES[name]
    ended = threading.Event()
    with ExitStack() as stack:
        place = Place(stack, database, folder)
        going = threading.Thread(target=place.texts_go_on, args=(ended,))
        going.start()
        try:
            time.sleep(20)
            healthy = list(place.outside.calls)
            breaks(place)
            began = time.monotonic()
            while (trouble.value, "raised") not in place.outside.told and time.monotonic() < began + BOUND:
                time.sleep(0.1)
            seconds = time.monotonic() - began
            time.sleep(max(0.0, 70 - seconds))
        finally:
            ended.set()
            going.join()
        late = [call for call in place.outside.calls[len(healthy) :] if call[0] == "GET"]
        return {
            "broken": name,
            "alert": trouble.value,
            "seconds": round(seconds, 1),
            "in_time": seconds < BOUND,
            "alerts_before": len([call for call in healthy if call[0] == "POST"]),
            "heartbeats_before": len([call for call in healthy if call[0] == "GET"]),
            "heartbeats_after": len(late),
        }


def main() -> int:
    """All of them side by side."""
    folder = Path(tempfile.mkdtemp(prefix="afterglow-told-"))
    folder.chmod(0o711)
    try:
        with LocalPostgres(data_dir=folder, durable=False, settings={"max_connections": "200"}) as server:
            made = databases.fresh_database(server, TEMPLATE)
            upgrade.to_newest(owner_url=made.owner_url, api_url=made.api_url, worker_url=made.worker_url)
            with ThreadPoolExecutor(len(BREAKAGES)) as pool_of_places:
                futures = []
                for number, name in enumerate(BREAKAGES):
                    database = databases.fresh_database(server, f"told_{number}", template=TEMPLATE)
                    own = folder / f"place-{number}"
                    own.mkdir()
                    futures.append(pool_of_places.submit(told, name, database, own))
                reports = [one.result() for one in futures]
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    for report in reports:
        sys.stdout.write(f"{json.dumps(report)}\n")
    return 0 if all(report["in_time"] for report in reports) else 1


if __name__ == "__main__":
    sys.exit(main())
