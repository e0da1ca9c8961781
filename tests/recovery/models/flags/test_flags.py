from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.flags.flag_lifecycle import FlagOutcome, FlagState
from recovery.models.flags import flags
from recovery.models.flags.flags import EventKind, FlagEvent
from recovery.models.patients.patients import Patient
from recovery.models.treatments.treatments import Treatment
from tests.support.data.model_rows import add_assessment, add_flag, add_revision, add_treatment

HOUR = timedelta(hours=1)


def test_a_treatment_has_one_unresolved_flag_and_any_number_of_resolved_ones(
    session: Session, treatment: Treatment, now: datetime
) -> None:
    for _ in range(2):
        add_flag(session, treatment, due_at=now, state=FlagState.RESOLVED, outcome=FlagOutcome.OTHER)
    assert flags.get_unresolved(session, treatment.clinic_id, treatment.id) is None
    open_flag = add_flag(session, treatment, due_at=now, state=FlagState.CLAIMED)
    for reading in (flags.get_unresolved, flags.get_unresolved_for_update):
        assert reading(session, treatment.clinic_id, treatment.id) is open_flag
    session.commit()
    with pytest.raises(IntegrityError, match="uq_flag_unresolved_per_treatment"):
        add_flag(session, treatment, due_at=now, state=FlagState.OPEN)


def test_another_clinic_has_no_such_flag(
    session: Session, treatment: Treatment, foreign_treatment: Treatment, now: datetime
) -> None:
    elsewhere, flag = foreign_treatment.clinic_id, add_flag(session, treatment, due_at=now)
    assert flags.get(session, elsewhere, flag.id) is None
    assert flags.get_for_update(session, elsewhere, flag.id) is None
    assert flags.get_unresolved(session, elsewhere, treatment.id) is None
    assert not flags.has_unresolved(session, elsewhere, treatment.patient_id)
    assert flags.list_for_treatment(session, elsewhere, treatment.id) == []
    assert flags.list_flagged_treatment_ids(session, elsewhere, treatment.patient_id) == []
    assert flags.unresolved_by_treatment(session, elsewhere, [treatment.id]) == {}


def test_due_escalations_come_in_order_without_those_somebody_works_on(
    sessions: sessionmaker[Session], session: Session, patient: Patient, treatment: Treatment, now: datetime
) -> None:
    moments = [now - HOUR, now, now - 2 * HOUR, now + timedelta(seconds=1), None]
    made = [
        add_flag(
            session, add_treatment(session, patient, performed_at=now), due_at=now, escalate_at=moment
        ).id
        for moment in moments
    ]
    session.commit()
    with sessions() as one_worker, sessions() as other_worker:
        taken = flags.list_due_escalations_for_update(one_worker, now=now, limit=2)
        assert [flag.id for flag in taken] == [made[2], made[0]]
        rest = flags.list_due_escalations_for_update(other_worker, now=now, limit=5)
        assert [flag.id for flag in rest] == [made[1]]


def test_a_patients_flagged_treatments_are_those_with_an_unresolved_flag(
    session: Session, patient: Patient, treatment: Treatment, now: datetime
) -> None:
    other = add_treatment(session, patient, performed_at=now)
    resolved = add_treatment(session, patient, performed_at=now)
    add_flag(session, resolved, due_at=now, state=FlagState.RESOLVED)
    clinic_id = patient.clinic_id
    assert not flags.has_unresolved(session, clinic_id, patient.id)
    flagged = {
        row.id: add_flag(session, row, due_at=now, state=state).id
        for row, state in ((treatment, FlagState.OPEN), (other, FlagState.CONTACTED))
    }
    assert flags.has_unresolved(session, clinic_id, patient.id)
    assert flags.flagged_treatment_ids(session, clinic_id, patient.id) == set(flagged)
    assert flags.list_flagged_treatment_ids(session, clinic_id, patient.id) == sorted(flagged)
    asked = [treatment.id, other.id, resolved.id]
    assert flags.unresolved_by_treatment(session, clinic_id, asked) == flagged
    assert flags.unresolved_by_treatment(session, clinic_id, [other.id]) == {other.id: flagged[other.id]}


def test_flags_of_a_treatment_come_newest_first(
    session: Session, treatment: Treatment, now: datetime
) -> None:
    made = [add_flag(session, treatment, due_at=now, state=FlagState.RESOLVED).id for _ in range(3)]
    listed = flags.list_for_treatment(session, treatment.clinic_id, treatment.id)
    assert [flag.id for flag in listed] == made[::-1]


def test_each_report_has_the_newest_flag_it_raised_and_a_silence_none(
    session: Session, treatment: Treatment, now: datetime
) -> None:
    reports = [add_revision(session, treatment, seen_at=now - place * HOUR) for place in range(3)]
    assessed = [add_assessment(session, treatment, report, at=now) for report in reports]
    silent = add_assessment(session, treatment, None, at=now)
    older = add_flag(session, treatment, due_at=now, state=FlagState.RESOLVED, raised_by=assessed[0])
    newer = add_flag(session, treatment, due_at=now, raised_by=assessed[1])
    for assessment in (assessed[0], silent):
        session.add(
            flags.FlagAssessment(clinic_id=newer.clinic_id, flag_id=newer.id, assessment_id=assessment.id)
        )
    session.flush()
    newest = flags.newest_by_report(session, treatment.clinic_id, treatment.id)
    assert newest == {reports[0].report_id: newer, reports[1].report_id: newer}
    by_flag = flags.assessments_by_flag(session, treatment.clinic_id, [older.id, newer.id])
    assert by_flag == {older.id: [assessed[0]], newer.id: [silent, assessed[1], assessed[0]]}


def test_assessments_of_flags_are_read_by_clinic_and_flag_together(
    session: Session, treatment: Treatment, foreign_treatment: Treatment, now: datetime
) -> None:
    raised = {}
    for row in (treatment, foreign_treatment):
        assessed = add_assessment(session, row, None, at=now)
        raised[row.clinic_id, add_flag(session, row, due_at=now, raised_by=assessed).id] = assessed
    together = flags.assessments_by_key(session, raised.keys())
    assert together == {flag_id: [assessed] for (_, flag_id), assessed in raised.items()}
    (_, own), (foreign, _) = raised
    assert flags.assessments_by_key(session, [(foreign, own)]) == {}


def test_events_of_one_flag_come_oldest_first(
    session: Session, patient: Patient, treatment: Treatment, now: datetime
) -> None:
    flag = add_flag(session, treatment, due_at=now)
    other = add_flag(session, add_treatment(session, patient, performed_at=now), due_at=now)
    kinds = [EventKind.OPENED, EventKind.CLAIMED, EventKind.RESOLVED]
    for kind in kinds:
        for row in (flag, other):
            session.add(FlagEvent(clinic_id=row.clinic_id, flag_id=row.id, at=now, kind=kind))
            session.flush()
    listed = flags.list_events(session, flag.clinic_id, flag.id)
    assert [event.kind for event in listed] == kinds
    assert {event.flag_id for event in listed} == {flag.id}
