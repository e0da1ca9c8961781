"""Statements that are built and compiled once and run by the driver: for the few that carry the load."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Mapping
from typing import Any

import psycopg
from sqlalchemy import CTE, ColumnElement, Select, insert, literal, select, type_coerce
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.types import TypeEngine

from recovery.models.core.base import Base

_DIALECT = PGDialect_psycopg()  # type: ignore[no-untyped-call]


class CompiledStatement:
    """A statement as the driver takes it, with the values that are always the same. `columns` are the names
    of what it finds, in their order."""

    def __init__(self, statement: Select[Any]) -> None:
        done = statement.compile(dialect=_DIALECT)
        self._sql = str(done).encode()
        self.columns = tuple(statement.selected_columns.keys())
        # Of the statement, not of each answer: naming 27 columns anew takes longer than reading them.
        self._row: Any = _row_of(self.columns)
        self._always: dict[str, Any] = {
            name: _as_sent(value, done.binds[name].type)
            for name, value in (done.params or {}).items()
            if value is not None
        }

    def execute(self, cursor: psycopg.Cursor[Any], given: Mapping[str, Any]) -> None:
        """Run it with a value for each of its `bindparam`s. The driver prepares it after a few times."""
        cursor.execute(self._sql, {**self._always, **given})

    def rows(self, cursor: psycopg.Cursor[Any], given: Mapping[str, Any]) -> list[Any]:
        """What a run finds, each row with its columns as attributes."""
        self.execute(cursor, given)
        return [self._row(*row) for row in cursor.fetchall()]


def _as_sent(value: Any, kind: TypeEngine[Any]) -> Any:
    """A value as SQLAlchemy itself would hand it to the driver."""
    prepare = kind.dialect_impl(_DIALECT).bind_processor(_DIALECT)
    return value if prepare is None else prepare(value)


def _row_of(columns: tuple[str, ...]) -> Any:
    make: Any = namedtuple
    return make("Row", columns)


def insert_for_each(table: type[Base], parent: CTE, **values: Any) -> CTE:
    """One new row of `table` for each row of `parent`, in its clinic. `values` by column; what is no
    expression is always the same."""
    columns = table.__table__.c
    picked = [
        type_coerce(value, columns[name].type)
        if isinstance(value, ColumnElement)
        else literal(value, columns[name].type)
        for name, value in values.items()
    ]
    row = select(parent.c.clinic_id, *picked).select_from(parent)
    return insert(table).from_select(["clinic_id", *values], row).cte(f"{table.__tablename__}_added")
