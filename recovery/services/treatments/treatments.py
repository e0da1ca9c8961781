"""Recording a treatment, which starts the follow-up; treatments alike within the hour; one by its id."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy.orm import Session

from recovery.domain.clinical.symptoms import Acid, Area, Device
from recovery.domain.treatments.indication import Indication
from recovery.models.clinic import clinics
from recovery.models.clinic.clinics import Clinic
from recovery.models.patients.patients import Patient
from recovery.models.treatments import treatments
from recovery.models.treatments.treatments import Treatment
from recovery.services.content import protocols
from recovery.services.content.content import Content
from recovery.services.core import audit
from recovery.services.core.audit import Actor
from recovery.services.messaging import text_planning
from recovery.services.treatments import session_plan

OLDEST_TREATMENT = timedelta(days=60)
"""Older treatments are not recorded: what is left of their course is too short to follow."""
ALIKE_WITHIN = timedelta(hours=1)


class AlikeTreatment(ValueError):
    """This one is recorded already, perhaps: `treatment_ids` are within an hour, by device and area alike."""

    def __init__(self, treatment_ids: Sequence[UUID]) -> None:
        super().__init__(f"{len(treatment_ids)} alike")
        self.treatment_ids = treatment_ids


class UnknownTreatment(LookupError):
    """No treatment has this id."""


class UnknownPractitioner(LookupError):
    """Nobody of the clinic has this id."""


class ImpossibleTreatmentTime(ValueError):
    """A treatment lies in the past, at most 60 days back."""


@dataclass(frozen=True, kw_only=True)
class NewTreatment:
    """What was done. `depth_mm` in millimetres; `protocol` empty for the clinic's own; `performed_by` is who
    of the staff held the needle."""

    performed_at: datetime
    device: Device
    depth_mm: Decimal | None
    areas: Sequence[Area]
    indication: Indication | None
    numbing: str | None
    topical: str | None
    session_number: int
    protocol: str | None
    lot: str | None = None
    acid: Acid = Acid.NONE
    performed_by: UUID | None = None


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
    """A treatment and the plan of its texts.

    Raises ImpossibleTreatmentTime, UnknownProtocol, UnknownPractitioner.

    What it means for a course that the patient is followed for already is `changes.new_treatments`, through
    which the staff record.
    """
    check_practitioner(session, clinic.id, new.performed_by)
    if not now - OLDEST_TREATMENT <= new.performed_at <= now + timedelta(minutes=5):
        raise ImpossibleTreatmentTime
    held_to = protocols.get_protocol(
        session,
        clinic_id=clinic.id,
        version=protocols.choose_version(
            session, clinic=clinic, wanted=new.protocol, at=new.performed_at, content=content
        ),
        content=content,
    )
    treatment = Treatment(
        clinic_id=clinic.id,
        patient_id=patient.id,
        performed_at=new.performed_at,
        device=new.device,
        depth_mm=new.depth_mm,
        areas=[area.value for area in new.areas],
        acid=new.acid,
        indication=new.indication,
        numbing=new.numbing,
        topical=new.topical,
        lot=new.lot,
        performed_by=new.performed_by,
        session_number=new.session_number,
        protocol=held_to.version,
        created_at=now,
    )
    session.add(treatment)
    session.flush()
    session_plan.record_visit(session, patient=patient, at=new.performed_at)
    text_planning.plan_texts(session, patient=patient, content=content, now=now)
    audit.record(
        session,
        clinic_id=clinic.id,
        actor=actor,
        action="treatment.record",
        subject=("treatment", treatment.id),
        now=now,
    )
    return treatment


def check_practitioner(session: Session, clinic_id: UUID, staff_id: UUID | None) -> None:
    """Raises UnknownPractitioner for an id that nobody of the clinic has."""
    if staff_id is not None and clinics.get_member(session, clinic_id, staff_id) is None:
        raise UnknownPractitioner(staff_id)


def find_alike(session: Session, *, patient: Patient, new: NewTreatment) -> Sequence[Treatment]:
    """Treatments of this patient within an hour of the new one with its device and one of its areas: the same
    one, perhaps, entered by somebody else or twice.
    """
    near = treatments.list_between(
        session,
        patient.clinic_id,
        patient.id,
        since=new.performed_at - ALIKE_WITHIN,
        until=new.performed_at + ALIKE_WITHIN,
    )
    areas = {area.value for area in new.areas}
    return [one for one in near if one.device is new.device and areas & set(one.areas)]


def require_unlike(session: Session, *, patient: Patient, new: NewTreatment) -> None:
    """Raises AlikeTreatment where one alike is recorded already, also by somebody at this very moment."""
    session.refresh(patient, with_for_update={"key_share": True})
    alike = find_alike(session, patient=patient, new=new)
    if alike:
        raise AlikeTreatment([one.id for one in alike])


def get_treatment(
    session: Session, *, clinic_id: UUID, treatment_id: UUID, patient_id: UUID | None = None
) -> Treatment:
    """The clinic's treatment under this id, of this patient where one is given.

    Raises UnknownTreatment alike for none, another clinic's, another patient's and a withdrawn one.
    """
    treatment = treatments.get(session, clinic_id, treatment_id)
    if (
        treatment is None
        or treatment.withdrawn_at is not None
        or (patient_id is not None and treatment.patient_id != patient_id)
    ):
        raise UnknownTreatment(treatment_id)
    return treatment
