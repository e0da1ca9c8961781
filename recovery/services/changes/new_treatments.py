"""A new treatment recorded with what follows for others of the same patient: it takes them over, and they are
judged anew."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from recovery.models.clinic.clinics import Clinic
from recovery.models.patients.patients import Patient
from recovery.models.treatments.treatments import Treatment
from recovery.services.changes import course_judging
from recovery.services.content.content import Content
from recovery.services.core.audit import Actor
from recovery.services.treatments import treatments
from recovery.services.treatments.treatments import NewTreatment


def record(
    session: Session,
    *,
    clinic: Clinic,
    patient: Patient,
    new: NewTreatment,
    content: Content,
    actor: Actor,
    now: datetime,
) -> Treatment:
    """A treatment and the plan of its texts; what was reported of an earlier one since is judged anew.

    Raises ImpossibleTreatmentTime, UnknownProtocol.
    """
    takeovers = course_judging.read_takeovers(session, patient, now=now)
    treatment = treatments.record(
        session, clinic=clinic, patient=patient, new=new, content=content, actor=actor, now=now
    )
    course_judging.follow_takeovers(session, patient, before=takeovers, content=content, now=now)
    return treatment
