"""Following up on silence, from the check-in to the last text, on a real database."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import create_engine, select, update
from sqlalchemy.orm import Session, sessionmaker

from postgres_launcher.launcher import Endpoints
from recovery.domain.clinical.symptoms import Symptom
from recovery.domain.flags.flag_lifecycle import Urgency
from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.domain.patients.consent import EndReason
from recovery.domain.patients.contact import AnswersBy
from recovery.models.clinic.clinics import Clinic as ClinicRow
from recovery.models.flags.flags import Flag
from recovery.models.messaging.messages import Message
from recovery.models.patients.patients import Patient as PatientRow
from recovery.models.patients.patients import PatientSession
from recovery.models.reports.reports import AssessmentCause, StoredAssessment
from recovery.models.tasks.tasks import TaskKind
from recovery.services.changes import ended_follow_up
from recovery.services.changes.ended_follow_up import Ending
from recovery.services.content.content import Content
from recovery.services.messaging import outbox
from recovery.services.review import silence
from recovery.sms.gateway_interface import CarrierStatus, Receipt
from tests.support.data.inbound_texting import Texting
from tests.support.data.people import Clinic, Patient
from tests.support.data.reporting import report, staff_caller

Look = Callable[[datetime], int]


@pytest.fixture
def treated(now: datetime) -> datetime:
    """Ten in the morning, so that every check-in is the morning after at nine."""
    return now.replace(hour=10, minute=0, second=0, microsecond=0)


@pytest.fixture
def look(database: Endpoints, content: Content) -> Look:
    """The worker's tick, with the worker's rights."""
    engine = create_engine(database.worker_url)

    def tick(at: datetime) -> int:
        with sessionmaker(engine)() as session:
            looked = silence.check_silences(session, content=content, now=at, limit=100)
            session.commit()
        engine.dispose()
        return looked

    return tick


@pytest.fixture
def patient(clinic: Clinic, treated: datetime, sessions: sessionmaker[Session]) -> Patient:
    made = clinic.add_patient(now=treated, hours_ago=0)
    with sessions.begin() as session:
        # Signing in was at the desk: the page was not opened since.
        session.execute(update(PatientSession).values(last_seen_at=treated))
    return made


def _day(treated: datetime, day: int, hour: int, minute: int = 1) -> datetime:
    return (treated + timedelta(days=day)).replace(hour=hour, minute=minute)


def _send(sessions: sessionmaker[Session], texting: Texting, at: datetime) -> list[str]:
    """Everything due leaves and is delivered; the wordings that left."""
    taken = [outgoing.reference for outgoing in texting.claim(now=at)]
    with sessions.begin() as session:
        rows = session.scalars(select(Message).where(Message.reference.in_(taken))).all()
        for row in rows:
            row.state, row.settled_at = MessageState.DELIVERED, at
        return sorted(row.template for row in rows)


def test_reminder_task_last_text_then_quiet(
    texting: Texting, look: Look, patient: Patient, sessions: sessionmaker[Session], treated: datetime
) -> None:
    _send(sessions, texting, treated + timedelta(hours=4))
    assert _send(sessions, texting, _day(treated, 1, 9)) == ["day1_link"]
    assert look(_day(treated, 1, 14)) == 0
    assert look(_day(treated, 1, 15, 2)) == 1
    assert _send(sessions, texting, _day(treated, 1, 15, 3)) == ["reminder_link"]
    assert look(_day(treated, 1, 15, 4)) == 0
    look(_day(treated, 1, 17, 2))
    assert texting.tasks() == []
    for day in (2, 3):
        assert _send(sessions, texting, _day(treated, day, 9)) == [f"day{day}_link"]
        look(_day(treated, day, 15, 2))
        assert _send(sessions, texting, _day(treated, day, 15, 3)) == ["reminder_link"]
        look(_day(treated, day, 17, 2))
        assert [(task.kind, task.detail) for task in texting.tasks()] == [
            (TaskKind.SILENCE, {"reason": "nothing"})
        ]
    # A check-in and a reminder are all that one day may have.
    assert _send(sessions, texting, _day(treated, 3, 17, 3)) == []
    assert _send(sessions, texting, _day(treated, 4, 8)) == ["last"]
    assert _send(sessions, texting, _day(treated, 5, 9)) == []
    assert _send(sessions, texting, _day(treated, 7, 9)) == []
    assert _send(sessions, texting, _day(treated, 14, 9)) == ["day14_link"]
    look(_day(treated, 14, 17, 2))
    assert len(texting.tasks()) == 1
    with sessions() as session:
        assert session.scalars(select(StoredAssessment)).all() == []


def test_an_answer_ends_the_silence_and_settles_its_task(
    texting: Texting, look: Look, patient: Patient, sessions: sessionmaker[Session], treated: datetime
) -> None:
    for day in (1, 2):
        _send(sessions, texting, _day(treated, day, 9))
        look(_day(treated, day, 15, 2))
        look(_day(treated, day, 17, 2))
    assert [task.done_at for task in texting.tasks()] == [None]
    texting.send(patient.phone, "1 0 0 0", now=_day(treated, 2, 18))
    (task,) = texting.tasks()
    assert (task.done_at, task.done_by) == (_day(treated, 2, 18), None)
    _send(sessions, texting, _day(treated, 3, 9))
    texting.send(patient.phone, "1 0 0 0", now=_day(treated, 3, 10))
    assert look(_day(treated, 3, 15, 2)) == 1
    assert "reminder_link" not in _send(sessions, texting, _day(treated, 3, 15, 3))


def test_patients_who_answer_by_text_are_reminded_in_the_same_form(
    texting: Texting, look: Look, clinic: Clinic, sessions: sessionmaker[Session], treated: datetime
) -> None:
    clinic.add_patient(now=treated, hours_ago=0, answers_by=AnswersBy.TEXT)
    _send(sessions, texting, _day(treated, 1, 9))
    look(_day(treated, 1, 15, 2))
    assert _send(sessions, texting, _day(treated, 1, 15, 3)) == ["reminder_text"]


def test_opened_but_nothing_sent_is_told_apart(
    texting: Texting, look: Look, patient: Patient, sessions: sessionmaker[Session], treated: datetime
) -> None:
    for day in (1, 2):
        _send(sessions, texting, _day(treated, day, 9))
        look(_day(treated, day, 15, 2))
        with sessions.begin() as session:
            session.execute(update(PatientSession).values(last_seen_at=_day(treated, day, 16)))
        look(_day(treated, day, 17, 2))
    assert [(task.kind, task.detail) for task in texting.tasks()] == [
        (TaskKind.SILENCE, {"reason": "opened"})
    ]


def test_a_text_that_did_not_arrive_is_a_task_at_once_and_no_reminder(
    texting: Texting, look: Look, patient: Patient, sessions: sessionmaker[Session], treated: datetime
) -> None:
    (outgoing,) = [one for one in texting.claim(now=_day(treated, 1, 9)) if "Day 1" in one.body]
    receipt = Receipt(
        reference=outgoing.reference,
        carrier_id="SM" + "1" * 32,
        status=CarrierStatus.UNDELIVERED,
        error_code="30005",
        unreachable=True,
    )
    with sessions.begin() as session:
        assert outbox.record_receipt(session, receipt=receipt, now=_day(treated, 1, 9))
        assert outbox.record_receipt(session, receipt=receipt, now=_day(treated, 1, 9))
    assert [(task.kind, task.detail) for task in texting.tasks()] == [
        (TaskKind.UNDELIVERABLE, {"code": "30005"})
    ]
    look(_day(treated, 1, 15, 2))
    assert _send(sessions, texting, _day(treated, 1, 15, 3)) == []
    assert [task.kind for task in texting.tasks()] == [TaskKind.UNDELIVERABLE]


def test_words_are_contact_neither_reminded_of_nor_a_task_nor_a_last_text(
    texting: Texting, look: Look, patient: Patient, sessions: sessionmaker[Session], treated: datetime
) -> None:
    for day in (1, 2, 3):
        _send(sessions, texting, _day(treated, day, 9))
        texting.send(patient.phone, "im ok thx", now=_day(treated, day, 10))
        look(_day(treated, day, 15, 2))
        look(_day(treated, day, 17, 2))
    assert {task.kind for task in texting.tasks()} == {TaskKind.TEXT_TO_READ}
    with sessions() as session:
        steps = set(session.scalars(select(Message.step)))
        waiting = session.scalars(
            select(Message).where(Message.asks_day > 3, Message.state == MessageState.PLANNED)
        ).all()
    assert not {step for step in steps if step.startswith("reminder") or step == "last"}
    assert waiting, "the next check-ins still come"


@pytest.mark.parametrize(
    ("words", "ended"),
    [
        ("im ok thx", True),
        ("STOP", False),
        ("STOP 1 0 0 1", True),
        ("Stop texting me, I can't breathe", True),
    ],
)
def test_words_of_the_recovery_end_a_silence_that_somebody_was_to_call_about(
    texting: Texting, look: Look, patient: Patient, sessions: sessionmaker[Session], treated: datetime,
    words: str, ended: bool,
) -> None:  # fmt: skip
    for day in (1, 2):
        _send(sessions, texting, _day(treated, day, 9))
        look(_day(treated, day, 15, 2))
        look(_day(treated, day, 17, 2))
    assert [(task.kind, task.done_at) for task in texting.tasks()] == [(TaskKind.SILENCE, None)]
    texting.send(patient.phone, words, now=_day(treated, 2, 18))
    silence, *_ = texting.tasks()
    assert (silence.done_at, silence.done_by) == (_day(treated, 2, 18) if ended else None, None)


@pytest.mark.parametrize(
    ("because", "calls"), [(EndReason.DIED, []), (EndReason.ASKED, [TaskKind.OPTED_OUT])]
)
def test_a_check_in_that_left_before_the_follow_up_ended_is_nobodys_call(
    texting: Texting, look: Look, clinic: Clinic, patient: Patient, sessions: sessionmaker[Session],
    treated: datetime, because: EndReason, calls: list[TaskKind],
) -> None:  # fmt: skip
    _send(sessions, texting, _day(treated, 1, 9))
    look(_day(treated, 1, 15, 2))
    look(_day(treated, 1, 17, 2))
    sent = next(one.reference for one in texting.claim(now=_day(treated, 2, 9)) if "Day 2" in one.body)
    with sessions.begin() as session:
        ended_follow_up.end(
            session,
            caller=staff_caller(clinic),
            patient=session.get_one(PatientRow, (clinic.id, patient.id)),
            ending=Ending.FOLLOW_UP,
            because=because,
            comment=None,
            content=clinic.content,
            now=_day(treated, 2, 10),
        )
    assert look(_day(treated, 2, 15, 2)) == 1
    assert look(_day(treated, 2, 17, 2)) == 0
    unreached = Receipt(
        reference=sent,
        carrier_id="SM" + "1" * 32,
        status=CarrierStatus.UNDELIVERED,
        error_code="30005",
        unreachable=True,
    )
    with sessions.begin() as session:
        assert outbox.record_receipt(session, receipt=unreached, now=_day(treated, 2, 18))
    assert [task.kind for task in texting.tasks()] == calls
    assert "reminder_link" not in _send(sessions, texting, _day(treated, 2, 18))


def test_an_opt_out_is_one_task(texting: Texting, look: Look, patient: Patient, treated: datetime) -> None:
    texting.send(patient.phone, "STOP", now=treated + timedelta(hours=1))
    for day in (1, 2, 3):
        look(_day(treated, day, 15, 2))
        look(_day(treated, day, 17, 2))
    assert [task.kind for task in texting.tasks()] == [TaskKind.OPTED_OUT]


def test_a_check_in_that_left_late_is_looked_at_later(
    texting: Texting, look: Look, patient: Patient, sessions: sessionmaker[Session], treated: datetime
) -> None:
    _send(sessions, texting, _day(treated, 1, 12))
    assert look(_day(treated, 1, 15, 2)) == 1
    assert _send(sessions, texting, _day(treated, 1, 15, 3)) == []
    look(_day(treated, 1, 18, 2))
    assert _send(sessions, texting, _day(treated, 1, 18, 3)) == ["reminder_link"]


@pytest.mark.parametrize(
    "reports",
    [
        pytest.param([(1, "2 2 0 1 NURSE")], id="after something abnormal"),
        pytest.param([(1, "2 1 0 0"), (2, "5 1 1 0")], id="after a rise to above p90"),
    ],
)
def test_silence_that_wants_a_nurse_is_a_same_day_finding_without_a_report(
    texting: Texting,
    look: Look,
    patient: Patient,
    sessions: sessionmaker[Session],
    treated: datetime,
    reports: list[tuple[int, str]],
) -> None:
    for day, said in reports:
        _send(sessions, texting, _day(treated, day, 9))
        texting.send(patient.phone, said, now=_day(treated, day, 10))
        texting.review(now=_day(treated, day, 11))
        look(_day(treated, day, 15, 2))
    silent = reports[-1][0] + 1
    _send(sessions, texting, _day(treated, silent, 9))
    look(_day(treated, silent, 15, 2))
    look(_day(treated, silent, 17, 2))
    with sessions() as session:
        (found,) = session.scalars(
            select(StoredAssessment).where(StoredAssessment.cause == AssessmentCause.SILENCE)
        )
        assert (found.report_id, found.reviewed_at) == (None, None)
        assert [finding["rule"] for finding in found.findings] == ["silence"]
    before = len([answer for answer in _templates(sessions) if answer.startswith("flag_")])
    assert texting.review(now=_day(treated, silent, 17, 3)) == 1
    with sessions() as session:
        assert session.scalars(select(Flag)).one().urgency is Urgency.SAME_DAY
    # Nobody silent is thanked for an answer.
    assert len([answer for answer in _templates(sessions) if answer.startswith("flag_")]) == before


def _silent_on(
    day: int, texting: Texting, look: Look, sessions: sessionmaker[Session], treated: datetime
) -> list[StoredAssessment]:
    """Nobody answers the check-in of this day; the findings that silence has led to so far."""
    _send(sessions, texting, _day(treated, day, 9))
    look(_day(treated, day, 15, 2))
    look(_day(treated, day, 17, 2))
    with sessions() as session:
        return session.query(StoredAssessment).filter_by(cause=AssessmentCause.SILENCE).all()


def test_silence_after_what_was_to_be_asked_about_first_is_the_flag_it_stood_for(
    texting: Texting, look: Look, patient: Patient, clinic: Clinic, sessions: sessionmaker[Session],
    treated: datetime,
) -> None:  # fmt: skip
    red = {Symptom.REDNESS: 4, Symptom.SWELLING: 1, Symptom.PEELING: 0}
    _send(sessions, texting, _day(treated, 3, 9))
    report(clinic, patient, at=_day(treated, 3, 10), scores=red, confirmed=Symptom)
    texting.review(now=_day(treated, 3, 10, 2))
    (found,) = _silent_on(5, texting, look, sessions, treated)
    assert [(one["rule"], one["level"]) for one in found.findings] == [("silence", "watch")]
    texting.review(now=_day(treated, 5, 17, 3))
    with sessions() as session:
        assert session.scalars(select(Flag)).one().urgency is Urgency.NEXT_BUSINESS_DAY
    assert len(_silent_on(7, texting, look, sessions, treated)) == 1, "this silence was found already"


@pytest.mark.parametrize("strong", [False, True])
def test_a_rise_is_measured_by_what_is_known_of_this_skin(
    texting: Texting, look: Look, patient: Patient, sessions: sessionmaker[Session], treated: datetime,
    strong: bool,
) -> None:  # fmt: skip
    if strong:
        with sessions.begin() as session:
            session.execute(update(PatientRow).values(band_level=2, band_duration=2, band_because="Known."))
    for day, said in ((1, "2 1 0 0"), (2, "5 1 1 0")):
        _send(sessions, texting, _day(treated, day, 9))
        texting.send(patient.phone, said, now=_day(treated, day, 10))
        texting.review(now=_day(treated, day, 11))
    assert len(_silent_on(3, texting, look, sessions, treated)) == (0 if strong else 1)


def test_without_consent_nobody_is_asked_and_nobody_silent(
    texting: Texting, look: Look, clinic: Clinic, treated: datetime
) -> None:
    clinic.add_patient(now=treated, hours_ago=0, consent=False)
    assert look(_day(treated, 7, 23)) == 0
    assert texting.tasks() == []


def _templates(sessions: sessionmaker[Session]) -> list[str]:
    with sessions() as session:
        return list(session.scalars(select(Message.template)))


def test_a_check_in_that_cannot_be_looked_at_holds_up_no_other_and_comes_again(
    texting: Texting,
    look: Look,
    patient: Patient,
    clinic: Clinic,
    other_clinic: Clinic,
    content: Content,
    sessions: sessionmaker[Session],
    treated: datetime,
) -> None:
    other = other_clinic.add_patient(now=treated, hours_ago=0)
    _send(sessions, texting, treated + timedelta(hours=4))
    for day in (1, 2):
        assert _send(sessions, texting, _day(treated, day, 9)) == [f"day{day}_link"] * 2
        look(_day(treated, day, 15, 2))
        if day == 1:
            look(_day(treated, day, 17, 2))
    with sessions.begin() as session:
        unreadable = {"weekly_hours": {"mon": "all day"}}
        session.execute(update(ClinicRow).where(ClinicRow.id == clinic.id).values(unreadable))
    failed: list[str] = []
    end = _day(treated, 2, 17, 2)
    with sessions.begin() as session:
        looked = silence.check_silences(
            session,
            content=content,
            now=end,
            limit=100,
            on_failure=lambda _, error: failed.append(type(error).__name__),
        )
    assert (looked, failed) == (2, ["HoursError"])
    assert [task.patient_id for task in texting.tasks()] == [other.id]
    assert look(end + timedelta(minutes=5)) == 0
    with sessions.begin() as session:
        session.execute(update(ClinicRow).where(ClinicRow.id == clinic.id).values(weekly_hours={}))
    assert look(end + timedelta(minutes=16)) == 1
    assert {task.patient_id for task in texting.tasks()} == {other.id, patient.id}
