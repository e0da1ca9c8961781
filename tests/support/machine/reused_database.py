"""One database handed from test to test, emptied in a moment: to copy a fresh one takes a third of a second.

Whatever a test may leave in a database that is not a row of one of our tables shows in the database's own
catalogues; then, and after some use, a fresh copy takes its place.
"""

from __future__ import annotations

import psycopg

from postgres_launcher.launcher import Endpoints
from tests.support.machine import databases

MOST_TESTS = 40
MOST_ROWS = 4_000
"""Rows deleted are still there to be stepped over, until a fresh copy."""
END_MS = 30_000
CATALOGUES = [
    *("pg_attrdef", "pg_attribute", "pg_cast", "pg_collation", "pg_constraint", "pg_conversion"),
    *("pg_default_acl", "pg_depend", "pg_description", "pg_enum", "pg_event_trigger", "pg_extension"),
    *("pg_foreign_server", "pg_index", "pg_inherits", "pg_language", "pg_largeobject_metadata"),
    *("pg_namespace", "pg_opclass", "pg_operator", "pg_policy", "pg_proc", "pg_publication", "pg_range"),
    *("pg_rewrite", "pg_sequence", "pg_statistic", "pg_statistic_ext", "pg_trigger", "pg_type"),
]
END_OTHERS = """SELECT pg_terminate_backend(pid, %s) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"""
OUR_TABLES = """SELECT oid::regclass::text FROM pg_class
WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace ORDER BY 1"""
# VACUUM and ANALYZE write into rows of pg_class in place; every other change makes a new version of a row.
SHAPE = " UNION ALL ".join(
    [
        "SELECT 'pg_class', count(*), sum(hashtext(found::text)) FROM pg_class AS found",
        "SELECT 'pg_database', count(*), sum(hashtext(found::text)) FROM pg_database AS found "
        "WHERE datname = current_database()",
        "SELECT 'pg_db_role_setting', count(*), sum(hashtext(found::text)) FROM pg_db_role_setting AS found "
        "JOIN pg_database ON pg_database.oid = setdatabase WHERE datname = current_database()",
        *(f"SELECT '{name}', count(*), sum(xmin::text::bigint) FROM {name}" for name in CATALOGUES),  # noqa: S608
    ]
)
REWIND = """SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false)
FROM pg_sequences WHERE last_value IS NOT NULL"""

Connection = psycopg.Connection[tuple[object, ...]]
Shape = list[tuple[object, ...]]


class ReusedDatabase:
    """A database like `template`, empty each time it is asked for. One process has it for itself."""

    def __init__(self, server: Endpoints, *, template: str, name: str) -> None:
        self._server = server
        self.template = template
        self.name = name
        self._now: Endpoints | None = None
        self._shape: Shape = []
        self._kept: list[str] = []
        self._tests = 0
        self._rows = 0
        self.copies = 0

    def empty(self) -> Endpoints:
        """The database as a fresh copy of the template would be; nobody else is connected to it."""
        self._tests += 1
        if self._now is None or self._tests > MOST_TESTS or not self._emptied(self._now):
            self._now = self._copied()
        return self._now

    def drop(self) -> None:
        """Leave nothing behind."""
        databases.drop_database(self._server, self.name)
        self._now = None

    def _copied(self) -> Endpoints:
        self.drop()
        made = databases.fresh_database(self._server, self.name, template=self.template)
        self._tests, self._rows = 1, 0
        self.copies += 1
        with databases.connect(made.superuser_url) as owner:
            self._kept = _with_rows(owner, _tables(owner))
            self._shape = _shape(owner, self._kept)
        return made

    def _emptied(self, ends: Endpoints) -> bool:
        """Delete every row of ours; whether that left the database as it was made."""
        try:
            with databases.connect(ends.superuser_url) as owner:
                owner.execute(END_OTHERS, [END_MS])
                if _shape(owner, self._kept) != self._shape:
                    return False
                owner.execute("SET session_replication_role = replica")
                for table in _with_rows(owner, [name for name in _tables(owner) if name not in self._kept]):
                    self._rows += owner.execute(f"DELETE FROM {table}".encode()).rowcount  # noqa: S608
                owner.execute(REWIND)
        except psycopg.Error:
            # Dropped, closed to everybody, without a table that was there: a copy is asked for, and if the
            # fault is the server's, that one says so.
            return False
        return self._rows <= MOST_ROWS


def _tables(owner: Connection) -> list[str]:
    return [str(name) for (name,) in owner.execute(OUR_TABLES)]


def _with_rows(owner: Connection, tables: list[str]) -> list[str]:
    asked = " UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT FROM {name})" for name in tables)  # noqa: S608
    return [str(name) for (name,) in owner.execute(asked.encode())]


def _shape(owner: Connection, kept: list[str]) -> Shape:
    """Everything about the database but the rows of our tables; of these, what the migrations wrote."""
    rows = (f"SELECT '{table}', 0, hashtext(found::text) FROM {table} AS found" for table in kept)  # noqa: S608
    return sorted(owner.execute(" UNION ALL ".join([SHAPE, *rows]).encode()).fetchall(), key=repr)
