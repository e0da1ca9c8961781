from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from recovery.domain.clinic.rooms import Room
from recovery.domain.clinical.findings import AssessmentRule
from recovery.domain.clinical.symptoms import Device
from recovery.domain.flags.flag_lifecycle import FlagOutcome, FlagState
from recovery.models.clinic.clinics import Staff
from recovery.models.flags import closed_flags
from recovery.models.flags.closed_flags import ClosedFilter
from recovery.models.patients.patients import Patient
from recovery.models.treatments.treatments import Treatment
from tests.support.data.model_rows import add_assessment, add_flag, add_treatment
from tests.support.data.people import Clinic as ClinicPeople

HOUR = timedelta(hours=1)


def add_closed(session: Session, treatment: Treatment, *, at: datetime, **values: Any) -> UUID:
    filled: dict[str, Any] = {
        "state": FlagState.RESOLVED, "resolved_at": at, "outcome": FlagOutcome.IRRITATION,
    }  # fmt: skip
    return add_flag(session, treatment, due_at=at, **(filled | values)).id


def listed(session: Session, which: ClosedFilter) -> list[UUID]:
    found = [row.flag.id for row in closed_flags.list_closed(session, which, limit=50)]
    assert closed_flags.count_closed(session, which) == len(found)
    return found


def test_only_what_is_closed_is_listed_the_one_closed_last_first(
    session: Session, treatment: Treatment, foreign_treatment: Treatment, now: datetime
) -> None:
    older = add_closed(session, treatment, at=now - HOUR)
    newer = add_closed(session, treatment, at=now)
    add_flag(session, treatment, due_at=now)
    add_closed(session, foreign_treatment, at=now)
    assert listed(session, ClosedFilter(clinic_id=treatment.clinic_id)) == [newer, older]


def test_each_filter_narrows_by_itself(
    session: Session, treatment: Treatment, patient: Patient, now: datetime
) -> None:
    clinic_id = treatment.clinic_id
    somebody = session.scalars(select(Staff.id).where(Staff.clinic_id == clinic_id)).first()
    assert somebody is not None
    rolled = add_treatment(session, patient, performed_at=now, device=Device.ROLLER)
    why = add_assessment(session, treatment, None, at=now, findings=[{"rule": "silence"}, {"rule": "itch"}])
    plain = add_closed(session, treatment, at=now)
    held = add_closed(session, treatment, at=now - HOUR, held_by=somebody)
    other = add_closed(session, treatment, at=now - 2 * HOUR, outcome=FlagOutcome.SCAR)
    device = add_closed(session, rolled, at=now - 3 * HOUR)
    raised = add_closed(session, treatment, at=now - 4 * HOUR, raised_by=why)
    for narrowed, found in (
        ({"staff_id": somebody}, [held]),
        ({"outcome": FlagOutcome.SCAR}, [other]),
        ({"device": Device.ROLLER}, [device]),
        ({"rule": AssessmentRule.ITCH}, [raised]),
        ({"rule": AssessmentRule.CLUSTER}, []),
        ({"start": now - HOUR}, [plain, held]),
        ({"end": now - 2 * HOUR}, [device, raised]),
    ):
        assert listed(session, ClosedFilter(clinic_id=clinic_id, **narrowed)) == found, narrowed


@pytest.mark.parametrize("at_once", [1, 2, 3])
def test_pages_meet_without_a_gap(
    session: Session, treatment: Treatment, now: datetime, at_once: int
) -> None:
    # Two are closed at one moment.
    made = [add_closed(session, treatment, at=now - place * HOUR) for place in (0, 1, 1, 2)]
    which, seen, after = ClosedFilter(clinic_id=treatment.clinic_id), [], None
    while page := closed_flags.list_closed(session, which, after=after, limit=at_once):
        seen += [row.flag.id for row in page]
        last = page[-1].flag
        assert last.resolved_at is not None
        after = last.resolved_at, last.id
    assert sorted(seen) == sorted(made)
    assert seen[0] == made[0]


def test_a_room_has_its_own_closed_flags(
    session: Session, treatment: Treatment, clinic: ClinicPeople, now: datetime
) -> None:
    made_up = clinic.add_patient(now=now, training=True)
    practised = session.get_one(Treatment, (clinic.id, made_up.treatment_id))
    real, other = (
        add_flag(session, one, due_at=now, state=FlagState.RESOLVED, resolved_at=now).id
        for one in (treatment, practised)
    )
    for room, found in ((Room.REAL, [real]), (Room.PRACTICE, [other])):
        assert listed(session, ClosedFilter(clinic_id=treatment.clinic_id, room=room)) == found
