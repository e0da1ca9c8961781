"""What one tick does: a batch a transaction until nothing is left, and nothing once it is told to stop."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from io import StringIO
from uuid import uuid4

import pytest
from sqlalchemy import Engine, create_engine, func, select, text, update
from sqlalchemy.orm import Session, sessionmaker

from operations import worker_registry
from operations.notifiers import Notifiers
from postgres_launcher.launcher import Endpoints
from recovery.domain.clinical.symptoms import WarningSign
from recovery.domain.flags.flag_lifecycle import FlagState, Urgency
from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.models.clinic.clinics import Clinic as ClinicRow
from recovery.models.content.follow_ups import ContentFollowUp, FollowUpKind
from recovery.models.flags.flags import Flag
from recovery.models.messaging.messages import Message
from recovery.models.operations.workers import Worker
from recovery.models.read_models.figure_days import FigureDay
from recovery.models.reports.reports import StoredAssessment
from recovery.services.access import sign_in_codes
from recovery.services.content.content import Content
from recovery.services.messaging.outbox import RenderContext
from recovery.sms.console_gateway import ConsoleGateway
from tests.support.access.signing import sign
from tests.support.data import reporting
from tests.support.data.people import Clinic
from tests.support.data.planned_texts import clear_texts
from tests.support.machine.alert_receivers import Outside
from worker import ticks
from worker.context import WorkerContext


@pytest.fixture
def engine(database: Endpoints) -> Iterator[Engine]:
    made = create_engine(database.worker_url)
    yield made
    made.dispose()


@pytest.fixture
def duties(engine: Engine, content: Content) -> WorkerContext:
    return WorkerContext(
        sessions=sessionmaker(engine, expire_on_commit=False),
        gateway=ConsoleGateway(StringIO()),
        ledger=None,
        account="test",
        wording=RenderContext(content=content, links_at="https://c.example"),
        worker_id=uuid4(),
        rate=50,
    )


def register(duties: WorkerContext) -> None:
    with duties.sessions.begin() as session:
        worker_registry.register(
            session, worker_id=duties.worker_id, host="here", pid=1, now=datetime.now(UTC)
        )


def reviewed(duties: WorkerContext) -> tuple[int, int]:
    """How many assessments a tick took up, and how many batches it told of."""
    told: list[int] = []
    return ticks.review_reports(duties, after_each=lambda: told.append(1)), len(told)


def test_a_review_tells_of_each_batch_once_it_is_committed(
    clinic: Clinic, duties: WorkerContext, sessions: sessionmaker[Session], now: datetime
) -> None:
    assert reviewed(duties) == (0, 0)
    reporting.report(clinic, clinic.add_patient(now=now), WarningSign.PUS, at=now)
    seen: list[int] = []

    def look() -> None:
        with sessions() as session:
            seen.append(session.scalars(select(func.count()).select_from(Flag)).one())

    assert ticks.review_reports(duties, after_each=look) == 1
    assert seen == [1]
    assert reviewed(duties) == (0, 0)


def test_codes_are_made_for_everyone_who_asked_however_many(
    clinic: Clinic, duties: WorkerContext, sessions: sessionmaker[Session], now: datetime
) -> None:
    patient = clinic.add_patient(now=now)
    clear_texts(sessions)
    asked = [f"+1202666{number:04d}" for number in range(ticks.CODES_BATCH)] + [patient.phone]
    for phone in asked:
        with sessions.begin() as session:
            sign_in_codes.request_code(session, phone=phone, now=now)
    assert ticks.make_codes(duties) == len(asked)
    assert ticks.make_codes(duties) == 0
    with sessions() as session:
        codes = session.scalars(select(Message).where(Message.template == sign_in_codes.TEMPLATE)).all()
        assert [text.patient_id for text in codes] == [patient.id]


def test_a_check_in_nobody_answered_is_looked_at(
    clinic: Clinic, duties: WorkerContext, sessions: sessionmaker[Session], now: datetime
) -> None:
    patient = clinic.add_patient(now=now, hours_ago=0)
    asked = {
        "state": MessageState.DELIVERED,
        "claimed_at": now - timedelta(hours=7),
        "silence_at": now - timedelta(minutes=1),
    }
    with sessions.begin() as session:
        of_day_one = update(Message).where(
            Message.treatment_id == patient.treatment_id, Message.asks_day == 1
        )
        session.execute(of_day_one.values(asked))
    assert ticks.follow_up_silence(duties) == 1
    assert ticks.follow_up_silence(duties) == 0


def test_what_was_signed_is_brought_to_everybody_by_the_worker_s_own_role(
    clinic: Clinic, duties: WorkerContext, sessions: sessionmaker[Session], now: datetime
) -> None:
    patients = [clinic.add_patient(now=now, hours_ago=0) for _ in range(2)]
    sign(clinic, now=now)
    with sessions.begin() as session:
        session.add(
            ContentFollowUp(
                clinic_id=clinic.id, kind=FollowUpKind.JUDGEMENTS, asked_at=now,
                version=max(clinic.content.protocols),
            )
        )  # fmt: skip
    reporting.report(clinic, patients[0], at=now)
    # Each patient and each course is a step, and so is the end of a round.
    assert ticks.follow_signed_content(duties) == 2 * (len(patients) + 1)
    assert ticks.follow_signed_content(duties) == 0
    with sessions() as session:
        rounds = session.scalars(select(ContentFollowUp)).all()
        assert {(one.kind, one.done, one.failed) for one in rounds} == {
            (FollowUpKind.PLANS, 2, 0), (FollowUpKind.JUDGEMENTS, 2, 0),
        }  # fmt: skip


def late_flag(clinic: Clinic, *, now: datetime) -> None:
    """An emergency that nobody took in time."""
    patient = clinic.add_patient(now=now)
    clear_texts(clinic.sessions)
    with clinic.sessions.begin() as session:
        session.add(
            Flag(
                clinic_id=clinic.id,
                treatment_id=patient.treatment_id,
                urgency=Urgency.EMERGENCY,
                urgency_rank=0,
                opened_at=now - timedelta(hours=1),
                due_at=now - timedelta(minutes=1),
                escalate_at=now - timedelta(minutes=1),
                state=FlagState.OPEN,
            )
        )


def test_a_flag_past_its_due_time_is_brought_to_somebody_else(
    clinic: Clinic, duties: WorkerContext, sessions: sessionmaker[Session], now: datetime
) -> None:
    late_flag(clinic, now=now)
    assert ticks.escalate_flags(duties) == 1
    assert ticks.escalate_flags(duties) == 0
    assert (ticks.tell_late_promises(duties), ticks.tell_late_promises(duties)) == (1, 0)
    with sessions() as session:
        assert session.scalars(select(Flag)).one().escalated is not None


def test_days_of_figures_are_kept_however_many(
    clinic: Clinic, duties: WorkerContext, sessions: sessionmaker[Session]
) -> None:
    days = ticks.FIGURES_BATCH + 2
    with sessions.begin() as session:
        session.get_one(ClinicRow, clinic.id).live_since = datetime.now(UTC) - timedelta(days=days)
    duties.stopping.set()
    assert ticks.keep_figures(duties) == 0
    duties.stopping.clear()
    began = datetime.now(UTC).date()
    kept = [ticks.keep_figures(duties), ticks.keep_figures(duties)]
    # One more where a day ends meanwhile.
    assert days <= sum(kept) <= days + (datetime.now(UTC).date() - began).days
    with sessions() as session:
        assert session.scalars(select(func.count()).select_from(FigureDay)).one() == sum(kept)


def test_one_that_is_told_to_stop_begins_with_nothing(
    clinic: Clinic, duties: WorkerContext, sessions: sessionmaker[Session], now: datetime
) -> None:
    late_flag(clinic, now=now)
    patient = clinic.add_patient(now=now)
    reporting.report(clinic, patient, WarningSign.PUS, at=now)
    with sessions.begin() as session:
        sign_in_codes.request_code(session, phone=patient.phone, now=now)
    duties.stopping.set()
    each: list[Callable[[WorkerContext], int]] = [
        ticks.make_codes,
        ticks.follow_up_silence,
        ticks.escalate_flags,
        ticks.tell_late_promises,
        ticks.settle_unconfirmed,
        ticks.recover_receipts,
    ]
    assert [tick(duties) for tick in each] == [0] * len(each)
    assert reviewed(duties) == (0, 0)
    duties.stopping.clear()
    assert (ticks.make_codes(duties), ticks.escalate_flags(duties), reviewed(duties)) == (1, 1, (1, 1))


def test_nobody_outside_is_told_where_no_way_out_is_named(
    clinic: Clinic, duties: WorkerContext, now: datetime
) -> None:
    register(duties)
    late_flag(clinic, now=now)
    assert (ticks.notify_operators(duties), ticks.call_heartbeat(duties)) == (0, 0)
    with Outside() as outside:
        duties.outlets = Notifiers(
            heartbeat=f"{outside.url}/alive",
            webhook=f"{outside.url}/alerts",
            smtp=None,
            mail_from=None,
            mails=(),
            installation="https://c.example",
        )
        assert (ticks.notify_operators(duties), ticks.call_heartbeat(duties)) == (1, 1)
        assert outside.told == [("flag_unseen", "raised")]
        assert [path for _, path, _ in outside.calls] == ["/alerts", "/alive"]


def test_a_heartbeat_counts_the_living_and_takes_from_the_dead_what_they_held(
    clinic: Clinic, duties: WorkerContext, sessions: sessionmaker[Session], now: datetime
) -> None:
    register(duties)
    dead = uuid4()
    with sessions.begin() as session:
        worker_registry.register(session, worker_id=dead, host="there", pid=2, now=now)
        key = session.scalars(select(Worker.lock_key).where(Worker.id == duties.worker_id)).one()
    clinic.add_patient(now=now, hours_ago=0)
    with sessions.begin() as session:
        held = {"state": MessageState.CLAIMED, "worker_id": dead, "claimed_at": now}
        first = select(Message.id).order_by(Message.id).limit(1).scalar_subquery()
        session.execute(update(Message).where(Message.id == first).values(held))
    with sessions.begin() as session:
        session.execute(select(func.pg_advisory_xact_lock(key)))
        assert ticks.record_heartbeat(duties) == 1
        assert ticks.record_heartbeat(duties) == 0
    assert duties.workers_alive == 1


def test_a_heartbeat_is_seen(duties: WorkerContext, sessions: sessionmaker[Session]) -> None:
    register(duties)
    long_ago = datetime.now(UTC) - timedelta(hours=1)
    with sessions.begin() as session:
        session.execute(update(Worker).values(beat_at=long_ago))
    with sessions.begin() as session:
        key = session.scalars(select(Worker.lock_key)).one()
        session.execute(select(func.pg_advisory_xact_lock(key)))
        ticks.record_heartbeat(duties)
    with sessions.begin() as session:
        (row,) = session.scalars(select(Worker))
        assert row.beat_at > long_ago
        assert row.stopped_at is None


def test_more_unreviewable_reports_than_a_batch_holds_keep_no_other_from_a_nurse(
    clinic: Clinic,
    other_clinic: Clinic,
    duties: WorkerContext,
    sessions: sessionmaker[Session],
    now: datetime,
) -> None:
    poison = 2 * ticks.REVIEW_BATCH + 1
    reporting.report(clinic, clinic.add_patient(now=now), WarningSign.PUS, at=now)
    with sessions.begin() as session:
        # As many more like it, before the report that can be reviewed.
        columns = [one.name for one in StoredAssessment.__table__.columns if one.name != "id"]
        session.execute(
            text(
                f"INSERT INTO assessment ({', '.join(columns)}) "  # noqa: S608
                f"SELECT {', '.join(columns)} FROM assessment, generate_series(1, :more)"
            ),
            {"more": poison - 1},
        )
    of_it = update(ClinicRow).where(ClinicRow.id == clinic.id)
    with sessions.begin() as session:
        session.execute(of_it.values(weekly_hours={"mon": "all day"}))
    reporting.report(other_clinic, other_clinic.add_patient(now=now), WarningSign.PUS, at=now)
    committed: list[int] = []
    assert ticks.review_reports(duties, after_each=lambda: committed.append(1)) == 1
    assert committed == [1]
    with sessions() as session:
        assert [flag.clinic_id for flag in session.scalars(select(Flag))] == [other_clinic.id]
        waiting = select(func.count()).where(StoredAssessment.reviewed_at.is_(None))
        assert session.scalar(waiting) == poison
    # The next tick looks at them again, and once the cause is gone they come to the nurse.
    assert ticks.review_reports(duties, after_each=lambda: None) == 0
    with sessions.begin() as session:
        session.execute(of_it.values(weekly_hours={}))
    assert ticks.review_reports(duties, after_each=lambda: None) == poison
