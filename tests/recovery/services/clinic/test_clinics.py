"""Clinics and their staff are made from what can be used, and a stop of all texts is kept with its reason."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pyotp
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.clinic.opening_hours import HoursError
from recovery.domain.clinic.staff_roles import Role
from recovery.models.clinic import clinics as clinic_rows
from recovery.models.clinic.clinics import Clinic as ClinicRow
from recovery.models.clinic.clinics import ClinicMode, Staff
from recovery.services.access import authentication, credentials
from recovery.services.access.authentication import NotSignedIn
from recovery.services.access.credentials import WeakPassword
from recovery.services.clinic import clinics
from recovery.services.clinic.clinics import EmailTaken, NewClinic, UnknownClinic, UnknownStaff
from recovery.services.content.content import Content, UnknownProtocol
from recovery.services.core import audit
from recovery.services.core.phone_numbers import NotAPhoneNumber
from tests.support.data import audit_trail
from tests.support.data.people import PASSWORD, Clinic

NEW = NewClinic(
    name="North Skin Clinic",
    text_name="North Skin",
    phone="+1 202 555 0160",
    time_zone="America/New_York",
    weekly_hours={"mon": [["09:00", "17:00"]]},
    holidays={"2026-11-30": "Closed"},
    out_of_hours_phone="+1 202 555 0161",
    on_call_phone="+1 202 555 0162",
    emergency_number="911",
    protocol="standard-2026-11",
)


@pytest.mark.parametrize(
    ("because", "mode", "action"),
    [
        (None, ClinicMode.TRAINING, "clinic.add"),
        ("moved from paper", ClinicMode.LIVE, "clinic.add_live"),
    ],
)
def test_a_clinic_begins_in_training_unless_there_is_a_reason(
    sessions: sessionmaker[Session], content: Content, now: datetime, because: str | None, mode: ClinicMode,
    action: str,
) -> None:  # fmt: skip
    with sessions() as session:
        row = clinics.add_clinic(session, new=NEW, content=content, live_because=because, now=now)
        session.refresh(row)
        assert (row.phone, row.out_of_hours_phone, row.on_call_phone) == (
            "+12025550160",
            "+12025550161",
            "+12025550162",
        )
        assert (row.mode, row.live_because) == (mode, because)
        assert row.live_since == (None if because is None else now)
        (entry,) = audit_trail.entries(session, row.id, action)
        assert entry.detail == ({} if because is None else {"because": because})


@pytest.mark.parametrize(
    ("changed", "refused"),
    [
        ({"weekly_hours": {"mon": [["17:00", "09:00"]]}}, HoursError),
        ({"holidays": {"Christmas": "x"}}, HoursError),
        ({"time_zone": "Mars/Olympus"}, HoursError),
        ({"phone": "12"}, NotAPhoneNumber),
        ({"out_of_hours_phone": "12"}, NotAPhoneNumber),
        ({"on_call_phone": "12"}, NotAPhoneNumber),
        ({"protocol": "no-such-curve"}, UnknownProtocol),
    ],
)
def test_a_clinic_is_not_made_from_what_cannot_be_used(
    sessions: sessionmaker[Session],
    content: Content,
    now: datetime,
    changed: dict[str, Any],
    refused: type[Exception],
) -> None:
    with sessions() as session:
        with pytest.raises(refused):
            clinics.add_clinic(
                session,
                new=dataclasses.replace(NEW, **changed),
                content=content,
                live_because=None,
                now=now,
            )
        assert session.scalars(select(ClinicRow)).all() == []


def test_the_hours_of_a_clinic_can_be_asked(
    sessions: sessionmaker[Session], content: Content, now: datetime
) -> None:
    with sessions() as session:
        row = clinics.add_clinic(session, new=NEW, content=content, live_because=None, now=now)
        opening = clinics.opening_hours_of(row).next_opening(now + timedelta(days=1))
        assert opening is not None
        assert opening == datetime(2026, 12, 7, 14, tzinfo=UTC), "the Monday before is a holiday"


def test_an_e_mail_address_belongs_to_one_person_in_the_whole_installation(
    clinic: Clinic, other_clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions() as session:
        member = clinics.add_staff(
            session, clinic_id=clinic.id, email="Robin@clinic.example", name="Robin", role=Role.MANAGER,
            password=PASSWORD, now=now, actor=audit.staff(clinic.nurse.id),
        )  # fmt: skip
        assert (member.role, member.created_at, member.totp_secret) == (Role.MANAGER, now, None)
        assert credentials.verify_hash(member.password_hash, PASSWORD)
        (entry,) = [
            entry
            for entry in audit_trail.entries(session, clinic.id, "staff.add")
            if entry.subject_id == member.id
        ]
        assert (entry.actor_id, entry.detail) == (clinic.nurse.id, {"role": "manager"})
        for clinic_id, email, password, refused in (
            (other_clinic.id, "robin@CLINIC.example", PASSWORD, EmailTaken),
            (other_clinic.id, "new@clinic.example", "short one", WeakPassword),
            (uuid4(), "new@clinic.example", PASSWORD, UnknownClinic),
        ):
            with pytest.raises(refused):
                clinics.add_staff(
                    session, clinic_id=clinic_id, email=email, name="Robin", role=Role.NURSE,
                    password=password, now=now,
                )  # fmt: skip
        member.disabled_at = now
        with pytest.raises(EmailTaken):
            clinics.add_staff(
                session, clinic_id=clinic.id, email=member.email, name="Robin", role=Role.NURSE,
                password=PASSWORD, now=now,
            )  # fmt: skip


def test_a_new_second_factor_ends_every_session_and_what_was_proposed(
    clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions() as session:
        member = session.get_one(Staff, (clinic.id, clinic.nurse.id))
        member.totp_proposed, member.totp_used_step = "PROPOSED", 7
        session.flush()
        app = pyotp.parse_uri(clinics.set_totp(session, email=member.email.upper(), now=now))
        assert (app.name, app.issuer) == (member.email, "Afterglow")
        columns = ("totp_secret", "totp_proposed", "totp_used_step")
        assert [getattr(member, column) for column in columns] == [app.secret, None, None]
        assert member.totp_secret != clinic.nurse.totp_secret
        session.flush()
        session.expire_all()
        with pytest.raises(NotSignedIn):
            authentication.staff_caller(session, bearer=clinic.nurse.token, now=now)
        member.disabled_at = now
        for nobody in (clinic.nurse.email, "nobody@clinic.example"):
            with pytest.raises(UnknownStaff):
                clinics.set_totp(session, email=nobody, now=now)


def test_texts_of_one_clinic_stop_and_go_again_each_with_its_reason(
    clinic: Clinic, other_clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    later = now + timedelta(hours=1)
    with sessions() as session:
        for stopped, because, at in (
            (False, "it is not stopped", now),
            (True, "a wrong wording", now),
            (True, "once more", later),
        ):
            clinics.set_text_stop(
                session, clinic_id=clinic.id, stopped=stopped, because=because, actor=audit.OPERATOR, now=at
            )
        assert clinic_rows.get_one(session, clinic.id).texts_stopped_at == now, "since the first time"
        assert clinic_rows.get_one(session, other_clinic.id).texts_stopped_at is None
        row = clinics.set_text_stop(
            session, clinic_id=clinic.id, stopped=False, because="put right", actor=audit.OPERATOR, now=later
        )
        assert row.texts_stopped_at is None
        for action, because in (
            ("clinic.stop_texts", "a wrong wording"),
            ("clinic.resume_texts", "put right"),
        ):
            (entry,) = audit_trail.entries(session, clinic.id, action)
            assert entry.detail == {"because": because}
        with pytest.raises(UnknownClinic):
            clinics.set_text_stop(
                session, clinic_id=uuid4(), stopped=True, because="x", actor=audit.OPERATOR, now=now
            )
