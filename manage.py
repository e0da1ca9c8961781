"""The command line of Afterglow: `python manage.py COMMAND --help` says what each command does."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from alembic.util.exc import CommandError
from sqlalchemy import create_engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from commands import clinic_setup, demo, stray_texts, up, worker_status
from commands.processes import KeepsDying
from config import database, logging
from config import settings as configuration
from config.local_postgres import CannotStart, default_data_dir
from config.settings import PROJECT, Settings
from migrations import upgrade
from recovery.domain.staff import Role

REFUSALS = (
    CannotStart,
    CommandError,
    KeepsDying,
    LookupError,
    OSError,
    ValueError,
    demo.NotEmpty,
    up.CannotStart,
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
        print(f"The database refused: {type(error.orig).__name__}", file=sys.stderr)
        return 1
    except REFUSALS as error:
        print(str(error) or (type(error).__doc__ or "").strip(), file=sys.stderr)
        return 1
    return status


def _up(settings: Settings, _given: argparse.Namespace) -> int:
    return up.run(settings, say=lambda line: print(line, flush=True))


def _migrate(settings: Settings, _given: argparse.Namespace) -> int:
    with database.opened(settings) as urls:
        upgrade.to_newest(owner_url=urls.owner, api_url=urls.api, worker_url=urls.worker)
    print(f"The database is at {upgrade.newest()}.")
    return 0


def _demo(settings: Settings, _given: argparse.Namespace) -> int:
    folder = settings.data_dir or default_data_dir(PROJECT, os.environ)
    with database.opened(settings) as urls:
        upgrade.to_newest(owner_url=urls.owner, api_url=urls.api, worker_url=urls.worker)
        file = folder / "demo-sign-ins.json"
        up.load_demonstration(settings, urls, file=file, now=datetime.now(UTC))
    for one in demo.kept_sign_ins(file):
        print(f"{one.role:<10}  {one.email:<26}  {one.password}")
    return 0


def _in_session(work: Callable[[Session, argparse.Namespace, datetime], dict[str, Any]]) -> Any:
    """A command that is one use case: one session, one commit, its result as JSON."""

    def run(settings: Settings, given: argparse.Namespace) -> int:
        with database.opened(settings) as urls:
            engine = create_engine(urls.api)
            with Session(engine, expire_on_commit=False) as session, session.begin():
                result = work(session, given, datetime.now(UTC))
            engine.dispose()
        print(json.dumps(result, indent=1))
        return 0

    return run


def _add_staff(session: Session, given: argparse.Namespace, now: datetime) -> dict[str, Any]:
    password = sys.stdin.readline().rstrip("\n")
    return clinic_setup.add_staff(session, given, password=password, now=now)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="manage.py", description="Afterglow's command line.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    commands.add_parser("up", help="start everything on this machine, until Ctrl-C").set_defaults(run=_up)
    commands.add_parser("migrate", help="bring the database to the newest shape").set_defaults(run=_migrate)
    commands.add_parser("demo", help="load the demonstration into an empty database").set_defaults(run=_demo)
    _clinic_commands(commands)
    _staff_commands(commands)
    texts = commands.add_parser("texts", help="look after inbound texts").add_subparsers(required=True)
    stray = texts.add_parser("stray", help="texts from numbers that no clinic knows, as JSON")
    stray.add_argument("--days", type=int, default=7, help="how far back (7)")
    stray.set_defaults(
        run=_in_session(
            lambda session, given, now: stray_texts.listed(session, since=now - timedelta(days=given.days))
        )
    )
    worker = commands.add_parser("worker", help="look after the workers").add_subparsers(required=True)
    worker.add_parser("status", help="workers, texts and waiting reports, as JSON").set_defaults(
        run=_in_session(lambda session, _, now: worker_status.status(session, now=now))
    )
    return parser


def _clinic_commands(commands: Any) -> None:
    clinic = commands.add_parser("clinic", help="clinics").add_subparsers(required=True)
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


def _staff_commands(commands: Any) -> None:
    staff = commands.add_parser("staff", help="people who sign in").add_subparsers(required=True)
    add = staff.add_parser("add", help="add someone; the password is read from standard input")
    add.add_argument("--clinic", required=True, help="the clinic's id")
    add.add_argument("--email", required=True)
    add.add_argument("--name")
    add.add_argument("--role", required=True, choices=[role.value for role in Role])
    add.add_argument("--password-stdin", action="store_true", required=True)
    add.set_defaults(run=_in_session(_add_staff))
    totp = staff.add_parser("totp", help="set a second factor for someone")
    totp.add_argument("email")
    totp.set_defaults(
        run=_in_session(lambda session, given, now: clinic_setup.set_totp(session, given, now=now))
    )


if __name__ == "__main__":
    sys.exit(main())
