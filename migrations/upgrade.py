"""Bringing a database to the newest revision, refusing one that cannot be used, and telling whether it is
there."""

from __future__ import annotations

import functools
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, make_url, pool, text

from migrations import grants

_HERE = Path(__file__).resolve().parent


class WrongDatabase(RuntimeError):
    """The database cannot be used; the message says why and what to do."""


def configuration(url: str | None = None) -> Config:
    """Alembic's configuration, without a file beside it."""
    config = Config()
    config.set_main_option("script_location", str(_HERE))
    config.set_main_option("path_separator", "os")
    if url is not None:
        config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return config


def to_newest(*, owner_url: str, api_url: str, worker_url: str) -> None:
    """Run what is missing, then set the rights of the two other roles. Raises WrongDatabase."""
    engine = create_engine(owner_url, poolclass=pool.NullPool)
    with engine.connect() as connection:
        _check_version(connection)
    command.upgrade(configuration(owner_url), "head")
    api_role, worker_role = (make_url(url).username for url in (api_url, worker_url))
    if not api_role or not worker_role:
        raise WrongDatabase("the URLs of the API and the worker each name their role")
    with engine.begin() as connection:
        grants.apply(connection, api_role=api_role, worker_role=worker_role)
    engine.dispose()
    for name, url in (("owner", owner_url), ("api", api_url), ("worker", worker_url)):
        _check_role(name, url)


@functools.cache
def newest() -> str:
    """The revision the code expects."""
    head = ScriptDirectory.from_config(configuration()).get_current_head()
    if head is None:
        raise WrongDatabase("there are no migrations")
    return head


def _check_version(connection: Connection) -> None:
    number = int(connection.execute(text("SHOW server_version_num")).scalar_one())
    if number < 180_000:
        raise WrongDatabase(f"PostgreSQL 18 or later is needed; this is {number // 10_000}")


def _check_role(name: str, url: str) -> None:
    """Walls between clinics hold only for roles that stand under them."""
    engine = create_engine(url, poolclass=pool.NullPool)
    with engine.connect() as connection:
        row = connection.execute(
            text("SELECT rolname, rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
        ).one()
    engine.dispose()
    if row[1]:
        raise WrongDatabase(f"the {name} role {row[0]!r} is a superuser or bypasses row-level security")
