"""Which database this process uses, as a URL for each role: the one the settings name, or the embedded one,
which is started."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from os import environ

from config.settings import PROJECT, Settings
from postgres_launcher.launcher import LocalPostgres, default_data_dir


@dataclass(frozen=True, kw_only=True)
class DatabaseUrls:
    """SQLAlchemy URLs of one database, one for each of our roles."""

    owner: str
    api: str
    worker: str


def named_urls(settings: Settings) -> DatabaseUrls | None:
    """The database the settings name, None where the embedded one is meant."""
    if settings.database_url is None or settings.database_api_url is None:
        return None
    if settings.database_worker_url is None:
        return None
    return DatabaseUrls(
        owner=settings.database_url, api=settings.database_api_url, worker=settings.database_worker_url
    )


@contextmanager
def open_database(settings: Settings) -> Iterator[DatabaseUrls]:
    """The database for as long as the block runs; the embedded one is started or joined.

    Raises CannotStart where the embedded one cannot.
    """
    urls = named_urls(settings)
    if urls is not None:
        yield urls
        return
    data_dir = settings.data_dir or default_data_dir(PROJECT, environ)
    with LocalPostgres(data_dir=data_dir) as ends:
        yield DatabaseUrls(owner=ends.owner_url, api=ends.api_url, worker=ends.worker_url)
