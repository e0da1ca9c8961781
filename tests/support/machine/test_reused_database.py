"""A database that was emptied is the fresh copy it stands for, whatever a test left in it."""

from __future__ import annotations

import os
from collections.abc import Iterator

import psycopg
import pytest

from postgres_launcher.launcher import Endpoints
from postgres_launcher.roles import API
from tests.support.machine import databases, reused_database
from tests.support.machine.reused_database import ReusedDatabase

CHECKS = "SELECT conrelid::regclass::text, conname FROM pg_constraint WHERE contype = 'c' AND conrelid <> 0"
COLUMNS = """SELECT attname,
  CASE attgenerated WHEN '' THEN format_type(atttypid, atttypmod) ELSE 'generated' END
FROM pg_attribute
WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped"""
SEQUENCES = """SELECT sequencename, last_value FROM pg_sequences ORDER BY 1"""
BY_TYPE = {
    "generated": "DEFAULT",
    "boolean": "false",
    "smallint": "1",
    "integer": "1",
    "bigint": "1",
    "numeric": "1",
    "double precision": "1",
    "uuid": "gen_random_uuid()",
    "timestamp with time zone": "now()",
    "date": "current_date",
    "interval": "interval '1 day'",
    "jsonb": "'{}'",
    "bytea": "''",
}


@pytest.fixture(scope="module")
def reused(server: Endpoints, reused_database: ReusedDatabase) -> Iterator[ReusedDatabase]:
    """One whose template checks no values, so that every table can be given a row."""
    name = f"unchecked_{os.getpid()}"
    template = databases.fresh_database(server, name, template=reused_database.template)
    with databases.connect(template.superuser_url) as owner:
        for table, check in list(owner.execute(CHECKS)):
            owner.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{check}"'.encode())
    made = ReusedDatabase(server, template=name, name=f"{name}_reused")
    yield made
    made.drop()
    databases.drop_database(server, name)


def counts(ends: Endpoints) -> dict[str, object]:
    """How many rows each table has."""
    with databases.connect(ends.superuser_url) as owner:
        return {
            table: owner.execute(f"SELECT count(*) FROM {table}".encode()).fetchall()[0][0]  # noqa: S608
            for table in (*databases.all_tables(), "alembic_version")
        }


def fill(ends: Endpoints) -> None:
    """A row in every table, whatever it refers to."""
    with databases.connect(ends.superuser_url) as owner:
        owner.execute("SET session_replication_role = replica")
        for table in sorted(databases.all_tables()):
            columns = owner.execute(COLUMNS, [table]).fetchall()
            values = [_value(str(kind)) for _, kind in columns]
            owner.execute(
                f"INSERT INTO {table} OVERRIDING SYSTEM VALUE VALUES ({', '.join(values)})".encode()  # noqa: S608
            )
        owner.execute("SELECT nextval(format('%I', sequencename)::regclass) FROM pg_sequences")


def _value(kind: str) -> str:
    if kind.endswith("[]"):
        return "'{}'"
    return BY_TYPE.get(kind.split("(")[0], "'x'")


def empty_counts() -> dict[str, object]:
    """As a fresh copy has them: the migrations write which one was the last."""
    return {**dict.fromkeys(databases.all_tables(), 0), "alembic_version": 1}


def test_rows_in_every_table_and_used_numbers_are_gone(reused: ReusedDatabase) -> None:
    ends = reused.empty()
    copies = reused.copies
    assert counts(ends) == empty_counts()
    with databases.connect(ends.superuser_url) as owner:
        numbers = owner.execute(SEQUENCES).fetchall()
    fill(ends)
    assert all(counts(ends).values())
    again = reused.empty()
    assert counts(again) == empty_counts()
    with databases.connect(again.superuser_url) as owner:
        assert owner.execute(SEQUENCES).fetchall() == numbers != []
    assert reused.copies == copies


def test_whoever_was_still_connected_is_not_and_what_they_began_did_not_happen(
    reused: ReusedDatabase,
) -> None:
    ends = reused.empty()
    copies = reused.copies
    with databases.connect(ends.owner_url) as left:
        left.execute("SELECT pg_advisory_lock(7)")
        left.execute("BEGIN")
        left.execute("INSERT INTO try_count VALUES ('left', 'over', 1, now())")
        left.execute("LOCK TABLE clinic IN ACCESS EXCLUSIVE MODE")
        again = reused.empty()
        with pytest.raises(psycopg.OperationalError):
            left.execute("SELECT 1")
    with databases.connect(again.superuser_url) as owner:
        assert owner.execute("SELECT pg_try_advisory_lock(7)").fetchone() == (True,)
        owner.execute("BEGIN")
        owner.execute("LOCK TABLE clinic IN ACCESS EXCLUSIVE MODE NOWAIT")
        owner.execute("ROLLBACK")
    assert counts(again) == empty_counts()
    assert reused.copies == copies


THIS = "DO $$ BEGIN EXECUTE format('{}', current_database()); END $$"


@pytest.mark.parametrize(
    "left",
    [
        "CREATE TABLE left_over (n int)",
        "CREATE SCHEMA left_over",
        "CREATE FUNCTION left_over() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "ALTER FUNCTION practice_moves_on(uuid, uuid, interval) SECURITY INVOKER",
        "CREATE INDEX left_over ON message (id)",
        "ALTER TABLE message ADD COLUMN left_over int",
        "ALTER TABLE message ALTER COLUMN state DROP NOT NULL",
        "ALTER TABLE message DISABLE TRIGGER ALL",
        "DROP TABLE consent CASCADE",
        "DROP TABLE alembic_version",
        "DELETE FROM alembic_version",
        "UPDATE alembic_version SET version_num = '0001'",
        "TRUNCATE message CASCADE",
        "ANALYZE alembic_version",
        "VACUUM alembic_version",
        f"GRANT DELETE ON patient TO {API}",
        f"GRANT UPDATE (note) ON report_revision TO {API}",
        f"GRANT CREATE ON SCHEMA public TO {API}",
        "SELECT lo_create(0)",
        THIS.format("ALTER DATABASE %I SET work_mem = 64"),
        THIS.format(f"ALTER ROLE {API} IN DATABASE %I SET work_mem = 64"),
        THIS.format("ALTER DATABASE %I CONNECTION LIMIT 5"),
        THIS.format(f"REVOKE CONNECT ON DATABASE %I FROM {API}"),
    ],
)
def test_what_is_no_row_is_gone_with_the_database(reused: ReusedDatabase, left: str) -> None:
    with databases.connect(reused.empty().superuser_url) as owner:
        owner.execute(left.encode())
    copies = reused.copies
    ends = reused.empty()
    assert reused.copies == copies + 1
    assert counts(ends) == empty_counts()
    reused.empty()
    assert reused.copies == copies + 1


def test_a_database_that_a_test_dropped_is_made_again(server: Endpoints, reused: ReusedDatabase) -> None:
    ends = reused.empty()
    copies = reused.copies
    databases.drop_database(server, reused.name)
    assert counts(reused.empty()) == empty_counts()
    assert reused.empty() == ends
    assert reused.copies == copies + 1


def test_after_many_rows_a_copy_takes_its_place(reused: ReusedDatabase) -> None:
    ends = reused.empty()
    copies = reused.copies
    with databases.connect(ends.superuser_url) as owner:
        owner.execute(
            b"INSERT INTO try_count SELECT n::text, 'left', 1, now() FROM generate_series(0, %s) AS n",
            [reused_database.MOST_ROWS],
        )
    assert counts(reused.empty()) == empty_counts()
    assert reused.copies == copies + 1


def test_after_many_tests_a_copy_takes_its_place(reused: ReusedDatabase) -> None:
    reused.drop()
    reused.empty()
    copies = reused.copies
    for _ in range(reused_database.MOST_TESTS - 1):
        reused.empty()
    assert reused.copies == copies
    reused.empty()
    assert reused.copies == copies + 1
