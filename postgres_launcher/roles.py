"""The owner's, the API's and the worker's role in the embedded database: made with their rights, and the
addresses they connect to."""

from __future__ import annotations

import urllib.parse
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

DATABASE = "afterglow"
SUPERUSER = "afterglow_bootstrap"
OWNER = "afterglow_owner"
API = "afterglow_api"
WORKER = "afterglow_worker"
PORT = 5432

PLAIN = "LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD NULL"
RIGHTS = (
    f"ALTER DATABASE {DATABASE} OWNER TO {OWNER}",
    f"REVOKE ALL ON DATABASE {DATABASE} FROM PUBLIC",
    f"GRANT CONNECT ON DATABASE {DATABASE} TO {API}, {WORKER}",
    f"ALTER SCHEMA public OWNER TO {OWNER}",
    "REVOKE ALL ON SCHEMA public FROM PUBLIC",
    f"GRANT USAGE ON SCHEMA public TO {API}, {WORKER}",
)


@dataclass(frozen=True, kw_only=True)
class Endpoints:
    """SQLAlchemy URLs of one database, one for each role; they hold no secret."""

    owner_url: str
    api_url: str
    worker_url: str
    superuser_url: str


def endpoints(socket: Path) -> Endpoints:
    """How SQLAlchemy reaches the database as each role through the socket in this folder."""
    place = urllib.parse.quote(str(socket), safe="/")

    def url(role: str) -> str:
        # The port is part of the socket's name; unsaid, a PGPORT in the environment would change it.
        return f"postgresql+psycopg://{role}@/{DATABASE}?host={place}&port={PORT}"

    return Endpoints(
        owner_url=url(OWNER), api_url=url(API), worker_url=url(WORKER), superuser_url=url(SUPERUSER)
    )


def connect(socket: Path, *, database: str) -> psycopg.Connection[tuple[object, ...]]:
    """A connection as the superuser; every statement is a transaction of its own. Raises psycopg.Error."""
    return psycopg.connect(
        host=str(socket),
        port=PORT,
        user=SUPERUSER,
        dbname=database,
        autocommit=True,
        connect_timeout=10,
        # Said here, so that the environment (PGSSLMODE and the like) decides nothing.
        sslmode="disable",
        gssencmode="disable",
        options="-c statement_timeout=60s",
    )


def ensure_roles(socket: Path) -> None:
    """Make the three roles and the database where they are missing, and take away what they must not have.

    May be repeated at any time, also after having been cut short. Raises psycopg.Error.
    """
    with connect(socket, database="postgres") as server:
        known = {name for (name,) in server.execute("SELECT rolname FROM pg_roles")}
        for role in (OWNER, API, WORKER):
            name = sql.Identifier(role)
            if role not in known:
                server.execute(sql.SQL("CREATE ROLE {}").format(name))
            server.execute(sql.SQL("ALTER ROLE {} {}").format(name, sql.SQL(PLAIN)))
            # The server would write refused values into its log, and they may be a patient's.
            server.execute(sql.SQL("ALTER ROLE {} SET log_min_messages = 'fatal'").format(name))
        for other in ("postgres", "template1"):
            server.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(other)))
        if server.execute("SELECT FROM pg_database WHERE datname = %s", [DATABASE]).fetchone() is None:
            make = sql.SQL("CREATE DATABASE {} OWNER {}")
            server.execute(make.format(sql.Identifier(DATABASE), sql.Identifier(OWNER)))
    with connect(socket, database=DATABASE) as database:
        for statement in RIGHTS:
            database.execute(sql.SQL(statement))
