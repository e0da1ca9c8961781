from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy.orm import Session

from recovery.domain.clinic.staff_roles import Role
from recovery.domain.flags.flag_lifecycle import FlagState, Urgency
from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.domain.review.escalation import EscalationStep
from recovery.models.clinic.clinics import Clinic, ClinicMode, Staff
from recovery.models.flags.flags import Flag
from recovery.models.messaging.circuit_breakers import CarrierCircuit
from recovery.models.operations import installation_figures
from recovery.models.operations.alerts import Alert, AlertChannel, AlertNotice, IncidentChange, IncidentKind
from recovery.models.operations.installation_figures import BacklogCount
from recovery.models.patients.patients import Patient
from recovery.models.treatments.treatments import Treatment
from tests.support.data.model_rows import add_flag, add_text, add_treatment
from tests.support.data.people import Clinic as ClinicPeople

HOUR = timedelta(hours=1)
INSTANT = timedelta(microseconds=1)


def test_due_texts_are_counted_but_for_those_a_stop_switch_holds_back(
    session: Session, treatment: Treatment, foreign_treatment: Treatment, now: datetime
) -> None:
    assert installation_figures.count_due_texts(session, now=now) == BacklogCount(count=0, since=None)
    clinic_id, elsewhere = treatment.clinic_id, foreign_treatment.clinic_id
    add_text(session, clinic_id, due_at=now - HOUR)
    add_text(session, clinic_id, due_at=now)
    add_text(session, clinic_id, due_at=now + INSTANT)
    add_text(session, clinic_id, due_at=now - 2 * HOUR, state=MessageState.CLAIMED)
    add_text(session, elsewhere, due_at=now - 3 * HOUR)
    add_text(session, elsewhere, due_at=now - 4 * HOUR, useful_until=now)
    session.get_one(Clinic, elsewhere).texts_stopped_at = now
    session.flush()
    due = installation_figures.count_due_texts(session, now=now)
    assert due == BacklogCount(count=3, since=now - 4 * HOUR)


def test_texts_are_counted_by_where_they_stand(
    session: Session, treatment: Treatment, foreign_treatment: Treatment, now: datetime
) -> None:
    for row in (treatment, foreign_treatment):
        for hours, state in enumerate(MessageState):
            moment = now - hours * HOUR
            add_text(session, row.clinic_id, due_at=now, state=state, claimed_at=moment, settled_at=moment)
    states = list(MessageState)
    unfinished = installation_figures.count_unfinished_texts(session)
    assert unfinished == {
        MessageState.PLANNED: 2,
        MessageState.CLAIMED: 2,
        MessageState.IN_DOUBT: 2,
        MessageState.ACCEPTED: 2,
        MessageState.SENT: 2,
    }
    submitted = installation_figures.count_submitted_texts(session, since=now - 2 * HOUR)
    assert submitted == dict.fromkeys(states[:3], 2)
    settled = now - states.index(MessageState.QUARANTINED) * HOUR
    assert installation_figures.count_quarantined_texts(session, since=settled) == 2
    assert installation_figures.count_quarantined_texts(session, since=settled + INSTANT) == 0
    oldest = now - states.index(MessageState.IN_DOUBT) * HOUR
    assert installation_figures.oldest_unconfirmed_at(session) == oldest


def test_an_empty_installation_has_no_texts_in_doubt(session: Session) -> None:
    assert installation_figures.oldest_unconfirmed_at(session) is None
    assert set(installation_figures.count_unfinished_texts(session).values()) == {0}


def test_held_texts_are_planned_ones_with_this_reason(
    session: Session, treatment: Treatment, now: datetime
) -> None:
    for reason, state in (
        ("budget", MessageState.PLANNED),
        ("budget", MessageState.CANCELLED),
        ("quiet", MessageState.PLANNED),
        (None, MessageState.PLANNED),
    ):
        add_text(session, treatment.clinic_id, due_at=now, reason=reason, state=state)
    assert installation_figures.count_held_texts(session, reason="budget") == 1


def test_lost_notices_are_those_given_up_since(session: Session, now: datetime) -> None:
    alert = Alert(trouble=IncidentKind.TEXTS_LATE, subject="", since=now)
    session.add(alert)
    session.flush()
    for given_up_at in (None, now - HOUR, now, now + HOUR):
        session.add(
            AlertNotice(
                alert_id=alert.id,
                news=IncidentChange.RAISED,
                channel=AlertChannel.MAIL,
                next_at=now,
                given_up_at=given_up_at,
            )
        )
    session.flush()
    assert installation_figures.count_lost_notices(session, since=now) == 2


def test_flags_of_live_clinics_are_counted_and_those_nobody_answered_in_time(
    session: Session, patient: Patient, treatment: Treatment, foreign_treatment: Treatment, now: datetime
) -> None:
    moments = {
        FlagState.OPEN: now - HOUR,
        FlagState.CLAIMED: now - INSTANT,
        FlagState.CONTACTED: now - HOUR,
        FlagState.RESOLVED: now - HOUR,
    }
    for state, due_at in (*moments.items(), (FlagState.OPEN, now)):
        add_flag(session, add_treatment(session, patient, performed_at=now), due_at=due_at, state=state)
    add_flag(session, foreign_treatment, due_at=now - HOUR)
    session.get_one(Clinic, foreign_treatment.clinic_id).mode = ClinicMode.TRAINING
    session.flush()
    assert installation_figures.count_flags(session, now=now) == (4, 2)


def test_overdue_flags_are_emergencies_and_those_that_were_escalated(
    session: Session, patient: Patient, treatment: Treatment, foreign_treatment: Treatment, now: datetime
) -> None:
    def flag(due_at: datetime, **values: Any) -> Flag:
        return add_flag(session, add_treatment(session, patient, performed_at=now), due_at=due_at, **values)

    escalated = flag(now, escalated=EscalationStep.HOLDER)
    emergency = flag(now - HOUR, urgency=Urgency.EMERGENCY, state=FlagState.CLAIMED)
    flag(now - HOUR)
    flag(now + INSTANT, urgency=Urgency.EMERGENCY)
    flag(now - HOUR, urgency=Urgency.EMERGENCY, state=FlagState.CONTACTED)
    flag(now - HOUR, escalated=EscalationStep.MANAGER, state=FlagState.RESOLVED)
    add_flag(session, foreign_treatment, due_at=now - HOUR, urgency=Urgency.EMERGENCY)
    session.get_one(Clinic, foreign_treatment.clinic_id).mode = ClinicMode.TRAINING
    session.flush()
    assert installation_figures.list_overdue_flags(session, now=now, limit=9) == [emergency, escalated]
    assert installation_figures.list_overdue_flags(session, now=now, limit=1) == [emergency]


def test_clinics_are_listed_live_ones_first_and_circuits_by_account(
    session: Session, treatment: Treatment, foreign_treatment: Treatment
) -> None:
    own, other = (session.get_one(Clinic, row.clinic_id) for row in (treatment, foreign_treatment))
    own.mode = ClinicMode.TRAINING
    for account in ("b", "a"):
        session.add(CarrierCircuit(account=account, faults=0, wait_seconds=0))
    session.flush()
    assert installation_figures.list_clinics(session, limit=9) == [other, own]
    assert installation_figures.list_clinics(session, limit=1) == [other]
    assert [row.account for row in installation_figures.list_circuits(session)] == ["a", "b"]


def test_addresses_are_those_of_people_who_still_sign_in(
    session: Session, clinic: ClinicPeople, other_clinic: ClinicPeople, now: datetime
) -> None:
    managers = [clinic.add_nurse(now=now, role=Role.MANAGER) for _ in range(3)]
    elsewhere = other_clinic.add_nurse(now=now, role=Role.MANAGER)
    session.get_one(Staff, (clinic.id, managers[1].id)).disabled_at = now
    session.flush()
    asked = [clinic.id, other_clinic.id]
    assert installation_figures.emails_with_roles(session, asked, roles=[Role.MANAGER]) == {
        clinic.id: [managers[0].email, managers[2].email],
        other_clinic.id: [elsewhere.email],
    }
    assert installation_figures.emails_with_roles(session, [uuid4()], roles=[Role.MANAGER]) == {}
    people = [managers[0].id, managers[1].id, clinic.nurse.id]
    assert installation_figures.emails_of(session, people) == {
        managers[0].id: managers[0].email,
        clinic.nurse.id: clinic.nurse.email,
    }
