from __future__ import annotations

from enum import StrEnum
from typing import Any

from sqlalchemy import Enum, Table
from sqlalchemy.dialects import postgresql

from recovery.models.core import base
from tests.support.machine import databases

TABLES: dict[str, Table] = dict(databases.all_tables())


class Mood(StrEnum):
    """Something with values unlike its names."""

    GOOD = "in a good mood"
    BAD = "in a bad mood"


def test_an_enum_is_kept_as_the_text_of_its_values_and_checked() -> None:
    column = base.enum_column(Mood, "mood")
    assert column.enums == ["in a good mood", "in a bad mood"]
    assert not column.native_enum
    assert column.create_constraint
    dialect: Any = postgresql.dialect
    assert column.compile(dialect=dialect()) == "VARCHAR(40)"


def test_a_reference_carries_the_clinic_along() -> None:
    constraint = base.clinic_foreign_key("flag_id", "flag")
    assert constraint.column_keys == ["clinic_id", "flag_id"]
    assert [element.target_fullname for element in constraint.elements] == ["flag.clinic_id", "flag.id"]
    (own,) = base.clinic_reference().elements
    assert own.target_fullname == "clinic.id"


def test_every_constraint_has_a_name_that_a_migration_can_use() -> None:
    prefixes = {"primary_key_constraint": "pk_", "foreign_key_constraint": "fk_"}
    for table in TABLES.values():
        for constraint in table.constraints:
            prefix = prefixes.get(constraint.__visit_name__, ("ck_", "uq_"))
            assert str(constraint.name).startswith(prefix), (table.name, constraint.name)


def test_moments_are_kept_with_their_zone_and_enums_with_a_check() -> None:
    for table in TABLES.values():
        for column in table.columns:
            if isinstance(column.type, Enum):
                assert column.type.create_constraint, column
            assert getattr(column.type, "timezone", True), column
