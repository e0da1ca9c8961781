from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.models.clinic.clinics import Clinic
from recovery.models.patients.patients import Patient
from recovery.models.read_models import text_figures
from recovery.models.read_models.clinic_figures import TreatmentFilter
from recovery.models.read_models.text_figures import TextCount
from recovery.models.treatments.treatments import Treatment
from tests.support.data.model_rows import add_text
from tests.support.data.people import Clinic as ClinicPeople

HOUR = timedelta(hours=1)
INSTANT = timedelta(microseconds=1)


def test_texts_are_counted_with_why_they_did_not_arrive_the_most_frequent_first(
    session: Session, which: TreatmentFilter, treatment: Treatment, now: datetime
) -> None:
    def text(state: MessageState, reason: str | None, **values: Any) -> None:
        filled: dict[str, Any] = {"due_at": now - HOUR, "treatment": treatment, **values}
        add_text(session, treatment.clinic_id, state=state, reason=reason, **filled)

    for place, reason in enumerate(("a", "b", None)):
        text(MessageState.DELIVERED, reason, segments=place or None)
    for _ in range(2):
        text(MessageState.EXPIRED, "too late")
    text(MessageState.EXPIRED, "quiet")
    assert text_figures.texts_by_outcome(session, which) == [
        TextCount(MessageState.DELIVERED, None, 3, 3, 2),
        TextCount(MessageState.EXPIRED, "too late", 2, 0, 0),
        TextCount(MessageState.EXPIRED, "quiet", 1, 0, 0),
    ]


@pytest.mark.parametrize(
    ("values", "counts"),
    [
        ({}, True),
        ({"treatment": None}, True),
        ({"treatment": None, "patient_id": None}, False),
        ({"due_at": "start"}, True),
        ({"due_at": "before"}, False),
        ({"due_at": "end"}, False),
        ({"due_at": "later"}, False),
    ],
)
def test_every_text_to_a_patient_counts_that_was_due_in_these_days(
    session: Session, which: TreatmentFilter, treatment: Treatment, patient: Patient, values: dict[str, Any],
    counts: bool,
) -> None:  # fmt: skip
    at = {
        "start": which.start, "before": which.start - INSTANT, "end": which.end, "later": which.now + INSTANT,
    }  # fmt: skip
    given: dict[str, Any] = {"treatment": treatment, "patient_id": patient.id, "due_at": which.now - HOUR}
    given |= values
    given["due_at"] = at.get(given["due_at"], given["due_at"])
    add_text(session, treatment.clinic_id, **given)
    assert bool(text_figures.texts_by_outcome(session, which)) is counts


def test_nothing_counts_from_before_the_clinic_was_live(
    session: Session, which: TreatmentFilter, treatment: Treatment, now: datetime
) -> None:
    add_text(session, treatment.clinic_id, due_at=now - HOUR, treatment=treatment)
    clinic = session.get_one(Clinic, which.clinic_id)
    for live_since, texts in ((now - HOUR, 1), (now - HOUR + INSTANT, 0), (None, 0)):
        clinic.live_since = live_since
        session.flush()
        assert len(text_figures.texts_by_outcome(session, which)) == texts


def test_texts_of_practice_patients_count_nowhere(
    session: Session, which: TreatmentFilter, clinic: ClinicPeople, now: datetime
) -> None:
    before = text_figures.texts_by_outcome(session, which)
    made_up = clinic.add_patient(now=now, training=True)
    practised = session.get_one(Treatment, (which.clinic_id, made_up.treatment_id))
    add_text(session, which.clinic_id, state=MessageState.DELIVERED, due_at=now - HOUR, treatment=practised)
    assert text_figures.texts_by_outcome(session, which) == before
