"""`demo`: a clinic to look at, a dozen patients lived through day by day by the same use cases as real ones;
its sign-ins."""

from __future__ import annotations

import json
import os
import secrets
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pyotp
from sqlalchemy.orm import Session, sessionmaker

from commands import demo_consultations
from commands.demo_courses import COURSES, DemoCourse, DemoReport, zone_at_work
from recovery.domain.clinic.opening_hours import WEEKDAYS
from recovery.domain.clinic.staff_roles import Role
from recovery.domain.core.language import Language
from recovery.domain.patients.consent import ConsentKind
from recovery.models.clinic import clinics
from recovery.models.clinic.clinics import Clinic
from recovery.models.flags import flags
from recovery.models.patients import patients
from recovery.services.access.authentication import PatientCaller, StaffCaller
from recovery.services.changes import new_treatments
from recovery.services.clinic import clinics as clinic_services
from recovery.services.clinic import staff_onboarding
from recovery.services.clinic.clinics import NewClinic
from recovery.services.content.content import Content
from recovery.services.core import audit
from recovery.services.flags import flag_work
from recovery.services.messaging import outbox
from recovery.services.messaging.outbox import RenderContext
from recovery.services.patients import enrolment
from recovery.services.reports import reports
from recovery.services.reports.reports import Submission
from recovery.services.review import report_review
from recovery.services.treatments import treatments
from recovery.sms.gateway_interface import Accepted, CarrierStatus, Receipt

SURNAME = "Demo"
BECAUSE = "a demonstration: nobody in it exists and no text leaves this machine"
"""Why the demonstration's clinic is live."""
STAFF = (
    ("nurse@demo.example", "Anna Demo", Role.NURSE),
    ("second.nurse@demo.example", "Ben Demo", Role.NURSE),
    ("manager@demo.example", "Clara Demo", Role.MANAGER),
    ("director@demo.example", "Dora Demo", Role.MEDICAL_DIRECTOR),
)


class NotEmpty(RuntimeError):
    """The demonstration goes into an empty database only."""


class UnknownSignIn(LookupError):
    """Nobody of the demonstration has this address."""


@dataclass(frozen=True, kw_only=True)
class DemoSignIn:
    """Someone who can sign in to the demonstration."""

    email: str
    password: str
    role: str
    totp_secret: str

    def code(self, *, now: datetime) -> str:
        """What this person's authenticator app would show."""
        return pyotp.TOTP(self.totp_secret).at(now)


def load(
    sessions: sessionmaker[Session], *, content: Content, links_at: str, now: datetime
) -> list[DemoSignIn]:
    """Make the clinic and live through its last days. Raises NotEmpty where there is a clinic already."""
    with sessions.begin() as session:
        if clinics.any_exists(session):
            raise NotEmpty
        clinic = _clinic(session, content=content, now=now)
        sign_ins = [_staff(session, clinic, who, now=now) for who in STAFF]
        clinic_id = clinic.id
    wording = RenderContext(content=content, links_at=links_at)
    days = _Days(sessions=sessions, wording=wording, clinic_id=clinic_id)
    days.live(until=now)
    return sign_ins


def write_sign_ins(file: Path, sign_ins: list[DemoSignIn]) -> None:
    """Write the sign-ins where only their owner reads them."""
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        json.dump([vars(sign_in) for sign_in in sign_ins], out, indent=1)


def read_sign_ins(file: Path) -> list[DemoSignIn]:
    """The sign-ins written before; none where there is no such file."""
    if not file.exists():
        return []
    return [DemoSignIn(**sign_in) for sign_in in json.loads(file.read_text())]


def code_of(file: Path, email: str, *, now: datetime) -> str:
    """The code that someone of the demonstration signs in with now. Raises UnknownSignIn."""
    for sign_in in read_sign_ins(file):
        if sign_in.email == email:
            return sign_in.code(now=now)
    raise UnknownSignIn(f"The demonstration has nobody with the address {email}.")


def _clinic(session: Session, *, content: Content, now: datetime) -> Clinic:
    return clinic_services.add_clinic(
        session,
        new=NewClinic(
            name="Demo Skin Clinic",
            text_name="Demo Skin Clinic",
            phone="+12025550100",
            time_zone=zone_at_work(now),
            weekly_hours={day: [["08:00", "18:00"]] for day in WEEKDAYS},
            out_of_hours_phone="+12025550101",
            on_call_phone="+12025550102",
            emergency_number="911",
            protocol=max(content.protocols),
        ),
        content=content,
        live_because=BECAUSE,
        now=now - timedelta(days=30),
    )


def _staff(session: Session, clinic: Clinic, who: tuple[str, str, Role], *, now: datetime) -> DemoSignIn:
    email, name, role = who
    password = secrets.token_urlsafe(9)
    clinic_services.add_staff(
        session, clinic_id=clinic.id, email=email, name=name, role=role, password=password, now=now
    )
    address = clinic_services.set_totp(session, email=email, now=now)
    secret = pyotp.parse_uri(address).secret
    return DemoSignIn(email=email, password=password, role=role.value, totp_secret=secret)


@dataclass(frozen=True, kw_only=True)
class _Days:
    """Plays the courses in the order of time: treatments, reports, reviews, texts."""

    sessions: sessionmaker[Session]
    wording: RenderContext
    clinic_id: uuid.UUID

    def live(self, *, until: datetime) -> None:
        events: list[tuple[datetime, Callable[[datetime], None]]] = []
        for number, course in enumerate(COURSES):
            events.extend(self._events(course, number=number, until=until))
        first = min(at for at, _ in events)
        hours = int((until - first) / timedelta(hours=1)) + 1
        events.extend((first + timedelta(hours=hour), self._texts) for hour in range(hours))
        for at, act in sorted(events, key=lambda event: event[0]):
            act(at)

    def _events(
        self, course: DemoCourse, *, number: int, until: datetime
    ) -> Iterator[tuple[datetime, Callable[[datetime], None]]]:
        performed_at = until - timedelta(hours=course.hours_ago)
        ids: dict[str, uuid.UUID] = {}
        yield performed_at, lambda at: ids.update(self._treat(course, number=number, at=at))
        for seen in course.reports:
            at = performed_at + timedelta(hours=seen.hours)
            yield at, lambda at, seen=seen: self._report(ids, seen, at=at)  # type: ignore[misc]
        last = performed_at + timedelta(hours=max((seen.hours for seen in course.reports), default=0))
        if course.claimed:
            yield last + timedelta(minutes=25), lambda at: self._work(ids, None, at=at)
        if course.resolution is not None:
            flagged = next(seen for seen in course.reports if seen.signs)
            at = performed_at + timedelta(hours=flagged.hours, minutes=40)
            yield at, lambda at: self._work(ids, course, at=at)

    def _consent(self, clinic: Clinic, *, at: datetime) -> enrolment.GivenConsent:
        """In the newest words, so that the whole plan is shown."""
        kind, statements = ConsentKind.RECOVERY_TEXTS, self.wording.content.consents_for(Language.ENGLISH)
        return enrolment.GivenConsent(
            kind=kind,
            wording=statements.render_with_version(kind, clinic=clinic.name),
            given_at=at,
            version=statements.version,
        )

    def _treat(self, course: DemoCourse, *, number: int, at: datetime) -> dict[str, uuid.UUID]:
        with self.sessions.begin() as session:
            clinic = session.get_one(Clinic, self.clinic_id)
            patient = enrolment.enrol(
                session,
                clinic=clinic,
                new=enrolment.NewPatient(
                    first_name=course.first_name,
                    last_name=SURNAME,
                    phone=f"+120255501{10 + number}",
                    year_of_birth=course.year_of_birth,
                    pin=None,
                    language=Language.ENGLISH,
                    time_zone=None,
                    skin_type=course.skin_type,
                    answers_by=course.answers_by,
                    consents=[self._consent(clinic, at=at)],
                ),
                actor=audit.OPERATOR,
                now=at,
            )
            demo_consultations.consult(
                session,
                clinic=clinic,
                patient=patient,
                number=number,
                concern=course.indication,
                content=self.wording.content,
                at=at,
            )
            treatment = new_treatments.record(
                session,
                clinic=clinic,
                patient=patient,
                new=treatments.NewTreatment(
                    performed_at=at,
                    device=course.device,
                    depth_mm=course.depth_mm,
                    areas=course.areas,
                    indication=course.indication,
                    numbing="lidocaine cream",
                    topical="hyaluronic acid",
                    session_number=course.session_number,
                    protocol=None,
                ),
                content=self.wording.content,
                actor=audit.OPERATOR,
                now=at,
            )
            return {"patient": patient.id, "treatment": treatment.id}

    def _report(self, ids: dict[str, uuid.UUID], seen: DemoReport, *, at: datetime) -> None:
        with self.sessions.begin() as session:
            reports.record(
                session,
                caller=PatientCaller(clinic_id=self.clinic_id, patient_id=ids["patient"]),
                treatment_id=ids["treatment"],
                submission=Submission(
                    report_id=uuid.uuid4(),
                    revision=1,
                    seen_at=at,
                    sent_at=at,
                    scores=seen.by_symptom(),
                    warning_signs=frozenset(seen.signs),
                    confirmed=frozenset(seen.by_symptom()),
                    note=seen.note,
                    body={},
                ),
                content=self.wording.content,
                render=lambda _: b"{}",
                now=at,
            )
        with self.sessions.begin() as session:
            report_review.review_due(
                session, content=self.wording.content, now=at + timedelta(seconds=2), limit=50
            )

    def _work(self, ids: dict[str, uuid.UUID], course: DemoCourse | None, *, at: datetime) -> None:
        with self.sessions.begin() as session:
            nurse = clinics.find_active_member(session, STAFF[0][0])
            held = flags.list_for_treatment(session, self.clinic_id, ids["treatment"])
            if nurse is None or not held:
                return
            caller = StaffCaller(
                clinic_id=self.clinic_id, staff_id=nurse.id, name=nurse.name, role=nurse.role
            )
            flag_work.claim(session, caller=caller, flag_id=held[0].id, now=at)
            if course is not None and course.resolution is not None:
                outcome, comment = course.resolution
                at += timedelta(minutes=6)
                flag_work.record_contact(
                    session,
                    caller=caller,
                    flag_id=held[0].id,
                    result=flag_work.ContactResult.REACHED,
                    note=None,
                    now=at,
                )
                flag_work.resolve(
                    session,
                    caller=caller,
                    flag_id=held[0].id,
                    outcome=outcome,
                    comment=comment,
                    content=self.wording.content,
                    now=at,
                )

    def _texts(self, at: datetime) -> None:
        """Everything due by now is sent and delivered, by a carrier that is only pretended."""
        with self.sessions.begin() as session:
            for outgoing in outbox.lease_due_texts(
                session, wording=self.wording, worker_id=uuid.UUID(int=0), now=at, limit=200
            ):
                sid = f"demo-{outgoing.reference}"
                outbox.record_results(session, answers={outgoing.reference: Accepted(carrier_id=sid)}, now=at)
                delivered = Receipt(
                    reference=outgoing.reference, carrier_id=sid, status=CarrierStatus.DELIVERED
                )
                outbox.record_receipt(session, receipt=delivered, now=at + timedelta(seconds=4))


def demo_sign_in_token(sessions: sessionmaker[Session], *, now: datetime) -> str | None:
    """A fresh link's token that signs the demonstration's nurse in; None where there is no demonstration."""
    with sessions.begin() as session:
        nurse = clinics.find_active_member(session, STAFF[0][0])
        if nurse is None or clinics.get_one(session, nurse.clinic_id).live_because != BECAUSE:
            return None
        return staff_onboarding.create_demo_link(session, member=nurse, now=now).token


def demo_invitation(sessions: sessionmaker[Session], *, now: datetime) -> tuple[str, int] | None:
    """A fresh way into the page of one demonstration patient, and the secret that opens it."""
    with sessions.begin() as session:
        patient = patients.find_by_name(session, COURSES[4].first_name, SURNAME)
        if patient is None:
            return None
        return enrolment.invite(session, patient=patient, now=now).token, patient.year_of_birth
