"""One database session a request, one commit, one reading of the clock (request_time); connections and their
waits."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import orjson
import psycopg
from flask import Flask, Response, g
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry

from recovery.models.core.base import Base

db = SQLAlchemy(metadata=Base.metadata, session_options={"expire_on_commit": False})


IDLE_SECONDS = 1.0
"""How long a connection may lie in the pool before it is asked whether it still has a server."""

_BACK_AT = "afterglow_back_at"


def current() -> Session:
    """The session of this request."""
    return db.session()


def request_time() -> datetime:
    """The moment of this request: the same wherever it is asked for."""
    if "now" not in g:
        g.now = datetime.now(UTC)
    moment: datetime = g.now
    return moment


def commit_despite_error() -> None:
    """Commit although the answer is an error: a wrong secret counts."""
    g.keep = True


def commit_before_waiting() -> None:
    """Commit, and hold no connection until the database is asked again: something slow comes next."""
    db.session.commit()


@contextmanager
def driver_connection() -> Iterator[psycopg.Connection[Any]]:
    """The driver's own connection, on which every statement is a transaction of its own, for the few
    statements that carry most of the load. It comes from the same pool as the session's."""
    pooled = db.engine.raw_connection()
    connection = pooled.driver_connection
    if not isinstance(connection, psycopg.Connection):
        raise TypeError("the application runs on psycopg")
    try:
        connection.autocommit = True
        yield connection
    finally:
        if connection.closed:
            pooled.invalidate()
        else:
            connection.autocommit = False
        pooled.close()


def init_app(app: Flask, *, url: str, connections: int) -> None:
    """Bind the application to the database of the API's role. Every wait on it has an end."""
    options = (
        "-c timezone=UTC -c statement_timeout=8s -c lock_timeout=4s "
        # synchronous_commit=on: what was answered is on disk, whatever the server's own setting.
        "-c idle_in_transaction_session_timeout=15s -c synchronous_commit=on"
    )
    app.config["SQLALCHEMY_DATABASE_URI"] = url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {
        "pool_size": connections,
        "max_overflow": 2,
        "pool_timeout": 5,
        "json_deserializer": orjson.loads,
        # The connection used last: its prepared statements are warm in the server.
        "pool_use_lifo": True,
        "hide_parameters": True,
        "connect_args": {"connect_timeout": 2, "options": options, "application_name": "afterglow-api"},
    }
    db.init_app(app)
    with app.app_context():
        event.listen(db.engine, "checkin", _put_back)
        event.listen(db.engine, "checkout", _still_there)
    app.after_request(_commit_or_roll_back)


def _put_back(connection: Any, record: ConnectionPoolEntry) -> None:
    record.info[_BACK_AT] = time.monotonic()


def _still_there(connection: Any, record: ConnectionPoolEntry, proxy: Any) -> None:
    """Ask a connection that lay idle whether it still has a server; another is taken where it has not.

    Asking each time would cost every request a trip.
    """
    if time.monotonic() - record.info.get(_BACK_AT, 0) < IDLE_SECONDS:
        return
    try:
        alive = db.engine.dialect.do_ping(connection)
    except psycopg.Error:
        alive = False
    if not alive:
        raise DisconnectionError


def _commit_or_roll_back(response: Response) -> Response:
    if not db.session.registry.has():
        return response
    if response.status_code < 400 or g.get("keep", False):
        db.session.commit()
    else:
        db.session.rollback()
    return response
