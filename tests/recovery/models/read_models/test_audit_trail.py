"""Which entries of the trail are a patient's, a person's, a day's and of a kind."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy.orm import Session

from recovery.models.core.audit import ActorKind, AuditEntry
from recovery.models.patients.patients import Patient
from recovery.models.read_models import audit_trail
from recovery.models.read_models.audit_trail import ActKind, TrailFilter
from recovery.models.tasks.tasks import Task, TaskKind
from recovery.models.treatments.treatments import Treatment
from tests.support.data.model_rows import add_flag, add_inbound, add_revision

SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)
REFUSED = {"access.refused", "patient.sign_in_refused"}
CHANGES = {"treatment.correct", "inbox.read", "inbox.unread"}
SIGN_IN = {"staff.sign_in", "staff.sign_out_elsewhere", "patient.sign_in_refused"}
READ = {"flag.read", "task.list", "patient.export", "flag.closed_list"}
OURS = {"some.act", "patient.read", "staff.sign_in_refused", *CHANGES, *REFUSED, *SIGN_IN, *READ}
"""What these tests add; the people they are about have entries of their own."""


def add(session: Session, clinic_id: UUID, action: str, *, at: datetime, **values: object) -> UUID:
    filled = {"actor_kind": ActorKind.STAFF, "subject_kind": "clinic", "subject_id": clinic_id}
    entry = AuditEntry(clinic_id=clinic_id, at=at, action=action, **(filled | values))
    session.add(entry)
    session.flush()
    return entry.id


def listed(session: Session, which: TrailFilter, **more: object) -> list[UUID]:
    found = audit_trail.list_entries(session, which, **({"limit": 50} | more))  # type: ignore[arg-type]
    return [entry.id for entry in found if entry.action in OURS]


def test_whatever_is_a_patient_s_is_in_the_patient_s_trail(
    session: Session, patient: Patient, treatment: Treatment, foreign_treatment: Treatment, now: datetime
) -> None:
    clinic_id = patient.clinic_id
    said = add_revision(session, treatment, seen_at=now)
    flag = add_flag(session, treatment, due_at=now)
    wrote = add_inbound(session, treatment, received_at=now)
    task = Task(clinic_id=clinic_id, kind=TaskKind.SILENCE, patient_id=patient.id, opened_at=now, due_at=now)
    session.add(task)
    session.flush()
    own = {
        "patient": patient.id, "treatment": treatment.id, "report": said.report_id, "flag": flag.id,
        "inbound_text": wrote.id, "task": task.id,
    }  # fmt: skip
    made = [
        add(session, clinic_id, "some.act", at=now - place * SECOND, subject_kind=kind, subject_id=subject)
        for place, (kind, subject) in enumerate(own.items())
    ]
    add(session, clinic_id, "some.act", at=now, subject_kind="patient", subject_id=uuid4())
    add(session, clinic_id, "some.act", at=now, subject_kind="flag", subject_id=patient.id)
    assert listed(session, TrailFilter(clinic_id=clinic_id, patient_id=patient.id)) == made
    whose = audit_trail.patients_of(session, clinic_id, list(own.items()))
    assert {about.id for about in whose.values()} == {patient.id}
    assert set(whose) == set(own.items())
    theirs = TrailFilter(clinic_id=foreign_treatment.clinic_id, patient_id=patient.id)
    assert listed(session, theirs) == []


def test_a_person_s_trail_is_what_they_did_and_what_was_tried_at_their_account(
    session: Session, patient: Patient, now: datetime
) -> None:
    clinic_id, person = patient.clinic_id, uuid4()
    did = add(session, clinic_id, "patient.read", at=now, actor_id=person)
    tried = add(
        session, clinic_id, "staff.sign_in_refused", at=now - SECOND, actor_kind=ActorKind.NOBODY,
        subject_kind="staff", subject_id=person,
    )  # fmt: skip
    add(session, clinic_id, "patient.read", at=now, actor_id=uuid4())
    assert listed(session, TrailFilter(clinic_id=clinic_id, staff_id=person)) == [did, tried]


@pytest.mark.parametrize(
    ("kinds", "actions"),
    [
        ({ActKind.READ}, READ),
        ({ActKind.SIGN_IN}, SIGN_IN),
        ({ActKind.REFUSED}, REFUSED),
        ({ActKind.CHANGE}, CHANGES),
        ({ActKind.CHANGE, ActKind.REFUSED}, {*CHANGES, *REFUSED}),
    ],
)
def test_acts_are_told_apart_by_kind(
    session: Session, patient: Patient, now: datetime, kinds: set[ActKind], actions: set[str]
) -> None:
    every = (
        "flag.read", "task.list", "patient.export", "flag.closed_list", "staff.sign_in",
        "staff.sign_out_elsewhere", "patient.sign_in_refused", "access.refused", *CHANGES,
    )  # fmt: skip
    names = {add(session, patient.clinic_id, action, at=now): action for action in every}
    found = listed(session, TrailFilter(clinic_id=patient.clinic_id, kinds=frozenset(kinds)))
    assert {names[entry] for entry in found if entry in names} == actions


def test_days_begin_where_they_begin_and_pages_meet(
    session: Session, patient: Patient, now: datetime
) -> None:
    made = [add(session, patient.clinic_id, "some.act", at=now + HOUR + place * SECOND) for place in range(4)]
    began = now + HOUR
    which = TrailFilter(clinic_id=patient.clinic_id, start=began + SECOND, end=began + 3 * SECOND)
    assert listed(session, which) == [made[2], made[1]]
    everything = TrailFilter(clinic_id=patient.clinic_id, start=began)
    first = audit_trail.list_entries(session, everything, limit=2)
    after = first[-1].at, first[-1].id
    assert [*(entry.id for entry in first), *listed(session, everything, after=after)] == made[::-1]


def test_who_first_did_something_to_a_treatment_is_known_where_somebody_of_the_clinic_did(
    session: Session, treatment: Treatment, now: datetime
) -> None:
    clinic_id, first, later = treatment.clinic_id, uuid4(), uuid4()
    for who in (first, later):
        add(
            session, clinic_id, "treatment.record", at=now, actor_id=who, subject_kind="treatment",
            subject_id=treatment.id,
        )  # fmt: skip
    found = audit_trail.first_acts(session, clinic_id, [treatment.id], action="treatment.record")
    assert found == {treatment.id: first}
    assert audit_trail.first_acts(session, clinic_id, [treatment.id], action="treatment.correct") == {}
