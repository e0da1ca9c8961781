from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from recovery.domain.inbound.text_meaning import TextMeaning
from recovery.models.inbound import inbound_texts, stray_texts
from recovery.models.inbound.inbound_texts import InboundSource, InboundText
from recovery.models.inbound.stray_texts import StrayText
from recovery.models.patients.patients import Patient
from recovery.models.treatments.treatments import Treatment
from tests.support.data.model_rows import add_inbound, add_revision, add_treatment
from tests.support.data.people import Clinic

HOUR = timedelta(hours=1)
PHONE = "+12025550111"
Write = Callable[..., InboundText]


@pytest.fixture
def write(session: Session, treatment: Treatment, now: datetime) -> Write:
    """A text of the patient's about the treatment, to be read; a note where `note` is its report's."""

    def written(**values: Any) -> InboundText:
        filled: dict[str, Any] = {"received_at": now}
        return add_inbound(session, treatment, **(filled | values))

    return written


NOTE: dict[str, Any] = {"source": InboundSource.NOTE, "carrier_id": None, "body": None, "phone": None}


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"body": None}, "texts_have_a_body"),
        ({"carrier_id": None}, "texts_have_a_carrier_id"),
        (NOTE | {"body": "words"}, "texts_have_a_body"),
        (NOTE | {"carrier_id": "SM1"}, "texts_have_a_carrier_id"),
    ],
)
def test_a_text_has_words_and_a_carrier_s_id_and_a_note_neither(
    write: Write, values: dict[str, Any], constraint: str
) -> None:
    write(**NOTE)
    with pytest.raises(IntegrityError, match=constraint):
        write(**values)


def test_a_text_was_received_if_a_clinic_or_nobody_has_it(
    session: Session, write: Write, now: datetime
) -> None:
    write(carrier_id="SM1")
    for number, hours in ((2, 0), (3, 2), (4, 1)):
        session.add(
            StrayText(
                carrier_id=f"SM{number}",
                phone=PHONE,
                body="hi",
                received_at=now - hours * HOUR,
                meaning=TextMeaning.OTHER,
            )
        )
    session.flush()
    assert [inbound_texts.was_received(session, f"SM{number}") for number in range(6)] == [
        False,
        True,
        True,
        True,
        True,
        False,
    ]
    strays = stray_texts.list_strays(session, since=now - HOUR, limit=10)
    assert [row.carrier_id for row in strays] == ["SM2", "SM4"]


def test_one_text_may_be_two_clinics_but_never_twice_one_s(
    write: Write, foreign_treatment: Treatment
) -> None:
    write(carrier_id="SM1")
    elsewhere = {"clinic_id": foreign_treatment.clinic_id, "patient_id": None, "treatment_id": None}
    write(carrier_id="SM1", **elsewhere)
    with pytest.raises(IntegrityError, match="uq_inbound_text_carrier_id"):
        write(carrier_id="SM1")


def test_the_newest_text_of_a_report_is_no_note(
    session: Session, write: Write, treatment: Treatment, now: datetime
) -> None:
    report_id = add_revision(session, treatment, seen_at=now).report_id
    from_app = add_revision(session, treatment, seen_at=now).report_id
    write(report_id=report_id)
    newest = write(report_id=report_id)
    for note_of in (report_id, from_app):
        write(**NOTE, report_id=note_of, revision=1)
    clinic_id = treatment.clinic_id
    assert inbound_texts.newest_text_of_report(session, clinic_id, report_id) is newest
    assert inbound_texts.newest_text_of_report(session, clinic_id, from_app) is None
    assert inbound_texts.newest_text_of_report(session, uuid4(), report_id) is None


def test_the_latest_report_by_text_is_of_this_treatment_and_since_the_moment(
    session: Session, write: Write, patient: Patient, treatment: Treatment, now: datetime
) -> None:
    older, newer, other = (add_revision(session, treatment, seen_at=now).report_id for _ in range(3))
    write(report_id=newer, received_at=now)
    write(report_id=older, received_at=now - HOUR)
    write(received_at=now + HOUR)
    write(report_id=other, received_at=now + HOUR, treatment_id=None)
    write(**NOTE, report_id=other, revision=1, received_at=now + HOUR)

    def latest(since: datetime) -> object:
        return inbound_texts.latest_report_by_text(session, treatment.clinic_id, treatment.id, since=since)

    assert latest(now - HOUR) == latest(now) == newer
    assert latest(now + timedelta(seconds=1)) is None


def test_the_newest_text_that_a_wording_answers_is_of_this_treatment_and_since_the_moment(
    session: Session, write: Write, treatment: Treatment, now: datetime
) -> None:
    write(answer="a", received_at=now - HOUR)
    newest = write(answer="b", received_at=now)
    write(answer="c", received_at=now)
    write(answer="a", received_at=now, treatment_id=None)

    def found(answers: list[str], since: datetime) -> object:
        return inbound_texts.newest_answered_with(
            session, treatment.clinic_id, treatment.id, answers=answers, since=since
        )

    assert found(["a", "b"], now - HOUR) is newest
    assert found(["a"], now) is None


def test_a_stop_is_known_by_number_and_clinic(
    session: Session, write: Write, treatment: Treatment, foreign_treatment: Treatment
) -> None:
    write(phone="+12025550112")
    write(phone=PHONE, meaning=TextMeaning.STOP)
    assert inbound_texts.has_stop_from(session, treatment.clinic_id, ["+12025550112", PHONE])
    assert not inbound_texts.has_stop_from(session, treatment.clinic_id, ["+12025550112"])
    assert not inbound_texts.has_stop_from(session, treatment.clinic_id, [])
    assert not inbound_texts.has_stop_from(session, foreign_treatment.clinic_id, [PHONE])


def test_what_waits_to_be_read_comes_oldest_first_with_its_words(
    session: Session, write: Write, patient: Patient, treatment: Treatment, now: datetime
) -> None:
    revision = add_revision(session, treatment, seen_at=now, note="It itches.")
    third = write(received_at=now + HOUR)
    note = write(**NOTE, report_id=revision.report_id, revision=1, received_at=now - HOUR)
    unknown = write(patient_id=None, treatment_id=None, body="who is it", received_at=now)
    write(to_read=False)
    write(read_at=now)
    clinic_id = treatment.clinic_id
    items = inbound_texts.list_unread(session, clinic_id, limit=9)
    assert [item.entry for item in items] == [note, unknown, third]
    assert [item.body for item in items] == ["It itches.", "who is it", "hello"]
    assert [(item.patient, item.treatment) for item in items[:2]] == [(patient, treatment), (None, None)]
    after = note.received_at, note.id
    behind = inbound_texts.list_unread(session, clinic_id, after=after, limit=1)
    assert [item.entry for item in behind] == [unknown]
    for known, wanted in ((True, [note, third]), (False, [unknown])):
        narrowed = inbound_texts.list_unread(session, clinic_id, known=known, limit=9)
        assert [item.entry for item in narrowed] == wanted
    assert inbound_texts.count_unread(session, clinic_id) == 2


def test_an_entry_is_its_clinic_s_alone_and_found_when_read_too(
    session: Session, write: Write, clinic: Clinic, foreign_treatment: Treatment, now: datetime
) -> None:
    entry = write(read_at=now, read_by=clinic.nurse.id)
    item = inbound_texts.get_entry(session, entry.clinic_id, entry.id)
    assert item is not None
    assert (item.entry, item.body) == (entry, "hello")
    assert inbound_texts.get_for_update(session, entry.clinic_id, entry.id) is entry
    elsewhere = foreign_treatment.clinic_id
    assert inbound_texts.get_entry(session, elsewhere, entry.id) is None
    assert inbound_texts.get_for_update(session, elsewhere, entry.id) is None
    assert inbound_texts.count_unread(session, elsewhere) == 0


def test_something_else_waits_only_of_the_same_source_patient_and_treatment(
    session: Session, write: Write, patient: Patient, now: datetime
) -> None:
    entry = write()
    other = add_treatment(session, patient, performed_at=now)
    write(**NOTE)
    write(treatment_id=other.id)
    write(treatment_id=None)
    write(patient_id=None)
    write(to_read=False)
    write(read_at=now)
    assert not inbound_texts.has_other_unread(session, entry)
    write()
    assert inbound_texts.has_other_unread(session, entry)


def test_reading_marks_what_is_of_one_source_about_one_treatment(
    session: Session, write: Write, clinic: Clinic, treatment: Treatment, now: datetime
) -> None:
    read = [write(), write()]
    left = [write(**NOTE), write(treatment_id=None), write(patient_id=None), write(to_read=False)]
    before = write(read_at=now - HOUR)
    inbound_texts.mark_read(
        session,
        clinic_id=treatment.clinic_id,
        source=InboundSource.TEXT,
        patient_id=treatment.patient_id,
        treatment_id=treatment.id,
        by=clinic.nurse.id,
        now=now,
    )
    session.expire_all()
    assert {(entry.read_at, entry.read_by) for entry in read} == {(now, clinic.nurse.id)}
    assert {entry.read_at for entry in left} == {None}
    assert (before.read_at, before.read_by) == (now - HOUR, None)


def test_what_a_patient_texted_comes_newest_first_and_is_read_on(
    session: Session, write: Write, treatment: Treatment, now: datetime
) -> None:
    made = [write(received_at=moment) for moment in (now - HOUR, now, now, now + HOUR)]
    write(**NOTE)
    write(patient_id=None)
    who = treatment.clinic_id, treatment.patient_id
    newest = inbound_texts.list_for_patient(session, *who, after=None, limit=2)
    assert newest == [made[3], made[2]]
    key = newest[-1].received_at, newest[-1].id
    assert inbound_texts.list_for_patient(session, *who, after=key, limit=9) == [made[1], made[0]]
