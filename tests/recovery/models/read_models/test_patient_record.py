from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy.orm import Session

from recovery.domain.inbound.text_meaning import TextMeaning
from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.domain.patients.consent import ConsentKind
from recovery.models.flags.flags import EventKind, Flag, FlagEvent
from recovery.models.inbound.inbound_texts import InboundSource, InboundText
from recovery.models.patients.patients import Consent, Patient
from recovery.models.read_models import patient_record
from recovery.models.reports.photos import Photo
from recovery.models.reports.reports import ReportRevision
from recovery.models.treatments.treatments import Treatment
from tests.support.data.model_rows import (
    add_assessment,
    add_flag,
    add_revision,
    add_text,
    add_treatment,
)

HOUR = timedelta(hours=1)


def _photo(session: Session, report: ReportRevision, *, now: datetime, stored: bool) -> Photo:
    photo = Photo(
        clinic_id=report.clinic_id,
        id=uuid4(),
        report_id=report.report_id,
        fingerprint=b"f",
        object_name="large",
        thumbnail_name="small",
        width=1,
        height=1,
        received_at=now,
        stored_at=now if stored else None,
    )
    session.add(photo)
    session.flush()
    return photo


def _event(session: Session, flag: Flag, *, at: datetime) -> FlagEvent:
    event = FlagEvent(clinic_id=flag.clinic_id, flag_id=flag.id, at=at, kind=EventKind.NOTE)
    session.add(event)
    session.flush()
    return event


def _written(session: Session, patient: Patient, *, at: datetime, **values: Any) -> InboundText:
    filled: dict[str, Any] = {
        "source": InboundSource.TEXT,
        "carrier_id": f"SM{uuid4()}",
        "body": "hello",
        "meaning": TextMeaning.OTHER,
        "to_read": True,
    }
    entry = InboundText(
        clinic_id=patient.clinic_id, patient_id=patient.id, received_at=at, **(filled | values)
    )
    session.add(entry)
    session.flush()
    return entry


def test_everything_of_one_patient_is_read_in_the_order_it_came_to_be(
    session: Session, patient: Patient, treatment: Treatment, now: datetime
) -> None:
    withdrawn = add_treatment(session, patient, performed_at=treatment.performed_at - HOUR, withdrawn_at=now)
    later = add_revision(session, treatment, seen_at=now)
    earlier = add_revision(session, withdrawn, seen_at=now - HOUR)
    assessments = [
        add_assessment(session, treatment, later, at=now),
        add_assessment(session, withdrawn, None, at=now - HOUR),
    ]
    first, second = (add_flag(session, row, due_at=now) for row in (treatment, withdrawn))
    events = [_event(session, flag, at=at) for flag, at in ((first, now), (second, now - HOUR))]
    texts = [
        add_text(
            session, patient.clinic_id, due_at=now, treatment=treatment, body="words",
            state=MessageState.SENT, claimed_at=now - hours * HOUR,
        )
        for hours in (0, 1)
    ]  # fmt: skip
    received = [_written(session, patient, at=now - hours * HOUR) for hours in (0, 1)]
    photos = [_photo(session, row, now=row.seen_at, stored=True) for row in (later, earlier)]
    consent = Consent(
        clinic_id=patient.clinic_id,
        patient_id=patient.id,
        kind=ConsentKind.SESSION_REMINDERS,
        wording="I agree.",
        given_at=now,
        withdrawn_at=now,
    )
    session.add(consent)
    session.flush()
    record = patient_record.read_record(session, patient)
    assert record.treatments == [withdrawn, treatment]
    assert [row.id for row in record.reports] == [earlier.report_id, later.report_id]
    assert record.revisions == sorted((earlier, later), key=lambda row: row.report_id)
    assert record.assessments == assessments
    assert record.flags == [first, second]
    assert record.flag_events == events[::-1]
    assert record.texts == texts[::-1]
    assert record.received == received[::-1]
    assert record.photos == photos[::-1]
    assert [row.kind for row in record.consents] == [ConsentKind.RECOVERY_TEXTS, consent.kind]
    assert len(record.devices) == 1


def test_nothing_of_anybody_else_is_in_a_record(
    session: Session, patient: Patient, treatment: Treatment, foreign_treatment: Treatment, now: datetime
) -> None:
    stranger = session.get_one(Patient, (foreign_treatment.clinic_id, foreign_treatment.patient_id))
    revision = add_revision(session, foreign_treatment, seen_at=now)
    add_assessment(session, foreign_treatment, revision, at=now)
    _event(session, add_flag(session, foreign_treatment, due_at=now), at=now)
    add_text(session, stranger.clinic_id, due_at=now, treatment=foreign_treatment, body="words")
    _written(session, stranger, at=now)
    _photo(session, revision, now=now, stored=True)
    record = patient_record.read_record(session, patient)
    people = {row.patient_id for row in record.treatments}
    people |= {row.patient_id for row in record.consents} | {row.patient_id for row in record.devices}
    assert people == {patient.id}
    rest: tuple[Sequence[object], ...] = (
        record.reports,
        record.revisions,
        record.assessments,
        record.flags,
        record.flag_events,
        record.texts,
        record.received,
        record.photos,
    )
    assert [list(rows) for rows in rest] == [[]] * len(rest)


def test_texts_without_words_and_photos_on_their_way_are_left_out(
    session: Session, patient: Patient, treatment: Treatment, now: datetime
) -> None:
    revision = add_revision(session, treatment, seen_at=now)
    add_text(session, patient.clinic_id, due_at=now, treatment=treatment)
    _photo(session, revision, now=now, stored=False)
    _written(
        session,
        patient,
        at=now,
        source=InboundSource.NOTE,
        carrier_id=None,
        body=None,
        report_id=revision.report_id,
        revision=1,
    )
    record = patient_record.read_record(session, patient)
    assert (record.texts, record.photos, record.received) == ([], [], [])
