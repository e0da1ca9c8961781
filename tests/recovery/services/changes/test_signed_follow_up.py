"""Whoever is followed gets the schedule that was signed: nothing twice, at night or after STOP."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker

from config import content_files
from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.domain.messaging.unsent_reasons import UnsentReason
from recovery.models.clinic.clinics import Clinic as ClinicRow
from recovery.models.clinic.clinics import ClinicMode
from recovery.models.content.follow_ups import ContentFollowUp, FollowUpKind
from recovery.models.core.signed_content import ContentBundle
from recovery.models.messaging.messages import Message
from recovery.models.patients.patients import Patient as PatientRow
from recovery.models.reports.reports import AssessmentCause, StoredAssessment
from recovery.services.changes import content_withdrawal, patient_changes, signed_follow_up
from recovery.services.content import content_signing, protocols, running_content
from recovery.services.content.content import Content, parse_content
from recovery.services.core import audit
from recovery.services.inbound import opt_outs
from tests.support.access.signing import sign
from tests.support.data import audit_trail
from tests.support.data.people import Clinic, Patient
from tests.support.data.planned_texts import claim, steps_of

PLANNED, CANCELLED, CLAIMED = MessageState.PLANNED, MessageState.CANCELLED, MessageState.CLAIMED
GONE = (CANCELLED, UnsentReason.NOT_IN_SCHEDULE)
TEMPLATE = 'template = "day2_link"\n'


@pytest.fixture
def now() -> datetime:
    """Noon of an ordinary day."""
    return datetime(2027, 3, 10, 12, tzinfo=UTC)


@pytest.fixture
def patient(clinic: Clinic, now: datetime) -> Patient:
    """Treated this moment, in a clinic whose director has signed what ships."""
    sign(clinic, now=now)
    follow(clinic, clinic.content, now=now)
    return clinic.add_patient(now=now, hours_ago=0)


def released(*changes: tuple[str, str]) -> Content:
    """What the next release ships: another schedule."""
    files: dict[str, Any] = dataclasses.asdict(content_files.read_content_files())
    for before, after in changes:
        assert before in files["schedule"]
        files["schedule"] = files["schedule"].replace(before, after, 1)
    return parse_content(**files)


def step_of(name: str, at: str = "09:00:00", until: str = "20:00:00") -> str:
    day = "".join(letter for letter in name if letter.isdigit())
    return f'[[step]]\nname = "{name}"\nanswers_by = "link"\nday = {day}\nat = {at}\nuntil = {until}\n'


def follow(clinic: Clinic, content: Content, *, now: datetime, limit: int = 1000) -> list[UUID]:
    """Do steps until nothing is left; who could not be done."""
    failed: list[UUID] = []
    waiting: list[UUID] = []
    for _ in range(limit):
        with clinic.sessions.begin() as session:
            step = signed_follow_up.follow_next(
                session, content=content, leave=waiting, now=now,
                on_failure=lambda key, error: failed.append(key),
            )  # fmt: skip
        if step is None:
            break
        if step.waits:
            waiting.append(step.round_id)
    return failed


def rounds(sessions: sessionmaker[Session]) -> list[ContentFollowUp]:
    with sessions() as session:
        return list(session.scalars(select(ContentFollowUp).order_by(ContentFollowUp.asked_at)))


def verdicts(clinic: Clinic, patient: Patient) -> dict[str, tuple[MessageState, str | None]]:
    found = steps_of(clinic.sessions, patient.treatment_id)
    return {step: (row.state, row.reason) for step, row in found.items()}


def due(clinic: Clinic, patient: Patient) -> dict[str, datetime]:
    """When what is still to come comes."""
    found = steps_of(clinic.sessions, patient.treatment_id)
    return {step: row.due_at.astimezone(UTC) for step, row in found.items() if row.state is PLANNED}


def send(clinic: Clinic, content: Content, *, now: datetime) -> list[str]:
    with clinic.sessions.begin() as session:
        return [text.body for text in claim(session, content=content, now=now)]


def test_planned_texts_follow_the_schedule_once_it_is_signed_and_not_before(
    clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], now: datetime
) -> None:
    later = step_of("day2_link", at="11:00:00")
    newer = released((step_of("day2_link"), later), (step_of("day3_link"), ""))
    before = due(clinic, patient)
    follow(clinic, newer, now=now)
    assert due(clinic, patient) == before, "nobody has signed it yet"
    sign(clinic, now=now, content=newer)
    assert due(clinic, patient) == before
    assert follow(clinic, newer, now=now) == []
    moved = before["day2_link"].replace(hour=11)
    assert due(clinic, patient) == {
        step: moved if step == "day2_link" else at for step, at in before.items() if step != "day3_link"
    }
    assert verdicts(clinic, patient)["day3_link"] == GONE
    done = rounds(sessions)[-1]
    assert (done.kind, done.done, done.failed, done.finished_at) == (FollowUpKind.PLANS, 1, 0, now)
    with sessions() as session:
        entry = audit_trail.entries(session, clinic.id, "content.followed")[-1]
        assert entry.detail == {"what": "plans", "done": "1", "failed": "0"}


def test_nobody_is_asked_twice_where_a_step_got_another_name(
    clinic: Clinic, patient: Patient, now: datetime
) -> None:
    morning = datetime(2027, 3, 11, 9, tzinfo=UTC)
    send(clinic, clinic.content, now=now + timedelta(hours=3))
    assert len(send(clinic, clinic.content, now=morning)) == 1
    renamed = step_of("day1_link", at="10:00:00").replace('name = "day1_link"', 'name = "first_morning"')
    newer = released(
        (step_of("day1_link"), renamed + 'template = "day1_link"\n'),
        (step_of("day2_link"), step_of("day2_link").replace("day2_link", "second", 1) + TEMPLATE),
    )  # fmt: skip
    sign(clinic, now=morning, content=newer)
    follow(clinic, newer, now=morning)
    found = verdicts(clinic, patient)
    assert found["day1_link"] == (CLAIMED, None)
    assert found["first_morning"] == (CANCELLED, UnsentReason.SAID_BEFORE)
    assert (found["day2_link"], found["second"]) == (GONE, (PLANNED, None))
    # Whatever else has the texts planned anew does not bring it back.
    with clinic.sessions.begin() as session:
        patient_changes.update_patient(
            session, clinic=session.get_one(ClinicRow, clinic.id),
            patient=session.get_one(PatientRow, (clinic.id, patient.id)),
            changes={"time_zone": "Europe/Paris"}, consents=[], content=newer, actor=audit.OPERATOR,
            now=morning,
        )  # fmt: skip
    assert verdicts(clinic, patient)["first_morning"] == (CANCELLED, UnsentReason.SAID_BEFORE)
    assert send(clinic, newer, now=morning + timedelta(hours=3)) == []


def test_a_day_that_was_asked_about_is_not_asked_about_in_other_words(
    clinic: Clinic, patient: Patient, now: datetime
) -> None:
    morning = datetime(2027, 3, 11, 9, tzinfo=UTC)
    send(clinic, clinic.content, now=now + timedelta(hours=3))
    send(clinic, clinic.content, now=morning)
    other = step_of("day1_link").replace("day1_link", "morning", 1) + 'template = "day2_link"\n'
    newer = released((step_of("day1_link"), other))
    sign(clinic, now=morning, content=newer)
    follow(clinic, newer, now=morning)
    assert verdicts(clinic, patient)["morning"] == (CANCELLED, UnsentReason.ASKED_THAT_DAY)


def test_nothing_comes_at_night_or_after_a_stop(
    clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], now: datetime
) -> None:
    stopped = clinic.add_patient(now=now, hours_ago=0)
    with sessions.begin() as session:
        opt_outs.stop(
            session, patients=[session.get_one(PatientRow, (clinic.id, stopped.id))], how="text", now=now
        )
    newer = released(
        (step_of("day2_link"), step_of("day2_link", at="05:00:00")),
        (step_of("day3_link"), step_of("day3_link", at="22:30:00", until="23:00:00")),
        (step_of("day5_link"), step_of("day5_link", at="15:00:00")),
    )
    sign(clinic, now=now, content=newer)
    follow(clinic, newer, now=now)
    found = steps_of(sessions, patient.treatment_id)
    assert found["day2_link"].due_at.astimezone(UTC).time() == time(8)
    assert (found["day3_link"].state, found["day3_link"].reason) == (
        MessageState.EXPIRED, UnsentReason.NO_HOUR_LEFT,
    )  # fmt: skip
    assert found["day5_link"].due_at.astimezone(UTC).time() == time(15)
    assert due(clinic, stopped) == {}
    assert verdicts(clinic, stopped)["day2_link"] == (CANCELLED, UnsentReason.OPTED_OUT)


def test_what_was_signed_twice_in_a_row_comes_to_the_last(
    clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], now: datetime
) -> None:
    first = released((step_of("day2_link"), ""), (step_of("day3_link"), ""))
    second = released((step_of("day2_link"), ""))
    for content, at in ((first, now), (second, now + timedelta(seconds=1))):
        sign(clinic, now=at, content=content)
    follow(clinic, second, now=now + timedelta(seconds=2))
    found = verdicts(clinic, patient)
    assert (found["day2_link"], found["day3_link"]) == (GONE, (PLANNED, None))
    assert all(one.finished_at is not None for one in rounds(sessions))


def test_a_round_goes_on_where_it_stopped_and_nobody_holds_up_the_others(
    clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], now: datetime
) -> None:
    others = [clinic.add_patient(now=now, hours_ago=0) for _ in range(3)]
    everybody = sorted([patient.id, *(one.id for one in others)])
    with sessions.begin() as session:
        lost = update(PatientRow).where(PatientRow.id == everybody[1])
        session.execute(lost.values(time_zone="Mars/Olympus"))
    newer = released((step_of("day3_link"), ""))
    sign(clinic, now=now, content=newer)
    assert follow(clinic, newer, now=now, limit=1) == []
    assert rounds(sessions)[-1].reached == everybody[0]
    assert follow(clinic, newer, now=now) == [everybody[1]]
    done = rounds(sessions)[-1]
    assert (done.done, done.failed, done.reached) == (3, 1, everybody[-1])
    with sessions() as session:
        gone = select(Message.patient_id).where(Message.step == "day3_link", Message.state == CANCELLED)
        assert set(session.scalars(gone)) == set(everybody) - {everybody[1]}


def test_what_cannot_be_read_waits_and_holds_up_no_other_clinic(
    clinic: Clinic, other_clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], now: datetime
) -> None:
    newer = released((step_of("day3_link"), ""))
    sign(clinic, now=now, content=newer)
    sign(other_clinic, now=now + timedelta(seconds=1), content=newer)
    with sessions.begin() as session:
        session.add(ContentBundle(digest=b"\1" * 32, parts={}))
        session.flush()
        row = session.get_one(ClinicRow, clinic.id)
        runs, row.running_content = row.running_content, b"\1" * 32
    follow(clinic, newer, now=now)
    assert [one.finished_at is None for one in rounds(sessions)] == [False, True, False]
    with sessions.begin() as session:
        session.get_one(ClinicRow, clinic.id).running_content = runs
    follow(clinic, newer, now=now)
    assert verdicts(clinic, patient)["day3_link"] == GONE


def test_a_signature_that_changes_nothing_or_in_training_has_nothing_to_follow(
    clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], now: datetime
) -> None:
    before = len(rounds(sessions))
    sign(clinic, now=now + timedelta(seconds=1))
    with sessions.begin() as session:
        session.execute(update(ClinicRow).values(mode=ClinicMode.TRAINING))
    sign(clinic, now=now + timedelta(seconds=2), content=released((step_of("day3_link"), "")))
    assert len(rounds(sessions)) == before


def test_courses_of_a_version_that_was_taken_back_are_judged_one_after_the_other(
    clinic: Clinic, sessions: sessionmaker[Session], content: Content, now: datetime
) -> None:
    newest = max(content.protocols)
    text = content.protocol_sources[newest].replace(newest, "own-1", 1)
    with sessions.begin() as session:
        protocols.save_draft(
            session, clinic_id=clinic.id, text=text, content=content, actor=audit.OPERATOR, now=now
        )
        row = session.get_one(ClinicRow, clinic.id)
        protocols.publish(
            session, clinic=row, version="own-1", effective_from=now, reason="agreed", content=content,
            actor=audit.OPERATOR, now=now,
        )  # fmt: skip
    sign(clinic, now=now)
    with sessions() as session:
        runs = running_content.of_clinic(session, session.get_one(ClinicRow, clinic.id), newest=content)
    at = now + timedelta(hours=30)
    signed = dataclasses.replace(clinic, content=runs)
    followed = [signed.add_patient(now=at, hours_ago=26) for _ in range(2)]
    with sessions.begin() as session:
        content_withdrawal.withdraw_version(
            session, clinic=session.get_one(ClinicRow, clinic.id), version="own-1", because="It misses.",
            content=content, actor=audit.OPERATOR, now=at,
        )  # fmt: skip
        assert (
            session.scalars(
                select(StoredAssessment).where(StoredAssessment.cause == AssessmentCause.FACTS_CORRECTED)
            ).all()
            == []
        )
    follow(clinic, content, now=at)
    plans, judged = rounds(sessions)
    assert (plans.kind, judged.kind) == (FollowUpKind.PLANS, FollowUpKind.JUDGEMENTS)
    assert (judged.version, judged.done, judged.failed, judged.finished_at) == ("own-1", len(followed), 0, at)
    with sessions() as session:
        entry = audit_trail.entries(session, clinic.id, "content.followed")[-1]
        assert entry.detail == {"what": "judgements", "done": "2", "failed": "0", "version": "own-1"}
        row = session.get_one(ClinicRow, clinic.id)
        assert content_signing.get_status(session, clinic=row, content=content, now=at).holds
