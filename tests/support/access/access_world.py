"""Two clinics with their people and things, made on demand, for the matrix of who may call what."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pyotp
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.clinic.staff_roles import Role
from recovery.domain.content.knowledge_pages import KnowledgeTopic
from recovery.domain.core.language import Language
from recovery.domain.flags.flag_lifecycle import FlagOutcome, FlagState, Urgency
from recovery.domain.treatments.avoidance_rules import AvoidItem
from recovery.models.clinic.clinics import Clinic as ClinicRow
from recovery.models.clinic.clinics import Staff, StaffSession
from recovery.models.clinic.staff_phones import StaffPhone
from recovery.models.flags.flags import Flag
from recovery.models.inbound.inbound_texts import InboundText
from recovery.models.patients import patients
from recovery.models.patients.patients import PatientSession
from recovery.models.tasks.tasks import Task
from recovery.models.treatments.treatments import Treatment
from recovery.services.access import credentials
from recovery.services.clinic import role_proposals, staff_phones
from recovery.services.content import protocols, wordings
from recovery.services.core import audit
from recovery.services.flags import complications
from recovery.services.flags.complications import NewComplication
from recovery.services.patients import enrolment
from tests.support.access.signing import sign
from tests.support.data.hostile_images import encoded, skin
from tests.support.data.inbound_texting import Texting
from tests.support.data.people import PASSWORD, YEAR_OF_BIRTH, Clinic, Nurse, Patient
from tests.support.data.reporting import staff_caller

API = "/api/v1"
TOTP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
Headers = dict[str, str]

SKIN = encoded(skin(16, 16))
JPEG = {"Content-Type": "image/jpeg"}


@dataclass(frozen=True, kw_only=True)
class Call:
    """One call that is about to be made: the ids in its path, and whose headers it carries."""

    ids: Mapping[str, str]
    headers: Headers


@dataclass(kw_only=True)
class AccessWorld:
    """`clinic` is the callers' own. Every id asked for is a new thing's."""

    client: FlaskClient
    sessions: sessionmaker[Session]
    texting: Texting
    clinic: Clinic
    other_clinic: Clinic
    now: datetime
    year_of_birth: str = str(YEAR_OF_BIRTH)
    password: str = PASSWORD
    _numbers: int = field(default=0, init=False)
    _reports: dict[UUID, UUID] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        self.own = self.clinic.add_patient(now=self.now)

    # Callers

    def staff(self, role: Role) -> Nurse:
        """Someone new of the clinic's staff."""
        return self.clinic.add_nurse(now=self.now, role=role)

    def no_callers(self, *, wrong_kind: Headers) -> dict[str, Headers]:
        """Headers that let nobody in, `wrong_kind` among them."""
        nurse, gone, idle = (self.staff(Role.MEDICAL_DIRECTOR) for _ in range(3))
        patient = self.clinic.add_patient(now=self.now)
        past = self.now - timedelta(seconds=1)
        with self.sessions.begin() as session:
            session.execute(update(Staff).where(Staff.id == gone.id).values(disabled_at=past))
            session.execute(
                update(StaffSession).where(StaffSession.staff_id == nurse.id).values(expires_at=past)
            )
            session.execute(
                update(StaffSession)
                .where(StaffSession.staff_id == idle.id)
                .values(last_seen_at=self.now - timedelta(hours=1))
            )
            session.execute(
                update(PatientSession).where(PatientSession.patient_id == patient.id).values(expires_at=past)
            )
        moved = self.own.token.replace(self.clinic.id.hex, self.other_clinic.id.hex)
        return {
            "no token": {},
            "another scheme": {"Authorization": "Basic eDp4"},
            "a token nobody has": bearer(credentials.new_bearer(self.clinic.id)),
            "a token moved to another clinic": bearer(moved),
            "an expired patient": patient.headers,
            "an expired member of staff": nurse.headers,
            "an idle member of staff": idle.headers,
            "a disabled member of staff": gone.headers,
            "the wrong kind of token": wrong_kind,
        }

    # Things, by the name they have in a path

    def ids(
        self, names: list[str], owner: Clinic, patient: Patient, *, made_up: frozenset[str] = frozenset()
    ) -> dict[str, str]:
        """A new thing for each name, of this patient of this clinic; of those made up only an id."""
        return {
            name: str(uuid4() if name in made_up else MAKERS[name](self, owner, patient)) for name in names
        }

    def claim(self, call: Call) -> None:
        """The caller takes the flag first."""
        answer = self.client.post(f"{API}/flags/{call.ids['flag_id']}/claim", headers=call.headers)
        assert answer.status_code == 200, answer.text

    def claim_task(self, call: Call) -> None:
        """The caller takes the task first."""
        answer = self.client.post(f"{API}/tasks/{call.ids['task_id']}/claim", headers=call.headers)
        assert answer.status_code == 200, answer.text

    def resolve(self, call: Call) -> None:
        """The caller closes the flag they hold."""
        path = f"{API}/flags/{call.ids['flag_id']}/resolve"
        answer = self.client.post(path, headers=call.headers, json={"outcome": "other", "comment": "Fine."})
        assert answer.status_code == 200, answer.text

    def known_second_factor(self, call: Call) -> None:
        """The app on the caller's phone shows what `digest` sends."""
        place = credentials.hash_token(call.headers["Authorization"].removeprefix("Bearer "))
        with self.sessions.begin() as session:
            caller = session.get_one(StaffSession, (self.clinic.id, place))
            member = session.get_one(Staff, (self.clinic.id, caller.staff_id))
            member.totp_secret, member.totp_used_step = TOTP_SECRET, None

    def proposal(self, owner: Clinic) -> UUID:
        """A manager proposed that a nurse becomes the medical director."""
        proposer = owner.add_nurse(now=self.now, role=Role.MANAGER)
        with self.sessions.begin() as session:
            member = session.get_one(Staff, (owner.id, owner.add_nurse(now=self.now).id))
            by = staff_caller(owner, proposer, role=Role.MANAGER)
            return role_proposals.propose(session, member, role=Role.MEDICAL_DIRECTOR, by=by, now=self.now).id

    def signed_wording(self, call: Call) -> None:
        """The clinic runs on a wording of its own."""
        with self.sessions.begin() as session:
            wordings.save(
                session, clinic_id=self.clinic.id, language=Language.ENGLISH, key="tried_to_call",
                template="{clinic}: We rang you. Please call {phone}. Ref {ref}",
                content=self.clinic.content, actor=audit.OPERATOR, now=self.now,
            )  # fmt: skip
        sign(self.clinic, now=self.now)

    def published(self, call: Call) -> None:
        """The version in the path holds for the clinic's treatments."""
        with self.sessions.begin() as session:
            protocols.publish(
                session, clinic=session.get_one(ClinicRow, self.clinic.id), version=call.ids["version"],
                effective_from=self.now, reason="agreed", content=self.clinic.content,
                actor=audit.OPERATOR, now=self.now,
            )  # fmt: skip

    def texted_code(self, call: Call) -> None:
        """The caller named a phone, and 481516 was texted to it."""
        with self.sessions.begin() as session:
            kept = self._named_phone(session, call, phone="+12025550171")
            kept.code_hash = credentials.hash_pin("481516")

    def proved_phone(self, call: Call) -> None:
        """The caller has a phone of their own, which nobody else here has."""
        with self.sessions.begin() as session:
            kept = self._named_phone(session, call, phone=self.new_patient()["phone"])
            kept.proved_at = self.now

    def _named_phone(self, session: Session, call: Call, *, phone: str) -> StaffPhone:
        place = credentials.hash_token(call.headers["Authorization"].removeprefix("Bearer "))
        caller = session.get_one(StaffSession, (self.clinic.id, place))
        member = session.get_one(Staff, (self.clinic.id, caller.staff_id))
        return staff_phones.request_code(session, member=member, phone=phone, now=self.now)

    def flag(self, owner: Clinic, patient: Patient) -> UUID:
        """An open flag on a treatment of its own."""
        with self.sessions.begin() as session:
            one = session.get_one(Treatment, (owner.id, patient.treatment_id))
            treatment = Treatment(
                clinic_id=owner.id,
                patient_id=patient.id,
                protocol=one.protocol,
                device=one.device,
                areas=one.areas,
                session_number=1,
                performed_at=self.now,
                created_at=self.now,
            )
            session.add(treatment)
            session.flush()
            made = Flag(
                clinic_id=owner.id,
                treatment_id=treatment.id,
                state=FlagState.OPEN,
                urgency=Urgency.SAME_DAY,
                urgency_rank=Urgency.SAME_DAY.rank,
                opened_at=self.now,
                due_at=self.now + timedelta(hours=2),
            )
            session.add(made)
            session.flush()
            return made.id

    def entry(self, owner: Clinic) -> UUID:
        """A text somebody sent the clinic."""
        return self._written(owner, InboundText)

    def task(self, owner: Clinic) -> UUID:
        """A task about such a text."""
        return self._written(owner, Task)

    def _written(self, owner: Clinic, kind: type[InboundText] | type[Task]) -> UUID:
        someone = owner.add_patient(now=self.now)
        self.texting.send(someone.phone, "hello", now=self.now)
        with self.sessions() as session:
            newest = select(kind.id).where(kind.clinic_id == owner.id, kind.patient_id == someone.id)
            return session.scalars(newest).one()

    def stored_report(self, patient: Patient) -> UUID:
        """A report of the patient's."""
        made = uuid4()
        answer = self.client.put(patient.report_path(made), json=self.report(), headers=patient.headers)
        assert answer.status_code == 201, answer.text
        self._reports[patient.id] = made
        return made

    def photo(self, patient: Patient) -> UUID:
        """A photo with the patient's newest report."""
        report_id, made = self._reports.get(patient.id) or self.stored_report(patient), uuid4()
        path = f"{API}/me/reports/{report_id}/photos/{made}"
        answer = self.client.put(path, data=SKIN, headers=JPEG | patient.headers)
        assert answer.status_code == 201, answer.text
        return made

    def complication(self, owner: Clinic, patient: Patient) -> UUID:
        """A complication of the patient's treatment."""
        with self.sessions.begin() as session:
            kept = complications.record(
                session,
                caller=staff_caller(owner),
                treatment_id=patient.treatment_id,
                new=NewComplication(outcome=FlagOutcome.SCAR, began_on=self.now.date(), comment=None),
                now=self.now,
            )
            return kept.id

    def device(self, owner: Clinic, patient: Patient) -> UUID:
        """Another device of a patient's."""
        token = self.invitation(owner, patient)
        body = {"invitation": token, "secret": self.year_of_birth}
        opened = self.client.post(f"{API}/patient/sessions", json=body)
        assert opened.status_code == 201, opened.text
        place = credentials.hash_token(str(opened.json["access_token"] if opened.json else ""))
        with self.sessions() as session:
            return session.get_one(PatientSession, (owner.id, place)).id

    # Bodies

    def invitation(self, owner: Clinic | None = None, patient: Patient | None = None) -> str:
        """A fresh invitation."""
        with self.sessions.begin() as session:
            row = patients.get(session, (owner or self.clinic).id, (patient or self.own).id)
            assert row is not None
            return enrolment.invite(session, patient=row, now=self.now).token

    def protocol(self) -> dict[str, Any]:
        """A version nobody has yet."""
        self._numbers += 1
        newest = max(self.clinic.content.protocols)
        source = self.clinic.content.protocol_sources[newest]
        return {"text": source.replace(newest, f"own-{self._numbers}", 1)}

    def draft(self, owner: Clinic) -> str:
        """A version the clinic drafted."""
        with self.sessions.begin() as session:
            kept = protocols.save_draft(
                session,
                clinic_id=owner.id,
                text=self.protocol()["text"],
                content=owner.content,
                actor=audit.OPERATOR,
                now=self.now,
            )
            return kept.version

    def digest(self) -> dict[str, Any]:
        """What there is to sign now, with the code of who has `known_second_factor`."""
        shown = self.client.get(f"{API}/protocols/to-sign", headers=self.clinic.nurse.headers)
        assert shown.json is not None
        return {"digest": shown.json["digest"], **self.own_code()}

    def own_code(self) -> dict[str, Any]:
        """The code of who has `known_second_factor`."""
        return {"code": pyotp.TOTP(TOTP_SECRET).at(datetime.now(UTC))}

    def new_member(self) -> dict[str, Any]:
        """Somebody to take onto the staff."""
        self._numbers += 1
        return {"email": f"new{self._numbers}@clinic.example", "name": "New Sample", "role": "nurse"}

    def staff_sign_in(self) -> dict[str, Any]:
        """The body with which somebody new signs in."""
        nurse = self.staff(Role.NURSE)
        return {"email": nurse.email, "password": PASSWORD, "totp": nurse.code(now=self.now)}

    def report(self) -> dict[str, Any]:
        """A report of a moment ago."""
        return {
            "seen_at": self.now.isoformat(),
            "scores": {"redness": 2, "swelling": 1, "peeling": 0},
        }

    def new_patient(self) -> dict[str, Any]:
        """Somebody to enrol."""
        self._numbers += 1
        return {
            "first_name": "New",
            "last_name": "Sample",
            "phone": f"+1303555{self._numbers:04d}",
            "year_of_birth": YEAR_OF_BIRTH,
        }

    def new_treatment(self) -> dict[str, Any]:
        """A treatment to record."""
        return {"performed_at": self.now.isoformat(), "device": "pen"}

    def wording(self) -> dict[str, Any]:
        """Words that may be sent."""
        return {"template": "{clinic}: We tried to call. Please call {phone}. Ref {ref}"}


def bearer(token: str) -> Headers:
    """What a request with this token carries."""
    return {"Authorization": f"Bearer {token}"}


MAKERS: Mapping[str, Callable[[AccessWorld, Clinic, Patient], object]] = {
    "patient_id": lambda world, owner, patient: patient.id,
    "treatment_id": lambda world, owner, patient: patient.treatment_id,
    "report_id": lambda world, owner, patient: world.stored_report(patient),
    "photo_id": lambda world, owner, patient: world.photo(patient),
    "flag_id": lambda world, owner, patient: world.flag(owner, patient),
    "complication_id": lambda world, owner, patient: world.complication(owner, patient),
    "task_id": lambda world, owner, patient: world.task(owner),
    "entry_id": lambda world, owner, patient: world.entry(owner),
    "device_id": lambda world, owner, patient: world.device(owner, patient),
    "staff_id": lambda world, owner, patient: owner.add_nurse(now=world.now).id,
    "proposal_id": lambda world, owner, patient: world.proposal(owner),
    "version": lambda world, owner, patient: world.draft(owner),
    "language": lambda world, owner, patient: "en",
    "key": lambda world, owner, patient: "tried_to_call",
    "part": lambda world, owner, patient: "own wording en tried_to_call",
    "topic": lambda world, owner, patient: min(KnowledgeTopic),
    "what": lambda world, owner, patient: min(AvoidItem),
}
"""What each name in a path stands for; those of languages, texts and pages belong to nobody."""

NOBODYS = frozenset({"language", "key", "part", "topic", "what"})
