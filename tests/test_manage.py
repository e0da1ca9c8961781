"""The command line: each command on a real database, its exit code, and what it says."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pyotp
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

import manage
from commands import demo
from migrations import upgrade
from postgres_launcher.launcher import Endpoints
from recovery.models.clinic import clinics as stored
from recovery.models.clinic.clinics import Clinic as ClinicRow
from recovery.models.clinic.clinics import ClinicMode
from recovery.models.core.audit import AuditEntry
from recovery.models.patients.patients import Patient as PatientRow
from recovery.services.content.content import Content
from tests.support.data.inbound_texting import Texting
from tests.support.data.people import Clinic
from tests.support.machine.ports import free_port

NEW_CLINIC = (
    "clinic",
    "add",
    "--name",
    "Skin Clinic",
    "--phone",
    "+12025550100",
    "--time-zone",
    "Europe/Paris",
)


class Terminal:
    """Runs `manage.py` as somebody at a terminal does: arguments, environment, and a line that is typed."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, screen: pytest.CaptureFixture[str]) -> None:
        self._monkeypatch = monkeypatch
        self._screen = screen

    def run(self, *arguments: str, typed: str = "") -> tuple[int, str, str]:
        """The exit code, what is printed, and what is said of errors."""
        with self._monkeypatch.context() as patched:
            patched.setattr("sys.argv", ["manage.py", *arguments])
            patched.setattr("sys.stdin", io.StringIO(f"{typed}\n"))
            code = manage.main()
        printed = self._screen.readouterr()
        return code, printed.out, printed.err

    def result(self, *arguments: str, typed: str = "") -> Any:
        """The JSON that a command prints once it has done its work."""
        code, printed, error = self.run(*arguments, typed=typed)
        assert (code, error) == (0, "")
        return json.loads(printed)

    def refusal(self, *arguments: str) -> str:
        """What a command says that refuses."""
        code, printed, error = self.run(*arguments)
        assert (code, printed) == (1, "")
        assert "Traceback" not in error
        return error.strip()


@pytest.fixture
def terminal(
    database: Endpoints,
    logged: Callable[[], str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> Terminal:
    """A terminal whose environment names the test's database."""
    monkeypatch.setenv("DATABASE_URL", database.owner_url)
    monkeypatch.setenv("DATABASE_API_URL", database.api_url)
    monkeypatch.setenv("DATABASE_WORKER_URL", database.worker_url)
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))
    return Terminal(monkeypatch, capsys)


def test_a_clinic_gets_somebody_who_signs_in(
    terminal: Terminal, sessions: sessionmaker[Session], content: Content
) -> None:
    clinic = terminal.result(*NEW_CLINIC)
    assert clinic["mode"] == "training"
    assert clinic["protocol"] == max(content.protocols)
    of_staff = ("staff", "add", "--clinic", clinic["id"], "--email", "robin@clinic.example")
    member = terminal.result(
        *of_staff, "--role", "manager", "--password-stdin", typed="wet paint under lamps"
    )
    assert (member["clinic"], member["role"]) == (clinic["id"], "manager")
    factor = terminal.result("staff", "totp", "robin@clinic.example")
    with sessions() as session:
        kept = stored.find_active_member(session, "robin@clinic.example")
    assert kept is not None
    assert pyotp.parse_uri(factor["otpauth"]).secret == kept.totp_secret


def test_what_is_refused_is_said_without_a_stack_and_nothing_is_kept(
    terminal: Terminal, sessions: sessionmaker[Session]
) -> None:
    assert "--live needs --because TEXT" in terminal.refusal(*NEW_CLINIC, "--live")
    unknown = terminal.refusal(*NEW_CLINIC, "--protocol", "nobody-wrote-it")
    assert unknown == "No protocol has this version. nobody-wrote-it"
    assert "no-such-file" in terminal.refusal(*NEW_CLINIC, "--hours", "no-such-file")
    with sessions() as session:
        assert not stored.any_exists(session)


def test_an_error_without_words_is_said_in_those_of_its_kind(terminal: Terminal, clinic: Clinic) -> None:
    assert terminal.refusal("demo") == "The demonstration goes into an empty database only."


def test_settings_that_cannot_be_used_are_named(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "eight")
    code, printed, error = terminal.run("worker", "status")
    assert (code, printed) == (2, "")
    assert error.startswith("Settings that cannot be used:\n")
    assert "PORT" in error


def test_a_database_that_is_away_is_said_without_its_address(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_API_URL", f"postgresql+psycopg://a:secret@127.0.0.1:{free_port()}/afterglow")
    refused = terminal.refusal("worker", "status")
    assert refused.startswith("The database cannot be reached: ")
    assert not any(word in refused for word in ("Error", "127.0.0.1", "secret"))


def test_clinics_are_listed_with_the_ids_that_commands_take(
    terminal: Terminal, clinic: Clinic, other_clinic: Clinic
) -> None:
    listed = terminal.result("clinic", "list")
    assert {one["id"] for one in listed} == {str(clinic.id), str(other_clinic.id)}
    assert set(listed[0]) == {"id", "name", "mode", "time_zone", "texts_stopped"}


def test_refusals_do_not_speak_of_python(terminal: Terminal, clinic: Clinic, tmp_path: Path) -> None:
    missing = terminal.refusal("patient", "import", str(tmp_path / "none.csv"), "--clinic", str(clinic.id))
    assert missing == f"{tmp_path / 'none.csv'}: No such file or directory"
    assert "no place" in terminal.refusal(*NEW_CLINIC[:-1], "Etc/GMT-3")
    with pytest.raises(SystemExit) as ended:
        terminal.run("texts", "stop", "--clinic", "north", "--because", "x")
    assert ended.value.code == 2


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("nothing",),
        ("staff", "add", "--clinic", "x", "--email", "y", "--role", "king", "--password-stdin"),
        ("staff", "add", "--clinic", "x", "--email", "y", "--role", "nurse"),
        ("texts", "stop", "--clinic", "x"),
    ],
)
def test_arguments_that_cannot_be_used_end_with_two(terminal: Terminal, arguments: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as ended:
        terminal.run(*arguments)
    assert ended.value.code == 2


def test_texts_are_stopped_and_resumed_with_a_reason(
    terminal: Terminal, clinic: Clinic, sessions: sessionmaker[Session]
) -> None:
    of_clinic = ("--clinic", str(clinic.id), "--because")
    stopped = terminal.result("texts", "stop", *of_clinic, "wrong wording")
    with sessions() as session:
        assert session.get_one(ClinicRow, clinic.id).texts_stopped_at is not None
    assert stopped["clinic"] == str(clinic.id)
    assert datetime.fromisoformat(stopped["stopped_since"]).tzinfo is not None
    resumed = terminal.result("texts", "resume", *of_clinic, "corrected")
    assert resumed == {"clinic": str(clinic.id), "stopped_since": None}
    with sessions() as session:
        assert session.get_one(ClinicRow, clinic.id).texts_stopped_at is None
        reasons = {row.action: row.detail for row in session.scalars(select(AuditEntry))}
    assert reasons["clinic.stop_texts"] == {"because": "wrong wording"}
    assert reasons["clinic.resume_texts"] == {"because": "corrected"}
    assert str(UUID(int=1)) in terminal.refusal(
        "texts", "stop", "--clinic", str(UUID(int=1)), "--because", "x"
    )


def test_stray_texts_are_listed_as_far_back_as_is_asked(
    terminal: Terminal, clinic: Clinic, other_clinic: Clinic, texting: Texting, now: datetime
) -> None:
    texting.send("+12025559997", "who is this", now=now)
    (stray,) = terminal.result("texts", "stray")["texts"]
    assert (stray["from"], stray["body"]) == ("+12025559997", "who is this")
    assert terminal.result("texts", "stray", "--days", "-1") == {"texts": []}
    assert (stray["urgency"], stray["seen_to_at"]) == ("next_business_day", None)
    assert terminal.result("texts", "give", stray["id"]) == {"text": stray["id"], "clinic": None}
    (seen,) = terminal.result("texts", "stray")["texts"]
    assert seen["seen_to_at"] is not None


def test_a_file_of_patients_is_tried_and_then_taken_in(
    terminal: Terminal, clinic: Clinic, sessions: sessionmaker[Session], tmp_path: Path
) -> None:
    file = tmp_path / "patients.csv"
    file.write_text("first_name,last_name,phone,year_of_birth\nAda,Example,+12025550811,1988\n")
    command = ("patient", "import", str(file), "--clinic", str(clinic.id))

    def enrolled() -> list[str]:
        with sessions() as session:
            return list(session.scalars(select(PatientRow.first_name)))

    assert terminal.result(*command, "--check")["kept"] is False
    assert enrolled() == []
    assert terminal.result(*command) == {
        "kept": True,
        "patients": 1,
        "with_consent_to_texts": 0,
        "lines_enrolled_already": [],
        "lines_like_somebody_enrolled": [],
        "lines_with_a_landline": [],
        "lines_left_out": [],
        "columns_left_out": [],
    }
    assert enrolled() == ["Ada"]
    file.write_text("first_name,last_name,phone,year_of_birth\nBea,Example,12,1988\n")
    refused = terminal.refusal(*command)
    assert "line 2, phone: " in refused
    assert refused.endswith("Nobody was enrolled.")
    assert enrolled() == ["Ada"]


def test_why_a_text_goes_out_is_explained_as_a_table(
    terminal: Terminal, clinic: Clinic, now: datetime
) -> None:
    patient = clinic.add_patient(now=now)
    code, printed, error = terminal.run("messages", "explain", str(patient.treatment_id))
    assert (code, error) == (0, "")
    assert "day1" in printed
    assert len(printed.splitlines()) > 5
    nobodys = str(uuid4())
    assert terminal.refusal("messages", "explain", nobodys) == f"no treatment has the id {nobodys}"


def test_the_workers_are_told_of(terminal: Terminal, clinic: Clinic, now: datetime) -> None:
    clinic.add_patient(now=now)
    told = terminal.result("worker", "status")
    assert (told["workers"], told["in_doubt"]) == ([], [])
    assert told["texts"]["planned"] > 0
    assert told["reports_not_reviewed"] == {"count": 0, "oldest": None}


def test_curves_are_not_learnt_from_nothing(terminal: Terminal, clinic: Clinic) -> None:
    code, printed, error = terminal.run("protocol", "estimate", "--clinic", str(clinic.id))
    assert (code, error.strip()) == (1, "No draft: of no curve are 20 courses known to have healed.")
    assert printed.startswith("Redness and swelling lie no higher than expected.")
    assert terminal.refusal("protocol", "estimate", "--clinic", str(uuid4())).startswith("No clinic")


def test_a_protocol_is_replayed_on_courses_or_on_a_clinic_and_not_on_both(
    terminal: Terminal, clinic: Clinic, content: Content
) -> None:
    usage = "replay takes --courses and --out, or --clinic"
    of_clinic = ("--clinic", str(clinic.id))
    for arguments in ((), ("--courses", "x"), ("--out", "y"), (*of_clinic, "--courses", "x", "--out", "y")):
        assert terminal.refusal("protocol", "replay", *arguments) == usage
    replayed = terminal.result("protocol", "replay", *of_clinic)
    assert replayed["draft"] == max(content.protocols)
    assert replayed["all"]["treatments"] == 0


def test_the_database_is_brought_to_the_newest_shape(terminal: Terminal) -> None:
    assert terminal.run("migrate") == (0, f"The database is at {upgrade.newest()}.\n", "")


def test_the_code_of_somebody_of_the_demonstration_is_all_that_is_printed(
    terminal: Terminal, tmp_path: Path
) -> None:
    refused = terminal.refusal("demo", "--code", "nurse@demo.example")
    assert refused == "The demonstration has nobody with the address nurse@demo.example."
    (tmp_path / "data").mkdir()
    nurse = demo.DemoSignIn(
        email="nurse@demo.example", password="not for real", role="nurse", totp_secret=pyotp.random_base32()
    )
    demo.write_sign_ins(tmp_path / "data" / "demo-sign-ins.json", [nurse])
    code, printed, error = terminal.run("demo", "--code", nurse.email)
    assert (code, error) == (0, "")
    assert printed.strip().isdigit()
    assert len(printed.strip()) == 6


def test_nothing_in_training_is_live_by_accident(terminal: Terminal, sessions: sessionmaker[Session]) -> None:
    terminal.result(*NEW_CLINIC, "--live", "--because", "the pilot")
    terminal.result(*NEW_CLINIC)
    with sessions() as session:
        modes = session.scalars(select(ClinicRow.mode).order_by(ClinicRow.created_at)).all()
    assert modes == [ClinicMode.LIVE, ClinicMode.TRAINING]
