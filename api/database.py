"""One database session a request, one commit, one reading of the clock."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Flask, Response, g
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import Session

from recovery.models.base import Base

db = SQLAlchemy(metadata=Base.metadata, session_options={"expire_on_commit": False})


def current() -> Session:
    """The session of this request."""
    return db.session()


def now() -> datetime:
    """The moment of this request: the same wherever it is asked for."""
    if "now" not in g:
        g.now = datetime.now(UTC)
    moment: datetime = g.now
    return moment


def keep_what_was_counted() -> None:
    """Commit although the answer is an error: a wrong secret counts."""
    g.keep = True


def commit_before_waiting() -> None:
    """Commit, and hold no connection until the database is asked again: something slow comes next."""
    db.session.commit()


def init_app(app: Flask, *, url: str, connections: int) -> None:
    """Bind the application to the database of the API's role. Every wait on it has an end."""
    options = (
        "-c timezone=UTC -c statement_timeout=8s -c lock_timeout=4s "
        # What was answered is on disk, whatever the server was told.
        "-c idle_in_transaction_session_timeout=15s -c synchronous_commit=on"
    )
    app.config["SQLALCHEMY_DATABASE_URI"] = url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {
        "pool_size": connections,
        "max_overflow": 2,
        "pool_timeout": 5,
        "pool_pre_ping": True,
        "hide_parameters": True,
        "connect_args": {"connect_timeout": 2, "options": options, "application_name": "afterglow-api"},
    }
    db.init_app(app)
    app.after_request(_commit_or_roll_back)


def _commit_or_roll_back(response: Response) -> Response:
    if response.status_code < 400 or g.get("keep", False):
        db.session.commit()
    else:
        db.session.rollback()
    return response
