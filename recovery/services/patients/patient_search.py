"""Finding patients by what somebody types: parts of names, of a number, a year of birth."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from recovery.models.clinic import clinics
from recovery.models.patients import patient_names
from recovery.models.patients.patients import Patient
from recovery.services.access.authentication import StaffCaller
from recovery.services.core import audit, phone_numbers

LONGEST = 100
"""Characters of a question that are looked at."""

_MOST_WORDS = 6
_BETWEEN_NAMES = re.compile(r"(?<=[^\W\d])-(?=[^\W\d])")
"""A hyphen between letters: of a double name each half is looked for."""
_IN_NUMBERS = str.maketrans("", "", " -./()")


@dataclass(kw_only=True)
class SearchTerms:
    """What was asked for, taken apart."""

    names: list[str] = field(default_factory=list)
    digits: list[str] = field(default_factory=list)
    born: int | None = None


def search(
    session: Session,
    *,
    caller: StaffCaller,
    typed: str,
    after: tuple[datetime, UUID] | None,
    limit: int,
    now: datetime,
) -> Sequence[Patient]:
    """Patients of the caller's clinic whom the question fits, all without one, the one enrolled last first.

    `after` is the enrolment and id of the last row of the page before. The reading is audited.
    """
    terms = parse_query(typed, like=clinics.get_one(session, caller.clinic_id).phone)
    audit.read_list(session, caller.clinic_id, caller.staff_id, action="patient.list", now=now)
    return patient_names.search(
        session,
        caller.clinic_id,
        names=terms.names,
        digits=terms.digits,
        born=terms.born,
        after=after,
        limit=limit,
    )


def parse_query(typed: str, *, like: str | None = None) -> SearchTerms:
    """Four figures that can be a year are one; other figures are part of the number; the rest are names.

    A whole number is found however it is written, without its country where `like` has the same.
    """
    typed, terms = typed[:LONGEST], SearchTerms()
    number = typed.strip().translate(_IN_NUMBERS)
    if _is_number(number) and len(number) > 4:
        terms.digits.append(_whole_number(typed, like=like) or number)
        return terms
    for word in _BETWEEN_NAMES.sub(" ", typed).split()[:_MOST_WORDS]:
        figures = word.translate(_IN_NUMBERS)
        if _is_number(figures):
            if len(figures) == 4 and figures.startswith(("19", "20")) and terms.born is None:
                terms.born = int(figures)
            else:
                terms.digits.append(figures)
        elif word.isprintable():
            terms.names.append(word)
    return terms


def _whole_number(typed: str, *, like: str | None) -> str | None:
    try:
        return phone_numbers.to_e164(typed, like=like)
    except phone_numbers.NotAPhoneNumber:
        return None


def _is_number(text: str) -> bool:
    figures = text.removeprefix("+")
    return figures.isascii() and figures.isdigit()
