"""Reports as patients send them, and the worker that takes them up."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID, uuid4

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.clinical.symptoms import Symptom, WarningSign
from recovery.models.clinic.clinics import Clinic as ClinicRow
from recovery.services.access.authentication import PatientCaller
from recovery.services.content.content import Content
from recovery.services.reports import reports
from recovery.services.reports.reports import Submission
from recovery.services.review import report_review
from tests.support.data.people import Clinic, Patient

Report = Callable[..., UUID]
Review = Callable[..., int]
CALM = {Symptom.REDNESS: 2, Symptom.SWELLING: 2, Symptom.PEELING: 0}


@pytest.fixture
def report(
    clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], content: Content, now: datetime
) -> Report:
    """Stores a report; its id."""

    def stored(
        *signs: WarningSign,
        at: datetime = now,
        seen_at: datetime | None = None,
        by: Patient = patient,
        scores: dict[Symptom, int] = CALM,
        confirmed: frozenset[Symptom] = frozenset(),
        report_id: UUID | None = None,
        revision: int = 1,
        note: str | None = None,
    ) -> UUID:
        submission = Submission(
            report_id=report_id or uuid4(),
            revision=revision,
            seen_at=seen_at or at,
            sent_at=at,
            scores=scores,
            warning_signs=frozenset(signs),
            confirmed=confirmed,
            note=note,
            body={"revision": revision},
        )
        with sessions.begin() as session:
            reports.record(
                session,
                caller=PatientCaller(clinic_id=clinic.id, patient_id=by.id),
                treatment_id=by.treatment_id,
                submission=submission,
                content=content,
                render=lambda _: b"{}",
                now=at,
            )
        return submission.report_id

    return stored


@pytest.fixture
def take_up(sessions: sessionmaker[Session], content: Content, now: datetime) -> Review:
    """Reviews and commits."""

    def reviewed(*, at: datetime = now, limit: int = 50) -> int:
        with sessions.begin() as session:
            return report_review.review_due(session, content=content, now=at, limit=limit)

    return reviewed


@pytest.fixture
def open_on_weekdays(clinic: Clinic, sessions: sessionmaker[Session]) -> None:
    """The clinic is open from nine to five on weekdays."""
    hours = {day: [["09:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
    with sessions.begin() as session:
        session.execute(update(ClinicRow).where(ClinicRow.id == clinic.id).values(weekly_hours=hours))
