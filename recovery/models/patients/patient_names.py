"""Finding patients by names, number or year of birth: the list of patients page by page, those alike,
namesakes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Text, and_, bindparam, func, or_, select, tuple_
from sqlalchemy.orm import Session

from recovery.domain.patients import person_name
from recovery.models.patients.patients import Patient


def search(
    session: Session,
    clinic_id: UUID,
    *,
    names: Collection[str],
    digits: Collection[str],
    born: int | None,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> Sequence[Patient]:
    """Patients of the clinic whom all of this fits, the one enrolled last first.

    Each of `names` stands somewhere in the first or last name, compared as `name_key` does, each of `digits`
    in the phone number; `after` is the sort key (enrolled at, id) of the last row of the page before.
    """
    query = select(Patient).where(Patient.clinic_id == clinic_id)
    for name in names:
        sought = func.name_key(name)
        query = query.where(sought != "", func.strpos(Patient.name_key, sought) > 0)
    for part in digits:
        query = query.where(Patient.phone.contains(part, autoescape=True))
    if born is not None:
        query = query.where(Patient.year_of_birth == born)
    if after is not None:
        query = query.where(tuple_(Patient.created_at, Patient.id) < after)
    return session.scalars(query.order_by(Patient.created_at.desc(), Patient.id.desc()).limit(limit)).all()


def find_similar(
    session: Session,
    clinic_id: UUID,
    *,
    first_name: str,
    last_name: str,
    year_of_birth: int,
    phone: str,
    limit: int,
) -> Sequence[Patient]:
    """Patients of the clinic with this number, or with this name and year of birth.

    Of a name neither case, accents, apostrophes, hyphens nor the order of its words count.
    """
    same_name = _is_named(first_name, last_name, year_of_birth=year_of_birth)
    query = select(Patient).where(Patient.clinic_id == clinic_id, or_(Patient.phone == phone, same_name))
    return session.scalars(query.order_by(Patient.created_at, Patient.id).limit(limit)).all()


def find_namesakes(
    session: Session,
    clinic_id: UUID,
    *,
    first_name: str,
    last_name: str,
    year_of_birth: int,
    limit: int,
) -> Sequence[Patient]:
    """Patients of the clinic with this name and year of birth, names compared as `find_similar` does."""
    query = select(Patient).where(
        Patient.clinic_id == clinic_id, _is_named(first_name, last_name, year_of_birth=year_of_birth)
    )
    return session.scalars(query.order_by(Patient.created_at, Patient.id).limit(limit)).all()


def name_keys(session: Session, names: Sequence[str]) -> Sequence[str]:
    """These names as they are compared, in their order."""
    unnested = func.unnest(bindparam("names", list(names), ARRAY(Text)))
    given = unnested.table_valued("name", with_ordinality="place").render_derived("given")
    return session.scalars(select(func.name_key(given.c.name)).order_by(given.c.place)).all()


def _is_named(first_name: str, last_name: str, *, year_of_birth: int) -> ColumnElement[bool]:
    return and_(
        Patient.name_key == func.name_key(person_name.full_name(first_name, last_name)),
        Patient.year_of_birth == year_of_birth,
    )
