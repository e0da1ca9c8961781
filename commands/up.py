"""`up`: everything on one machine, database, migrations, demonstration, web and worker, until Ctrl-C."""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import create_engine
from sqlalchemy.orm import Session, sessionmaker

from commands import child_processes, demo
from commands.child_processes import Child
from commands.shipped_content import shipped
from config import database_urls
from config.database_urls import DatabaseUrls
from config.settings import PROJECT, Settings
from migrations import upgrade
from postgres_launcher.launcher import default_data_dir
from recovery.models.clinic import clinics

READY_SECONDS = 60.0
Say = Callable[[str], None]


class StartupFailed(RuntimeError):
    """The product cannot start; the message says why and what to do."""


def run(settings: Settings, *, say: Say) -> int:
    """Start what is needed, show where it is, and stream the texts until told to stop."""
    _port_is_free(settings)
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())
    say("Afterglow is starting: database ...")
    with database_urls.open_database(settings) as urls:
        upgrade.to_newest(owner_url=urls.owner, api_url=urls.api, worker_url=urls.worker)
        shown = _demonstration(settings, urls)
        web = child_processes.python("-m", "gunicorn", "-c", "config/gunicorn.conf.py", "wsgi:application")
        environment = _environment(urls)
        children = [
            Child(name="web", command=web, environment=environment),
            Child(name="worker", command=child_processes.python("-m", "worker"), environment=environment),
        ]
        try:
            for child in children:
                child.start()
            if _until_ready(settings, children, stopping):
                _show(settings, shown, say=say)
            while not stopping.wait(0.5):
                for child in children:
                    if child.restart_if_dead():
                        say(f"The {child.name} had ended and was started again.")
        finally:
            say("Afterglow is stopping ...")
            child_processes.stop_all(children)
    say("Stopped.")
    return 0


def _port_is_free(settings: Settings) -> None:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            raise StartupFailed(
                f"Port {settings.port} on {settings.host} cannot be used ({error.strerror}). "
                "Another copy may be running; choose another with PORT=8001 make run."
            ) from error


def _environment(urls: DatabaseUrls) -> dict[str, str]:
    return os.environ | {
        "DATABASE_URL": urls.owner,
        "DATABASE_API_URL": urls.api,
        "DATABASE_WORKER_URL": urls.worker,
        "PYTHONUNBUFFERED": "1",
    }


@dataclass(frozen=True, kw_only=True)
class DemoAccess:
    """What there is to say about the demonstration; nothing where a real clinic is."""

    sign_ins: Sequence[demo.DemoSignIn] = ()
    patient: str | None = None
    nurse: str | None = None


def _demonstration(settings: Settings, urls: DatabaseUrls) -> DemoAccess:
    """Into an empty database the demonstration is loaded; a real clinic is left alone."""
    folder = settings.data_dir or default_data_dir(PROJECT, os.environ)
    file = folder / "demo-sign-ins.json"
    engine = create_engine(urls.api)
    sessions = sessionmaker(engine)
    with sessions() as session:
        empty = not clinics.any_exists(session)
    now = datetime.now(UTC)
    if empty:
        load_demonstration(settings, urls, file=file, now=now)
    invitation, walk_in = demo.demo_invitation(sessions, now=now), demo.demo_sign_in_token(sessions, now=now)
    engine.dispose()
    if invitation is None or walk_in is None:
        return DemoAccess()
    token, year = invitation
    return DemoAccess(
        sign_ins=demo.read_sign_ins(file),
        patient=f"{settings.links_at}/{token}   (year of birth {year}; works once)",
        nurse=f"{settings.public_url.rstrip('/')}/console/enter/{walk_in}",
    )


def load_demonstration(settings: Settings, urls: DatabaseUrls, *, file: Path, now: datetime) -> None:
    """Load the demonstration as the owner: it plays the API's part and the worker's."""
    engine = create_engine(urls.owner)
    sessions: sessionmaker[Session] = sessionmaker(engine, expire_on_commit=False)
    try:
        sign_ins = demo.load(sessions, content=shipped(), links_at=settings.links_at, now=now)
    finally:
        engine.dispose()
    file.parent.mkdir(parents=True, exist_ok=True)
    demo.write_sign_ins(file, sign_ins)


def _until_ready(settings: Settings, children: list[Child], stopping: threading.Event) -> bool:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    host = {"0.0.0.0": "127.0.0.1", "[::]": "[::1]"}.get(host, host)  # noqa: S104
    deadline = time.monotonic() + READY_SECONDS
    while not stopping.is_set():
        try:
            with urllib.request.urlopen(f"http://{host}:{settings.port}/readyz", timeout=2) as answer:
                if answer.status == 200:
                    return True
        except (urllib.error.URLError, OSError):
            pass
        for child in children:
            child.restart_if_dead()
        if time.monotonic() > deadline:
            raise StartupFailed("the web did not answer within a minute; its last lines above say why")
        stopping.wait(0.1)
    return False


def _show(settings: Settings, shown: DemoAccess, *, say: Say) -> None:
    base = settings.public_url.rstrip("/")
    say("")
    say(f"  Nurse's console   {base}/console")
    say(f"  API               {base}/api/v1/docs")
    if shown.patient is not None:
        say(f"  Patient's page    {shown.patient}")
    if shown.nurse is not None:
        say(f"  In as the nurse   {shown.nurse}   (works once)")
    if shown.sign_ins:
        say("")
        say("  Demo sign-ins (made for this database only)")
        for sign_in in shown.sign_ins:
            say(f"    {sign_in.role:<16}  {sign_in.email:<26}  {sign_in.password}")
        say("  and a code each time:  .venv/bin/python manage.py demo --code nurse@demo.example")
    say("")
    say("  Texts appear below as they are sent. Ctrl-C ends everything.")
    say("")
    sys.stdout.flush()
