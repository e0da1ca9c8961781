"""A body that every operation with one would accept, every documented field in it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.clinic.opening_hours import WEEKDAYS
from recovery.domain.clinical.symptoms import Symptom
from recovery.domain.content.knowledge_pages import KnowledgeTopic
from recovery.domain.core.language import Language
from recovery.models.clinic.clinics import Clinic as ClinicRow
from recovery.models.patients import patients
from recovery.services.content import content_signing
from recovery.services.content.content import Content
from recovery.services.patients import enrolment
from tests.support.access.access_table import PROFILE_CHANGE
from tests.support.data.people import PASSWORD, YEAR_OF_BIRTH, Clinic, Patient

CHANGES = {
    "updatePatient": ("enrolPatient", {"training"}),
    "updateTreatment": ("createTreatment", {"protocol", "anyway"}),
}
"""Operations that change what another records, and what they leave alone."""


def good_body(
    operation: str, *, clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], now: datetime
) -> dict[str, Any]:
    """The body of one operation."""
    yesterday = (now - timedelta(hours=20)).isoformat()
    if operation == "signInPatient":
        with sessions.begin() as session:
            row = patients.get(session, clinic.id, patient.id)
            assert row is not None
            new = enrolment.invite(session, patient=row, now=now).token
        return {"invitation": new, "secret": str(YEAR_OF_BIRTH), "phone": None, "code": None, "record": None}
    if operation in CHANGES:
        kept, dropped = CHANGES[operation]
        whole = good_body(kept, clinic=clinic, patient=patient, sessions=sessions, now=now)
        changed = {name: value for name, value in whole.items() if name not in dropped}
        return changed if operation == "updatePatient" else changed | {"reason": "Canary"}
    bodies: dict[str, dict[str, Any]] = {
        "signInStaff": {
            "email": clinic.nurse.email,
            "password": PASSWORD,
            "totp": clinic.nurse.code(now=now),
        },
        "updateClinic": {
            "name": "Canary Clinic",
            "text_name": "Canary",
            "phone": "+12025550181",
            "time_zone": "America/Chicago",
            "weekly_hours": {day: [["09:00", "17:00"]] for day in WEEKDAYS},
            "holidays": [{"on": "2026-12-25", "name": "Canary day"}],
            "out_of_hours_phone": "+12025550182",
            "on_call_phone": "+12025550183",
            "emergency_number": "911",
            "crisis_number": "988",
            "texts_per_day": 400,
            "flags_per_100": 12,
        },
        "putAvoidance": {"hours": 48},
        "putClinicPage": {"text": clinic.content.pages[Language.ENGLISH][KnowledgeTopic.AFTERCARE].source},
        "setOwnPhone": {"phone": "+12025550171"},
        "proveOwnPhone": {"code": "481516"},
        "createProtocolDraft": {"text": protocol(clinic.content, "canary-2")},
        "publishProtocolVersion": {
            "effective_from": (now + timedelta(days=1)).isoformat(),
            "reason": "Canary words of a director",
        },
        "signContent": {"digest": _digest(clinic, sessions, now=now)},
        "decideRoleProposal": {"accepted": True},
        "withdrawContent": {
            "part": "own page en aftercare",
            "to": "# Care\n\nCanary words of a clinic.\n",
            "because": "Canary words of a manager",
        },
        "createStaffMember": {"email": "canary@clinic.example", "name": "Canary Birdwell", "role": "nurse"},
        "updateStaffMember": {"name": "Canary Birdwell", "role": "practitioner", "active": True},
        "setSecondFactor": {"password": PASSWORD, "code": None},
        "updateOwnProfile": dict(PROFILE_CHANGE),
        "requestSignInCode": {"phone": "+12025550177"},
        "renewInvitation": {"invitation": "A" * 22},
        "findReception": {"invitation": "A" * 22},
        "createInvitation": {"via": "desk"},
        "endPatient": {"ending": "texts", "because": "asked", "comment": "Canary words of a nurse"},
        "setBandOverride": {"level": 1.2, "duration": 1.1, "at_least": "watch", "because": "Canary words"},
        "putConsultation": {
            "skin_type": 4,
            "concerns": [],
            "conditions": ["keloid"],
            "history": "Words",
            "judge_sooner": True,
        },
        "putSessionPlan": {
            "sessions": 4,
            "weeks_between": 5,
            "maintenance_months": 6,
            "next_session_on": (now + timedelta(days=30)).date().isoformat(),
        },
        "closeTask": {"comment": "Canary words of a nurse"},
        "setStopSwitch": {"on": True, "reason": "Canary"},
        "withdrawTreatment": {"reason": "Canary"},
        "removeSecondFactor": {},
        "enrolPatient": {
            "first_name": "Canary",
            "last_name": "Birdwell",
            "phone": "+12025550188",
            "year_of_birth": 1987,
            "pin": "48151623",
            "language": "en",
            "time_zone": "America/Chicago",
            "skin_type": 4,
            "answers_by": "link",
            "training": False,
            "consents": [
                {"kind": "recovery_texts", "wording": "I agree.", "given_at": yesterday, "version": 2}
            ],
        },
        "createTreatment": {
            "performed_at": yesterday,
            "device": "pen",
            "depth_mm": 1.25,
            "areas": ["face", "neck"],
            "acid": "superficial",
            "indication": "acne_scars",
            "numbing": "lidocaine",
            "topical": "serum",
            "lot": "A-17",
            "performed_by": str(clinic.nurse.id),
            "session_number": 2,
            "protocol": max(clinic.content.protocols),
            "anyway": False,
        },
        "putReport": {
            "seen_at": now.isoformat(),
            "scores": dict.fromkeys(Symptom, 1),
            "answers": "numbers",
            "strongest": None,
            "warning_signs": [],
            "note": "Canary words of a patient",
            "confirmed": ["redness"],
            "revision": 1,
        },
        "openFlag": {
            "told": "Canary words of a patient",
            "urgency": "same_day",
            "warning_signs": ["fever"],
        },
        "recordComplication": {
            "outcome": "scar",
            "began_on": now.date().isoformat(),
            "comment": "Canary words of a nurse",
        },
        "createFlagContact": {"result": "reached", "note": "Canary words of a nurse"},
        "resolveFlag": {"outcome": "irritation", "comment": "Canary words of a nurse", "text": "seen"},
        "handOverFlag": {"to": str(clinic.nurse.id)},
        "createFlagNote": {"note": "Canary words of a nurse"},
        "createFlagText": {"template": "tried_to_call"},
        "previewWording": {"template": "{clinic}: Canary words of a clinic. Call {phone}. {ref}"},
        "putWording": {"template": "{clinic}: Canary words of a clinic. Call {phone}. {ref}"},
    }
    return bodies[operation]


def protocol(content: Content, version: str) -> str:
    """The newest protocol that ships, under another version."""
    newest = max(content.protocols)
    return content.protocol_sources[newest].replace(newest, version, 1)


def _digest(clinic: Clinic, sessions: sessionmaker[Session], *, now: datetime) -> str:
    with sessions() as session:
        row = session.get_one(ClinicRow, clinic.id)
        return content_signing.content_to_sign(session, clinic=row, content=clinic.content, now=now).digest
