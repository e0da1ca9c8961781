from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from recovery.models.reports import photos
from recovery.models.reports.photos import Photo
from recovery.models.reports.reports import ReportRevision
from recovery.models.treatments.treatments import Treatment
from tests.support.data.model_rows import add_revision

MINUTE = timedelta(minutes=1)


@pytest.fixture
def report(session: Session, treatment: Treatment, now: datetime) -> ReportRevision:
    """The report that photos come with."""
    return add_revision(session, treatment, seen_at=now)


def _photo(report: ReportRevision, received_at: datetime, **values: Any) -> Photo:
    filled: dict[str, Any] = {
        "id": uuid4(),
        "fingerprint": b"f",
        "object_name": "large",
        "thumbnail_name": "small",
        "width": 40,
        "height": 30,
    }
    return Photo(
        clinic_id=report.clinic_id,
        report_id=report.report_id,
        received_at=received_at,
        **(filled | values),
    )


def _stored(session: Session, report: ReportRevision, received_at: datetime) -> Photo:
    photo = _photo(report, received_at, stored_at=received_at)
    session.add(photo)
    session.flush()
    return photo


def test_the_first_photo_under_an_id_stands_and_is_not_yet_stored(
    session: Session, report: ReportRevision, now: datetime
) -> None:
    sent = _photo(report, now)
    kept = photos.insert_once(session, sent)
    assert (kept.fingerprint, kept.stored_at, kept.width, kept.height) == (b"f", None, 40, 30)
    assert (kept.object_name, kept.thumbnail_name, kept.received_at) == ("large", "small", now)
    again = photos.insert_once(session, _photo(report, now + MINUTE, id=sent.id, fingerprint=b"other"))
    assert (again.id, again.fingerprint, again.received_at) == (sent.id, b"f", now)


def test_a_photo_without_pixels_is_refused(session: Session, report: ReportRevision, now: datetime) -> None:
    with pytest.raises(IntegrityError, match="has_pixels"):
        photos.insert_once(session, _photo(report, now, height=0))


def test_stored_photos_come_as_they_were_received(
    session: Session, treatment: Treatment, report: ReportRevision, now: datetime
) -> None:
    other_report = add_revision(session, treatment, seen_at=now)
    second = _stored(session, report, now + MINUTE)
    first = _stored(session, report, now)
    between = _stored(session, other_report, now + MINUTE / 2)
    on_its_way = photos.insert_once(session, _photo(report, now))
    clinic_id = treatment.clinic_id
    assert photos.list_for_report(session, clinic_id, report.report_id) == [first, second]
    assert photos.list_for_treatment(session, clinic_id, treatment.id) == [first, between, second]
    assert photos.count_others(session, clinic_id, report.report_id, but=first.id) == 2
    assert photos.count_others(session, clinic_id, report.report_id, but=uuid4()) == 3
    assert photos.get(session, clinic_id, on_its_way.id) is on_its_way


def test_a_photo_is_its_clinic_s_alone(
    session: Session,
    treatment: Treatment,
    foreign_treatment: Treatment,
    report: ReportRevision,
    now: datetime,
) -> None:
    photo = _stored(session, report, now)
    elsewhere: UUID = foreign_treatment.clinic_id
    assert photos.get(session, elsewhere, photo.id) is None
    assert photos.get_for_update(session, elsewhere, photo.id) is None
    assert photos.get_for_update(session, treatment.clinic_id, photo.id) is photo
    assert photos.list_for_report(session, elsewhere, report.report_id) == []
    assert photos.list_for_treatment(session, elsewhere, treatment.id) == []
