"""`doctor`: gathers the facts on all that can stop the texts, each question with a timeout, and prints what
is wrong and what to do."""

from __future__ import annotations

import json
import os
import shutil
import textwrap
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import create_engine, func, pool, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from commands import demo
from commands.shipped_content import shipped
from config import database_urls
from config.settings import LOCAL_HOSTS, PROJECT, Settings, SmsGateway
from migrations import upgrade
from operations import monitor, worker_registry
from operations.rules import installation_checks
from operations.rules.installation_problems import (
    CarrierCheck,
    ClinicFacts,
    DatabaseFacts,
    InstallationFacts,
    InstallationProblem,
)
from operations.rules.installation_status import BEAT_LATE
from postgres_launcher.launcher import CannotStart, default_data_dir
from recovery.domain.clinic.opening_hours import HoursError
from recovery.domain.messaging import text_price
from recovery.domain.messaging.unsent_reasons import UnsentReason
from recovery.models.clinic.clinics import Clinic, ClinicMode
from recovery.models.operations import installation_figures
from recovery.services.access import credentials
from recovery.services.clinic import clinics
from recovery.services.content import running_content
from recovery.sms.gateway_interface import LookupFailed
from worker import gateways

MOST_CLINICS = 50
DAY = timedelta(days=1)
WIDTH = 98
WAIT = {"connect_timeout": 3, "application_name": "afterglow-doctor", "options": "-c statement_timeout=10s"}


Clock = Callable[[], datetime]
"""This machine's clock."""


def run(settings: Settings, *, as_json: bool, clock: Clock, say: Callable[[str], None]) -> int:
    """Look, and print what was found on one screen. 0 healthy, 1 otherwise."""
    findings = installation_checks.find_problems(gather_facts(settings, clock=clock))
    broken = any(problem.broken for problem in findings)
    say(_as_json(findings, healthy=not broken) if as_json else _as_screen(findings, healthy=not broken))
    return 1 if broken else 0


def gather_facts(settings: Settings, *, clock: Clock) -> InstallationFacts:
    """What there is to know, each question with a timeout. `clock` is this machine's."""
    folder = settings.data_dir or default_data_dir(PROJECT, os.environ)
    started = not settings.embedded or folder.exists()
    away, found = _ask_database(settings, clock=clock) if started else (None, None)
    carrier, code = _ask_carrier(settings)
    content, link_length = shipped(), credentials.link_length(settings.links_at)
    texts = content.catalogues.values()
    disk = _existing(folder if settings.embedded else Path.cwd())
    return InstallationFacts(
        started_before=started,
        unreachable_database=away,
        database=found,
        texts_leave=settings.sms_gateway is not SmsGateway.CONSOLE,
        carrier=carrier,
        carrier_code=code,
        public_is_local=urlsplit(settings.public_url).hostname in LOCAL_HOSTS,
        longest_link=text_price.longest_link(texts, schedule=content.schedule),
        price=text_price.price_texts(texts, schedule=content.schedule, link_length=link_length),
        disk_free=shutil.disk_usage(disk).free,
        disk=str(disk),
        heartbeat=settings.heartbeat_url is not None,
        alerts=settings.alert_webhook is not None or settings.alert_email is not None,
    )


def _ask_database(settings: Settings, *, clock: Clock) -> tuple[tuple[str, str] | None, DatabaseFacts | None]:
    with ExitStack() as stack:
        try:
            urls = stack.enter_context(database_urls.open_database(settings))
        except CannotStart as error:
            return ("the embedded server", str(error).splitlines()[0]), None
        for name, url in (("DATABASE_WORKER_URL", urls.worker), ("DATABASE_API_URL", urls.api)):
            try:
                _knock(url)
            except DBAPIError as error:
                return (name, _why(error)), None
        return None, _read_database(urls.api, clock=clock)


def _knock(url: str) -> None:
    engine = create_engine(url, poolclass=pool.NullPool, connect_args=WAIT, hide_parameters=True)
    with engine.connect() as connection:
        connection.execute(select(1))
    engine.dispose()


def _why(error: DBAPIError) -> str:
    """The server's reason without the address before it."""
    lines = [line.strip() for line in str(error.orig).splitlines() if line.strip()]
    return lines[0].rpartition("failed: ")[2][:120] if lines else "no answer"


def _read_database(url: str, *, clock: Clock) -> DatabaseFacts:
    engine = create_engine(url, poolclass=pool.NullPool, connect_args=WAIT, hide_parameters=True)
    try:
        with Session(engine) as session:
            before = clock()
            now = session.scalars(select(func.clock_timestamp())).one()
            middle = before + (clock() - before) / 2
            found = DatabaseFacts(
                schema=_schema(session),
                expected_schema=upgrade.newest(),
                clock_off=middle - now,
                standing=None,
            )
            return found if found.schema != found.expected_schema else _read_figures(session, found, now=now)
    finally:
        engine.dispose()


def _schema(session: Session) -> str | None:
    if session.scalar(text("SELECT to_regclass('alembic_version')")) is None:
        return None
    version: str | None = session.scalar(text("SELECT version_num FROM alembic_version"))
    return version


def _read_figures(session: Session, found: DatabaseFacts, *, now: datetime) -> DatabaseFacts:
    sick = [
        one for one in worker_registry.list_statuses(session) if one.alive and now - one.beat_at > BEAT_LATE
    ]
    return replace(
        found,
        standing=monitor.read_status(session, now=now, counts=True),
        clinics=[
            _clinic(session, one, now=now)
            for one in installation_figures.list_clinics(session, limit=MOST_CLINICS)
        ],
        quarantined=installation_figures.count_quarantined_texts(session, since=now - DAY),
        alerts_lost=installation_figures.count_lost_notices(session, since=now - DAY),
        over_budget=installation_figures.count_held_texts(session, reason=UnsentReason.BUDGET),
        sick_worker=f"process {sick[0].pid} on {sick[0].host}" if sick else None,
    )


def _clinic(session: Session, clinic: Clinic, *, now: datetime) -> ClinicFacts:
    try:
        opens = clinics.opening_hours_of(clinic).next_opening(now)
    except HoursError:
        opens = None
    return ClinicFacts(
        id=str(clinic.id),
        name=clinic.name,
        live=clinic.mode is ClinicMode.LIVE,
        demonstration=clinic.live_because == demo.BECAUSE,
        stopped_since=clinic.texts_stopped_at,
        has_hours=opens is not None,
        on_call=bool(clinic.on_call_phone) and clinic.on_call_phone != clinic.phone,
        content_readable=_reads(session, clinic),
    )


def _reads(session: Session, clinic: Clinic) -> bool:
    if clinic.running_content is None or clinic.mode is not ClinicMode.LIVE:
        return True
    try:
        running_content.of_clinic(session, clinic, newest=shipped())
    except running_content.UnreadableContent:
        return False
    return True


def _ask_carrier(settings: Settings) -> tuple[CarrierCheck, str | None]:
    door = gateways.credential_gateway(settings)
    if door is None:
        return CarrierCheck.NOT_ASKED, None
    try:
        door.check_credentials()
    except LookupFailed as error:
        return CarrierCheck.REFUSES_US if error.refuses_us else CarrierCheck.UNREACHABLE, error.code
    finally:
        door.close()
    return CarrierCheck.WORKS, None


def _existing(folder: Path) -> Path:
    return next(parent for parent in (folder, *folder.resolve().parents) if parent.exists())


def _as_json(findings: Sequence[InstallationProblem], *, healthy: bool) -> str:
    found = [
        {
            "cause": problem.cause.value,
            "broken": problem.broken,
            "says": problem.text,
            "next": problem.remedy,
        }
        for problem in findings
    ]
    return json.dumps({"healthy": healthy, "findings": found}, indent=1)


def _as_screen(findings: Sequence[InstallationProblem], *, healthy: bool) -> str:
    lines = [
        "Healthy: the worker is at work, texts leave, reports are reviewed." if healthy else "Not healthy."
    ]
    for problem in findings:
        mark = "x" if problem.broken else "-"
        lines += ["", *textwrap.wrap(f"{mark} {problem.text}", WIDTH, subsequent_indent="  ")]
        lines += [f"  next: {problem.remedy}"]
    return "\n".join(lines)
