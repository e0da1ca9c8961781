"""How soon a text that names danger stands in the queue, whoever it is from.

    python -m benchmarks.urgent_texts [ROUNDS]

Makes a database of its own, runs one worker, and takes ROUNDS (20) texts of each kind the way the carrier's
webhook does: from a patient who is followed, one without a treatment, one whose follow-up is over, a number
that two patients share, and one that nobody knows. Prints from when the text was taken until the queue of the
console has it with its due time: the median and the longest.
"""

from __future__ import annotations

import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

from sqlalchemy import create_engine, update
from sqlalchemy.orm import Session, sessionmaker

from commands.shipped_content import shipped
from migrations import upgrade
from postgres_launcher.launcher import LocalPostgres
from recovery.domain.clinic.staff_roles import Role
from recovery.models.flags.queue_rows import QueueFilter
from recovery.models.treatments.treatments import Treatment
from recovery.services.access.authentication import StaffCaller
from recovery.services.read_models import flag_queue
from tests.support.data import people
from tests.support.data.inbound_texting import Texting
from tests.support.machine.processes import Processes

WORDS = "I can't breathe"
WANTED = 2.0
LONG_AGO = timedelta(days=60)
PATIENCE = 60.0
_UNKNOWN = count(1_000)


@dataclass(frozen=True, kw_only=True)
class Setting:
    """The clinic, its texts and its queue."""

    sessions: sessionmaker[Session]
    clinic: people.Clinic
    texting: Texting

    def waiting(self) -> int:
        """How much stands in the queue, as the console reads it."""
        nurse = self.clinic.nurse
        caller = StaffCaller(clinic_id=self.clinic.id, staff_id=nurse.id, name=nurse.email, role=Role.NURSE)
        with self.sessions() as session:
            page = flag_queue.read_queue(
                session,
                caller=caller,
                content=self.clinic.content,
                narrowing=QueueFilter(staff_id=nurse.id),
                after=None,
                limit=1,
                now=datetime.now(UTC),
            )
            return sum(page.counts.values())

    def add(self, **changes: datetime) -> str:
        """A patient's number; their treatment is changed so."""
        made = self.clinic.add_patient(now=datetime.now(UTC))
        if changes:
            with self.sessions.begin() as session:
                session.execute(update(Treatment).where(Treatment.id == made.treatment_id).values(**changes))
        return made.phone

    def shared(self) -> str:
        """A number that two patients have."""
        phone = self.add()
        self.clinic.add_patient(now=datetime.now(UTC), phone=phone, pin="2718")
        return phone


KINDS: Mapping[str, Callable[[Setting], str]] = {
    "followed": lambda setting: setting.add(),
    "without a treatment": lambda setting: setting.add(withdrawn_at=datetime.now(UTC)),
    "follow-up is over": lambda setting: setting.add(performed_at=datetime.now(UTC) - LONG_AGO),
    "shared number": lambda setting: setting.shared(),
    "unknown number": lambda setting: f"+1202556{next(_UNKNOWN)}",
}


def main(rounds: int) -> int:
    """Measure each kind, print; 1 where one took longer than wanted."""
    folder = Path(tempfile.mkdtemp(prefix="afterglow-urgent-"))
    folder.chmod(0o711)
    found: dict[str, list[float]] = {}
    try:
        with LocalPostgres(data_dir=folder / "database", durable=False) as ends:
            upgrade.to_newest(owner_url=ends.owner_url, api_url=ends.api_url, worker_url=ends.worker_url)
            engine = create_engine(ends.owner_url)
            sessions, content = sessionmaker(engine, expire_on_commit=False), shipped()
            clinic = people.found_clinic(sessions, content=content, now=datetime.now(UTC))
            setting = Setting(
                sessions=sessions, clinic=clinic, texting=Texting(sessions=sessions, content=content)
            )
            with Processes(ends, folder=folder, LOG_LEVEL="INFO") as processes:
                processes.worker_at_work()
                for kind, number_of in KINDS.items():
                    found[kind] = [_measured(setting, number_of(setting)) for _ in range(rounds)]
            engine.dispose()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    for kind, took in found.items():
        print(f"{kind}: median {statistics.median(took):.2f} s, longest {max(took):.2f} s")
    print(f"wanted: at most {WANTED:.0f} s")
    return 0 if max(max(took) for took in found.values()) <= WANTED else 1


def _measured(setting: Setting, phone: str) -> float:
    before, start = setting.waiting(), time.perf_counter()
    setting.texting.send(phone, WORDS, now=datetime.now(UTC))
    while setting.waiting() == before:
        if time.perf_counter() - start > PATIENCE:
            raise RuntimeError(f"a text was not in the queue after {PATIENCE:.0f} s")
        time.sleep(0.01)
    return time.perf_counter() - start


if __name__ == "__main__":
    sys.exit(main(*(int(argument) for argument in sys.argv[1:]), *(20,)[len(sys.argv) - 1 :]))
