"""`python -m worker`: one worker process, begun again when its database session is lost, until told to stop.

Any number may run side by side.
"""

from __future__ import annotations

import dataclasses
import signal
import sys
import threading

import psycopg
import structlog
from sqlalchemy import Engine, create_engine
from sqlalchemy.exc import DBAPIError

from config import content_files, database_urls, logging
from config import settings as configuration
from config.settings import Settings, SmsGateway
from operations.notifiers import Notifiers
from postgres_launcher.launcher import CannotStart
from recovery.domain.messaging import text_price
from recovery.services.access import credentials
from recovery.services.content import content
from recovery.services.content.content import Content
from recovery.services.messaging.outbox import RenderContext
from worker import gateways, lifecycle

log = structlog.get_logger()

RECONNECT_SECONDS = 2.0


def main() -> int:
    """Work until told to stop. Settings or a database that cannot be used are said plainly."""
    try:
        settings = configuration.load()
        logging.configure(level=settings.log_level)
        with database_urls.open_database(settings) as urls:
            return _run(settings, urls.worker)
    except (configuration.SettingsError, CannotStart) as error:
        print(error, file=sys.stderr)  # noqa: T201  (before or instead of logs)
        return 2


def _run(settings: Settings, url: str) -> int:
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    engine = _engine(url)
    gateway = gateways.build_gateway(settings)
    wording = _wording(settings)
    while not stopping.is_set():
        try:
            lifecycle.run_lifecycle(
                engine,
                gateway=gateway,
                ledger=gateways.record_lookup_of(gateway),
                account=gateways.account_of(settings),
                wording=wording,
                rate=gateways.rate_of(settings),
                waits=gateways.lookup_delays_of(settings),
                stopping=stopping,
                outlets=Notifiers.from_settings(settings),
            )
        except (DBAPIError, psycopg.OperationalError) as error:
            log.error("database away", error_class=type(error).__name__)
            stopping.wait(RECONNECT_SECONDS)
    gateway.close()
    engine.dispose()
    return 0


def _engine(url: str) -> Engine:
    return create_engine(
        url,
        pool_size=6,
        max_overflow=4,
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args={
            "connect_timeout": 3,
            "application_name": "afterglow-worker",
            # A claim has to be on disk before its text leaves, whatever the server was told.
            "options": "-c timezone=UTC -c statement_timeout=30s -c lock_timeout=10s "
            "-c synchronous_commit=on",
        },
    )


def _wording(settings: Settings) -> RenderContext:
    shipped = content.parse_content(**dataclasses.asdict(content_files.read_content_files()))
    if settings.sms_gateway is not SmsGateway.CONSOLE:
        _tell_price(shipped, settings)
    return RenderContext(content=shipped, links_at=settings.links_at)


def _tell_price(shipped: Content, settings: Settings) -> None:
    """Say at the start what links of a long host cost, before the carrier's bill does."""
    price = text_price.price_texts(
        shipped.catalogues.values(),
        schedule=shipped.schedule,
        link_length=credentials.link_length(settings.links_at),
    )
    if price.course > price.short_course or price.too_dear:
        log.warning(
            "texts cost more with links of this length; a shorter LINK_URL costs less",
            link_length=price.link_length,
            segments_of_a_check_in=price.check_in,
            segments_of_a_course=price.course,
            segments_of_a_course_with_short_links=price.short_course,
            more_than_two_segments=list(price.too_dear),
        )


if __name__ == "__main__":
    sys.exit(main())
