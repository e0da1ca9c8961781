"""Clinics and staff from the command line."""

from __future__ import annotations

import json
from argparse import Namespace
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pyotp
import pytest
from sqlalchemy.orm import Session, sessionmaker

from commands import clinic_setup
from config.settings import Settings
from operations.notifiers import Notifiers
from recovery.domain.clinic.opening_hours import WEEKDAYS, HoursError
from recovery.domain.clinic.staff_roles import Role
from recovery.models.clinic import clinics as stored
from recovery.models.clinic.clinics import Clinic as ClinicRow
from recovery.models.clinic.clinics import ClinicMode
from recovery.services.access import authentication
from recovery.services.clinic import clinics, staff_onboarding
from recovery.services.content.content import Content
from tests.support.data.people import Clinic

PASSWORD = "wet paint under seven lamps"


def arguments(**changed: Any) -> Namespace:
    """What `clinic add` is given where only what it needs is given."""
    usual = {"name": "Skin Clinic", "phone": "+12025550100", "time_zone": "America/Chicago"}
    left_out = dict.fromkeys(
        ("text_name", "hours", "out_of_hours_phone", "on_call_phone", "protocol", "because")
    )
    return Namespace(**(left_out | usual | {"emergency_number": "911", "live": False} | changed))


def added(sessions: sessionmaker[Session], given: Namespace, *, now: datetime) -> ClinicRow:
    with sessions.begin() as session:
        said = clinic_setup.add_clinic(session, given, now=now)
        row = session.get_one(ClinicRow, UUID(said["id"]))
    kept = {"id": str(row.id), "name": row.name, "mode": row.mode.value, "protocol": row.protocol}
    assert said == {**kept, "on_call_phone_is_landline": False}
    return row


def test_a_clinic_is_in_training_and_reached_at_its_one_number(
    sessions: sessionmaker[Session], content: Content, now: datetime
) -> None:
    row = added(sessions, arguments(), now=now)
    assert (row.mode, row.live_because) == (ClinicMode.TRAINING, None)
    assert (row.text_name, row.protocol) == ("Skin Clinic", max(content.protocols))
    assert (row.phone, row.out_of_hours_phone, row.on_call_phone) == ("+12025550100",) * 3
    assert row.weekly_hours == clinic_setup.WEEKDAYS_NINE_TO_FIVE
    assert clinic_setup.WEEKDAYS_NINE_TO_FIVE["fri"] == [["09:00", "17:00"]]
    assert set(clinic_setup.WEEKDAYS_NINE_TO_FIVE) == set(WEEKDAYS) - {"sat", "sun"}


def test_what_is_said_is_kept(
    sessions: sessionmaker[Session], content: Content, tmp_path: Path, now: datetime
) -> None:
    hours = tmp_path / "hours.json"
    hours.write_text(json.dumps({"sat": [["10:00", "14:00"]]}))
    oldest = min(content.protocols)
    row = added(
        sessions,
        arguments(
            text_name="Skin", hours=str(hours), out_of_hours_phone="+12025550101",
            on_call_phone="+12025550102", emergency_number="112", protocol=oldest, live=True,
            because="the pilot",
        ),
        now=now,
    )  # fmt: skip
    assert (row.mode, row.live_because) == (ClinicMode.LIVE, "the pilot")
    assert (row.text_name, row.emergency_number, row.protocol) == ("Skin", "112", oldest)
    assert (row.out_of_hours_phone, row.on_call_phone) == ("+12025550101", "+12025550102")
    assert list(row.weekly_hours) == ["sat"]


@pytest.mark.parametrize("because", [None, ""])
def test_nobody_goes_live_without_saying_why(
    because: str | None, sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions() as session:
        with pytest.raises(clinics.NotReadyToGoLive, match="--because"):
            clinic_setup.add_clinic(session, arguments(live=True, because=because), now=now)
        assert not stored.any_exists(session)


def test_a_reason_alone_does_not_make_a_clinic_live(sessions: sessionmaker[Session], now: datetime) -> None:
    row = added(sessions, arguments(because="the pilot"), now=now)
    assert (row.mode, row.live_because) == (ClinicMode.TRAINING, None)


def test_hours_that_cannot_be_are_refused(
    sessions: sessionmaker[Session], tmp_path: Path, now: datetime
) -> None:
    hours = tmp_path / "hours.json"
    hours.write_text(json.dumps({"mon": [["17:00", "09:00"]]}))
    with sessions() as session, pytest.raises(HoursError, match="mon"):
        clinic_setup.add_clinic(session, arguments(hours=str(hours)), now=now)


def test_somebody_added_signs_in_with_the_password_and_the_factor(
    sessions: sessionmaker[Session], clinic: Clinic, settings: Settings, now: datetime
) -> None:
    given = Namespace(clinic=str(clinic.id), email="Robin@clinic.example", name=None, role="manager")
    with sessions.begin() as session:
        said = clinic_setup.add_staff(session, given, password=PASSWORD, now=now)
        member = stored.find_active_member(session, "robin@clinic.example")
        assert member is not None
        assert (str(member.id), member.name, member.role) == (said["id"], "Robin", Role.MANAGER)
        assert (said["clinic"], said["role"]) == (str(clinic.id), "manager")
        factor = clinic_setup.set_totp(
            session,
            Namespace(email="robin@clinic.example"),
            now=now,
        )
    told = clinic_setup.tell_of_totp(factor, outlets=Notifiers.from_settings(settings))
    assert told == {"email": "robin@clinic.example", "otpauth": factor.address, "mailed": False}
    phone = pyotp.parse_uri(factor.address)
    assert isinstance(phone, pyotp.TOTP)
    with sessions.begin() as session:
        for password, totp in (("not it", phone.at(now)), (PASSWORD, None)):
            with pytest.raises(authentication.SignInRefused):
                sign_in(session, password=password, totp=totp, now=now)
        assert sign_in(session, password=PASSWORD, totp=phone.at(now), now=now)


def sign_in(session: Session, *, password: str, totp: str | None, now: datetime) -> str:
    return authentication.staff_sign_in(
        session, email="robin@clinic.example", password=password, totp=totp, device="a test", now=now
    ).access_token


def test_nobody_is_added_twice_or_nowhere(
    sessions: sessionmaker[Session], clinic: Clinic, now: datetime
) -> None:
    taken = Namespace(clinic=str(clinic.id), email=clinic.nurse.email, name="Other", role="nurse")
    nowhere = Namespace(clinic=str(uuid4()), email="robin@clinic.example", name="Robin", role="nurse")
    with sessions() as session:
        with pytest.raises(clinics.EmailTaken):
            clinic_setup.add_staff(session, taken, password=PASSWORD, now=now)
        with pytest.raises(clinics.UnknownClinic):
            clinic_setup.add_staff(session, nowhere, password=PASSWORD, now=now)
        with pytest.raises(clinics.UnknownStaff):
            clinic_setup.set_totp(
                session,
                Namespace(email="robin@clinic.example"),
                now=now,
            )


def test_the_first_director_and_a_link_come_from_the_command_line(
    sessions: sessionmaker[Session], clinic: Clinic, now: datetime
) -> None:
    given = Namespace(email=clinic.nurse.email, role="medical_director", because="our doctor")
    with sessions.begin() as session:
        said = clinic_setup.set_role(session, given, now=now)
        assert said == {"id": str(clinic.nurse.id), "clinic": str(clinic.id), "role": "medical_director"}
        member = stored.find_active_member(session, clinic.nurse.email)
        assert member is not None
        assert member.role is Role.MEDICAL_DIRECTOR
        link = clinic_setup.make_link(
            session, Namespace(email=clinic.nurse.email), public_url="https://a.example/", now=now
        )
        token = link["link"].removeprefix("https://a.example/console/join/")
        assert staff_onboarding.member_of_link(session, token=token, now=now) is member
