"""Whole batches as bind parameters: one array a column, read by the database like a table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ARRAY, bindparam, column, func
from sqlalchemy.sql.selectable import TableValuedAlias
from sqlalchemy.types import TypeEngine


def array_table(name: str, **columns: TypeEngine[Any]) -> TableValuedAlias:
    """A table for module-level statements; each column is filled by a parameter `NAME_COLUMN`."""
    filled = [bindparam(f"{name}_{key}", type_=ARRAY(kind)) for key, kind in columns.items()]
    shape = [column(key, kind) for key, kind in columns.items()]
    return func.unnest(*filled).table_valued(*shape).render_derived(name=name)


def array_values(table: TableValuedAlias, rows: Iterable[Sequence[Any]]) -> dict[str, list[Any]]:
    """The parameters that fill the columns of an `array_table`, in their order, with these rows."""
    names = [f"{table.name}_{column.name}" for column in table.c]
    given: list[list[Any]] = [list(values) for values in zip(*rows, strict=True)] or [[] for _ in names]
    return dict(zip(names, given, strict=True))
