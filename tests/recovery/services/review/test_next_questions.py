"""One more question, from the report that leaves something open to the text and what follows it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta

import pytest
from sqlalchemy import create_engine, select, update
from sqlalchemy.orm import Session, sessionmaker

from postgres_launcher.launcher import Endpoints
from recovery.domain.clinical.symptoms import Symptom, WarningSign
from recovery.domain.flags.flag_lifecycle import FlagState, Urgency
from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.domain.messaging.unsent_reasons import UnsentReason
from recovery.domain.patients.contact import AnswersBy
from recovery.models.flags.flags import Flag
from recovery.models.messaging import opt_outs
from recovery.models.messaging.messages import AGAIN_STEP, Message
from recovery.models.patients.patients import Patient as PatientRow
from recovery.models.treatments.treatments import Treatment
from recovery.services.content.content import Content
from recovery.services.flags import flag_work
from recovery.services.messaging import text_planning
from recovery.services.review import report_review, silence
from tests.support.data.inbound_texting import Texting
from tests.support.data.people import Clinic, Patient
from tests.support.data.reporting import report, staff_caller

PLANNED, CANCELLED = MessageState.PLANNED, MessageState.CANCELLED
CALM = {Symptom.REDNESS: 1, Symptom.SWELLING: 0, Symptom.PEELING: 0, Symptom.PAIN: 0}
SWOLLEN = CALM | {Symptom.SWELLING: 3}
"""From day 5 on more than is expected, by this score alone: it is asked about first, until day 6."""
REDDER = CALM | {Symptom.REDNESS: 2}
"""From day 7 to 9 neither clearly fine nor a finding."""

Worker = sessionmaker[Session]


@pytest.fixture
def treated(now: datetime) -> datetime:
    """Ten in the morning, so that every check-in is the morning after at nine."""
    return now.replace(hour=10, minute=0, second=0, microsecond=0)


@pytest.fixture
def patient(clinic: Clinic, treated: datetime) -> Patient:
    return clinic.add_patient(now=treated, hours_ago=0)


@pytest.fixture
def worker(database: Endpoints) -> Iterator[Worker]:
    """Sessions with the worker's rights."""
    engine = create_engine(database.worker_url)
    yield sessionmaker(engine)
    engine.dispose()


@pytest.fixture
def review(worker: Worker, content: Content) -> Callable[[datetime], None]:
    """The worker's review, and then its look at silences."""

    def tick(at: datetime) -> None:
        with worker.begin() as session:
            report_review.review_due(session, content=content, now=at, limit=50)
        with worker.begin() as session:
            silence.check_silences(session, content=content, now=at, limit=50)

    return tick


def day(treated: datetime, number: int, hour: int, minute: int = 0) -> datetime:
    return (treated + timedelta(days=number)).replace(hour=hour, minute=minute)


def again(sessions: sessionmaker[Session], treatment: Patient) -> list[Message]:
    """The check-ins beside the plan, by their number."""
    with sessions() as session:
        rows = session.scalars(select(Message).where(Message.treatment_id == treatment.treatment_id))
        return sorted((row for row in rows if row.step.startswith(AGAIN_STEP)), key=lambda row: row.step)


def standing(rows: list[Message]) -> list[tuple[str, MessageState, str | None]]:
    return [(row.step, row.state, row.reason) for row in rows]


def leave(texting: Texting, sessions: sessionmaker[Session], at: datetime) -> set[str]:
    """Everything due leaves and arrives; the wordings."""
    taken = [outgoing.reference for outgoing in texting.claim(now=at)]
    with sessions.begin() as session:
        rows = session.scalars(select(Message).where(Message.reference.in_(taken))).all()
        for row in rows:
            row.state, row.settled_at = MessageState.DELIVERED, at
        return {row.template for row in rows}


def say(
    clinic: Clinic, patient: Patient, at: datetime, scores: Mapping[Symptom, int], *signs: WarningSign
) -> None:
    report(clinic, patient, *signs, at=at, scores=scores, confirmed=Symptom)


def test_what_an_answer_leaves_open_is_asked_about_the_next_morning(
    clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], treated: datetime,
    review: Callable[[datetime], None], texting: Texting,
) -> None:  # fmt: skip
    say(clinic, patient, day(treated, 5, 9, 30), SWOLLEN)
    assert again(sessions, patient) == []
    review(day(treated, 5, 9, 31))
    (row,) = again(sessions, patient)
    # Twelve hours later is in the quiet hours.
    assert (row.step, row.template, row.state) == ("again_1", "again_link", PLANNED)
    assert (row.due_at, row.useful_until) == (day(treated, 6, 8), day(treated, 6, 20))
    assert (row.asks_day, row.silence_at) == (6, day(treated, 6, 16))
    review(day(treated, 5, 9, 32))
    assert len(again(sessions, patient)) == 1
    assert "again_link" in leave(texting, sessions, day(treated, 6, 8))
    with sessions() as session:
        assert session.scalars(select(Flag)).all() == []
    say(clinic, patient, day(treated, 6, 8, 30), SWOLLEN)
    review(day(treated, 6, 8, 31))
    with sessions() as session:
        assert session.scalars(select(Flag)).one().urgency is Urgency.NEXT_BUSINESS_DAY
    assert [row.state for row in again(sessions, patient)] == [MessageState.DELIVERED]


def test_no_question_is_added_where_the_plan_asks_soon_or_nothing_is_open(
    clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], treated: datetime,
    review: Callable[[datetime], None],
) -> None:  # fmt: skip
    for number, scores in ((3, SWOLLEN), (5, CALM)):
        say(clinic, patient, day(treated, number, 9, 30), scores)
        review(day(treated, number, 9, 31))
        assert again(sessions, patient) == []


def test_one_more_that_is_not_answered_is_the_flag_that_was_held(
    clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], treated: datetime,
    review: Callable[[datetime], None], texting: Texting,
) -> None:  # fmt: skip
    say(clinic, patient, day(treated, 5, 9, 30), SWOLLEN)
    review(day(treated, 5, 9, 31))
    leave(texting, sessions, day(treated, 6, 8))
    review(day(treated, 6, 14, 30))
    assert "reminder_link" not in leave(texting, sessions, day(treated, 6, 14, 31)), "it is asked once"
    review(day(treated, 6, 16, 1))
    review(day(treated, 6, 16, 2))
    with sessions() as session:
        assert session.scalars(select(Flag)).one().urgency is Urgency.NEXT_BUSINESS_DAY
    assert len(again(sessions, patient)) == 1, "a nurse is told: nobody asks"


def test_a_check_in_without_an_answer_is_followed_by_one_more_but_not_for_ever(
    clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], treated: datetime,
    review: Callable[[datetime], None], texting: Texting,
) -> None:  # fmt: skip
    for number in (1, 2, 3, 4):
        say(clinic, patient, day(treated, number, 10), CALM)
    review(day(treated, 4, 11))
    leave(texting, sessions, day(treated, 5, 9))
    review(day(treated, 5, 17, 1))
    assert [(row.step, row.due_at) for row in again(sessions, patient)] == [("again_1", day(treated, 6, 8))]
    leave(texting, sessions, day(treated, 6, 8))
    review(day(treated, 6, 16, 1))
    assert len(again(sessions, patient)) == 1, "the plan asks on day 7"
    leave(texting, sessions, day(treated, 7, 9))
    review(day(treated, 7, 17, 1))
    assert len(again(sessions, patient)) == 1, "three were not answered: that is let be"


@pytest.mark.parametrize("by_hand", [False, True])
def test_a_report_takes_back_the_question_that_waits(
    clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], treated: datetime,
    review: Callable[[datetime], None], by_hand: bool,
) -> None:  # fmt: skip
    say(clinic, patient, day(treated, 5, 9, 30), SWOLLEN)
    review(day(treated, 5, 9, 31))
    say(clinic, patient, day(treated, 5, 19), CALM)
    assert standing(again(sessions, patient)) == [("again_1", CANCELLED, UnsentReason.REPORTED_SINCE)]
    say(clinic, patient, day(treated, 8, 12) if by_hand else day(treated, 7, 9, 30), REDDER)
    review(day(treated, 8, 12, 1) if by_hand else day(treated, 7, 9, 31))
    rows = again(sessions, patient)
    assert standing(rows) == [("again_1", PLANNED, None)], "its step is used again, as it never left"
    assert rows[0].due_at == (day(treated, 9, 8) if by_hand else day(treated, 8, 8))


def test_a_flag_takes_back_the_question_that_waits_and_while_it_is_open_none_is_added(
    clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], treated: datetime,
    review: Callable[[datetime], None],
) -> None:  # fmt: skip
    say(clinic, patient, day(treated, 5, 9, 30), SWOLLEN)
    review(day(treated, 5, 9, 31))
    assert standing(again(sessions, patient)) == [("again_1", PLANNED, None)]
    say(clinic, patient, day(treated, 5, 12), SWOLLEN, WarningSign.PUS)
    review(day(treated, 5, 12, 1))
    assert [state for _, state, _ in standing(again(sessions, patient))] == [CANCELLED]
    say(clinic, patient, day(treated, 7, 9, 30), CALM | {Symptom.REDNESS: 2})
    review(day(treated, 7, 9, 31))
    assert [state for _, state, _ in standing(again(sessions, patient))] == [CANCELLED]


def test_reopening_a_flag_takes_back_the_question_that_waits(
    clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], treated: datetime, content: Content,
    review: Callable[[datetime], None],
) -> None:  # fmt: skip
    say(clinic, patient, day(treated, 1, 10), CALM, WarningSign.PUS)
    review(day(treated, 1, 10, 1))
    with sessions.begin() as session:
        session.execute(update(Flag).values(state=FlagState.RESOLVED))
    say(clinic, patient, day(treated, 5, 9, 30), SWOLLEN)
    review(day(treated, 5, 9, 31))
    assert standing(again(sessions, patient)) == [("again_1", PLANNED, None)]
    with sessions.begin() as session:
        flag = session.scalars(select(Flag)).one()
        flag_work.reopen(
            session, caller=staff_caller(clinic), flag_id=flag.id, content=content, now=day(treated, 5, 12)
        )
    assert standing(again(sessions, patient)) == [("again_1", CANCELLED, UnsentReason.FLAG_OPEN)]


def _opted_out(session: Session, clinic: Clinic, patient: Patient, at: datetime) -> None:
    opt_outs.insert_opt_out(session, clinic_id=clinic.id, phone=patient.phone, how="text", now=at)


def _ended(session: Session, clinic: Clinic, patient: Patient, at: datetime) -> None:
    session.get_one(PatientRow, (clinic.id, patient.id)).ended_at = at


def _withdrawn(session: Session, clinic: Clinic, patient: Patient, at: datetime) -> None:
    session.get_one(Treatment, (clinic.id, patient.treatment_id)).withdrawn_at = at


Forbid = Callable[[Session, Clinic, Patient, datetime], None]


@pytest.mark.parametrize(
    ("forbid", "reason"),
    [
        (_opted_out, UnsentReason.OPTED_OUT),
        (_ended, UnsentReason.ENDED),
        (_withdrawn, UnsentReason.WITHDRAWN),
    ],
)
def test_what_ends_texts_ends_the_question_that_waits(
    clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], treated: datetime,
    review: Callable[[datetime], None], forbid: Forbid, reason: UnsentReason,
) -> None:  # fmt: skip
    say(clinic, patient, day(treated, 5, 9, 30), SWOLLEN)
    review(day(treated, 5, 9, 31))
    with sessions.begin() as session:
        forbid(session, clinic, patient, day(treated, 5, 10))
        row = session.get_one(PatientRow, (clinic.id, patient.id))
        text_planning.plan_texts(session, patient=row, content=clinic.content, now=day(treated, 5, 10))
    assert standing(again(sessions, patient)) == [("again_1", CANCELLED, reason)]


def test_who_answers_in_another_way_since_is_asked_in_that_way(
    clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], treated: datetime,
    review: Callable[[datetime], None],
) -> None:  # fmt: skip
    say(clinic, patient, day(treated, 5, 9, 30), SWOLLEN)
    review(day(treated, 5, 9, 31))
    with sessions.begin() as session:
        row = session.get_one(PatientRow, (clinic.id, patient.id))
        row.answers_by = AnswersBy.TEXT
        text_planning.plan_texts(session, patient=row, content=clinic.content, now=day(treated, 5, 10))
    assert [(row.template, row.state) for row in again(sessions, patient)] == [("again_text", PLANNED)]


@pytest.mark.parametrize(
    ("consent", "version"), [pytest.param(True, 1, id="older words"), pytest.param(False, None, id="none")]
)
def test_who_did_not_agree_to_it_is_not_asked_and_what_was_found_counts_at_once(
    clinic: Clinic, sessions: sessionmaker[Session], treated: datetime,
    review: Callable[[datetime], None], consent: bool, version: int | None,
) -> None:  # fmt: skip
    patient = clinic.add_patient(now=treated, hours_ago=0, consent=consent, consent_version=version)
    say(clinic, patient, day(treated, 5, 9, 30), SWOLLEN)
    review(day(treated, 5, 9, 31))
    assert again(sessions, patient) == []
    with sessions() as session:
        assert session.scalars(select(Flag)).one().urgency is Urgency.NEXT_BUSINESS_DAY


def test_after_day_six_what_stands_alone_is_found_at_once(
    clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], treated: datetime,
    review: Callable[[datetime], None],
) -> None:  # fmt: skip
    say(clinic, patient, day(treated, 7, 9, 30), SWOLLEN)
    review(day(treated, 7, 9, 31))
    assert again(sessions, patient) == []
    with sessions() as session:
        assert session.scalars(select(Flag)).one().urgency is Urgency.NEXT_BUSINESS_DAY


def test_after_day_ten_nobody_asks_more(
    clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], treated: datetime,
    review: Callable[[datetime], None], texting: Texting,
) -> None:  # fmt: skip
    for number, scores, asked in ((5, SWOLLEN, 1), (7, REDDER, 2), (11, REDDER, 2)):
        with sessions() as session:
            assert session.scalars(select(Flag)).all() == []
        say(clinic, patient, day(treated, number, 9, 30), scores)
        review(day(treated, number, 9, 31))
        leave(texting, sessions, day(treated, number + 1, 8, 1))
        say(clinic, patient, day(treated, number + 1, 9, 30), CALM)
        review(day(treated, number + 1, 9, 31))
        rows = again(sessions, patient)
        assert [row.state for row in rows] == [MessageState.DELIVERED] * asked
    assert [row.asks_day for row in again(sessions, patient)] == [6, 8]
    with sessions() as session:
        assert session.scalars(select(Flag)).one().urgency is Urgency.NEXT_BUSINESS_DAY


def test_two_workers_at_once_make_one_question(
    clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], treated: datetime, worker: Worker,
    content: Content,
) -> None:  # fmt: skip
    say(clinic, patient, day(treated, 5, 9, 30), SWOLLEN)
    first = report(
        clinic, patient, at=day(treated, 5, 9, 31), scores=SWOLLEN | {Symptom.PEELING: 1}, confirmed=Symptom
    )
    assert first
    both = threading.Barrier(2)

    def tick() -> None:
        both.wait(timeout=20)
        with worker.begin() as session:
            report_review.review_due(session, content=content, now=day(treated, 5, 9, 32), limit=1)

    threads = [threading.Thread(target=tick) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert [row.step for row in again(sessions, patient)] == ["again_1"]
