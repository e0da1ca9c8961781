"""The plan of a patient's sessions: how far it is, saved with the next day agreed, its reminder planned anew,
a visit recorded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from recovery.domain.clinic import opening_hours
from recovery.domain.treatments import session_plan as rules
from recovery.domain.treatments.session_plan import SessionPlan
from recovery.models.flags import flag_outcomes, flags
from recovery.models.patients.patients import Patient
from recovery.models.treatments import session_plans, treatments
from recovery.models.treatments.session_plans import PatientSessionPlan
from recovery.services.content.content import Content
from recovery.services.core import audit
from recovery.services.core.audit import Actor
from recovery.services.messaging import text_planning

MOST_VISITS = 200
FARTHEST_AHEAD = timedelta(days=730)


class ImpossibleSessionDay(ValueError):
    """A next session lies between today and two years ahead."""


@dataclass(frozen=True, kw_only=True)
class SessionPlanStatus:
    """A patient's series. `plan` is empty while none was made.

    `visits` counts the days on which a session took place, `proposed_on` is when the plan would have the next
    one. `pigment`: a flag was closed as a change of pigment and the plan not kept anew since; `held`: that,
    or a flag is open, so nobody is reminded.
    """

    plan: PatientSessionPlan | None
    visits: int
    proposed_on: date | None
    held: bool
    pigment: bool


def get_status(session: Session, *, patient: Patient) -> SessionPlanStatus:
    """How far the patient's series is."""
    plan = session_plans.get_for_patient(session, patient.clinic_id, patient.id)
    zone = opening_hours.zone_named(patient.time_zone)
    performed = treatments.list_for_patient(session, patient.clinic_id, patient.id, limit=MOST_VISITS)
    visits = {treatment.performed_at.astimezone(zone).date() for treatment in performed}
    pigment = plan is not None and flag_outcomes.pigment_changed(session, plan)
    return SessionPlanStatus(
        plan=plan,
        visits=len(visits),
        proposed_on=None if plan is None else rules.propose_next_session(plan.to_plan(), done=visits),
        held=pigment or bool(flags.flagged_treatment_ids(session, patient.clinic_id, patient.id)),
        pigment=pigment,
    )


def save_plan(
    session: Session,
    *,
    patient: Patient,
    plan: SessionPlan,
    next_session_on: date | None,
    content: Content,
    actor: Actor,
    now: datetime,
) -> SessionPlanStatus:
    """Keep the plan and the day agreed for the next session, and plan its reminder anew.

    The reminder needs a consent of its own. Raises ImpossibleSessionDay.
    """
    today = now.astimezone(opening_hours.zone_named(patient.time_zone)).date()
    if next_session_on is not None and not today <= next_session_on <= today + FARTHEST_AHEAD:
        raise ImpossibleSessionDay
    stored_plan = session_plans.get_for_patient(session, patient.clinic_id, patient.id)
    if stored_plan is None:
        stored_plan = PatientSessionPlan(clinic_id=patient.clinic_id, patient_id=patient.id)
        session.add(stored_plan)
    stored_plan.sessions, stored_plan.weeks_between = plan.sessions, plan.weeks_between
    stored_plan.maintenance_months = plan.maintenance_months
    stored_plan.next_session_on, stored_plan.updated_at = next_session_on, now
    session.flush()
    text_planning.plan_texts(session, patient=patient, content=content, now=now)
    audit.record(
        session,
        clinic_id=patient.clinic_id,
        actor=actor,
        action="series.agree",
        subject=("patient", patient.id),
        now=now,
    )
    return get_status(session, patient=patient)


def replan_reminder(session: Session, *, patient: Patient, content: Content, now: datetime) -> None:
    """A flag was closed: the reminder of the next session goes or waits by what it was closed as."""
    stored_plan = session_plans.get_for_patient(session, patient.clinic_id, patient.id)
    if stored_plan is not None and stored_plan.next_session_on is not None:
        text_planning.plan_texts(session, patient=patient, content=content, now=now)


def record_visit(session: Session, *, patient: Patient, at: datetime) -> None:
    """A session took place: if it is the one that was agreed, the next is to be agreed anew."""
    stored_plan = session_plans.get_for_patient(session, patient.clinic_id, patient.id)
    if stored_plan is None or stored_plan.next_session_on is None:
        return
    visit = at.astimezone(opening_hours.zone_named(patient.time_zone)).date()
    if rules.has_taken_place(agreed=stored_plan.next_session_on, visit=visit):
        stored_plan.next_session_on = None
        session.flush()
