"""A note that waits to be read, one that does not, and a silence that is over."""

from __future__ import annotations

from datetime import datetime, timedelta

from recovery.domain.clinical.symptoms import WarningSign
from recovery.domain.inbound.text_meaning import TextMeaning
from recovery.models.inbound.inbound_texts import InboundSource
from recovery.models.tasks.tasks import TaskKind
from recovery.services.tasks import tasks
from recovery.services.tasks.tasks import HEARD_FROM, TaskSubject
from tests.support.data.inbound_texting import Texting
from tests.support.data.people import Clinic, Patient
from tests.support.data.reporting import open_on_weekdays, report

MINUTE = timedelta(minutes=1)


def test_a_note_waits_to_be_read_until_the_next_business_day(
    clinic: Clinic, patient: Patient, texting: Texting, now: datetime
) -> None:
    open_on_weekdays(clinic)
    report_id = report(clinic, patient, at=now, note="I love it")
    (entry,) = texting.entries()
    assert (entry.source, entry.meaning, entry.to_read) == (InboundSource.NOTE, TextMeaning.OTHER, True)
    assert (entry.report_id, entry.revision, entry.received_at) == (report_id, 1, now)
    assert (entry.patient_id, entry.treatment_id) == (patient.id, patient.treatment_id)
    assert entry.body is None, "the words stay with the report"
    (task,) = texting.tasks()
    assert (task.kind, task.treatment_id) == (TaskKind.NOTE_TO_READ, patient.treatment_id)
    assert task.due_at == (now + timedelta(days=1)).replace(hour=17)


def test_a_report_without_a_note_leaves_nothing_to_read(
    clinic: Clinic, patient: Patient, texting: Texting, now: datetime
) -> None:
    report(clinic, patient, WarningSign.PUS, at=now)
    assert (texting.entries(), texting.tasks()) == ([], [])


def test_a_note_with_warning_words_is_read_with_the_flag(
    clinic: Clinic, patient: Patient, texting: Texting, now: datetime
) -> None:
    report(clinic, patient, at=now, note="a little pus")
    assert (texting.entries(), texting.tasks()) == ([], [])


def test_a_correction_is_read_again_only_where_its_note_is_new(
    clinic: Clinic, patient: Patient, texting: Texting, now: datetime
) -> None:
    first = report(clinic, patient, at=now, note="I love it")
    report(clinic, patient, at=now + MINUTE, note="I love it", report_id=first, revision=2)
    assert len(texting.entries()) == 1
    report(clinic, patient, at=now + 2 * MINUTE, note="I like it", report_id=first, revision=3)
    assert [entry.revision for entry in texting.entries()] == [1, 3]
    assert len(texting.tasks()) == 1


def test_the_same_words_in_another_report_are_read_too(
    clinic: Clinic, patient: Patient, texting: Texting, now: datetime
) -> None:
    for minutes in (0, 1):
        report(clinic, patient, at=now + minutes * MINUTE, note="I love it")
    assert len(texting.entries()) == 2


def test_any_report_ends_the_silence_of_its_own_course(
    clinic: Clinic, patient: Patient, texting: Texting, now: datetime
) -> None:
    silent = clinic.add_patient(now=now, consent=False)
    for who in (patient, silent):
        subject = TaskSubject(clinic_id=clinic.id, patient_id=who.id, treatment_id=who.treatment_id)
        for kind in (TaskKind.SILENCE, TaskKind.UNDELIVERABLE):
            with clinic.sessions.begin() as session:
                tasks.open_task(session, subject, kind=kind, due_at=now, now=now)
    report(clinic, patient, at=now + MINUTE)
    closed = [task for task in texting.tasks() if task.done_at is not None]
    assert [(task.kind, task.patient_id, task.done_at, task.done_by, task.comment) for task in closed] == [
        (TaskKind.SILENCE, patient.id, now + MINUTE, None, HEARD_FROM)
    ]
