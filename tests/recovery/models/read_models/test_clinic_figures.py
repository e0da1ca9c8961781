from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from recovery.domain.flags.flag_lifecycle import COMPLICATIONS, FlagOutcome, FlagState
from recovery.models.clinic.clinics import Clinic
from recovery.models.flags.flags import EventKind, Flag, FlagEvent
from recovery.models.patients.patients import Patient
from recovery.models.read_models import clinic_figures
from recovery.models.read_models.clinic_figures import (
    DurationFigures,
    DurationKind,
    FlagCounts,
    TreatmentFilter,
)
from recovery.models.reports.reports import AssessmentCause
from recovery.models.treatments.treatments import Treatment
from tests.support.data.model_rows import (
    add_assessment,
    add_flag,
    add_revision,
    add_treatment,
)
from tests.support.data.people import Clinic as ClinicPeople

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
INSTANT = timedelta(microseconds=1)
NOTHING = DurationFigures(lasted=(), within=0, late=0, waiting=0)


def _counted(session: Session, which: TreatmentFilter) -> set[object]:
    those = clinic_figures.counted_treatments(which)
    return {row[0] for row in session.execute(those.select().with_only_columns(those.c.id))}


def test_treatments_of_the_days_count_but_no_withdrawn_one_and_nobody_else_s(
    session: Session,
    which: TreatmentFilter,
    patient: Patient,
    treatment: Treatment,
    foreign_treatment: Treatment,
) -> None:
    first = add_treatment(session, patient, performed_at=which.start)
    add_treatment(session, patient, performed_at=which.start - INSTANT)
    add_treatment(session, patient, performed_at=which.end)
    add_treatment(session, patient, performed_at=which.start, withdrawn_at=which.now)
    assert _counted(session, which) == {treatment.id, first.id}
    assert foreign_treatment.clinic_id != which.clinic_id


def test_who_is_for_practice_counts_nowhere(
    session: Session, which: TreatmentFilter, treatment: Treatment, clinic: ClinicPeople, now: datetime
) -> None:
    practised = clinic.add_patient(now=now, training=True)
    course = session.get_one(Treatment, (which.clinic_id, practised.treatment_id))
    add_flag(session, course, due_at=now, opened_at=now - INSTANT)
    assert _counted(session, which) == {treatment.id}
    assert clinic_figures.open_by_age(session, which.clinic_id, now=now) == [0, 0, 0, 0]


def test_only_what_was_recorded_since_the_clinic_went_live_counts(
    session: Session, which: TreatmentFilter, treatment: Treatment
) -> None:
    clinic = session.get_one(Clinic, which.clinic_id)
    for live_since, counts in (
        (treatment.created_at, True),
        (treatment.created_at + INSTANT, False),
        (None, False),
    ):
        clinic.live_since = live_since
        session.flush()
        assert _counted(session, which) == ({treatment.id} if counts else set())


def test_flags_are_counted_by_skin_type_with_what_they_turned_out_to_be(
    session: Session, which: TreatmentFilter, clinic: ClinicPeople, treatment: Treatment, now: datetime
) -> None:
    darker = clinic.add_patient(now=now, skin_type=5)
    other = session.get_one(Treatment, (clinic.id, darker.treatment_id))
    resolved: dict[str, Any] = {"due_at": now, "state": FlagState.RESOLVED}
    for outcome in FlagOutcome:
        add_flag(session, treatment, **resolved, outcome=outcome)
    add_flag(session, treatment, due_at=now, outcome=FlagOutcome.IRRITATION)
    counts = clinic_figures.flagged_by_skin_type(session, which)
    assert counts == [
        FlagCounts(
            key=3,
            treatments=1,
            flags=len(FlagOutcome) + 1,
            found=len(COMPLICATIONS),
            expected=1,
        ),
        FlagCounts(key=5, treatments=1, flags=0, found=0, expected=0),
    ]
    add_flag(session, other, **resolved, outcome=FlagOutcome.OTHER)
    outcomes = clinic_figures.outcomes(session, which)
    assert outcomes == {outcome: 2 if outcome is FlagOutcome.OTHER else 1 for outcome in FlagOutcome}


def test_durations_of_reviews_are_of_reports_alone(
    session: Session, which: TreatmentFilter, treatment: Treatment, now: datetime
) -> None:
    assert clinic_figures.durations(session, which) == dict.fromkeys(DurationKind, NOTHING)
    revision = add_revision(session, treatment, seen_at=now)

    def assess(at: datetime, lasted: timedelta | None, **values: Any) -> None:
        reviewed_at = None if lasted is None else at + lasted
        add_assessment(session, treatment, revision, at=at, reviewed_at=reviewed_at, **values)

    for lasted in (2 * HOUR, 6 * HOUR, DAY + INSTANT):
        assess(now - 9 * DAY, lasted)
    assess(now - DAY, None)
    assess(now - DAY - INSTANT, None)
    assess(now - 9 * DAY, HOUR, cause=AssessmentCause.CORRECTION)
    review = clinic_figures.durations(session, which)[DurationKind.REVIEW]
    assert (review.done, review.within, review.late, review.waiting) == (3, 2, 2, 1)
    assert review.median == 6 * 3600
    assert review.p95 == (DAY + INSTANT).total_seconds(), "a time that was taken, not one between two"


def test_durations_of_flags_are_from_their_opening_to_what_people_did_and_did_not_take_back(
    session: Session, which: TreatmentFilter, clinic: ClinicPeople, treatment: Treatment, now: datetime
) -> None:
    opened_at = now - DAY
    flag = add_flag(
        session,
        treatment,
        due_at=now,
        opened_at=opened_at,
        state=FlagState.RESOLVED,
        resolved_at=opened_at + 5 * HOUR,
    )

    def event(kind: EventKind, hours: int, *, by_person: bool = True, **detail: str) -> FlagEvent:
        row = FlagEvent(
            clinic_id=flag.clinic_id,
            flag_id=flag.id,
            at=opened_at + hours * HOUR,
            kind=kind,
            staff_id=clinic.nurse.id if by_person else None,
            detail=detail,
        )
        session.add(row)
        session.flush()
        return row

    event(EventKind.ESCALATED, 0, by_person=False)
    mistaken = event(EventKind.CONTACT, 1)
    event(EventKind.UNDONE, 1, undoes=str(mistaken.id))
    event(EventKind.CLAIMED, 2)
    event(EventKind.CONTACT, 3)
    event(EventKind.CONTACT, 4)
    found = clinic_figures.durations(session, which)
    for kind, hours in (
        (DurationKind.FIRST_ACTION, 2),
        (DurationKind.CONTACT, 3),
        (DurationKind.RESOLVE, 5),
    ):
        lasted = hours * 3600.0
        assert found[kind] == DurationFigures(lasted=[lasted], within=1, late=0, waiting=0)
    assert found[DurationKind.REVIEW] == NOTHING


def test_open_flags_are_counted_by_age_up_to_each_edge(
    session: Session, patient: Patient, treatment: Treatment, now: datetime
) -> None:
    clinic = session.get_one(Clinic, patient.clinic_id)

    def flag(age: timedelta, **values: Any) -> Flag:
        own = add_treatment(session, patient, performed_at=now)
        return add_flag(session, own, due_at=now, opened_at=now - age, **values)

    ages = clinic_figures.OPEN_AGES
    counts = [0, 0, 0, 0]
    for age, place in (
        (timedelta(0), 0),
        (ages[0] - INSTANT, 0),
        (ages[0], 1),
        (ages[1], 2),
        (ages[2] - INSTANT, 2),
        (ages[2], 3),
        (9 * DAY, 3),
    ):
        flag(age)
        counts[place] += 1
        assert clinic_figures.open_by_age(session, patient.clinic_id, now=now) == counts
    flag(9 * DAY, state=FlagState.RESOLVED)
    add_flag(session, treatment, due_at=now, opened_at=now)
    clinic.live_since = now - INSTANT
    session.flush()
    assert clinic_figures.open_by_age(session, patient.clinic_id, now=now) == counts
