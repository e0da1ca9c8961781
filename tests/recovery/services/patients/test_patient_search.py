"""What is typed is taken apart into names, figures of a number and a year, and finds the clinic's own."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.clinic.staff_roles import Role
from recovery.services.access.authentication import StaffCaller
from recovery.services.patients import patient_search
from recovery.services.patients.patient_search import SearchTerms
from tests.support.data import audit_trail
from tests.support.data.people import YEAR_OF_BIRTH, Clinic


def find(
    session: Session, clinic: Clinic, typed: str, *, now: datetime, limit: int = 10, after: object = None
) -> list[object]:
    caller = StaffCaller(clinic_id=clinic.id, staff_id=clinic.nurse.id, name="Nurse", role=Role.NURSE)
    last = None
    if after is not None:
        rows = patient_search.search(session, caller=caller, typed=typed, after=None, limit=limit, now=now)
        last = (rows[-1].created_at, rows[-1].id)
    rows = patient_search.search(session, caller=caller, typed=typed, after=last, limit=limit, now=now)
    return [row.id for row in rows]


@pytest.mark.parametrize(
    ("typed", "names", "digits", "born"),
    [
        ("", [], [], None),
        ("  Ada   Muster ", ["Ada", "Muster"], [], None),
        ("ada 1988", ["ada"], [], 1988),
        ("2001 1988", [], ["20011988"], None),
        ("ada 2001 1988", ["ada"], ["1988"], 2001),
        ("1888", [], ["1888"], None),
        ("ada 0811", ["ada"], ["0811"], None),
        ("+1 (202) 555-0811", [], ["+12025550811"], None),
        ("202.555/0811", [], ["2025550811"], None),
        ("ada 555-0811", ["ada"], ["5550811"], None),
        ("٢٠٠٠", ["٢٠٠٠"], [], None),
        ("ada\x00 b\x1bb cleo", ["cleo"], [], None),
        ("a b c d e f g", ["a", "b", "c", "d", "e", "f"], [], None),
    ],
)
def test_what_is_typed_is_taken_apart(
    typed: str, names: list[str], digits: list[str], born: int | None
) -> None:
    assert patient_search.parse_query(typed) == SearchTerms(names=names, digits=digits, born=born)


@given(st.text(max_size=300))
def test_whatever_is_typed_is_bounded_and_printable(typed: str) -> None:
    terms = patient_search.parse_query(typed)
    assert len(terms.names) + len(terms.digits) <= 6
    assert all(name.isprintable() and len(name) <= patient_search.LONGEST for name in terms.names)
    assert all(part.removeprefix("+").isdigit() for part in terms.digits)
    assert terms.born is None or 1900 <= terms.born <= 2099


def test_no_more_is_looked_at_than_a_question_has(now: datetime) -> None:
    typed = "x" * (patient_search.LONGEST - 1) + "yz"
    assert patient_search.parse_query(typed).names == ["x" * (patient_search.LONGEST - 1) + "y"]


def test_patients_of_the_clinic_are_found_and_nobody_else_s(
    clinic: Clinic, other_clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    first, second, third = (clinic.add_patient(now=now, hours_ago=hours) for hours in (50, 40, 30))
    stranger = other_clinic.add_patient(now=now)
    with sessions() as session:
        newest_first = [third.id, second.id, first.id]
        for typed in ("", "PAT", "sam pat", str(YEAR_OF_BIRTH), f"pat {YEAR_OF_BIRTH}"):
            assert find(session, clinic, typed, now=now) == newest_first, typed
        for typed in ("pat nobody", "1989", "%", "_", stranger.phone):
            assert find(session, clinic, typed, now=now) == [], typed
        assert find(session, clinic, second.phone.removeprefix("+1"), now=now) == [second.id]
        assert find(session, clinic, "", now=now, limit=2) == newest_first[:2]
        assert find(session, clinic, "", now=now, limit=2, after="the page before") == newest_first[2:]


def test_that_a_list_was_read_is_written_down_and_not_what_was_asked(
    clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions() as session:
        find(session, clinic, "pat", now=now)
        (entry,) = audit_trail.entries(session, clinic.id, "patient.list")
        assert (entry.actor_id, entry.detail) == (clinic.nurse.id, {})
