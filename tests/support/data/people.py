"""Clinics, nurses and patients for tests, made through the use cases."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count
from uuid import UUID, uuid4

import pyotp
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.clinic.opening_hours import WEEKDAYS
from recovery.domain.clinic.staff_roles import Role
from recovery.domain.clinical.symptoms import Area, Device
from recovery.domain.core.language import Language
from recovery.domain.patients.consent import ConsentKind
from recovery.domain.patients.contact import AnswersBy
from recovery.models.clinic import clinics as clinic_rows
from recovery.models.clinic.clinics import Clinic as ClinicRow
from recovery.services.access import authentication
from recovery.services.clinic import clinics
from recovery.services.content.content import Content
from recovery.services.core import audit
from recovery.services.patients import enrolment
from recovery.services.treatments import treatments

PASSWORD = "correct horse battery"
YEAR_OF_BIRTH = 1990
_NUMBERS = count(1)
_PHONES = count(1_000)


@dataclass(frozen=True, kw_only=True)
class Nurse:
    """Someone signed in for a clinic."""

    id: UUID
    email: str
    token: str
    totp_secret: str

    def code(self, *, now: datetime) -> str:
        """What the app on her phone shows at a moment; each is good for one sign-in."""
        return pyotp.TOTP(self.totp_secret).at(now)

    @property
    def headers(self) -> dict[str, str]:
        """What a request of hers carries."""
        return {"Authorization": f"Bearer {self.token}"}


@dataclass(frozen=True, kw_only=True)
class Patient:
    """A patient with one treatment, signed in on one device."""

    id: UUID
    treatment_id: UUID
    performed_at: datetime
    phone: str
    token: str

    @property
    def headers(self) -> dict[str, str]:
        """What a request of theirs carries."""
        return {"Authorization": f"Bearer {self.token}"}

    def report_path(self, report_id: UUID | None = None) -> str:
        """Where a report of theirs is put."""
        return f"/api/v1/me/treatments/{self.treatment_id}/reports/{report_id or uuid4()}"


@dataclass(frozen=True, kw_only=True)
class Clinic:
    """A clinic and its first nurse; makes more people on demand."""

    id: UUID
    nurse: Nurse
    sessions: sessionmaker[Session]
    content: Content

    def add_nurse(self, *, now: datetime, role: Role = Role.NURSE) -> Nurse:
        """Another member of staff, signed in."""
        return _nurse(self.sessions, self.id, now=now, role=role)

    def add_patient(
        self,
        *,
        now: datetime,
        hours_ago: float = 30,
        device: Device = Device.PEN,
        depth_mm: Decimal | None = Decimal("1.2"),
        skin_type: int = 3,
        answers_by: AnswersBy = AnswersBy.LINK,
        time_zone: str = "UTC",
        language: Language = Language.ENGLISH,
        consent: bool = True,
        consent_version: int | None = None,
        phone: str | None = None,
        pin: str | None = None,
        training: bool | None = None,
    ) -> Patient:
        """A patient treated some hours ago, signed in; a second one on a number needs a PIN.

        Agreed in the words of today where no `consent_version` is named.
        """
        performed_at = now - timedelta(hours=hours_ago)
        number = phone or _phone(next(_PHONES))
        with self.sessions.begin() as session:
            clinic = session.get_one(ClinicRow, self.id)
            given = enrolment.GivenConsent(
                kind=ConsentKind.RECOVERY_TEXTS,
                wording="I agree.",
                given_at=performed_at,
                version=consent_version or self.content.consents_for(language).version,
            )
            patient = enrolment.enrol(
                session,
                clinic=clinic,
                new=enrolment.NewPatient(
                    first_name="Pat",
                    last_name="Sample",
                    phone=number,
                    year_of_birth=YEAR_OF_BIRTH,
                    pin=pin,
                    language=language,
                    time_zone=time_zone,
                    skin_type=skin_type,
                    answers_by=answers_by,
                    consents=[given] if consent else [],
                    training=training,
                ),
                actor=audit.OPERATOR,
                now=performed_at,
            )
            treatment = treatments.record(
                session,
                clinic=clinic,
                patient=patient,
                new=treatments.NewTreatment(
                    performed_at=performed_at,
                    device=device,
                    depth_mm=depth_mm,
                    areas=[Area.FACE],
                    indication=None,
                    numbing=None,
                    topical=None,
                    session_number=1,
                    protocol=None,
                ),
                content=self.content,
                actor=audit.OPERATOR,
                now=performed_at,
            )
            invited = enrolment.invite(session, patient=patient, now=now)
            session.flush()
            opened = authentication.patient_sign_in(
                session, invitation=invited.token, secret=pin or str(YEAR_OF_BIRTH), now=now
            )
            return Patient(
                id=patient.id,
                treatment_id=treatment.id,
                performed_at=performed_at,
                phone=number,
                token=opened.access_token,
            )


def _phone(place: int) -> str:
    """A number that nobody else has: not one of those that tests name, and no end after ten thousand."""
    return f"+1{202 + place // 10_000}555{place % 10_000:04d}"


def found_clinic(
    sessions: sessionmaker[Session],
    *,
    content: Content,
    now: datetime,
    name: str = "Test Clinic",
    time_zone: str = "UTC",
) -> Clinic:
    """A live clinic that never closes, so that no test depends on the hour it runs at."""
    with sessions.begin() as session:
        clinic = clinics.add_clinic(
            session,
            new=clinics.NewClinic(
                name=name,
                text_name=name,
                phone="+12025550190",
                time_zone=time_zone,
                weekly_hours={day: [["00:00", "24:00"]] for day in WEEKDAYS},
                out_of_hours_phone="+12025550191",
                on_call_phone="+12025550192",
                emergency_number="911",
                protocol=max(content.protocols),
            ),
            content=content,
            live_because="a test",
            now=now - timedelta(days=60),
        )
        clinic_id = clinic.id
    nurse = _nurse(sessions, clinic_id, now=now, role=Role.NURSE)
    return Clinic(id=clinic_id, nurse=nurse, sessions=sessions, content=content)


def _nurse(sessions: sessionmaker[Session], clinic_id: UUID, *, now: datetime, role: Role) -> Nurse:
    email = f"nurse{next(_NUMBERS)}@clinic.example"
    with sessions.begin() as session:
        member = clinics.add_staff(
            session, clinic_id=clinic_id, email=email, name=f"Nurse {email}", role=role,
            password=PASSWORD, now=now,
        )  # fmt: skip
        row = clinic_rows.find_active_member(session, email)
        assert row is not None
        address = clinics.set_totp(session, email=email, now=now)
        opened = authentication.open_staff_session(session, member=row, proved=True, now=now)
        return Nurse(
            id=member.id, email=email, token=opened.access_token, totp_secret=pyotp.parse_uri(address).secret
        )
