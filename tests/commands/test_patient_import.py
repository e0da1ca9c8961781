"""A file of patients from the command line: all or nothing, or the good rows and the others given back."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from config.settings import PROJECT
from postgres_launcher.launcher import Endpoints
from recovery.models.patients.patients import Patient
from tests.api.console.patients.test_import_page import FILE, THREE_WRONG
from tests.support.data.people import Clinic


@pytest.fixture
def enrolled(sessions: sessionmaker[Session]) -> Callable[[], list[Patient]]:
    """Everybody who is a patient now."""

    def every() -> list[Patient]:
        with sessions() as session:
            return list(session.scalars(select(Patient).order_by(Patient.phone)))

    return every


def test_the_command_line_takes_all_or_nothing_or_the_good_rows(
    database: Endpoints, clinic: Clinic, enrolled: Callable[[], list[Patient]], tmp_path: Path
) -> None:
    others = tmp_path / "others.csv"

    def run(text: str, *more: str) -> subprocess.CompletedProcess[str]:
        file = tmp_path / "patients.csv"
        file.write_text(text, "utf-8")
        return subprocess.run(
            [sys.executable, "manage.py", "patient", "import", str(file), "--clinic", str(clinic.id), *more],
            cwd=PROJECT,
            env={
                "PATH": "",
                "DATABASE_URL": database.owner_url,
                "DATABASE_API_URL": database.api_url,
                "DATABASE_WORKER_URL": database.worker_url,
            },
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    wrong = run(THREE_WRONG)
    assert wrong.returncode == 1
    assert "line 5, phone: The number is too short." in wrong.stderr
    assert "Traceback" not in wrong.stderr
    assert enrolled() == []
    assert '"kept": false' in run(FILE, "--check").stdout
    assert enrolled() == []
    assert '"patients": 3' in run(FILE).stdout
    assert len(enrolled()) == 3
    some = run(THREE_WRONG, "--others", str(others))
    assert json.loads(some.stdout)["lines_enrolled_already"] == [2, 3, 4]
    with others.open(encoding="utf-8-sig") as written:
        reasons = [row["What is wrong"] for row in csv.DictReader(written)]
    assert reasons[0] == "phone: The number is too short."
    chosen = (
        "--column",
        "Who=first_name",
        "--column",
        "phone=",
        "--column",
        "Reach=phone",
        "--dates",
        "day_first",
    )
    own = "Who,Reach,phone,DOB\nDee,+12025550816,12,03/04/1990\n"
    assert json.loads(run(own, *chosen, "--practice").stdout)["columns_left_out"] == ["phone"]
    assert [patient.first_name for patient in enrolled() if patient.training] == ["Dee"]
    assert len(enrolled()) == 4
    assert "a heading of the file" in run(own, "--column", "Nobody=phone").stderr
