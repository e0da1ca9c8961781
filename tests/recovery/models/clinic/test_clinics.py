from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from recovery.domain.clinic.staff_roles import Role
from recovery.models.clinic import clinics
from recovery.models.clinic.clinics import ClinicMode, Staff, StaffSession
from tests.support.data.people import Clinic

HOUR = timedelta(hours=1)
Hire = Callable[..., Staff]


@pytest.fixture
def hire(session: Session, clinic: Clinic, now: datetime) -> Hire:
    """One more member of the clinic's staff; a nurse where nothing else is said."""

    def hired(name: str, **values: Any) -> Staff:
        filled: dict[str, Any] = {
            "clinic_id": clinic.id,
            "email": f"{name}@Clinic.Example",
            "role": Role.NURSE,
            "password_hash": "",
            "created_at": now,
        }
        member = Staff(name=name, **(filled | values))
        session.add(member)
        session.flush()
        return member

    return hired


def _sign_in(session: Session, member: Staff, place: bytes, *, now: datetime, **values: Any) -> StaffSession:
    filled: dict[str, Any] = {"created_at": now, "last_seen_at": now, "expires_at": now + HOUR}
    opened = StaffSession(
        clinic_id=member.clinic_id, staff_id=member.id, token_hash=place, **(filled | values)
    )
    session.add(opened)
    session.flush()
    return opened


def test_the_single_clinic_is_one_only_while_there_is_no_second(
    session: Session, clinic: Clinic, request: pytest.FixtureRequest
) -> None:
    single = clinics.get_single(session)
    assert single is not None
    assert single.id == clinic.id
    assert clinics.any_exists(session)
    request.getfixturevalue("other_clinic")
    session.rollback()
    assert clinics.get_single(session) is None
    assert clinics.any_exists(session)


def test_an_installation_without_a_clinic(session: Session) -> None:
    assert clinics.get_single(session) is None
    assert not clinics.any_exists(session)
    assert clinics.get(session, uuid4()) is None
    assert clinics.get_for_update(session, uuid4()) is None


def test_clinics_are_read_by_id(session: Session, clinic: Clinic, other_clinic: Clinic) -> None:
    row = clinics.get(session, clinic.id)
    assert row is not None
    assert row.id == clinic.id
    assert clinics.get_one(session, clinic.id) is clinics.get_for_update(session, clinic.id) is row
    row.time_zone = "America/Denver"
    session.flush()
    zones = {clinic.id: "America/Denver", other_clinic.id: "UTC"}
    assert clinics.time_zones(session, zones) == zones
    assert clinics.time_zones(session, [other_clinic.id]) == {other_clinic.id: "UTC"}


@pytest.mark.parametrize(
    ("values", "constraint"),
    [({"text_name": ""}, "text_name_length"), ({"texts_per_day": 0}, "texts_per_day_range")],
)
def test_a_clinic_has_a_name_for_texts_and_no_empty_budget(
    session: Session, clinic: Clinic, values: dict[str, Any], constraint: str
) -> None:
    row = clinics.get_one(session, clinic.id)
    with pytest.raises(IntegrityError, match=constraint):
        session.execute(update(clinics.Clinic).where(clinics.Clinic.id == row.id).values(values))


def test_an_e_mail_is_one_person_s_whatever_its_case(
    session: Session, hire: Hire, other_clinic: Clinic, now: datetime
) -> None:
    ada = hire("ada")
    assert clinics.find_active_member(session, "ADA@clinic.example") is ada
    assert clinics.find_active_member(session, "ben@clinic.example") is None
    assert clinics.email_taken(session, "Ada@CLINIC.example")
    ada.disabled_at = now
    session.flush()
    assert clinics.find_active_member(session, "ada@clinic.example") is None
    assert clinics.email_taken(session, "ada@clinic.example")
    assert not clinics.email_taken(session, "ada@clinic.exampl")
    with pytest.raises(IntegrityError, match="uq_staff_email"):
        hire("other", email="ada@clinic.example", clinic_id=other_clinic.id)


def test_members_are_a_clinic_s_own_disabled_or_not(
    session: Session, hire: Hire, clinic: Clinic, other_clinic: Clinic, now: datetime
) -> None:
    ben, ada = hire("ben", disabled_at=now), hire("ada")
    stranger = hire("stranger", clinic_id=other_clinic.id)
    assert clinics.get_member(session, clinic.id, ben.id) is ben
    assert clinics.get_member_for_update(session, clinic.id, ben.id) is ben
    for read in (clinics.get_member, clinics.get_member_for_update):
        assert read(session, clinic.id, stranger.id) is None
    first = clinics.get_member(session, clinic.id, clinic.nurse.id)
    assert first is not None
    assert clinics.list_members(session, clinic.id, limit=9) == [first, ada, ben]
    assert clinics.list_members(session, clinic.id, limit=1) == [first]
    assert clinics.staff_names(session, clinic.id) == {row.id: row.name for row in (first, ada, ben)}
    assert list(clinics.active_names(session, clinic.id).items()) == [
        (first.id, first.name),
        (ada.id, "ada"),
    ]


def test_somebody_else_has_a_role_only_while_they_sign_in(
    session: Session, hire: Hire, other_clinic: Clinic, now: datetime
) -> None:
    ada = hire("ada", role=Role.MANAGER)
    hire("gone", role=Role.MANAGER, disabled_at=now)
    hire("stranger", role=Role.MANAGER, clinic_id=other_clinic.id)
    assert not clinics.has_other_with_role(session, ada, [Role.MANAGER, Role.MEDICAL_DIRECTOR])
    hire("ben", role=Role.MEDICAL_DIRECTOR)
    assert clinics.has_other_with_role(session, ada, [Role.MANAGER, Role.MEDICAL_DIRECTOR])
    assert not clinics.has_other_with_role(session, ada, [Role.MANAGER])


def test_second_factors_are_counted_of_those_who_sign_in(
    session: Session, hire: Hire, other_clinic: Clinic, now: datetime
) -> None:
    clinic_id = hire("without").clinic_id
    before = clinics.count_second_factors(session, clinic_id)
    hire("with", totp_secret="s")
    hire("proposed", totp_proposed="s")
    hire("gone", totp_secret="s", disabled_at=now)
    hire("stranger", totp_secret="s", clinic_id=other_clinic.id)
    assert clinics.count_second_factors(session, clinic_id) == before + 1


def test_a_code_s_step_is_taken_once_and_never_an_earlier_one(session: Session, hire: Hire) -> None:
    ada, ben = hire("ada"), hire("ben")
    assert [clinics.use_totp_step(session, ada, step) for step in (7, 7, 6, 8)] == [True, False, False, True]
    assert clinics.use_totp_step(session, ben, 1)


def test_a_session_is_found_with_whose_it_is_and_the_clinic_s_mode(
    session: Session, hire: Hire, other_clinic: Clinic, now: datetime
) -> None:
    ada = hire("ada")
    opened = _sign_in(session, ada, b"1", now=now - 9 * HOUR)
    assert clinics.get_session(session, ada.clinic_id, b"1") == (opened, ada, ClinicMode.LIVE)
    assert clinics.get_session(session, ada.clinic_id, b"2") is None
    assert clinics.get_session(session, other_clinic.id, b"1") is None
    ada.disabled_at = now
    session.flush()
    assert clinics.get_session(session, ada.clinic_id, b"1") is None


def test_open_sessions_are_listed_last_used_first(session: Session, hire: Hire, now: datetime) -> None:
    ada = hire("ada")
    older = _sign_in(session, ada, b"1", now=now, last_seen_at=now - HOUR)
    newer = _sign_in(session, ada, b"2", now=now)
    _sign_in(session, ada, b"3", now=now, expires_at=now)
    _sign_in(session, ada, b"4", now=now, last_seen_at=now - 2 * HOUR)
    _sign_in(session, hire("ben"), b"5", now=now)
    since = now - 2 * HOUR
    assert clinics.list_sessions(session, ada, now=now, used_since=since, limit=9) == [newer, older]
    assert clinics.list_sessions(session, ada, now=now, used_since=since, limit=1) == [newer]


def test_sessions_end_one_by_one_or_all_but_one(session: Session, hire: Hire, now: datetime) -> None:
    ada, ben = hire("ada"), hire("ben")
    first, second, third = (_sign_in(session, ada, place, now=now) for place in (b"1", b"2", b"3"))
    over = _sign_in(session, ada, b"4", now=now, expires_at=now - HOUR)
    other = _sign_in(session, ben, b"5", now=now)
    session.flush()
    session.refresh(first)
    assert not clinics.end_session(session, ben, first.id, now=now)
    assert clinics.end_session(session, ada, first.id, now=now)
    assert not clinics.end_session(session, ada, first.id, now=now)
    clinics.end_sessions(session, ada, but=b"3", now=now)
    session.expire_all()
    assert [row.expires_at for row in (first, second, third)] == [now, now, now + HOUR]
    clinics.end_sessions(session, ada, now=now)
    session.expire_all()
    assert [row.expires_at for row in (third, over, other)] == [now, now - HOUR, now + HOUR]
