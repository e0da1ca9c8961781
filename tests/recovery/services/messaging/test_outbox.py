"""Claiming: what may leave, when, and in which words."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import delete, update
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.messaging import sms_segments
from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.domain.messaging.unsent_reasons import UnsentReason
from recovery.domain.patients.consent import ConsentKind
from recovery.models.clinic.clinics import Clinic as ClinicRow
from recovery.models.clinic.clinics import ClinicMode
from recovery.models.messaging import opt_outs
from recovery.models.messaging.messages import Message
from recovery.models.patients.patients import Consent
from recovery.models.patients.patients import Patient as PatientRow
from recovery.services.access import authentication
from recovery.services.content.content import Content
from recovery.services.messaging import outbox
from recovery.services.messaging.outbox import RenderContext
from recovery.sms.gateway_interface import OutgoingText
from tests.support.data.people import YEAR_OF_BIRTH, Clinic, Patient

Plan = Callable[..., UUID]
Claim = Callable[..., list[OutgoingText]]
WORKER = uuid4()


@pytest.fixture
def claim(sessions: sessionmaker[Session], wording: RenderContext, now: datetime) -> Claim:
    """Claims and commits."""

    def claimed(
        *, at: datetime = now, limit: int = 50, wording: RenderContext = wording
    ) -> list[OutgoingText]:
        with sessions.begin() as session:
            return outbox.lease_due_texts(session, wording=wording, worker_id=WORKER, now=at, limit=limit)

    return claimed


def row(sessions: sessionmaker[Session]) -> Message:
    with sessions() as session:
        return session.query(Message).one()


def change(sessions: sessionmaker[Session], table: type, **values: object) -> None:
    with sessions.begin() as session:
        session.execute(update(table).values(**values))


def test_a_due_text_is_claimed_once(
    plan: Plan, claim: Claim, patient: Patient, sessions: sessionmaker[Session], now: datetime
) -> None:
    plan("seen", to=patient)
    (outgoing,) = claim()
    assert (outgoing.to, outgoing.valid_for) == (patient.phone, timedelta(hours=4))
    assert outgoing.body.startswith("Test Clinic: A nurse looked at your check-in.")
    kept = row(sessions)
    assert (kept.state, kept.attempts, kept.worker_id) == (MessageState.CLAIMED, 1, WORKER)
    assert (kept.reference, kept.body, kept.to_phone) == (outgoing.reference, outgoing.body, outgoing.to)
    assert claim() == []


def test_what_is_not_yet_due_waits_and_the_earliest_goes_first(
    plan: Plan, claim: Claim, patient: Patient, now: datetime
) -> None:
    plan("seen", to=patient, step="b", due_at=now - timedelta(minutes=1))
    plan("tried_to_call", to=patient, step="a", due_at=now - timedelta(minutes=2))
    plan("help", to=patient, step="c", due_at=now + timedelta(seconds=1))
    assert ["tried to call" in one.body for one in claim(limit=1)] == [True]
    assert ["looked at" in one.body for one in claim()] == [True]
    assert len(claim(at=now + timedelta(seconds=1))) == 1


def test_a_text_names_the_number_that_answers_when_it_leaves(
    plan: Plan, claim: Claim, patient: Patient, sessions: sessionmaker[Session], now: datetime
) -> None:
    change(
        sessions, ClinicRow, phone="+12025550100", out_of_hours_phone="+12025550199", time_zone="UTC",
        weekly_hours={now.strftime("%a").lower(): [["00:00", "24:00"]]},
    )  # fmt: skip
    for at, number in ((now, "+12025550100"), (now + timedelta(days=1), "+12025550199")):
        plan("emergency", to=patient, step=number, due_at=at)
        (outgoing,) = claim(at=at)
        assert f"Then call {number}." in outgoing.body
    change(sessions, ClinicRow, weekly_hours={"mon": [["25:00", "26:00"]]})
    plan("emergency", to=patient, step="unreadable hours", due_at=now)
    (outgoing,) = claim()
    assert "Then call +12025550199." in outgoing.body


def test_the_stop_switch_lets_emergencies_and_alerts_to_staff_out(
    plan: Plan, claim: Claim, patient: Patient, sessions: sessionmaker[Session], now: datetime
) -> None:
    plan("emergency", to=patient, step="told")
    plan("on_call_alert", to=None, step="page", by="3 PM", ref="abc123")
    plan("day0", to=patient, step="tip")
    change(sessions, ClinicRow, texts_stopped_at=now)
    assert {text.to for text in claim()} == {patient.phone, "+12025550192"}


def test_the_stop_switch_holds_the_rest_until_it_is_off(
    plan: Plan, claim: Claim, patient: Patient, sessions: sessionmaker[Session], now: datetime
) -> None:
    plan("seen", to=patient)
    change(sessions, ClinicRow, texts_stopped_at=now)
    assert claim() == []
    assert (row(sessions).state, row(sessions).due_at) == (MessageState.PLANNED, now)
    change(sessions, ClinicRow, texts_stopped_at=None)
    assert len(claim()) == 1


@pytest.mark.parametrize("template", ["seen", "emergency", "optin_confirm"])
def test_a_training_clinic_texts_nobody(
    template: str, plan: Plan, claim: Claim, patient: Patient, sessions: sessionmaker[Session]
) -> None:
    plan(template, to=patient)
    change(sessions, ClinicRow, mode=ClinicMode.TRAINING)
    assert claim() == []
    assert (row(sessions).state, row(sessions).reason) == (
        MessageState.CANCELLED,
        UnsentReason.TRAINING,
    )


@pytest.mark.parametrize(
    ("template", "leaves"), [("seen", False), ("emergency", False), ("optin_confirm", True)]
)
def test_without_consent_only_account_texts_leave(
    template: str, leaves: bool, plan: Plan, claim: Claim, patient: Patient, sessions: sessionmaker[Session],
    now: datetime,
) -> None:  # fmt: skip
    plan(template, to=patient)
    change(sessions, Consent, withdrawn_at=now)
    assert len(claim()) == leaves
    assert row(sessions).state is (MessageState.CLAIMED if leaves else MessageState.CANCELLED)


def test_consent_to_session_reminders_is_no_consent_to_recovery_texts(
    plan: Plan, claim: Claim, patient: Patient, sessions: sessionmaker[Session]
) -> None:
    plan("seen", to=patient)
    change(sessions, Consent, kind=ConsentKind.SESSION_REMINDERS)
    assert claim() == []


@pytest.mark.parametrize("template", ["seen", "emergency", "optin_confirm"])
def test_a_number_that_opted_out_gets_nothing(
    template: str, plan: Plan, claim: Claim, clinic: Clinic, patient: Patient,
    sessions: sessionmaker[Session], now: datetime,
) -> None:  # fmt: skip
    plan(template, to=patient)
    with sessions.begin() as session:
        opt_outs.insert_opt_out(session, clinic_id=clinic.id, phone=patient.phone, how="test", now=now)
        opt_outs.insert_opt_out(session, clinic_id=clinic.id, phone=patient.phone, how="again", now=now)
    assert claim() == []
    assert row(sessions).state is MessageState.CANCELLED


def test_an_opt_out_at_another_clinic_is_none_here(
    plan: Plan, claim: Claim, other_clinic: Clinic, patient: Patient,
    sessions: sessionmaker[Session], now: datetime,
) -> None:  # fmt: skip
    plan("seen", to=patient)
    with sessions.begin() as session:
        opt_outs.insert_opt_out(session, clinic_id=other_clinic.id, phone=patient.phone, how="test", now=now)
    assert len(claim()) == 1


def test_quiet_hours_shift_a_text_to_the_next_morning_of_the_patient(
    plan: Plan, claim: Claim, patient: Patient, sessions: sessionmaker[Session], now: datetime
) -> None:
    evening = now.replace(hour=20)
    plan("seen", to=patient, due_at=evening, useful_for=timedelta(hours=24))
    assert claim(at=evening) == []
    held = row(sessions)
    assert (held.state, held.reason) == (MessageState.PLANNED, "held for the quiet hours")
    assert held.due_at == (evening + timedelta(days=1)).replace(hour=8)
    assert len(claim(at=held.due_at)) == 1


def test_a_text_with_no_allowed_hour_left_expires(
    plan: Plan, claim: Claim, patient: Patient, sessions: sessionmaker[Session], now: datetime
) -> None:
    evening = now.replace(hour=21)
    plan("seen", to=patient, due_at=evening, useful_for=timedelta(hours=11))
    assert claim(at=evening) == []
    assert row(sessions).state is MessageState.EXPIRED


@pytest.mark.parametrize("template", ["emergency", "optin_confirm"])
def test_emergency_and_account_texts_know_no_quiet_hours(
    template: str, plan: Plan, claim: Claim, patient: Patient, now: datetime
) -> None:
    night = now.replace(hour=3)
    plan(template, to=patient, due_at=night)
    assert len(claim(at=night)) == 1


def test_a_text_that_comes_too_late_expires(
    plan: Plan, claim: Claim, patient: Patient, sessions: sessionmaker[Session], now: datetime
) -> None:
    plan("emergency", to=patient, useful_for=timedelta(hours=1))
    assert claim(at=now + timedelta(hours=1)) == []
    kept = row(sessions)
    assert (kept.state, kept.settled_at) == (MessageState.EXPIRED, now + timedelta(hours=1))


def test_staff_texts_go_to_the_on_call_number_at_any_hour(
    plan: Plan, claim: Claim, clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    night = now.replace(hour=3)
    plan("staff_alert", to=None, step="one", due_at=night, by="9 AM", ref="abc123")
    plan("staff_alert", to=None, step="two", due_at=night, by="9 AM", ref="abc124")
    assert {one.to for one in claim(at=night)} == {"+12025550192"}


def test_a_step_without_a_patient_is_planned_once(
    plan: Plan, clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    plan("staff_alert", to=None, by="9 AM", ref="abc123")
    with pytest.raises(AssertionError):
        plan("staff_alert", to=None, by="9 AM", ref="abc123")


def test_what_cannot_be_put_into_words_is_put_aside_and_keeps_nothing_back(
    plan: Plan, claim: Claim, patient: Patient, sessions: sessionmaker[Session]
) -> None:
    plan("no_such_text", to=patient, step="unknown")
    plan("dayN_text", to=patient, step="no day")
    plan("dayN_text", to=patient, step="too long", day="12345")
    plan("seen", to=patient, step="good")
    assert len(claim()) == 1
    with sessions() as session:
        states = {one.step: one.state for one in session.query(Message)}
    assert states.pop("good") is MessageState.CLAIMED
    assert set(states.values()) == {MessageState.QUARANTINED}


def test_a_zone_nobody_knows_keeps_only_its_own_text_back(
    plan: Plan, claim: Claim, patient: Patient, sessions: sessionmaker[Session]
) -> None:
    plan("seen", to=patient)
    change(sessions, PatientRow, time_zone="Mars/Olympus")
    assert claim() == []
    assert row(sessions).state is MessageState.QUARANTINED


def test_two_sessions_never_claim_the_same_text(
    plan: Plan, clinic: Clinic, sessions: sessionmaker[Session], wording: RenderContext, now: datetime
) -> None:
    people = [clinic.add_patient(now=now) for _ in range(6)]
    with sessions.begin() as session:
        session.execute(delete(Message))
    for number, one in enumerate(people):
        plan("dayN_text", to=one, step=f"day{number}", day=number)
    with sessions.begin() as first, sessions.begin() as second:
        mine = outbox.lease_due_texts(first, wording=wording, worker_id=uuid4(), now=now, limit=4)
        theirs = outbox.lease_due_texts(second, wording=wording, worker_id=uuid4(), now=now, limit=4)
    assert (len(mine), len(theirs)) == (4, 2)
    assert not {one.body for one in mine} & {one.body for one in theirs}


def test_each_link_is_a_fresh_way_in_and_makes_the_body_unlike_all_others(
    plan: Plan, claim: Claim, patient: Patient, sessions: sessionmaker[Session], now: datetime
) -> None:
    for number in range(2):
        plan("day1_link", to=patient, step=f"step {number}")
    bodies = [one.body for one in claim()]
    assert len(set(bodies)) == 2
    for body in bodies:
        (word,) = [word for word in body.split() if word.startswith("https://c.example/")]
        with sessions.begin() as session:
            opened = authentication.patient_sign_in(
                session, invitation=word.rpartition("/")[2], secret=str(YEAR_OF_BIRTH), now=now
            )
            caller = authentication.patient_caller(session, bearer=opened.access_token, now=now)
        assert caller.patient_id == patient.id


def test_links_of_a_long_host_leave_and_cost_a_segment_more(
    plan: Plan, claim: Claim, patient: Patient, content: Content
) -> None:
    long = RenderContext(content=content, links_at="https://follow-up.a-clinic-with-a-long-name.example")
    plan("day3_link", to=patient, step="one")
    (outgoing,) = claim(wording=long)
    assert "https://follow-up.a-clinic-with-a-long-name.example/" in outgoing.body
    assert sms_segments.count_segments(outgoing.body).segments == 2
    assert content.catalogues == long.content.catalogues


def test_the_answer_to_thoughts_of_self_harm_gives_the_crisis_line(
    plan: Plan, claim: Claim, patient: Patient, sessions: sessionmaker[Session]
) -> None:
    change(sessions, ClinicRow, crisis_number="08001234")
    plan("emergency_self_harm", to=patient)
    (outgoing,) = claim()
    assert "Please call 08001234 now" in outgoing.body
    assert "911" not in outgoing.body
