"""Databases for tests on a running embedded server: made from a template in a moment, and dropped again."""

from __future__ import annotations

import dataclasses
import importlib
import pkgutil
from collections.abc import Mapping

import psycopg
import sqlalchemy as sa
from psycopg import sql

from migrations import upgrade
from postgres_launcher.launcher import Endpoints
from postgres_launcher.roles import API, DATABASE, OWNER, WORKER
from recovery import models
from recovery.models.core.base import Base


def all_tables() -> Mapping[str, sa.Table]:
    """Every table that any of our models makes, by name."""
    for module in pkgutil.walk_packages(models.__path__, f"{models.__name__}."):
        importlib.import_module(module.name)
    return Base.metadata.tables


def fresh_database(endpoints: Endpoints, name: str, *, template: str = DATABASE) -> Endpoints:
    """Copy `template` (nobody may be connected to it) to a new database `name` with the product's rights."""
    made = sql.Identifier(name)
    with _server(endpoints) as server:
        server.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER {} STRATEGY FILE_COPY").format(
                made, sql.Identifier(template), sql.Identifier(OWNER)
            )
        )
        # A copy takes everything from its template but the rights on the database itself.
        server.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(made))
        roles = sql.SQL(", ").join(map(sql.Identifier, (API, WORKER)))
        server.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(made, roles))
    return Endpoints(
        **{field: _on(url, name) for field, url in dataclasses.asdict(endpoints).items()},
    )


def migrated_template(endpoints: Endpoints, name: str) -> str:
    """Make the database `name`, migrated and with nobody connected to it, unless another process of this run
    has; returns the name.
    """
    with _server(endpoints) as server:
        # One at a time: whoever comes second finds it made.
        server.execute("SELECT pg_advisory_lock(1)")
        if server.execute("SELECT FROM pg_database WHERE datname = %s", [name]).fetchone() is None:
            made = fresh_database(endpoints, f"{name}_unfinished")
            upgrade.to_newest(owner_url=made.owner_url, api_url=made.api_url, worker_url=made.worker_url)
            unfinished, finished = sql.Identifier(f"{name}_unfinished"), sql.Identifier(name)
            server.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(unfinished, finished))
    return name


def drop_database(endpoints: Endpoints, name: str) -> None:
    """Drop the database, ending whatever is still connected to it; nothing happens if there is none."""
    with _server(endpoints) as server:
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def connect(url: str) -> psycopg.Connection[tuple[object, ...]]:
    """A plain psycopg connection to a SQLAlchemy URL; every statement is a transaction of its own."""
    parts = sa.make_url(url)
    return psycopg.connect(
        host=str(parts.query["host"]),
        port=str(parts.query["port"]),
        user=parts.username,
        dbname=parts.database,
        autocommit=True,
    )


def _server(endpoints: Endpoints) -> psycopg.Connection[tuple[object, ...]]:
    return connect(_on(endpoints.superuser_url, "postgres"))


def _on(url: str, database: str) -> str:
    return sa.make_url(url).set(database=database).render_as_string(hide_password=False)
