"""Common parts of all tables: naming, columns of enums, the clinic every row belongs to and its
references."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, Enum, ForeignKeyConstraint, LargeBinary, MetaData, Text, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    """Constraint names follow one convention, so that a migration can always name what it changes."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012  (read by SQLAlchemy as written)
        datetime: DateTime(timezone=True),
        str: Text(),
        bytes: LargeBinary(),
        UUID: Uuid(),
        dict[str, Any]: JSONB(),
        list[dict[str, Any]]: JSONB(),
    }


def enum_column(enum: type[StrEnum], name: str) -> Enum:
    """A text column that holds only the values of `enum`, checked by the database."""
    return Enum(
        enum,
        native_enum=False,
        create_constraint=True,
        name=name,
        length=40,
        values_callable=lambda members: [member.value for member in members],
    )


def clinic_key() -> Mapped[UUID]:
    """The clinic a row belongs to, first part of its primary key."""
    return mapped_column(primary_key=True)


def own_key() -> Mapped[UUID]:
    """The row's own id within the clinic; time-ordered, made by the database."""
    return mapped_column(primary_key=True, server_default=text("uuidv7()"))


def clinic_foreign_key(column: str, table: str) -> ForeignKeyConstraint:
    """A reference that can never leave the clinic: both rows carry the same `clinic_id`."""
    return ForeignKeyConstraint(["clinic_id", column], [f"{table}.clinic_id", f"{table}.id"])


def clinic_reference() -> ForeignKeyConstraint:
    """A row cannot outlive or leave its clinic."""
    return ForeignKeyConstraint(["clinic_id"], ["clinic.id"])
