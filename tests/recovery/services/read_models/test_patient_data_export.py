"""Everything kept of a patient, each thing with what it belongs to, and no key that opens anything."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.clinical.symptoms import Level, WarningSign
from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.models.core.audit import AuditEntry
from recovery.models.flags.flags import EventKind
from recovery.models.messaging.messages import Message
from recovery.models.reports.reports import AssessmentCause, StoredAssessment
from recovery.services.flags import flag_work
from recovery.services.flags.flag_work import ContactResult
from recovery.services.read_models import patient_data_export
from recovery.services.read_models.patient_data_export import PatientExport
from tests.support.data.inbound_texting import Texting
from tests.support.data.people import Clinic, Patient
from tests.support.data.planned_texts import plan_text
from tests.support.data.reporting import patient_caller, raise_flag, report, staff_caller
from tests.support.data.treatments import treat_again

LINK = "https://c.example/0123456789abcdefghij_-"


def read(
    sessions: sessionmaker[Session], clinic: Clinic, patient: Patient, *, now: datetime
) -> PatientExport:
    with sessions.begin() as session:
        return patient_data_export.export(session, caller=patient_caller(clinic, patient), now=now)


def test_links_and_codes_are_keys_and_stay_out() -> None:
    link = "Clinic: https://c.example/0123456789abcdefghij_- and c.example/0123456789abcdefghij_-"
    assert patient_data_export.redact_secrets(link) == "Clinic: [link] and [link]"
    assert (
        patient_data_export.redact_secrets("Clinic: Your code is 204617.") == "Clinic: Your code is [code]."
    )
    plain = "Clinic: Call +12025550190. 24/7, ref 7K3QXM"
    assert patient_data_export.redact_secrets(plain) == plain


@pytest.mark.parametrize(
    "words",
    [
        "https://c.example/0123456789abcdefghij_",
        "https://c.example/0123456789abcdefghij_-x",
        "1234567",
        "12345",
        "x123456",
    ],
)
def test_what_is_a_little_longer_or_shorter_than_a_key_is_none(words: str) -> None:
    assert patient_data_export.redact_secrets(words) == words


def test_a_text_is_handed_out_without_its_keys_and_one_that_never_left_not_at_all(
    sessions: sessionmaker[Session], clinic: Clinic, patient: Patient, now: datetime
) -> None:
    with sessions.begin() as session:
        sent, _ = (
            plan_text(session, clinic_id=clinic.id, patient_id=patient.id, template="help", due_at=now)
            for _ in range(2)
        )
        session.execute(
            update(Message)
            .where(Message.id == sent)
            .values(body=f"Clinic: {LINK} 204617", state=MessageState.SENT, claimed_at=now)
        )
    (text,) = read(sessions, clinic, patient, now=now).texts
    assert (text.text.id, text.words) == (sent, "Clinic: [link] [code]")


def test_every_revision_judgement_and_contact_is_with_what_it_belongs_to(
    sessions: sessionmaker[Session], clinic: Clinic, patient: Patient, now: datetime
) -> None:
    second = treat_again(clinic, patient, at=now - timedelta(hours=20))
    calm = report(clinic, second, at=now)
    report(clinic, second, WarningSign.BUMPS, at=now, report_id=calm, revision=2)
    flag_id = raise_flag(clinic, patient, at=now)
    caller = staff_caller(clinic)
    with sessions.begin() as session:
        flag_work.claim(session, caller=caller, flag_id=flag_id, now=now)
        flag_work.record_contact(
            session, caller=caller, flag_id=flag_id, result=ContactResult.REACHED, note=None, now=now
        )
        silence = StoredAssessment(
            clinic_id=clinic.id, treatment_id=second.treatment_id, cause=AssessmentCause.SILENCE,
            level=Level.ABNORMAL, day=1, findings=[], ask_again=[], protocol="p", created_at=now,
            review_after=now,
        )  # fmt: skip
        session.add(silence)
    first, again = read(sessions, clinic, patient, now=now).treatments
    assert [one.treatment.id for one in (first, again)] == [patient.treatment_id, second.treatment_id]
    (flag,) = first.flags
    assert (flag.flag.id, [event.kind for event in flag.contacts]) == (flag_id, [EventKind.CONTACT])
    assert (len(first.reports), first.silences, first.told, first.complications) == (1, [], [], [])
    (reported,) = again.reports
    assert (reported.report.id, [said.revision for said in reported.revisions]) == (calm, [1, 2])
    assert [judged.revision for judged in reported.assessments] == [1, 2]
    assert [one.cause for one in again.silences] == [AssessmentCause.SILENCE]
    assert len(again.flags) == 1, "bumps want a nurse too"


def test_consents_devices_and_what_the_patient_wrote_are_in_it_and_nothing_of_anybody_else(
    sessions: sessionmaker[Session], clinic: Clinic, other_clinic: Clinic, patient: Patient,
    texting: Texting, now: datetime,
) -> None:  # fmt: skip
    stranger = clinic.add_patient(now=now)
    for who, words in ((patient, "mine"), (stranger, "not mine")):
        texting.send(who.phone, words, now=now)
        report(clinic, who, at=now)
    export = read(sessions, clinic, patient, now=now)
    assert (export.patient.id, export.clinic.id) == (patient.id, clinic.id)
    assert (len(export.consents), len(export.devices)) == (1, 1)
    assert [received.body for received in export.received] == ["mine"]
    assert [one.treatment.id for one in export.treatments] == [patient.treatment_id]


def test_the_handing_out_is_audited(
    sessions: sessionmaker[Session], clinic: Clinic, patient: Patient, now: datetime
) -> None:
    read(sessions, clinic, patient, now=now)
    with sessions() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "patient.export")).one()
        assert (entry.actor_id, entry.subject_id, entry.at) == (patient.id, patient.id, now)
