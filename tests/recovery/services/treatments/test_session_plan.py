"""A patient's series: how far it is, when the next session would be, and what holds its reminder."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.flags.flag_lifecycle import FlagOutcome, FlagState, Urgency
from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.domain.messaging.unsent_reasons import UnsentReason
from recovery.domain.patients.consent import ConsentKind
from recovery.domain.treatments.session_plan import SessionPlan
from recovery.models.clinic.clinics import Clinic as ClinicRow
from recovery.models.flags.flags import Flag
from recovery.models.messaging import messages
from recovery.models.messaging.messages import Message
from recovery.models.patients.patients import Consent
from recovery.models.patients.patients import Patient as PatientRow
from recovery.models.treatments.treatments import Treatment
from recovery.services.core import audit
from recovery.services.treatments import session_plan
from recovery.services.treatments.session_plan import ImpossibleSessionDay, SessionPlanStatus
from tests.support.data import audit_trail
from tests.support.data.people import Clinic, Patient

PLAN = SessionPlan(sessions=3, weeks_between=4, maintenance_months=6)
DAY = timedelta(days=1)


def row_of(session: Session, clinic: Clinic, patient: Patient) -> PatientRow:
    return session.get_one(PatientRow, (clinic.id, patient.id))


def status_of(session: Session, clinic: Clinic, patient: Patient) -> SessionPlanStatus:
    return session_plan.get_status(session, patient=row_of(session, clinic, patient))


def save(
    session: Session,
    clinic: Clinic,
    patient: Patient,
    on: date | None,
    *,
    now: datetime,
    plan: SessionPlan = PLAN,
) -> SessionPlanStatus:
    return session_plan.save_plan(
        session,
        patient=row_of(session, clinic, patient),
        plan=plan,
        next_session_on=on,
        content=clinic.content,
        actor=audit.staff(clinic.nurse.id),
        now=now,
    )


def add_visit(session: Session, clinic: Clinic, patient: Patient, at: datetime) -> Treatment:
    treatment = Treatment(
        clinic_id=clinic.id,
        patient_id=patient.id,
        protocol=session.get_one(ClinicRow, clinic.id).protocol,
        device="pen",
        areas=["neck"],
        session_number=1,
        performed_at=at,
        created_at=at,
    )
    session.add(treatment)
    session.flush()
    return treatment


def add_flag(session: Session, clinic: Clinic, patient: Patient, *, now: datetime) -> Flag:
    flag = Flag(
        clinic_id=clinic.id, treatment_id=patient.treatment_id, state=FlagState.OPEN,
        urgency=Urgency.SAME_DAY, urgency_rank=Urgency.SAME_DAY.rank, opened_at=now, due_at=now,
    )  # fmt: skip
    session.add(flag)
    session.flush()
    return flag


def reminder(session: Session, clinic: Clinic, patient: Patient) -> Message:
    own = messages.list_for_treatment(session, clinic.id, patient.treatment_id)
    (text,) = [text for text in own if text.step == "session_reminder"]
    session.refresh(text)
    return text


def test_while_nothing_is_planned_visits_are_counted_and_nothing_is_proposed(
    clinic: Clinic, patient: Patient, sessions: sessionmaker[Session]
) -> None:
    with sessions() as session:
        assert status_of(session, clinic, patient) == SessionPlanStatus(
            plan=None, visits=1, proposed_on=None, held=False, pigment=False
        )


def test_visits_are_days_where_the_patient_is_and_withdrawn_ones_are_none(
    clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    patient = clinic.add_patient(now=now, hours_ago=0, time_zone="Pacific/Auckland")
    with sessions() as session:
        # Eleven at night there, and one in the morning: one day in UTC.
        add_visit(session, clinic, patient, now - timedelta(hours=2))
        add_visit(session, clinic, patient, now - timedelta(hours=1, minutes=30))
        add_visit(session, clinic, patient, now - 40 * DAY).withdrawn_at = now
        session.flush()
        status = save(session, clinic, patient, None, now=now)
        assert status.visits == 2
        assert status.proposed_on == date(2026, 11, 24) + timedelta(weeks=4)


def test_the_day_agreed_lies_between_today_there_and_two_years_ahead(
    clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    patient = clinic.add_patient(now=now, hours_ago=0, time_zone="Pacific/Auckland")
    today = date(2026, 11, 24)
    assert today != now.date()
    farthest = today + session_plan.FARTHEST_AHEAD
    with sessions() as session:
        for wrong in (today - DAY, farthest + DAY):
            with pytest.raises(ImpossibleSessionDay):
                save(session, clinic, patient, wrong, now=now)
        assert status_of(session, clinic, patient).plan is None
        for right in (today, farthest, None):
            saved = save(session, clinic, patient, right, now=now)
            assert saved.plan is not None
            assert saved.plan.next_session_on == right


def test_a_plan_kept_anew_replaces_the_one_before(
    clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions() as session:
        save(session, clinic, patient, None, now=now)
        other = SessionPlan(sessions=6, weeks_between=6, maintenance_months=None)
        saved = save(session, clinic, patient, None, now=now + DAY, plan=other)
        assert saved.plan is not None
        assert (saved.plan.to_plan(), saved.plan.updated_at) == (other, now + DAY)
        assert saved.proposed_on == patient.performed_at.date() + timedelta(weeks=6)
        assert len(audit_trail.entries(session, clinic.id, "series.agree")) == 2


def test_an_open_flag_holds_and_a_change_of_pigment_does_until_the_plan_is_kept_anew(
    clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions() as session:
        save(session, clinic, patient, None, now=now)
        flag = add_flag(session, clinic, patient, now=now)
        status = status_of(session, clinic, patient)
        assert (status.held, status.pigment) == (True, False)
        flag.state, flag.resolved_at = FlagState.RESOLVED, now + DAY
        for outcome in FlagOutcome:
            flag.outcome = outcome
            session.flush()
            status = status_of(session, clinic, patient)
            pigment = outcome is FlagOutcome.PIGMENT_CHANGE
            assert (status.held, status.pigment) == (pigment, pigment), outcome
        flag.outcome = FlagOutcome.PIGMENT_CHANGE
        session.flush()
        status = save(session, clinic, patient, None, now=now + DAY)
        assert (status.held, status.pigment) == (False, False)


def test_a_flag_closed_as_a_change_of_pigment_takes_the_reminder_back(
    clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions() as session:
        session.add(
            Consent(
                clinic_id=clinic.id, patient_id=patient.id, kind=ConsentKind.SESSION_REMINDERS,
                wording="Yes.", given_at=now,
            )
        )  # fmt: skip
        agreed = now.date() + 30 * DAY
        save(session, clinic, patient, agreed, now=now)
        assert reminder(session, clinic, patient).due_at.date() == agreed - 7 * DAY
        flag = add_flag(session, clinic, patient, now=now)
        flag.state, flag.outcome, flag.resolved_at = FlagState.RESOLVED, FlagOutcome.PIGMENT_CHANGE, now + DAY
        session.flush()
        row = row_of(session, clinic, patient)
        session_plan.replan_reminder(session, patient=row, content=clinic.content, now=now + DAY)
        assert reminder(session, clinic, patient).state is not MessageState.PLANNED


def test_without_a_day_agreed_there_is_no_reminder_to_plan_anew(
    clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions() as session:
        row = row_of(session, clinic, patient)
        session_plan.replan_reminder(session, patient=row, content=clinic.content, now=now)
        assert messages.list_for_treatment(session, clinic.id, patient.treatment_id) == []
        save(session, clinic, patient, None, now=now)
        assert reminder(session, clinic, patient).reason == UnsentReason.NO_REMINDER_CONSENT


@pytest.mark.parametrize(("early", "stands"), [(15, True), (14, False), (0, False), (-30, False)])
def test_a_visit_near_the_day_agreed_or_after_it_is_that_session(
    clinic: Clinic,
    patient: Patient,
    sessions: sessionmaker[Session],
    now: datetime,
    early: int,
    stands: bool,
) -> None:
    agreed = now.date() + 28 * DAY
    with sessions() as session:
        row = row_of(session, clinic, patient)
        session_plan.record_visit(session, patient=row, at=now)
        save(session, clinic, patient, agreed, now=now)
        session_plan.record_visit(session, patient=row, at=now + (28 - early) * DAY)
        plan = status_of(session, clinic, patient).plan
        assert plan is not None
        assert plan.next_session_on == (agreed if stands else None)
