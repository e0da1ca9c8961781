"""Photos with a report: begun, stored once however often they are sent, listed and got by their patient and
the clinic's staff only.

A photo is kept in two transactions with the store between them, so that no session is open while pictures
are read or a store is slow: `begun` writes its row, `stored` says that the pictures are there.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from recovery.models.reports import photos, reports
from recovery.models.reports.photos import Photo
from recovery.models.reports.reports import Report
from recovery.photos import store
from recovery.photos.photo_decoder import DecodedPhoto
from recovery.services.access.authentication import PatientCaller, StaffCaller
from recovery.services.core import audit
from recovery.services.treatments import treatments

MOST_OF_A_REPORT = 4


class UnknownReport(LookupError):
    """No report has this id; a photo follows its report."""


class UnknownPhoto(LookupError):
    """No photo has this id."""


class PhotoIdTaken(Exception):
    """Another photo has this id."""


class TooManyPhotos(Exception):
    """The report has as many photos as one may have."""


def find_stored_copy(
    session: Session, *, caller: PatientCaller, report_id: UUID, photo_id: UUID, fingerprint: bytes
) -> Photo | None:
    """The photo if these very bytes are stored under this id; None where they may be stored.

    Raises UnknownReport, PhotoIdTaken, TooManyPhotos.
    """
    report = get_own_report(session, caller=caller, report_id=report_id)
    known = photos.get(session, caller.clinic_id, photo_id)
    if known is None:
        _leaves_room(session, report, photo_id=photo_id)
        return None
    _is_the_same(known, report_id=report_id, fingerprint=fingerprint)
    return None if known.stored_at is None else known


def begin_upload(
    session: Session,
    *,
    caller: PatientCaller,
    report_id: UUID,
    photo_id: UUID,
    fingerprint: bytes,
    pictures: DecodedPhoto,
    now: datetime,
) -> Photo:
    """The photo's row, with the names under which its pictures are to be stored once this is committed.

    The same photo begun again has the same names. Raises UnknownReport, PhotoIdTaken, TooManyPhotos.
    """
    report = get_own_report(session, caller=caller, report_id=report_id)
    # One after the other: of several photos at once none slips past the limit.
    session.refresh(report, with_for_update=True)
    _leaves_room(session, report, photo_id=photo_id)
    photo = photos.insert_once(
        session,
        Photo(
            clinic_id=caller.clinic_id,
            id=photo_id,
            report_id=report_id,
            fingerprint=fingerprint,
            object_name=store.new_name(),
            thumbnail_name=store.new_name(),
            width=pictures.width,
            height=pictures.height,
            received_at=now,
        ),
    )
    _is_the_same(photo, report_id=report_id, fingerprint=fingerprint)
    return photo


def finish_upload(
    session: Session, *, caller: PatientCaller, photo_id: UUID, now: datetime
) -> tuple[Photo, bool]:
    """The photo, whose pictures are in the store, and whether this call is the first to say so."""
    photo = photos.get_for_update(session, caller.clinic_id, photo_id)
    if photo is None:
        raise UnknownPhoto(photo_id)
    if photo.stored_at is not None:
        return photo, False
    photo.stored_at = now
    audit.record(
        session,
        clinic_id=caller.clinic_id,
        actor=audit.patient(caller.patient_id),
        action="photo.store",
        subject=("photo", photo.id),
        now=now,
    )
    return photo, True


def get_own_report(session: Session, *, caller: PatientCaller, report_id: UUID) -> Report:
    """The patient's own report. Raises UnknownReport alike for none and for someone else's."""
    report = reports.get(session, caller.clinic_id, report_id)
    if report is None:
        raise UnknownReport(report_id)
    try:
        treatments.get_treatment(
            session,
            clinic_id=caller.clinic_id,
            treatment_id=report.treatment_id,
            patient_id=caller.patient_id,
        )
    except treatments.UnknownTreatment:
        raise UnknownReport(report_id) from None
    return report


def list_own(session: Session, *, caller: PatientCaller, report_id: UUID) -> Sequence[Photo]:
    """The photos of an own report. Raises UnknownReport."""
    report = get_own_report(session, caller=caller, report_id=report_id)
    return photos.list_for_report(session, caller.clinic_id, report.id)


def get_own(session: Session, *, caller: PatientCaller, report_id: UUID, photo_id: UUID) -> Photo:
    """One photo of an own report. Raises UnknownReport, UnknownPhoto."""
    return _one(list_own(session, caller=caller, report_id=report_id), photo_id)


def list_for_staff(
    session: Session, *, caller: StaffCaller, report_id: UUID, now: datetime
) -> Sequence[Photo]:
    """The photos of a report of the clinic, noted as listed. Raises UnknownReport."""
    listed = _of_clinic(session, caller=caller, report_id=report_id)
    _note(session, caller, "photo.list", subject=("report", report_id), now=now)
    return listed


def get_for_staff(
    session: Session, *, caller: StaffCaller, report_id: UUID, photo_id: UUID, now: datetime
) -> Photo:
    """One photo of a report of the clinic, noted as looked at. Raises UnknownReport, UnknownPhoto."""
    photo = _one(_of_clinic(session, caller=caller, report_id=report_id), photo_id)
    _note(session, caller, "photo.read", subject=("photo", photo_id), now=now)
    return photo


def _of_clinic(session: Session, *, caller: StaffCaller, report_id: UUID) -> Sequence[Photo]:
    if reports.get(session, caller.clinic_id, report_id) is None:
        raise UnknownReport(report_id)
    return photos.list_for_report(session, caller.clinic_id, report_id)


def _one(found: Sequence[Photo], photo_id: UUID) -> Photo:
    for photo in found:
        if photo.id == photo_id:
            return photo
    raise UnknownPhoto(photo_id)


def _note(
    session: Session, caller: StaffCaller, action: str, *, subject: tuple[str, UUID], now: datetime
) -> None:
    audit.record(
        session,
        clinic_id=caller.clinic_id,
        actor=audit.staff(caller.staff_id),
        action=action,
        subject=subject,
        now=now,
    )


def _leaves_room(session: Session, report: Report, *, photo_id: UUID) -> None:
    if photos.count_others(session, report.clinic_id, report.id, but=photo_id) >= MOST_OF_A_REPORT:
        raise TooManyPhotos


def _is_the_same(photo: Photo, *, report_id: UUID, fingerprint: bytes) -> None:
    if photo.report_id != report_id or photo.fingerprint != fingerprint:
        raise PhotoIdTaken
