"""The command line: every command's arguments, and its settings, session and commit around what a module of
commands/ does."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
from alembic.util.exc import CommandError
from sqlalchemy import create_engine
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session

from commands import (
    clinic_setup,
    demo,
    doctor,
    kept_figures,
    patient_import,
    protocol_estimate,
    protocols,
    up,
    worker_status,
)
from commands.child_processes import KeepsDying
from commands.messaging import send_explanations, stop_switch, stray_texts, text_reading
from config import database_urls, logging
from config import settings as configuration
from config.settings import PROJECT, Settings
from migrations import upgrade
from operations.notifiers import Notifiers
from postgres_launcher.launcher import CannotStart, default_data_dir
from recovery.domain.clinic.staff_roles import Role
from recovery.domain.patients.spreadsheet_cells import DateOrder

REFUSALS = (
    CannotStart,
    CommandError,
    KeepsDying,
    LookupError,
    OSError,
    ValueError,
    demo.NotEmpty,
    up.StartupFailed,
    upgrade.WrongDatabase,
)
"""What a person at the terminal can do something about: shown in words, without a stack."""


def main() -> int:
    """Run one command. 0 done, 1 refused with a reason, 2 settings or arguments that cannot be used."""
    given = _parser().parse_args()
    try:
        settings = configuration.load()
    except configuration.SettingsError as error:
        print(f"Settings that cannot be used:\n{error}", file=sys.stderr)
        return 2
    logging.configure(level="WARNING")
    try:
        status: int = given.run(settings, given)
    except DBAPIError as error:
        print(_words_of_database(error), file=sys.stderr)
        return 1
    except REFUSALS as error:
        print(_words_of(error), file=sys.stderr)
        return 1
    return status


def _words_of(refusal: Exception) -> str:
    """What a refusal says; the words of its kind where it carries none, and around a bare value."""
    if isinstance(refusal, OSError) and refusal.strerror:
        return f"{refusal.filename}: {refusal.strerror}" if refusal.filename else refusal.strerror
    message, kind = str(refusal), (type(refusal).__doc__ or "").strip()
    if not message:
        return kind
    return message if " " in message else f"{kind} {message}".strip()


def _words_of_database(error: DBAPIError) -> str:
    """What the database said, in its own words where it has some; never its address, nor what is stored."""
    if isinstance(error, OperationalError):
        return (
            "The database cannot be reached: see that it runs and that the three DATABASE_ settings name it."
        )
    said = error.orig.diag.message_primary if isinstance(error.orig, psycopg.Error) else None
    return f"The database refused this: {said or 'it does not say why'}"


def _id(text: str) -> str:
    """The id of a row, as an argument."""
    try:
        return str(UUID(text))
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text[:64]!r} is no id; `clinic list` shows those of clinics"
        ) from None


def _migrate(settings: Settings, _given: argparse.Namespace) -> int:
    with database_urls.open_database(settings) as urls:
        upgrade.to_newest(owner_url=urls.owner, api_url=urls.api, worker_url=urls.worker)
    print(f"The database is at {upgrade.newest()}.")
    return 0


def _demo(settings: Settings, given: argparse.Namespace) -> int:
    folder = settings.data_dir or default_data_dir(PROJECT, os.environ)
    file = folder / "demo-sign-ins.json"
    if given.code is not None:
        print(demo.code_of(file, given.code, now=datetime.now(UTC)))
        return 0
    with database_urls.open_database(settings) as urls:
        upgrade.to_newest(owner_url=urls.owner, api_url=urls.api, worker_url=urls.worker)
        up.load_demonstration(settings, urls, file=file, now=datetime.now(UTC))
    for sign_in in demo.read_sign_ins(file):
        print(f"{sign_in.role:<10}  {sign_in.email:<26}  {sign_in.password}")
    return 0


def _doctor(settings: Settings, given: argparse.Namespace) -> int:
    return doctor.run(settings, as_json=given.json, clock=lambda: datetime.now(UTC), say=print)


def _explain(settings: Settings, given: argparse.Namespace) -> int:
    with _session(settings) as session:
        print(send_explanations.explain_table(session, UUID(given.treatment), now=datetime.now(UTC)))
    return 0


@contextlib.contextmanager
def _session(settings: Settings) -> Iterator[Session]:
    """A session of the API's role; its connection is closed however the command ends."""
    with database_urls.open_database(settings) as urls:
        engine = create_engine(urls.api)
        try:
            with Session(engine, expire_on_commit=False) as session:
                yield session
        finally:
            engine.dispose()


def _in_session(work: Callable[[Session, argparse.Namespace, datetime], Any]) -> Any:
    """A command that is one use case: one session, one commit, its result as JSON."""

    def run(settings: Settings, given: argparse.Namespace) -> int:
        with _session(settings) as session, session.begin():
            result = work(session, given, datetime.now(UTC))
        print(json.dumps(result, indent=1))
        return 0

    return run


def _add_staff(session: Session, given: argparse.Namespace, now: datetime) -> dict[str, Any]:
    password = sys.stdin.readline().rstrip("\n")
    return clinic_setup.add_staff(session, given, password=password, now=now)


def _staff_link(settings: Settings, given: argparse.Namespace) -> int:
    def work(session: Session, given: argparse.Namespace, now: datetime) -> dict[str, Any]:
        return clinic_setup.make_link(session, given, public_url=settings.public_url, now=now)

    return int(_in_session(work)(settings, given))


def _staff_totp(settings: Settings, given: argparse.Namespace) -> int:
    with _session(settings) as session, session.begin():
        changed = clinic_setup.set_totp(session, given, now=datetime.now(UTC))
    # Told once it holds: no lock waits for mail.
    print(json.dumps(clinic_setup.tell_of_totp(changed, outlets=Notifiers.from_settings(settings)), indent=1))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="manage.py", description="Afterglow's command line.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    commands.add_parser("up", help="start everything on this machine, until Ctrl-C").set_defaults(
        run=lambda settings, _: up.run(settings, say=lambda line: print(line, flush=True))
    )
    commands.add_parser("migrate", help="bring the database to the newest shape").set_defaults(run=_migrate)
    example = commands.add_parser("demo", help="load the demonstration into an empty database")
    example.add_argument("--code", metavar="EMAIL", help="only print the code somebody signs in with now")
    example.set_defaults(run=_demo)
    looks = commands.add_parser("doctor", help="what is wrong, and what to do: texts have stopped?")
    looks.add_argument("--json", action="store_true", help="the findings as JSON")
    looks.set_defaults(run=_doctor)
    _clinic_commands(commands)
    _staff_commands(commands)
    _patient_commands(commands)
    _text_commands(commands)
    _protocol_commands(commands)
    worker = commands.add_parser("worker", help="look after the workers").add_subparsers(required=True)
    worker.add_parser("status", help="workers, texts and waiting reports, as JSON").set_defaults(
        run=_in_session(lambda session, _, now: worker_status.status(session, now=now))
    )
    figures = commands.add_parser("figures", help="the days kept of clinics' figures")
    kept = figures.add_subparsers(required=True)
    kept.add_parser("check", help="whether every day that holds is what counting says").set_defaults(
        run=_in_session(lambda session, _, now: kept_figures.check(session, now=now))
    )
    kept.add_parser("rebuild", help="throw them away; the worker counts them anew").set_defaults(
        run=_in_session(lambda session, _, __: kept_figures.rebuild(session))
    )
    return parser


def _protocol_commands(commands: Any) -> None:
    protocol = commands.add_parser("protocol", help="the expected course").add_subparsers(required=True)
    check = protocol.add_parser("check", help="whether a file is a protocol; what is wrong, with its line")
    check.add_argument("file")
    check.set_defaults(run=lambda _, given: protocols.check(given))
    replay = protocol.add_parser("replay", help="judge courses, or a clinic's stored reports, by a protocol")
    replay.add_argument("--protocol", help="a protocol's file; the newest that ships without it")
    replay.add_argument("--courses", help="NDJSON, one course a line; needs no database")
    replay.add_argument("--out", help="where the verdicts on the courses go")
    replay.add_argument("--clinic", type=_id, help="the clinic whose stored reports are judged again")
    replay.set_defaults(run=_replay)
    publish = protocol.add_parser("publish", help="let a protocol hold for a clinic's next treatments")
    publish.add_argument("file")
    publish.add_argument("--clinic", required=True, type=_id)
    publish.add_argument("--from", dest="effective_from", help="when it takes effect; now without it")
    publish.add_argument("--because", help="why it is published above the alert budget; kept")
    publish.set_defaults(
        run=_in_session(lambda session, given, now: protocols.publish(session, given, now=now))
    )
    estimate = protocol.add_parser("estimate", help="a draft of the clinic's own curves, from its reports")
    estimate.add_argument("--clinic", required=True, type=_id, help="the clinic's id")
    estimate.add_argument("--version", help="name of the draft; own-YEAR-MONTH without it")
    estimate.add_argument("--processes", type=int, default=2)
    estimate.set_defaults(run=_estimate)
    evaluate = commands.add_parser("evaluate", help="how well the rules do on simulated courses")
    protocols.add_evaluate_arguments(evaluate)
    evaluate.set_defaults(run=lambda _, given: protocols.evaluate(given))


def _replay(settings: Settings, given: argparse.Namespace) -> int:
    if given.clinic and not (given.courses or given.out):
        return int(
            _in_session(lambda session, given, _: protocols.replay_stored(session, given))(settings, given)
        )
    if given.clinic or not (given.courses and given.out):
        raise ValueError("replay takes --courses and --out, or --clinic")
    return protocols.replay_courses(given)


def _estimate(settings: Settings, given: argparse.Namespace) -> int:
    """Read, then judge for minutes with no transaction open, then keep."""
    with _session(settings) as session:
        with session.begin():
            found = protocol_estimate.study(session, given, say=_paragraph, now=datetime.now(UTC))
        protocol_estimate.judge(found, processes=given.processes, say=_paragraph)
        with session.begin():
            _paragraph(protocol_estimate.keep(session, found, now=datetime.now(UTC)))
    return 0


def _paragraph(text: str) -> None:
    print(f"{text}\n", flush=True)


def _clinic_commands(commands: Any) -> None:
    clinic = commands.add_parser("clinic", help="clinics").add_subparsers(required=True)
    clinic.add_parser("list", help="every clinic with its id").set_defaults(
        run=_in_session(lambda session, _, __: clinic_setup.list_clinics(session))
    )
    add = clinic.add_parser("add", help="add a clinic, in training unless --live")
    add.add_argument("--name", required=True)
    add.add_argument("--text-name", help="how texts name it, at most 20 characters")
    add.add_argument("--phone", required=True, help="with country code")
    add.add_argument("--time-zone", required=True, help="IANA name, like America/Chicago")
    add.add_argument("--hours", help='file with weekly hours: {"mon": [["09:00", "17:00"]], ...}')
    add.add_argument("--out-of-hours-phone")
    add.add_argument("--on-call-phone")
    add.add_argument("--emergency-number", default="911")
    add.add_argument("--protocol", help="version of the expected curve; the newest without it")
    add.add_argument("--live", action="store_true", help="text patients at once; needs --because")
    add.add_argument("--because", help="why the readiness checks are passed over; kept and shown")
    add.set_defaults(
        run=_in_session(lambda session, given, now: clinic_setup.add_clinic(session, given, now=now))
    )


def _patient_commands(commands: Any) -> None:
    patient = commands.add_parser("patient", help="a clinic's patients").add_subparsers(required=True)
    take_in = patient.add_parser(
        "import", help="enrol everybody in a file from a spreadsheet, or nobody where a row is wrong"
    )
    take_in.add_argument("file", help=".xlsx or CSV; docs/operations.md names its columns")
    take_in.add_argument("--clinic", required=True, type=_id, help="the clinic's id")
    take_in.add_argument("--check", action="store_true", help="only say what is wrong; nothing is kept")
    take_in.add_argument(
        "--others", metavar="FILE", help="enrol the rows that are right; the others go here, with the reasons"
    )
    take_in.add_argument(
        "--column",
        metavar="HEADING=NAME",
        action="append",
        default=[],
        help="what a column means; no NAME for none",
    )
    take_in.add_argument(
        "--dates", choices=[order.value for order in DateOrder], help="how dates like 03/04/2026 are read"
    )
    take_in.add_argument(
        "--alike-too",
        action="store_true",
        help="who has an enrolled patient's name and year is somebody else",
    )
    take_in.add_argument(
        "--practice",
        action="store_true",
        help="everybody in the file is made up, for the staff to practise on",
    )
    take_in.set_defaults(
        run=_in_session(lambda session, given, now: patient_import.import_patients(session, given, now=now))
    )


def _text_commands(commands: Any) -> None:
    switch = commands.add_parser(
        "texts", help="stop and resume texts, see stray ones, and how they are understood"
    ).add_subparsers(required=True)
    stop = switch.add_parser("stop", help="texts of a clinic wait until they are resumed; emergencies go on")
    resume = switch.add_parser("resume", help="let the texts of a clinic go again")
    for command in (stop, resume):
        command.add_argument("--clinic", required=True, type=_id, help="the clinic's id")
        command.add_argument("--because", required=True, help="why; kept in the audit trail")
    stray = switch.add_parser("stray", help="texts from numbers that no clinic knows")
    stray.add_argument("--days", type=int, default=7, help="how far back (7)")
    stray.set_defaults(
        run=_in_session(
            lambda session, given, now: stray_texts.list_stray_texts(
                session, since=now - timedelta(days=given.days)
            )
        )
    )
    give = switch.add_parser("give", help="give a stray text to the clinic that it is for")
    give.add_argument("text", help="its id, as `texts stray` tells it")
    give.add_argument(
        "--clinic", type=_id, help="the clinic's id; without one somebody has seen to the text otherwise"
    )
    give.set_defaults(run=_in_session(lambda session, given, now: stray_texts.give(session, given, now=now)))
    stop.set_defaults(run=_in_session(lambda session, given, now: stop_switch.stop(session, given, now=now)))
    resume.set_defaults(
        run=_in_session(lambda session, given, now: stop_switch.resume(session, given, now=now))
    )
    _reading_commands(switch)
    messages = commands.add_parser("messages", help="what became of texts").add_subparsers(required=True)
    explain = messages.add_parser("explain", help="why a text of a treatment went out, or did not")
    explain.add_argument("treatment", type=_id, help="the treatment's id")
    explain.set_defaults(run=_explain)


def _reading_commands(commands: Any) -> None:
    read = commands.add_parser("read", help="what texts are taken as; needs no database")
    read.add_argument("--in", dest="source", required=True, help="NDJSON with id, text and perhaps language")
    read.add_argument("--out", required=True, help="where the meanings go")
    read.add_argument("--explain", action="store_true", help="with what spoke most for each sign")
    read.set_defaults(run=lambda _, given: text_reading.read(given))
    measure = commands.add_parser("measure", help="how well the project's labelled texts are understood")
    measure.add_argument("--part", choices=["unseen", "seen"], default="unseen")
    measure.add_argument("--writer", help="the texts of one writer only, by the name of the file")
    measure.set_defaults(run=lambda _, given: text_reading.measure_texts(given))


def _staff_commands(commands: Any) -> None:
    staff = commands.add_parser("staff", help="people who sign in").add_subparsers(required=True)
    add = staff.add_parser("add", help="add someone; the password is read from standard input")
    add.add_argument("--clinic", required=True, type=_id, help="the clinic's id")
    add.add_argument("--email", required=True)
    add.add_argument("--name")
    add.add_argument("--role", required=True, choices=[role.value for role in Role])
    add.add_argument("--password-stdin", action="store_true", required=True)
    add.set_defaults(run=_in_session(_add_staff))
    role = staff.add_parser("role", help="give someone a role: the first medical director of a clinic")
    role.add_argument("email")
    role.add_argument("--role", required=True, choices=[role.value for role in Role])
    role.add_argument("--because", required=True, help="why; kept")
    role.set_defaults(
        run=_in_session(lambda session, given, now: clinic_setup.set_role(session, given, now=now))
    )
    link = staff.add_parser("link", help="a link to choose a password, where no colleague may make one")
    link.add_argument("email")
    link.set_defaults(run=_staff_link)
    totp = staff.add_parser("totp", help="set a second factor for someone")
    totp.add_argument("email")
    totp.set_defaults(run=_staff_totp)


if __name__ == "__main__":
    sys.exit(main())
