from __future__ import annotations

import re

import psycopg
import pytest
from sqlalchemy import create_engine, make_url, pool

from migrations import grants
from postgres_launcher.launcher import Endpoints
from tests.support.machine import databases

RIGHTS = "SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER, MAINTAIN"
FORBIDDEN = (
    "UPDATE report_revision SET note = ''",
    "UPDATE assessment SET level = 'expected'",
    "UPDATE assessment SET findings = '[]'",
    "UPDATE audit_entry SET action = ''",
    "UPDATE flag_event SET detail = '{}'",
    "DELETE FROM report_revision",
    "DELETE FROM assessment",
    "DELETE FROM audit_entry",
    "DELETE FROM patient",
    "TRUNCATE audit_entry",
    "CREATE TABLE mine (n int)",
    "CREATE SCHEMA mine",
    "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "ALTER TABLE patient DISABLE TRIGGER ALL",
    "DROP TABLE consent",
    "SET ROLE afterglow_owner",
    "UPDATE alembic_version SET version_num = ''",
    "COPY patient TO PROGRAM 'cat'",
)

FIGURES = ("figure_day", "figure_change")


def test_the_rights_of_every_table_are_decided() -> None:
    tables = {*databases.all_tables(), "alembic_version"}
    assert set(grants.API) == tables
    assert set(grants.WORKER) == tables
    for table, rights in (*grants.API.items(), *grants.WORKER.items()):
        # An opt-out ends when the patient asks for texts again; the audit keeps that it was. Codes and
        # counts of tries are of no use once their time is over, nor are what may come twice and held forms.
        # Kept figures are counted anew from what stays.
        passing = ("opt_out", "sign_in_code", "try_count", "kept_answer", "held_form", *FIGURES)
        assert "DELETE" not in rights or table in passing
        assert "TRUNCATE" not in rights


def test_neither_role_can_rewrite_what_was_said_or_change_the_schema(database: Endpoints) -> None:
    for url in (database.api_url, database.worker_url):
        with databases.connect(url) as connection:
            for statement in FORBIDDEN:
                with pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.errors.WrongObjectType)):
                    connection.execute(statement)


def test_each_role_has_its_own_work_and_not_the_other_s(database: Endpoints) -> None:
    with databases.connect(database.worker_url) as worker:
        worker.execute("UPDATE assessment SET reviewed_at = now()")
        for columns in (
            "password_hash FROM staff",
            "totp_secret FROM staff",
            "FROM staff_session",
            "token_hash FROM patient_session",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                worker.execute(f"SELECT {columns}")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            worker.execute("UPDATE patient SET phone = ''")
    with databases.connect(database.api_url) as api:
        for statement in ("UPDATE assessment SET reviewed_at = now()", "INSERT INTO flag DEFAULT VALUES"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                api.execute(statement)


def apply(database: Endpoints, *, api_role: str = "", worker_role: str = "") -> None:
    """Give the rights as a migration does."""
    engine = create_engine(database.owner_url, poolclass=pool.NullPool)
    with engine.begin() as connection:
        grants.apply(
            connection,
            api_role=api_role or str(make_url(database.api_url).username),
            worker_role=worker_role or str(make_url(database.worker_url).username),
        )
    engine.dispose()


def held(database: Endpoints, url: str, table: str) -> set[str]:
    """The rights of a role on a whole table."""
    role = make_url(url).username
    with databases.connect(database.owner_url) as owner:
        found = owner.execute(
            "SELECT right_name FROM unnest(%s::text[]) AS right_name "
            "WHERE has_table_privilege(%s::name, %s::text, right_name)",
            [RIGHTS.split(", "), role, table],
        ).fetchall()
    return {str(row[0]) for row in found}


def test_each_role_holds_on_each_table_what_stands_here_and_not_more(database: Endpoints) -> None:
    for url, decided in ((database.api_url, grants.API), (database.worker_url, grants.WORKER)):
        for table, rights in decided.items():
            whole = {right for right, columns in re.findall(r"([A-Z]+)( \(.+?\))?", rights) if not columns}
            assert held(database, url, table) == whole, table


def test_what_was_given_by_hand_is_taken_back_and_may_be_repeated(database: Endpoints) -> None:
    with databases.connect(database.owner_url) as owner:
        owner.execute("GRANT DELETE, TRUNCATE ON audit_entry TO afterglow_api")
        owner.execute("GRANT SELECT ON staff_session TO afterglow_worker")
        owner.execute("REVOKE ALL ON patient FROM afterglow_api")
    for _ in range(2):
        apply(database)
        assert held(database, database.api_url, "audit_entry") == {"SELECT", "INSERT"}
        assert held(database, database.worker_url, "staff_session") == set()
        assert held(database, database.api_url, "patient") == {"SELECT", "INSERT", "UPDATE"}


def test_only_the_worker_runs_what_runs_with_the_owner_s_rights(database: Endpoints) -> None:
    for function in grants.WORKER_FUNCTIONS:
        with databases.connect(database.owner_url) as owner:
            allowed = [
                owner.execute(
                    "SELECT has_function_privilege(%s::name, %s::text, 'EXECUTE')", [role, function]
                ).fetchone()
                for role in ("afterglow_worker", "afterglow_api")
            ]
        assert allowed == [(True,), (False,)]


def test_a_role_s_name_is_never_read_as_a_statement(database: Endpoints) -> None:
    with pytest.raises(Exception, match="does not exist") as refused:
        apply(database, api_role="afterglow_api; DROP TABLE consent; --")
    assert isinstance(refused.value.__cause__, psycopg.errors.UndefinedObject)
    assert "SELECT" in held(database, database.api_url, "consent")
