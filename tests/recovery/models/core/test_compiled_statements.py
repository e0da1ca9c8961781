from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg.types.json import Jsonb
from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from postgres_launcher.launcher import Endpoints
from recovery.domain.clinic.staff_roles import Role
from recovery.models.clinic.clinics import Clinic as ClinicRow
from recovery.models.clinic.clinics import Staff
from recovery.models.core.audit import ActorKind, AuditEntry
from recovery.models.core.compiled_statements import CompiledStatement, insert_for_each
from tests.support.data.people import Clinic
from tests.support.machine import databases


@pytest.fixture
def cursor(database: Endpoints) -> Iterator[psycopg.Cursor[Any]]:
    """A cursor of the driver as the API's role."""
    with databases.connect(database.api_url) as connection, connection.cursor() as opened:
        yield opened


def test_rows_have_the_columns_by_name_and_constant_values_are_sent_as_the_orm_would(
    cursor: psycopg.Cursor[Any], clinic: Clinic
) -> None:
    nurses: Any = select(Staff.id, Staff.name.label("called")).where(
        Staff.clinic_id == bindparam("clinic_id"), Staff.role == Role.NURSE
    )
    statement = CompiledStatement(nurses)
    (row,) = statement.rows(cursor, {"clinic_id": clinic.id})
    assert (row.id, row._fields) == (clinic.nurse.id, ("id", "called"))
    assert row.called.startswith("Nurse")
    assert statement.rows(cursor, {"clinic_id": uuid4()}) == []


def test_a_statement_runs_again_with_other_values(
    cursor: psycopg.Cursor[Any], clinic: Clinic, other_clinic: Clinic
) -> None:
    statement = CompiledStatement(select(ClinicRow.name).where(ClinicRow.id == bindparam("clinic_id")))
    for asked, name in ((clinic, "Test Clinic"), (other_clinic, "Other Clinic"), (clinic, "Test Clinic")):
        (row,) = statement.rows(cursor, {"clinic_id": asked.id})
        assert row.name == name
    statement.execute(cursor, {"clinic_id": other_clinic.id})
    assert cursor.fetchone() == ("Other Clinic",)


def test_a_row_is_added_for_each_row_of_the_parent_in_its_clinic(
    cursor: psycopg.Cursor[Any], session: Session, clinic: Clinic, other_clinic: Clinic, now: datetime
) -> None:
    parent = select(ClinicRow.id.label("clinic_id"), ClinicRow.name).cte("parent")
    added = insert_for_each(
        AuditEntry,
        parent,
        at=bindparam("now"),
        actor_kind=ActorKind.WORKER,
        action=parent.c.name,
        subject_kind="clinic",
        subject_id=parent.c.clinic_id,
        detail=bindparam("detail"),
    )
    statement = CompiledStatement(select(parent.c.clinic_id).add_cte(added))
    statement.execute(cursor, {"now": now, "detail": Jsonb({"of": "both"})})
    written = select(AuditEntry).where(AuditEntry.actor_kind == ActorKind.WORKER, AuditEntry.at == now)
    entries: dict[UUID, AuditEntry] = {row.clinic_id: row for row in session.scalars(written)}
    assert {key: row.action for key, row in entries.items()} == {
        clinic.id: "Test Clinic",
        other_clinic.id: "Other Clinic",
    }
    for clinic_id, entry in entries.items():
        assert (entry.subject_id, entry.actor_id, entry.detail) == (clinic_id, None, {"of": "both"})
