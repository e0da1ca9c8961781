"""All that happened with a patient, in the order in which it happened, page by page."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, update

from recovery.domain.clinical.symptoms import AnswerScale, Symptom, WarningSign
from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.models.core.audit import AuditEntry
from recovery.models.messaging.messages import Message
from recovery.models.patients.patients import Consent
from recovery.models.treatments.treatments import Treatment
from recovery.services.flags import flag_work
from recovery.services.patients.enrolment import UnknownPatient
from recovery.services.read_models import patient_timeline
from recovery.services.read_models.patient_timeline import TimelineEvent, TimelineEventKind
from tests.support.data.inbound_texting import Texting
from tests.support.data.people import Clinic, Patient
from tests.support.data.planned_texts import plan_text
from tests.support.data.reporting import CALM, raise_flag, report, staff_caller

Kind = TimelineEventKind
HOUR = timedelta(hours=1)


def read(
    clinic: Clinic, patient: Patient, *, now: datetime, limit: int = 100,
    after: tuple[datetime, UUID] | None = None,
) -> list[TimelineEvent]:  # fmt: skip
    with clinic.sessions.begin() as session:
        return patient_timeline.read_timeline(
            session, caller=staff_caller(clinic), patient_id=patient.id, after=after, limit=limit, now=now
        )


@pytest.fixture
def lived(clinic: Clinic, patient: Patient, texting: Texting, now: datetime) -> UUID:
    """Much has happened; the id of the flag."""
    report(clinic, patient, at=now - 5 * HOUR, note="It is fine", scale=AnswerScale.WORDS)
    texting.send(patient.phone, "When can I use makeup?", now=now - 4 * HOUR)
    flag_id = raise_flag(clinic, patient, at=now - 3 * HOUR)
    with clinic.sessions.begin() as session:
        flag_work.claim(session, caller=staff_caller(clinic), flag_id=flag_id, now=now - 2 * HOUR)
        text_id = plan_text(
            session, clinic_id=clinic.id, patient_id=patient.id, template="help", due_at=now - HOUR
        )
        sent = {"body": "Your code is 204617", "state": MessageState.SENT, "claimed_at": now - HOUR}
        session.execute(update(Message).where(Message.id == text_id).values(sent))
        session.execute(update(Consent).values(withdrawn_at=now))
        session.execute(update(Treatment).values(withdrawn_at=now + HOUR))
    return flag_id


def test_everything_is_told_in_the_order_in_which_it_happened(
    clinic: Clinic, patient: Patient, lived: UUID, now: datetime
) -> None:
    events = read(clinic, patient, now=now)
    assert [event.sort_key for event in events] == sorted(event.sort_key for event in events)
    assert {event.kind for event in events[:3]} == {Kind.ENROLLED, Kind.CONSENT_GIVEN, Kind.TREATMENT}
    kinds = [event.kind for event in events[3:]]
    assert kinds[:2] == [Kind.REPORT, Kind.TEXT_RECEIVED]
    assert set(kinds[2:4]) == {Kind.REPORT, Kind.FLAG}, "at one moment"
    assert kinds[4:] == [Kind.FLAG, Kind.TEXT_SENT, Kind.CONSENT_WITHDRAWN, Kind.TREATMENT_WITHDRAWN]


def test_each_thing_says_what_there_is_to_say_of_it(
    clinic: Clinic, patient: Patient, lived: UUID, now: datetime
) -> None:
    events = read(clinic, patient, now=now)
    calm, flagged = [event.detail for event in events if event.kind is Kind.REPORT]
    assert (calm["level"], calm["day"], calm["note"]) == ("expected", 1, "It is fine")
    assert (calm["answers"], flagged["answers"]) == ("words", "numbers")
    assert (flagged["level"], flagged["warning_signs"]) == ("abnormal", ["pus"])
    opened, claimed = [event.detail for event in events if event.kind is Kind.FLAG]
    assert (opened["event"], opened["staff_id"]) == ("opened", None)
    assert (claimed["event"], claimed["staff_id"]) == ("claimed", str(clinic.nurse.id))
    assert opened["flag_id"] == claimed["flag_id"] == str(lived)
    (received,) = [event.detail for event in events if event.kind is Kind.TEXT_RECEIVED]
    assert received == {"words": "When can I use makeup?", "taken_as": "other"}
    (sent,) = [event for event in events if event.kind is Kind.TEXT_SENT]
    assert (sent.at, sent.detail["words"]) == (now - HOUR, "Your code is [code]")
    (treated,) = [event.detail for event in events if event.kind is Kind.TREATMENT]
    assert treated == {
        "device": "pen",
        "depth_mm": 1.2,
        "areas": ["face"],
        "acid": "none",
        "session_number": 1,
    }
    of_the_course = {event.kind for event in events if event.treatment_id == patient.treatment_id}
    assert {Kind.REPORT, Kind.FLAG, Kind.TREATMENT, Kind.TREATMENT_WITHDRAWN} <= of_the_course


def test_a_corrected_report_is_told_as_often_as_it_was_said_each_with_its_own_level(
    clinic: Clinic, patient: Patient, now: datetime
) -> None:
    first = report(clinic, patient, at=now)
    report(clinic, patient, WarningSign.PUS, at=now + HOUR, report_id=first, revision=2)
    said = [event for event in read(clinic, patient, now=now) if event.kind is Kind.REPORT]
    assert [(event.id, event.detail["revision"], event.detail["level"]) for event in said] == [
        (first, 1, "expected"),
        (first, 2, "abnormal"),
    ]


def test_a_report_says_what_is_asked_about_first(clinic: Clinic, now: datetime) -> None:
    patient = clinic.add_patient(now=now, hours_ago=71)
    report(clinic, patient, at=now, scores=CALM | {Symptom.REDNESS: 4}, confirmed=Symptom)
    (said,) = [event.detail for event in read(clinic, patient, now=now) if event.kind is Kind.REPORT]
    assert said["level"] == "expected"
    assert [finding["rule"] for finding in said["asked_first"]] == ["personal_band"]


@pytest.mark.parametrize("limit", [1, 2, 5])
def test_every_moment_is_on_one_page(
    clinic: Clinic, patient: Patient, lived: UUID, now: datetime, limit: int
) -> None:
    whole = read(clinic, patient, now=now)
    walked: list[TimelineEvent] = []
    while page := read(clinic, patient, now=now, limit=limit, after=walked[-1].sort_key if walked else None):
        assert len(page) <= limit
        walked += page
    assert walked == whole


def test_the_reading_is_audited_and_another_clinics_patient_is_unknown(
    clinic: Clinic, other_clinic: Clinic, patient: Patient, now: datetime
) -> None:
    read(clinic, patient, now=now)
    with pytest.raises(UnknownPatient):
        read(other_clinic, patient, now=now)
    with clinic.sessions() as session:
        entries = session.scalars(select(AuditEntry).where(AuditEntry.action == "patient.read")).all()
        assert [(entry.clinic_id, entry.subject_id) for entry in entries] == [(clinic.id, patient.id)]
