"""The plan follows what is known: visits, withdrawals, consents, travel, numbers, ways of answering."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta
from typing import Any, Unpack
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.clinical.symptoms import Area, Device
from recovery.domain.flags.flag_lifecycle import FlagState, Urgency
from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.domain.messaging.unsent_reasons import UnsentReason
from recovery.domain.patients.consent import ConsentKind
from recovery.domain.patients.contact import AnswersBy
from recovery.domain.treatments.session_plan import SessionPlan
from recovery.models.clinic.clinics import Clinic as ClinicRow
from recovery.models.flags.flags import Flag
from recovery.models.messaging import text_leases
from recovery.models.messaging.messages import Message
from recovery.models.patients import patients
from recovery.models.patients.patients import Patient as PatientRow
from recovery.services.access import authentication
from recovery.services.changes import patient_changes, treatment_corrections
from recovery.services.changes.patient_changes import PatientChanges
from recovery.services.content.content import Content
from recovery.services.core.audit import OPERATOR
from recovery.services.messaging import text_planning
from recovery.services.patients import enrolment
from recovery.services.patients.enrolment import GivenConsent
from recovery.services.treatments import session_plan, treatments
from tests.support.data.people import Clinic, Patient
from tests.support.data.planned_texts import claim, steps_of

PLANNED, CANCELLED, EXPIRED = MessageState.PLANNED, MessageState.CANCELLED, MessageState.EXPIRED
DAILY = ("day0", *(f"day{day}_link" for day in (1, 2, 3, 4, 5, 7, 14, 28, 56)))


@pytest.fixture
def now() -> datetime:
    """Noon of an ordinary day."""
    return datetime(2027, 3, 10, 12, tzinfo=UTC)


@pytest.fixture
def patient(clinic: Clinic, now: datetime) -> Patient:
    """Treated this moment."""
    return clinic.add_patient(now=now, hours_ago=0)


def treat(clinic: Clinic, patient: Patient, *, at: datetime, now: datetime) -> UUID:
    new = treatments.NewTreatment(
        performed_at=at, device=Device.PEN, depth_mm=None, areas=[Area.NECK], indication=None,
        numbing=None, topical=None, session_number=1, protocol=None,
    )  # fmt: skip
    with clinic.sessions.begin() as session:
        return treatments.record(
            session,
            clinic=session.get_one(ClinicRow, clinic.id),
            patient=session.get_one(PatientRow, (clinic.id, patient.id)),
            new=new,
            content=clinic.content,
            actor=OPERATOR,
            now=now,
        ).id


def withdraw(clinic: Clinic, treatment_id: UUID, *, now: datetime) -> None:
    with clinic.sessions.begin() as session:
        treatment_corrections.withdraw(
            session, clinic_id=clinic.id, treatment_id=treatment_id, reason="Wrong patient.",
            content=clinic.content, actor=OPERATOR, now=now,
        )  # fmt: skip


def change(
    clinic: Clinic, patient: Patient, now: datetime, *consents: ConsentKind, version: int = 3,
    **changes: Unpack[PatientChanges],
) -> None:  # fmt: skip
    with clinic.sessions.begin() as session:
        patient_changes.update_patient(
            session,
            clinic=session.get_one(ClinicRow, clinic.id),
            patient=session.get_one(PatientRow, (clinic.id, patient.id)),
            changes=changes,
            consents=[
                GivenConsent(kind=one, wording="Yes.", given_at=now, version=version) for one in consents
            ],
            content=clinic.content,
            actor=OPERATOR,
            now=now,
        )


def agree(
    clinic: Clinic, patient: Patient, on: date | None, *, now: datetime
) -> session_plan.SessionPlanStatus:
    with clinic.sessions.begin() as session:
        return session_plan.save_plan(
            session,
            patient=session.get_one(PatientRow, (clinic.id, patient.id)),
            plan=SessionPlan(sessions=3, weeks_between=5, maintenance_months=6),
            next_session_on=on,
            content=clinic.content,
            actor=OPERATOR,
            now=now,
        )


def send(clinic: Clinic, now: datetime) -> int:
    with clinic.sessions.begin() as session:
        return len(claim(session, content=clinic.content, now=now))


def verdicts(clinic: Clinic, treatment_id: UUID) -> dict[str, tuple[MessageState, str | None]]:
    return {step: (row.state, row.reason) for step, row in steps_of(clinic.sessions, treatment_id).items()}


def test_two_areas_in_one_visit_are_one_text(clinic: Clinic, patient: Patient, now: datetime) -> None:
    second = treat(clinic, patient, at=now - timedelta(hours=2), now=now)
    assert {step: verdicts(clinic, patient.treatment_id)[step] for step in DAILY} == dict.fromkeys(
        DAILY, (PLANNED, None)
    )
    assert {step: verdicts(clinic, second)[step] for step in DAILY} == dict.fromkeys(
        DAILY, (CANCELLED, UnsentReason.COVERED)
    )


def test_covered_texts_come_back_when_what_covered_them_is_withdrawn_but_not_what_was_sent(
    clinic: Clinic, patient: Patient, now: datetime
) -> None:
    second = treat(clinic, patient, at=now, now=now)
    # Of the first: the confirmation of the consent, and the text of the day itself.
    assert send(clinic, now + timedelta(hours=3)) == 2
    withdraw(clinic, patient.treatment_id, now=now + timedelta(hours=4))
    first, after = verdicts(clinic, patient.treatment_id), verdicts(clinic, second)
    assert first.pop("day0") == (MessageState.CLAIMED, None)
    assert first.pop("session_reminder") == (CANCELLED, UnsentReason.NO_REMINDER_CONSENT)
    assert set(first.values()) == {(CANCELLED, UnsentReason.WITHDRAWN)}
    assert after["day0"] == (CANCELLED, UnsentReason.COVERED)
    assert {after[step] for step in DAILY[1:]} == {(PLANNED, None)}


def test_another_days_treatment_has_texts_of_its_own_and_ends_what_is_asked_of_the_last_one_only(
    clinic: Clinic, patient: Patient, now: datetime
) -> None:
    change(clinic, patient, now, ConsentKind.SESSION_REMINDERS)
    agree(clinic, patient, date(2027, 4, 21), now=now)
    reminder = steps_of(clinic.sessions, patient.treatment_id)["session_reminder"]
    assert (reminder.state, reminder.due_at) == (PLANNED, datetime(2027, 4, 14, 10, tzinfo=UTC))
    assert reminder.useful_until == datetime(2027, 4, 20, 20, tzinfo=UTC)
    later = now + timedelta(days=28)
    second = treat(clinic, patient, at=later, now=later)
    first, after = verdicts(clinic, patient.treatment_id), verdicts(clinic, second)
    assert first["session_reminder"][0] is not PLANNED
    assert first["day56_link"] == (CANCELLED, UnsentReason.SESSION_DONE)
    assert after.pop("session_reminder") == (EXPIRED, UnsentReason.NO_SESSION_AGREED)
    assert set(after.values()) == {(PLANNED, None)}
    agree(clinic, patient, date(2027, 5, 12), now=later)
    assert verdicts(clinic, patient.treatment_id)["session_reminder"][0] is not PLANNED
    assert verdicts(clinic, second)["session_reminder"] == (PLANNED, None)
    withdraw(clinic, second, now=later)
    assert verdicts(clinic, patient.treatment_id)["day56_link"] == (PLANNED, None)


def test_corrected_time_moves_what_has_not_left_and_brings_back_what_was_dropped(
    clinic: Clinic, now: datetime
) -> None:
    # Entered as of three days ago, in truth of this morning.
    patient = clinic.add_patient(now=now, hours_ago=0)
    treatment_id = treat(clinic, patient, at=now - timedelta(days=3), now=now)
    withdraw(clinic, patient.treatment_id, now=now)
    before = verdicts(clinic, treatment_id)
    assert {before[step] for step in DAILY[:3]} == {(EXPIRED, UnsentReason.MOMENT_PASSED)}
    assert send(clinic, now) == 2
    with clinic.sessions.begin() as session:
        treatment_corrections.correct(
            session, clinic_id=clinic.id, treatment_id=treatment_id,
            changes={"performed_at": now - timedelta(hours=4)}, reason="Typed the wrong day.",
            content=clinic.content, actor=OPERATOR, now=now,
        )  # fmt: skip
    rows = steps_of(clinic.sessions, treatment_id)
    assert rows["day3_link"].state is MessageState.CLAIMED
    assert (rows["day1_link"].state, rows["day1_link"].due_at) == (
        PLANNED,
        datetime(2027, 3, 11, 9, tzinfo=UTC),
    )
    assert rows["day0"].state is PLANNED
    assert rows["day0"].due_at == now


def test_travel_moves_the_texts_to_the_hours_of_the_new_place(
    clinic: Clinic, patient: Patient, now: datetime
) -> None:
    change(clinic, patient, now, time_zone="America/Los_Angeles")
    rows = steps_of(clinic.sessions, patient.treatment_id)
    # The clocks go forward there on 14 March.
    assert rows["day1_link"].due_at == datetime(2027, 3, 11, 17, tzinfo=UTC)
    assert rows["day7_link"].due_at == datetime(2027, 3, 17, 16, tzinfo=UTC)
    assert {row.state for step, row in rows.items() if step in DAILY} == {PLANNED}


def test_travel_sends_no_step_twice_and_none_whose_moment_has_passed(
    clinic: Clinic, patient: Patient, now: datetime
) -> None:
    morning = datetime(2027, 3, 11, 9, tzinfo=UTC)
    assert send(clinic, morning) == 1
    # 9:00 UTC is 22:00 in Auckland: the second day has begun, and its morning is still to come.
    change(clinic, patient, morning, time_zone="Pacific/Auckland")
    rows = steps_of(clinic.sessions, patient.treatment_id)
    assert rows["day1_link"].state is MessageState.CLAIMED
    # The treatment was at one in the night of 11 March there: its second day is the 13th.
    assert rows["day2_link"].due_at == datetime(2027, 3, 12, 20, tzinfo=UTC)
    late = datetime(2027, 3, 14, 12, tzinfo=UTC)
    change(clinic, patient, late, time_zone="UTC")
    assert verdicts(clinic, patient.treatment_id)["day2_link"] == (EXPIRED, UnsentReason.MOMENT_PASSED)


def test_number_change_ends_texts_devices_and_invitations_until_the_new_number_agrees(
    clinic: Clinic, patient: Patient, now: datetime, sessions: sessionmaker[Session]
) -> None:

    with sessions.begin() as session:
        row = session.get_one(PatientRow, (clinic.id, patient.id))
        open_invitation = enrolment.invite(session, patient=row, now=now).token
    change(clinic, patient, now, phone="+12025550777")
    gone = verdicts(clinic, patient.treatment_id)
    assert {gone[step] for step in DAILY} == {(CANCELLED, UnsentReason.NUMBER_CHANGED)}
    with sessions.begin() as session:
        with pytest.raises(authentication.NotSignedIn):
            authentication.patient_caller(session, bearer=patient.token, now=now)
        with pytest.raises(authentication.InvitationEnded):
            authentication.patient_sign_in(session, invitation=open_invitation, secret="1990", now=now)
    assert send(clinic, now + timedelta(hours=3)) == 0, "not even the confirmation planned at enrolment"
    change(clinic, patient, now + timedelta(hours=4), ConsentKind.RECOVERY_TEXTS)
    back = verdicts(clinic, patient.treatment_id)
    assert {back[step] for step in DAILY} == {(PLANNED, None)}
    with sessions() as session:
        confirmed = session.scalars(select(Message).where(Message.template == "optin_confirm")).all()
    assert len(confirmed) == 2


def test_number_change_with_consent_at_once_keeps_the_texts_going(
    clinic: Clinic, patient: Patient, now: datetime
) -> None:
    change(clinic, patient, now, ConsentKind.RECOVERY_TEXTS, phone="+12025550778")
    assert {verdicts(clinic, patient.treatment_id)[step] for step in DAILY} == {(PLANNED, None)}
    assert send(clinic, now + timedelta(hours=3)) == 2
    with clinic.sessions() as session:
        numbers = session.scalars(select(Message.to_phone).where(Message.state == MessageState.CLAIMED))
        assert set(numbers) == {"+12025550778"}


def test_another_way_of_answering_asks_nobody_twice_a_day(
    clinic: Clinic, patient: Patient, now: datetime
) -> None:
    morning = datetime(2027, 3, 11, 9, tzinfo=UTC)
    assert send(clinic, morning) == 1
    change(clinic, patient, morning, answers_by=AnswersBy.TEXT)
    found = verdicts(clinic, patient.treatment_id)
    assert found["day1_link"] == (MessageState.CLAIMED, None)
    assert found["day1_text"] == (CANCELLED, UnsentReason.ASKED_THAT_DAY)
    assert found["day2_link"] == (CANCELLED, UnsentReason.ANSWERS_OTHERWISE)
    assert found["day2_text"] == (PLANNED, None)
    assert found["day14_link"] == (CANCELLED, UnsentReason.ANSWERS_OTHERWISE)
    assert found["day14_text"] == (PLANNED, None)
    change(clinic, patient, morning, answers_by=AnswersBy.LINK)
    found = verdicts(clinic, patient.treatment_id)
    assert found["day14_link"] == (PLANNED, None)
    assert found["day2_link"] == (PLANNED, None)
    assert found["day2_text"] == (CANCELLED, UnsentReason.ANSWERS_OTHERWISE)


def test_who_agreed_in_words_that_tell_of_fewer_days_keeps_the_plan_of_those_words(
    clinic: Clinic, now: datetime
) -> None:
    patient = clinic.add_patient(now=now, hours_ago=0, consent_version=1)
    assert set(DAILY) - set(verdicts(clinic, patient.treatment_id)) == {"day4_link", "day56_link"}
    change(clinic, patient, now, ConsentKind.RECOVERY_TEXTS, version=2)
    assert set(DAILY) - set(verdicts(clinic, patient.treatment_id)) == {"day56_link"}
    change(clinic, patient, now, ConsentKind.RECOVERY_TEXTS)
    found = verdicts(clinic, patient.treatment_id)
    assert found["day4_link"] == found["day56_link"] == (PLANNED, None)
    with clinic.sessions.begin() as session:
        row = session.get_one(PatientRow, (clinic.id, patient.id))
        patients.withdraw_consents(session, row, now=now)
    change(clinic, patient, now, ConsentKind.RECOVERY_TEXTS, version=1)
    found = verdicts(clinic, patient.treatment_id)
    assert found["day4_link"] == (CANCELLED, UnsentReason.NOT_TOLD)
    assert found["day56_link"] == (CANCELLED, UnsentReason.NOT_TOLD)
    assert found["day5_link"] == (PLANNED, None)


def test_planning_anew_changes_nothing_where_nothing_changed(
    clinic: Clinic, patient: Patient, now: datetime
) -> None:

    def rows() -> dict[str, tuple[Any, ...]]:
        found = steps_of(clinic.sessions, patient.treatment_id)
        return {step: (row.state, row.reason, row.due_at, row.useful_until) for step, row in found.items()}

    before = rows()
    with clinic.sessions.begin() as session:
        held = session.scalars(select(Message).where(Message.step == "day1_link")).one()
        held.reason, held.due_at = UnsentReason.QUIET_HOURS, held.due_at + timedelta(hours=1)
        before["day1_link"] = (held.state, held.reason, held.due_at, held.useful_until)
    with clinic.sessions.begin() as session:
        row = session.get_one(PatientRow, (clinic.id, patient.id))
        text_planning.plan_texts(session, patient=row, content=clinic.content, now=now)
    assert rows() == before


def test_reminder_waits_for_an_open_flag(
    clinic: Clinic, patient: Patient, content: Content, now: datetime
) -> None:
    change(clinic, patient, now, ConsentKind.SESSION_REMINDERS)
    agree(clinic, patient, date(2027, 4, 21), now=now)
    due = datetime(2027, 4, 14, 10, tzinfo=UTC)
    with clinic.sessions.begin() as session:
        flag = Flag(
            clinic_id=clinic.id, treatment_id=patient.treatment_id, state=FlagState.OPEN,
            urgency=Urgency.SAME_DAY, urgency_rank=Urgency.SAME_DAY.rank, due_at=due, opened_at=due,
        )  # fmt: skip
        session.add(flag)
        session.flush()
        flag_id = flag.id
    send(clinic, due)
    held = steps_of(clinic.sessions, patient.treatment_id)["session_reminder"]
    assert (held.state, held.reason) == (PLANNED, UnsentReason.FLAG_OPEN)
    with clinic.sessions.begin() as session:
        session.get_one(Flag, (clinic.id, flag_id)).state = FlagState.RESOLVED
    assert send(clinic, held.due_at) == 1


def test_a_reminder_needs_a_day_that_was_agreed_and_follows_it(
    clinic: Clinic, patient: Patient, now: datetime
) -> None:
    change(clinic, patient, now, ConsentKind.SESSION_REMINDERS)

    def reminder() -> Message:
        return steps_of(clinic.sessions, patient.treatment_id)["session_reminder"]

    assert (reminder().state, reminder().reason) == (EXPIRED, UnsentReason.NO_SESSION_AGREED)
    assert agree(clinic, patient, None, now=now).proposed_on == date(2027, 4, 14)
    assert reminder().state is EXPIRED
    for on in (date(2027, 4, 14), date(2027, 4, 7)):
        agree(clinic, patient, on, now=now)
        assert (reminder().state, reminder().due_at.date()) == (PLANNED, on - timedelta(days=7))
    # Agreed for the day after tomorrow, it goes out at once; for a day too near, not at all.
    agree(clinic, patient, date(2027, 3, 12), now=now)
    assert reminder().due_at == now
    agree(clinic, patient, now.date(), now=now)
    assert (reminder().state, reminder().reason) == (EXPIRED, UnsentReason.MOMENT_PASSED)
    agree(clinic, patient, None, now=now)
    assert reminder().state is EXPIRED
    with pytest.raises(session_plan.ImpossibleSessionDay):
        agree(clinic, patient, now.date() - timedelta(days=1), now=now)


def test_without_a_consent_of_its_own_nobody_is_reminded(
    clinic: Clinic, patient: Patient, now: datetime
) -> None:
    agree(clinic, patient, date(2027, 4, 14), now=now)
    reminder = steps_of(clinic.sessions, patient.treatment_id)["session_reminder"]
    assert (reminder.state, reminder.reason) == (CANCELLED, UnsentReason.NO_REMINDER_CONSENT)


def test_maintenance_months_later_is_reminded_of(clinic: Clinic, patient: Patient, now: datetime) -> None:
    change(clinic, patient, now, ConsentKind.SESSION_REMINDERS)
    later = now + timedelta(days=100)
    on = later.date() + timedelta(days=80)
    agree(clinic, patient, on, now=later)
    reminder = steps_of(clinic.sessions, patient.treatment_id)["session_reminder"]
    assert (reminder.state, reminder.due_at.date()) == (PLANNED, on - timedelta(days=7))
    assert send(clinic, reminder.due_at) == 1


def test_two_treatments_recorded_at_once_still_make_one_text(
    clinic: Clinic, now: datetime, sessions: sessionmaker[Session]
) -> None:
    patient = clinic.add_patient(now=now, hours_ago=40 * 24)
    made: list[UUID] = []

    def record() -> None:
        made.append(treat(clinic, patient, at=now, now=now))

    with sessions() as other:
        text_leases.lock_patient(other, patient.id)
        waiting = [threading.Thread(target=record) for _ in range(3)]
        for one in waiting:
            one.start()
        other.commit()
    for one in waiting:
        one.join()
    planned = [step for one in made for step, row in steps_of(sessions, one).items() if row.state is PLANNED]
    assert sorted(planned) == sorted(DAILY)
