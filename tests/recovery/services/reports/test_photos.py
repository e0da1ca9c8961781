"""Photos of a report: begun and finished once, few, and seen by their patient and clinic alone."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from recovery.models.core.audit import AuditEntry
from recovery.models.reports.photos import Photo
from recovery.photos.photo_decoder import DecodedPhoto
from recovery.services.access.authentication import PatientCaller
from recovery.services.reports import photos
from recovery.services.reports.photos import (
    MOST_OF_A_REPORT,
    PhotoIdTaken,
    TooManyPhotos,
    UnknownPhoto,
    UnknownReport,
)
from tests.support.data.people import Clinic, Patient
from tests.support.data.reporting import patient_caller, report, staff_caller

PICTURES = DecodedPhoto(photo=b"photo", thumbnail=b"thumbnail", width=40, height=30)
BYTES, OTHER_BYTES = b"\x01" * 32, b"\x02" * 32


@pytest.fixture
def caller(clinic: Clinic, patient: Patient) -> PatientCaller:
    return patient_caller(clinic, patient)


@pytest.fixture
def report_id(clinic: Clinic, patient: Patient, now: datetime) -> UUID:
    return report(clinic, patient, at=now)


def begin(
    session: Session, caller: PatientCaller, report_id: UUID, photo_id: UUID, *, now: datetime,
    fingerprint: bytes = BYTES,
) -> Photo:  # fmt: skip
    return photos.begin_upload(
        session, caller=caller, report_id=report_id, photo_id=photo_id, fingerprint=fingerprint,
        pictures=PICTURES, now=now,
    )  # fmt: skip


def upload(sessions: sessionmaker[Session], caller: PatientCaller, report_id: UUID, *, now: datetime) -> UUID:
    """A photo whose pictures are in the store; its id."""
    photo_id = uuid4()
    with sessions.begin() as session:
        begin(session, caller, report_id, photo_id, now=now)
    with sessions.begin() as session:
        photos.finish_upload(session, caller=caller, photo_id=photo_id, now=now)
    return photo_id


def audited(sessions: sessionmaker[Session]) -> list[tuple[str, UUID | None]]:
    with sessions() as session:
        rows = session.scalars(select(AuditEntry).order_by(AuditEntry.id))
        return [(row.action, row.subject_id) for row in rows if row.action.startswith("photo.")]


def test_a_photo_begun_again_keeps_its_names_and_is_stored_once(
    caller: PatientCaller, report_id: UUID, sessions: sessionmaker[Session], now: datetime
) -> None:
    photo_id = uuid4()
    with sessions.begin() as session:
        first = begin(session, caller, report_id, photo_id, now=now)
        assert (first.width, first.height, first.received_at, first.stored_at) == (40, 30, now, None)
        assert first.object_name != first.thumbnail_name
        names = first.object_name, first.thumbnail_name
    with sessions.begin() as session:
        again = begin(session, caller, report_id, photo_id, now=now + timedelta(hours=1))
        assert ((again.object_name, again.thumbnail_name), again.received_at) == (names, now)
    finished = []
    for _ in range(2):
        with sessions.begin() as session:
            photo, is_first = photos.finish_upload(session, caller=caller, photo_id=photo_id, now=now)
            finished.append((photo.stored_at, is_first))
    assert finished == [(now, True), (now, False)]
    assert audited(sessions) == [("photo.store", photo_id)]


def test_a_photo_counts_once_its_pictures_are_in_the_store(
    caller: PatientCaller, report_id: UUID, sessions: sessionmaker[Session], now: datetime
) -> None:
    photo_id = uuid4()
    wanted: dict[str, Any] = {
        "caller": caller,
        "report_id": report_id,
        "photo_id": photo_id,
        "fingerprint": BYTES,
    }
    with sessions.begin() as session:
        assert photos.find_stored_copy(session, **wanted) is None
        begin(session, caller, report_id, photo_id, now=now)
        assert photos.find_stored_copy(session, **wanted) is None
        assert photos.list_own(session, caller=caller, report_id=report_id) == []
        with pytest.raises(UnknownPhoto):
            photos.get_own(session, caller=caller, report_id=report_id, photo_id=photo_id)
        photos.finish_upload(session, caller=caller, photo_id=photo_id, now=now)
        stored = photos.find_stored_copy(session, **wanted)
        assert stored is not None
        assert photos.list_own(session, caller=caller, report_id=report_id) == [stored]
        assert photos.get_own(session, caller=caller, report_id=report_id, photo_id=photo_id) is stored


def test_an_id_is_one_photo_of_one_report(
    caller: PatientCaller, clinic: Clinic, patient: Patient, report_id: UUID,
    sessions: sessionmaker[Session], now: datetime,
) -> None:  # fmt: skip
    photo_id = upload(sessions, caller, report_id, now=now)
    second = report(clinic, patient, at=now)
    for of, fingerprint in ((report_id, OTHER_BYTES), (second, BYTES)):
        with sessions.begin() as session:
            with pytest.raises(PhotoIdTaken):
                photos.find_stored_copy(
                    session, caller=caller, report_id=of, photo_id=photo_id, fingerprint=fingerprint
                )
            with pytest.raises(PhotoIdTaken):
                begin(session, caller, of, photo_id, now=now, fingerprint=fingerprint)


def test_a_report_has_few_photos_and_the_last_of_them_may_be_sent_again(
    caller: PatientCaller, clinic: Clinic, patient: Patient, report_id: UUID,
    sessions: sessionmaker[Session], now: datetime,
) -> None:  # fmt: skip
    kept = [upload(sessions, caller, report_id, now=now) for _ in range(MOST_OF_A_REPORT)]
    with sessions.begin() as session:
        with pytest.raises(TooManyPhotos):
            begin(session, caller, report_id, uuid4(), now=now)
        with pytest.raises(TooManyPhotos):
            photos.find_stored_copy(
                session, caller=caller, report_id=report_id, photo_id=uuid4(), fingerprint=BYTES
            )
        assert begin(session, caller, report_id, kept[-1], now=now).id == kept[-1]
    upload(sessions, caller, report(clinic, patient, at=now), now=now)


def test_a_photo_that_was_never_begun_cannot_be_finished(
    caller: PatientCaller, sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions.begin() as session, pytest.raises(UnknownPhoto):
        photos.finish_upload(session, caller=caller, photo_id=uuid4(), now=now)


def test_somebody_elses_report_is_as_unknown_as_none(
    caller: PatientCaller, clinic: Clinic, report_id: UUID, sessions: sessionmaker[Session], now: datetime
) -> None:
    photo_id = upload(sessions, caller, report_id, now=now)
    stranger = patient_caller(clinic, clinic.add_patient(now=now))
    for who, of in ((stranger, report_id), (caller, uuid4())):
        with sessions.begin() as session:
            with pytest.raises(UnknownReport):
                photos.get_own_report(session, caller=who, report_id=of)
            with pytest.raises(UnknownReport):
                photos.list_own(session, caller=who, report_id=of)
            with pytest.raises(UnknownReport):
                photos.get_own(session, caller=who, report_id=of, photo_id=photo_id)
            with pytest.raises(UnknownReport):
                begin(session, who, of, uuid4(), now=now)


def test_what_the_staff_is_shown_is_noted_and_another_clinic_is_shown_nothing(
    caller: PatientCaller, clinic: Clinic, other_clinic: Clinic, report_id: UUID,
    sessions: sessionmaker[Session], now: datetime,
) -> None:  # fmt: skip
    photo_id = upload(sessions, caller, report_id, now=now)
    nurse, stranger = staff_caller(clinic), staff_caller(other_clinic)
    with sessions.begin() as session:
        listed = photos.list_for_staff(session, caller=nurse, report_id=report_id, now=now)
        assert [photo.id for photo in listed] == [photo_id]
        photo = photos.get_for_staff(session, caller=nurse, report_id=report_id, photo_id=photo_id, now=now)
        assert photo.id == photo_id
        with pytest.raises(UnknownPhoto):
            photos.get_for_staff(session, caller=nurse, report_id=report_id, photo_id=uuid4(), now=now)
        with pytest.raises(UnknownReport):
            photos.list_for_staff(session, caller=stranger, report_id=report_id, now=now)
        with pytest.raises(UnknownReport):
            photos.get_for_staff(session, caller=stranger, report_id=report_id, photo_id=photo_id, now=now)
    assert audited(sessions) == [
        ("photo.store", photo_id),
        ("photo.list", report_id),
        ("photo.read", photo_id),
    ]
