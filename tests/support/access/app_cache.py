"""Applications shared by the tests of a process: to put one together takes a third of a second.

An application keeps nothing from one request for another but its pool of connections, which are closed after
each test.
"""

from __future__ import annotations

from typing import Any

from flask import Flask
from sqlalchemy import event

from api.app import create_app
from api.database import db
from config.settings import Settings

UNHURRIED = (
    "SET statement_timeout = '60s'; SET lock_timeout = '30s'; "
    "SET idle_in_transaction_session_timeout = '120s'"
)
"""How long an answer takes on a busy machine is not what tests ask: nothing is given up because of that."""


class AppCache:
    """One application for each settings and database."""

    def __init__(self) -> None:
        self._made: list[tuple[Settings, str, Flask]] = []

    def get(self, settings: Settings, *, database_url: str) -> Flask:
        """The application with these settings on this database, as the API's role."""
        for known, url, made in self._made:
            if (known, url) == (settings, database_url):
                return made
        app = create_app(settings, database_url=database_url)
        with app.app_context():
            event.listen(db.engine, "connect", _take_time)
        self._made.append((settings.model_copy(), database_url, app))
        return app

    def close_connections(self) -> None:
        """Leave no test's connections to the next one."""
        for _, _, app in self._made:
            with app.app_context():
                db.engine.dispose()


def _take_time(connection: Any, _record: Any) -> None:
    connection.execute(UNHURRIED)
    connection.commit()
