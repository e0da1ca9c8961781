"""Who gets in, for how long, and after how many wrong tries nobody does."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.clinic.staff_roles import Role
from recovery.models.clinic import clinics
from recovery.models.clinic.clinics import Clinic as ClinicRow
from recovery.models.clinic.clinics import ClinicMode, Staff, StaffSession
from recovery.models.core.audit import ActorKind
from recovery.models.patients.patients import Invitation, PatientSession
from recovery.models.patients.patients import Patient as PatientRow
from recovery.services.access import authentication, credentials
from recovery.services.access.authentication import (
    InvitationEnded,
    NotSignedIn,
    PatientCaller,
    SecondFactorMissing,
    SignedIn,
    SignInRefused,
    StaffCaller,
    TooManyWrongSecrets,
)
from recovery.services.patients import enrolment
from tests.support.data import audit_trail
from tests.support.data.people import PASSWORD, YEAR_OF_BIRTH, Clinic, Nurse, Patient

RIGHT, WRONG = str(YEAR_OF_BIRTH), str(YEAR_OF_BIRTH + 1)
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)


def row_of(session: Session, clinic: Clinic, patient: Patient) -> PatientRow:
    return session.get_one(PatientRow, (clinic.id, patient.id))


def invite(sessions: sessionmaker[Session], clinic: Clinic, patient: Patient, *, now: datetime) -> str:
    with sessions.begin() as session:
        return enrolment.invite(session, patient=row_of(session, clinic, patient), now=now).token


def open_unproved(session: Session, nurse: Nurse, *, now: datetime) -> str:
    member = clinics.find_active_member(session, nurse.email)
    assert member is not None
    return authentication.open_staff_session(session, member=member, proved=False, now=now).access_token


def patient_sign_in(session: Session, invitation: str, *, now: datetime, secret: str = RIGHT) -> SignedIn:
    return authentication.patient_sign_in(session, invitation=invitation, secret=secret, now=now)


def test_staff_get_in_with_password_and_code(
    clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    nurse = clinic.add_nurse(now=now, role=Role.PRACTITIONER)
    with sessions.begin() as session:
        opened = authentication.staff_sign_in(
            session, email=nurse.email.upper(), password=PASSWORD, totp=nurse.code(now=now), now=now,
            device="a desk",
        )  # fmt: skip
        assert opened.expires_at == now + authentication.STAFF_SESSION
        assert authentication.staff_caller(session, bearer=opened.access_token, now=now) == StaffCaller(
            clinic_id=clinic.id, staff_id=nurse.id, name=f"Nurse {nurse.email}", role=Role.PRACTITIONER
        )
        place = authentication.stored_token_hash(opened.access_token)
        assert session.get_one(StaffSession, (clinic.id, place)).device == "a desk"
        written = audit_trail.entries(session, clinic.id, "staff.sign_in")
        assert (written[-1].actor_id, written[-1].subject_id) == (nurse.id, nurse.id)


@pytest.mark.parametrize(
    ("email", "password", "code"),
    [
        (None, "correct horse batter", True),
        (None, PASSWORD, False),
        (None, PASSWORD, None),
        ("nobody@clinic.example", PASSWORD, True),
    ],
)
def test_staff_are_refused_with_any_part_wrong(
    clinic: Clinic,
    sessions: sessionmaker[Session],
    now: datetime,
    email: str | None,
    password: str,
    code: bool | None,
) -> None:
    nurse = clinic.nurse
    totp = {True: nurse.code(now=now), False: "no code", None: None}[code]
    with sessions() as session, pytest.raises(SignInRefused):
        authentication.staff_sign_in(
            session, email=email or nurse.email, password=password, totp=totp, now=now
        )


def test_without_a_second_factor_a_live_clinic_opens_only_its_setting_up(
    clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions.begin() as session:
        token = open_unproved(session, clinic.nurse, now=now)
        with pytest.raises(NotSignedIn):
            authentication.staff_caller(session, bearer=token, now=now, setting_up=True)
        session.execute(update(Staff).where(Staff.id == clinic.nurse.id).values(totp_secret=None))
        session.expire_all()
        with pytest.raises(SecondFactorMissing):
            authentication.staff_caller(session, bearer=token, now=now)
        setting_up = authentication.staff_caller(session, bearer=token, now=now, setting_up=True)
        assert setting_up.staff_id == clinic.nurse.id
        session.get_one(ClinicRow, clinic.id).mode = ClinicMode.TRAINING
        assert authentication.staff_caller(session, bearer=token, now=now) == setting_up


def test_a_session_of_staff_in_use_ends_after_its_hours(
    clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    end = now + authentication.STAFF_SESSION
    with sessions() as session:
        for minutes in range(50, 720, 50):
            authentication.staff_caller(
                session, bearer=clinic.nurse.token, now=now + timedelta(minutes=minutes)
            )
        authentication.staff_caller(session, bearer=clinic.nurse.token, now=end - SECOND)
        with pytest.raises(NotSignedIn):
            authentication.staff_caller(session, bearer=clinic.nurse.token, now=end)


def test_a_session_nobody_uses_ends_and_a_page_that_renews_itself_is_no_use(
    clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    bearer, idle_from = clinic.nurse.token, now + authentication.STAFF_IDLE
    with sessions() as session:
        authentication.staff_caller(session, bearer=bearer, now=idle_from - SECOND, awake=False)
        with pytest.raises(NotSignedIn):
            authentication.staff_caller(session, bearer=bearer, now=idle_from)
        authentication.staff_caller(session, bearer=bearer, now=idle_from - SECOND)
        authentication.staff_caller(session, bearer=bearer, now=idle_from + HOUR - 2 * SECOND)


def test_use_is_written_down_once_a_minute(
    clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions() as session:
        place = credentials.hash_token(clinic.nurse.token)
        opened = session.get_one(StaffSession, (clinic.id, place))
        authentication.staff_caller(session, bearer=clinic.nurse.token, now=now + MINUTE - SECOND)
        assert opened.last_seen_at == now
        authentication.staff_caller(session, bearer=clinic.nurse.token, now=now + MINUTE)
        assert opened.last_seen_at == now + MINUTE


def test_a_token_opens_only_its_own_clinic_and_only_until_it_is_signed_out(
    clinic: Clinic, other_clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    bearer = clinic.nurse.token
    with sessions() as session:
        for wrong in ("", "ag", bearer[:-1], bearer.replace(clinic.id.hex, other_clinic.id.hex)):
            authentication.staff_sign_out(session, bearer=wrong, now=now)
            with pytest.raises(NotSignedIn):
                authentication.staff_caller(session, bearer=wrong, now=now)
            with pytest.raises(NotSignedIn):
                authentication.patient_caller(session, bearer=wrong, now=now)
        caller = authentication.staff_caller(session, bearer=bearer, now=now)
        assert authentication.member_of(session, caller).email == clinic.nurse.email
        authentication.staff_sign_out(session, bearer=bearer, now=now)
        with pytest.raises(NotSignedIn):
            authentication.staff_caller(session, bearer=bearer, now=now)


def test_nobody_is_a_member_of_another_clinic(
    clinic: Clinic, other_clinic: Clinic, sessions: sessionmaker[Session]
) -> None:
    stranger = StaffCaller(clinic_id=other_clinic.id, staff_id=clinic.nurse.id, name="Nurse", role=Role.NURSE)
    with sessions() as session, pytest.raises(NotSignedIn):
        authentication.member_of(session, stranger)


def test_an_invitation_is_spent_by_the_right_secret(
    clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], now: datetime
) -> None:
    invitation = invite(sessions, clinic, patient, now=now)
    with sessions() as session:
        opened = patient_sign_in(session, invitation, now=now)
        caller = authentication.patient_caller(session, bearer=opened.access_token, now=now)
        assert caller == PatientCaller(clinic_id=clinic.id, patient_id=patient.id)
        with pytest.raises(InvitationEnded) as ended:
            patient_sign_in(session, invitation, now=now)
        assert (ended.value.clinic.name, ended.value.clinic.phone) == ("Test Clinic", "+12025550190")
        with pytest.raises(SignInRefused):
            patient_sign_in(session, invitation + "x", now=now)


def test_five_wrong_secrets_end_an_invitation_and_ten_the_day(
    clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions() as session:
        for _ in range(2):
            invitation = enrolment.invite(session, patient=row_of(session, clinic, patient), now=now).token
            for _ in range(authentication.WRONG_SECRETS_END_INVITATION):
                with pytest.raises(SignInRefused):
                    patient_sign_in(session, invitation, now=now, secret=WRONG)
            assert row_of(session, clinic, patient).wrong_secrets in (5, 10)
            with pytest.raises((InvitationEnded, TooManyWrongSecrets)):
                patient_sign_in(session, invitation, now=now)
        fresh = enrolment.invite(session, patient=row_of(session, clinic, patient), now=now).token
        with pytest.raises(TooManyWrongSecrets) as refused:
            patient_sign_in(session, fresh, now=now)
        assert refused.value.wait == timedelta(hours=12), "it is noon"
        patient_sign_in(session, fresh, now=now + timedelta(hours=12))
        assert row_of(session, clinic, patient).wrong_secrets == 0


def test_on_a_shared_number_the_secret_tells_who_it_is_and_a_wrong_one_counts_for_all(
    clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], now: datetime
) -> None:
    other = clinic.add_patient(now=now, phone=patient.phone, pin="4711")
    with sessions() as session:
        both = [row_of(session, clinic, who) for who in (patient, other)]
        assert authentication.match_secret(session, both, "4711", now=now) == [both[1]]
        assert authentication.match_secret(session, both, RIGHT, now=now) == [both[0]], (
            "a PIN replaces the year"
        )
        with pytest.raises(SignInRefused):
            authentication.match_secret(session, both, "0000", now=now)
        assert [who.wrong_secrets for who in both] == [1, 1]
        both[0].wrong_secrets = authentication.WRONG_SECRETS_A_DAY
        with pytest.raises(SignInRefused):
            authentication.match_secret(session, both, RIGHT, now=now)
        assert [who.wrong_secrets for who in both] == [10, 2]
        both[1].wrong_secrets = authentication.WRONG_SECRETS_A_DAY
        with pytest.raises(TooManyWrongSecrets):
            authentication.match_secret(session, both, "4711", now=now)
        with pytest.raises(SignInRefused):
            authentication.match_secret(session, [], RIGHT, now=now)
        session.flush()
        refused = audit_trail.entries(session, clinic.id, "patient.sign_in_refused")
        # One each for the wrong secret, one for the other's right one.
        assert [entry.subject_id for entry in refused] == [patient.id, other.id, other.id]
        assert {entry.actor_kind for entry in refused} == {ActorKind.NOBODY}


def test_a_patient_s_session_slides_while_it_is_used(
    clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions() as session:
        opened = session.get_one(PatientSession, (clinic.id, credentials.hash_token(patient.token)))
        authentication.patient_caller(session, bearer=patient.token, now=now + MINUTE - SECOND)
        assert opened.expires_at == now + authentication.PATIENT_SESSION
        late = now + authentication.PATIENT_SESSION - SECOND
        authentication.patient_caller(session, bearer=patient.token, now=late)
        assert (opened.last_seen_at, opened.expires_at) == (late, late + authentication.PATIENT_SESSION)
        with pytest.raises(NotSignedIn):
            authentication.patient_caller(session, bearer=patient.token, now=opened.expires_at)


def test_signing_out_ends_one_device_of_a_patient_s(
    clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], now: datetime
) -> None:
    invitation = invite(sessions, clinic, patient, now=now)
    with sessions() as session:
        other = patient_sign_in(session, invitation, now=now).access_token
        caller = authentication.patient_caller(session, bearer=other, now=now)
        authentication.patient_sign_out(session, caller=caller, bearer=other, now=now)
        session.expire_all()
        with pytest.raises(NotSignedIn):
            authentication.patient_caller(session, bearer=other, now=now)
        assert authentication.patient_caller(session, bearer=patient.token, now=now) == caller


@pytest.mark.parametrize(
    ("spent", "wrong_secrets", "lives", "ended"),
    [
        (False, 0, SECOND, False),
        (False, authentication.WRONG_SECRETS_END_INVITATION - 1, SECOND, False),
        (False, authentication.WRONG_SECRETS_END_INVITATION, SECOND, True),
        (False, 0, timedelta(0), True),
        (True, 0, SECOND, True),
    ],
)
def test_an_invitation_ends_by_use_by_time_and_by_tries(
    now: datetime, spent: bool, wrong_secrets: int, lives: timedelta, ended: bool
) -> None:
    invitation = Invitation(
        wrong_secrets=wrong_secrets, expires_at=now + lives, spent_at=now if spent else None
    )
    assert authentication.has_ended(invitation, now=now) is ended
