"""The demonstration: loaded into an empty database, with flags, texts and people to sign in as."""

from __future__ import annotations

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyotp
import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker

from commands import demo
from commands.demo_courses import COURSES
from recovery.domain.clinic.staff_roles import Role
from recovery.domain.flags.flag_lifecycle import FlagOutcome, FlagState
from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.models.clinic import clinics
from recovery.models.clinic.clinics import Clinic as ClinicRow
from recovery.models.clinic.clinics import ClinicMode, Staff
from recovery.models.flags.flags import Flag
from recovery.models.messaging.messages import Message
from recovery.models.patients.patients import Patient
from recovery.models.reports.reports import Report, StoredAssessment
from recovery.models.treatments.treatments import Treatment
from recovery.services.access import authentication
from recovery.services.clinic import staff_onboarding
from recovery.services.content.content import Content
from tests.support.data.people import Clinic

LINKS = "http://localhost:8000/c"
AT = datetime(2026, 11, 12, 15, 0, tzinfo=UTC)
"""A Thursday: the week before it has working days and a weekend."""

NURSE = demo.DemoSignIn(
    email="nurse@demo.example",
    password="not for real",
    role="nurse",
    totp_secret="JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
)


def test_the_demonstration_is_lived_through_and_its_people_sign_in(
    sessions: sessionmaker[Session], content: Content
) -> None:
    sign_ins = demo.load(sessions, content=content, links_at=LINKS, now=AT)
    assert [one.role for one in sign_ins] == ["nurse", "nurse", "manager", "medical_director"]
    assert len({one.password for one in sign_ins}) == len(sign_ins)
    with sessions.begin() as session:
        for one in sign_ins:
            opened = authentication.staff_sign_in(
                session, email=one.email, password=one.password, totp=one.code(now=AT), now=AT
            )
            assert opened.access_token
        clinic = session.scalars(select(ClinicRow)).one()
        assert (clinic.mode, clinic.live_because) == (ClinicMode.LIVE, demo.BECAUSE)
        names = session.scalars(select(Patient.first_name)).all()
        assert sorted(names) == sorted(course.first_name for course in COURSES)
        phones = session.scalars(select(Patient.phone)).all()
        assert all(phone.startswith("+1202555") for phone in phones), "numbers kept for fiction"
        reports = len(session.scalars(select(Report.id)).all())
        assert reports == sum(len(course.reports) for course in COURSES)
        waiting = select(StoredAssessment.id).where(StoredAssessment.reviewed_at.is_(None))
        assert session.scalars(waiting).all() == []
        of_patients = (
            select(Patient.first_name, Flag)
            .join(Treatment, Treatment.patient_id == Patient.id)
            .join(Flag, Flag.treatment_id == Treatment.id)
        )
        flags = {row.first_name: row.Flag for row in session.execute(of_patients)}
        nurse = clinics.find_active_member(session, NURSE.email)
        assert nurse is not None
        assert {"Rosa", "Petra", "Nadia", "Jonas", "Sofia"} <= set(flags)
        assert (flags["Sofia"].state, flags["Sofia"].outcome) == (FlagState.RESOLVED, FlagOutcome.IRRITATION)
        assert (flags["Jonas"].state, flags["Jonas"].held_by) == (FlagState.CLAIMED, nurse.id)
        assert (flags["Rosa"].state, flags["Rosa"].held_by) == (FlagState.OPEN, None)
        late = select(Message.id).where(
            Message.state == MessageState.PLANNED, Message.due_at < AT - timedelta(hours=12)
        )
        assert session.scalars(late).all() == [], "what was due is sent"
        sent = session.scalars(select(Message.state).where(Message.carrier_id.is_not(None))).all()
        assert set(sent) == {MessageState.DELIVERED}
        assert len(sent) > len(COURSES)


def test_where_a_clinic_is_nothing_is_loaded(
    sessions: sessionmaker[Session], clinic: Clinic, content: Content, now: datetime
) -> None:
    with pytest.raises(demo.NotEmpty):
        demo.load(sessions, content=content, links_at=LINKS, now=now)
    with sessions() as session:
        assert [row.id for row in session.scalars(select(ClinicRow))] == [clinic.id]
        assert session.scalars(select(Patient)).all() == []


def test_sign_ins_are_read_as_they_were_written_by_their_owner_only(tmp_path: Path) -> None:
    file = tmp_path / "sign-ins.json"
    assert demo.read_sign_ins(file) == []
    file.write_text("an older, longer file " * 100)
    file.unlink()
    demo.write_sign_ins(file, [NURSE])
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    demo.write_sign_ins(file, [NURSE, NURSE])
    demo.write_sign_ins(file, [NURSE])
    assert demo.read_sign_ins(file) == [NURSE]


def test_the_code_is_the_one_that_the_app_of_this_person_shows(tmp_path: Path) -> None:
    file = tmp_path / "sign-ins.json"
    other = demo.DemoSignIn(email="manager@demo.example", password="x", role="manager", totp_secret="A" * 32)
    demo.write_sign_ins(file, [other, NURSE])
    assert demo.code_of(file, NURSE.email, now=AT) == pyotp.TOTP(NURSE.totp_secret).at(AT)
    assert demo.code_of(file, other.email, now=AT) == pyotp.TOTP(other.totp_secret).at(AT)
    with pytest.raises(demo.UnknownSignIn, match=r"nobody with the address robin@demo\.example"):
        demo.code_of(file, "robin@demo.example", now=AT)


def test_a_link_signs_in_the_nurse_of_a_demonstration_and_of_no_real_clinic(
    sessions: sessionmaker[Session], clinic: Clinic, now: datetime
) -> None:
    assert demo.demo_sign_in_token(sessions, now=now) is None
    with sessions.begin() as session:
        session.execute(update(Staff).where(Staff.id == clinic.nurse.id).values(email=NURSE.email))
    assert demo.demo_sign_in_token(sessions, now=now) is None, "the clinic is a real one"
    with sessions.begin() as session:
        session.execute(update(ClinicRow).values(live_because=demo.BECAUSE))
    token = demo.demo_sign_in_token(sessions, now=now)
    assert token is not None
    with sessions.begin() as session:
        opened = staff_onboarding.sign_in_with_link(session, token=token, device="a test", now=now)
        caller = authentication.staff_caller(session, bearer=opened.access_token, now=now)
    assert (caller.staff_id, caller.role) == (clinic.nurse.id, Role.NURSE)


def test_a_patient_of_the_demonstration_is_invited_by_name(
    sessions: sessionmaker[Session], clinic: Clinic, now: datetime
) -> None:
    assert demo.demo_invitation(sessions, now=now) is None
    invited = clinic.add_patient(now=now)
    with sessions.begin() as session:
        named = {"first_name": COURSES[4].first_name, "last_name": demo.SURNAME}
        session.execute(update(Patient).where(Patient.id == invited.id).values(named))
    way_in = demo.demo_invitation(sessions, now=now)
    assert way_in is not None
    token, secret = way_in
    with sessions.begin() as session:
        opened = authentication.patient_sign_in(session, invitation=token, secret=str(secret), now=now)
        caller = authentication.patient_caller(session, bearer=opened.access_token, now=now)
    assert caller.patient_id == invited.id
