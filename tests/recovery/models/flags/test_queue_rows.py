from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.flags.flag_lifecycle import FlagState, Urgency
from recovery.models.flags import queue_rows
from recovery.models.flags.flags import Flag
from recovery.models.flags.queue_rows import HolderFilter, QueueFilter
from recovery.models.patients.patients import Patient
from recovery.models.treatments.treatments import Treatment
from tests.support.data.model_rows import add_flag, add_treatment
from tests.support.data.people import Clinic

HOUR = timedelta(hours=1)
EVERY_STATE = tuple(FlagState)


@pytest.fixture
def queue(session: Session, clinic: Clinic, patient: Patient, now: datetime) -> list[Flag]:
    """Unresolved flags in the order of the queue; one resolved that would stand before all of them."""
    nurse = clinic.nurse.id
    other_nurse = clinic.add_nurse(now=now).id

    def flag(urgency: Urgency, due_at: datetime, state: FlagState, held_by: UUID | None = None) -> Flag:
        treatment = add_treatment(session, patient, performed_at=now)
        return add_flag(session, treatment, due_at=due_at, urgency=urgency, state=state, held_by=held_by)

    last = flag(Urgency.NEXT_BUSINESS_DAY, now - 9 * HOUR, FlagState.OPEN)
    flag(Urgency.EMERGENCY, now - 9 * HOUR, FlagState.RESOLVED, nurse)
    second = flag(Urgency.SAME_DAY, now - 2 * HOUR, FlagState.CONTACTED, other_nurse)
    first = flag(Urgency.EMERGENCY, now + HOUR, FlagState.CLAIMED, nurse)
    third = flag(Urgency.SAME_DAY, now + HOUR, FlagState.CLAIMED, nurse)
    fourth = flag(Urgency.SAME_DAY, now + HOUR, FlagState.OPEN)
    session.commit()
    return [first, second, third, fourth, last]


def test_the_queue_is_in_order_and_read_on_from_any_row(
    session: Session, clinic: Clinic, queue: list[Flag]
) -> None:
    everything = QueueFilter(staff_id=clinic.nurse.id)
    unresolved = [state for state in FlagState if state is not FlagState.RESOLVED]
    for place, flag in enumerate(queue):
        after = flag.urgency_rank, flag.due_at, flag.id
        rows = queue_rows.list_queue_rows(session, clinic.id, narrowing=everything, after=after, limit=2)
        assert [row.id for row in rows] == [behind.id for behind in queue[place + 1 : place + 3]]
        listed = queue_rows.list_queue(session, clinic.id, states=unresolved, after=after, limit=2)
        assert [row[0] for row in listed] == queue[place + 1 : place + 3]


@pytest.mark.parametrize(
    ("whose", "urgency", "places"),
    [
        (HolderFilter.ALL, None, [0, 1, 2, 3, 4]),
        (HolderFilter.OWN, None, [0, 2]),
        (HolderFilter.NOBODYS, None, [3, 4]),
        (HolderFilter.ALL, Urgency.SAME_DAY, [1, 2, 3]),
        (HolderFilter.OWN, Urgency.SAME_DAY, [2]),
        (HolderFilter.NOBODYS, Urgency.EMERGENCY, []),
    ],
)
def test_rows_are_narrowed_by_holder_and_urgency(
    session: Session,
    clinic: Clinic,
    queue: list[Flag],
    whose: HolderFilter,
    urgency: Urgency | None,
    places: list[int],
) -> None:
    narrowing = QueueFilter(staff_id=clinic.nurse.id, whose=whose, urgency=urgency)
    rows = queue_rows.list_queue_rows(session, clinic.id, narrowing=narrowing, limit=10)
    assert [row.id for row in rows] == [queue[place].id for place in places]


def test_a_row_is_the_flag_as_it_stands(session: Session, clinic: Clinic, queue: list[Flag]) -> None:
    queue[0].entry = {"patient": "Pat Sample"}
    session.flush()
    narrowing = QueueFilter(staff_id=clinic.nurse.id)
    (row,) = queue_rows.list_queue_rows(session, clinic.id, narrowing=narrowing, limit=1)
    assert all(value == getattr(queue[0], name) for name, value in row._asdict().items())


def test_flags_are_listed_by_state_urgency_and_holder_with_whom_they_are_about(
    session: Session, clinic: Clinic, patient: Patient, queue: list[Flag]
) -> None:
    claimed = queue_rows.list_queue(session, clinic.id, states=[FlagState.CLAIMED], limit=10)
    assert [row[0] for row in claimed] == [queue[0], queue[2]]
    assert all((row[1].id, row[2]) == (row[0].treatment_id, patient) for row in claimed)
    of_nurse = queue_rows.list_queue(
        session, clinic.id, states=EVERY_STATE, urgency=Urgency.SAME_DAY, held_by=clinic.nurse.id, limit=10
    )
    assert [row[0] for row in of_nurse] == [queue[2]]
    assert len(queue_rows.list_queue(session, clinic.id, states=EVERY_STATE, limit=10)) == 6


def test_totals_count_what_is_unresolved_overdue_unheld_and_ones_own(
    session: Session, clinic: Clinic, queue: list[Flag], now: datetime
) -> None:
    totals = queue_rows.count_totals(session, clinic.id, staff_id=clinic.nurse.id, now=now)
    assert totals.by_urgency == {
        Urgency.EMERGENCY: 1,
        Urgency.SAME_DAY: 3,
        Urgency.NEXT_BUSINESS_DAY: 1,
    }
    assert (totals.unresolved, totals.overdue, totals.unheld, totals.own) == (5, 1, 2, 2)
    later = queue_rows.count_totals(session, clinic.id, staff_id=clinic.nurse.id, now=now + HOUR)
    assert later.overdue == 1
    soon_after = now + HOUR + timedelta(seconds=1)
    assert queue_rows.count_totals(session, clinic.id, staff_id=clinic.id, now=soon_after).overdue == 4


def test_another_clinic_sees_an_empty_queue(
    session: Session, clinic: Clinic, queue: list[Flag], foreign_treatment: Treatment, now: datetime
) -> None:
    elsewhere = foreign_treatment.clinic_id
    narrowing = QueueFilter(staff_id=clinic.nurse.id)
    assert queue_rows.list_queue_rows(session, elsewhere, narrowing=narrowing, limit=10) == []
    assert queue_rows.list_queue(session, elsewhere, states=EVERY_STATE, limit=10) == []
    totals = queue_rows.count_totals(session, elsewhere, staff_id=clinic.nurse.id, now=now)
    assert (totals.by_urgency, totals.unresolved, totals.overdue) == ({}, 0, 0)


def test_the_list_is_read_from_the_index_alone(
    clinic: Clinic, queue: list[Flag], sessions: sessionmaker[Session], now: datetime
) -> None:
    seen: list[str] = []
    engine = sessions.kw["bind"].execution_options(isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("VACUUM ANALYZE flag"))
        connection.execute(text("SET enable_seqscan = off"))
        for whose in HolderFilter:
            asked = queue_rows.queue_rows_statement(
                clinic.id,
                narrowing=QueueFilter(staff_id=clinic.nurse.id, whose=whose, urgency=Urgency.SAME_DAY),
                after=(0, now, UUID(int=0)),
                limit=51,
            )
            compiled = asked.compile(
                dialect=postgresql.dialect(),  # type: ignore[no-untyped-call]
                compile_kwargs={"literal_binds": True},
            )
            plan = connection.execute(text(f"EXPLAIN {compiled}".replace(":", "\\:")))
            seen.append("\n".join(str(row[0]) for row in plan))
    for plan in seen:
        assert "Index Only Scan using ix_flag_queue" in plan, plan
        assert "Sort" not in plan, plan
