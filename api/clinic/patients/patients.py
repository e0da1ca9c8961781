"""Endpoints: a patient enrolled, read, changed, invited, signed out, ended; the band override of their skin;
the caller's own clinic."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from flask import Response

from api import auth, clinic_content, database
from api.app_state import state
from api.clinic import repeats
from api.clinic.patients import patient_schemas
from api.errors import problems
from api.formats.request_bodies import Blueprint
from api.formats.responses import json
from api.openapi.document import Problem
from recovery.domain.clinic.staff_roles import Duty
from recovery.domain.clinical.assessment import BandOverride
from recovery.domain.patients import birth_year
from recovery.models.clinic import clinics
from recovery.models.clinic.clinics import Clinic
from recovery.models.patients.patients import Patient
from recovery.services.access import patient_devices
from recovery.services.changes import ended_follow_up, patient_changes
from recovery.services.changes.patient_changes import PatientChanges
from recovery.services.clinic.clinics import UnknownClinic
from recovery.services.core import audit, phone_numbers
from recovery.services.patients import enrolment
from recovery.services.patients.enrolment import GivenConsent, NewPatient
from recovery.services.training import training_patients

blueprint = Blueprint("patients", __name__, url_prefix="/patients", description="The clinic's patients.")
blueprint.before_request(auth.require_staff)

_PATIENT = patient_schemas.PatientOut()
_INVITATION = patient_schemas.InvitationOut()
_BAND = patient_schemas.BandOut()


@blueprint.post("")
@blueprint.doc(security=[{"staff": []}], **repeats.DOC)
@blueprint.arguments(patient_schemas.PatientIn())
@blueprint.response(201, _PATIENT)
@repeats.once()
def enrol_patient(body: dict[str, Any]) -> Response:
    """Enrol a patient. With their consent to recovery texts, the first text confirms it."""
    consents = [GivenConsent(**given) for given in body.pop("consents")]
    caller, clinic = auth.staff(), get_own_clinic()
    _check_together(body, clinic=clinic)
    patient = enrolment.enrol(
        database.current(),
        clinic=clinic,
        new=NewPatient(consents=consents, **body),
        actor=audit.staff(caller.staff_id),
        now=database.request_time(),
    )
    return json(patient, schema=_PATIENT, status=201)


@blueprint.get("/<uuid:patient_id>")
@blueprint.doc(security=[{"staff": []}])
@blueprint.response(200, _PATIENT)
def get_patient(patient_id: UUID) -> Response:
    """One patient of the clinic."""
    caller = auth.staff()
    session = database.current()
    patient = enrolment.get_patient(session, clinic_id=caller.clinic_id, patient_id=patient_id)
    audit.record(
        session,
        clinic_id=caller.clinic_id,
        actor=audit.staff(caller.staff_id),
        action="patient.read",
        subject=("patient", patient.id),
        now=database.request_time(),
    )
    return json(patient, schema=_PATIENT)


@blueprint.patch("/<uuid:patient_id>")
@blueprint.doc(security=[{"staff": []}])
@blueprint.arguments(patient_schemas.PatientChangeIn(partial=tuple(patient_schemas.PatientIn().fields)))
@blueprint.response(200, _PATIENT)
def update_patient(body: dict[str, Any], *, patient_id: UUID) -> Response:
    """Change a patient. A new number ends the old one's consents, devices and invitations."""
    caller, clinic = auth.staff(), get_own_clinic()
    session = database.current()
    consents = [GivenConsent(**given) for given in body.pop("consents", ())]
    patient = enrolment.get_patient(session, clinic_id=caller.clinic_id, patient_id=patient_id)
    _check_together(body, clinic=clinic)
    patient = patient_changes.update_patient(
        session,
        clinic=clinic,
        patient=patient,
        changes=cast(PatientChanges, body),
        consents=consents,
        content=clinic_content.running(),
        actor=audit.staff(caller.staff_id),
        now=database.request_time(),
    )
    return json(patient, schema=_PATIENT)


@blueprint.post("/<uuid:patient_id>/invitations")
@blueprint.doc(security=[{"staff": []}], **repeats.DOC)
@blueprint.arguments(patient_schemas.InvitationIn())
@blueprint.response(201, _INVITATION)
@repeats.once({"invitation": None, "link": None})
def create_invitation(body: dict[str, Any], *, patient_id: UUID) -> Response:
    """Text a fresh link to the enrolled number, or make one to be scanned at the desk."""
    caller = auth.staff()
    session = database.current()
    actor = audit.staff(caller.staff_id)
    patient = enrolment.get_patient(session, clinic_id=caller.clinic_id, patient_id=patient_id)
    if body["via"] == "text":
        enrolment.plan_invitation_text(session, patient=patient, actor=actor, now=database.request_time())
        answer: dict[str, Any] = {"invitation": None, "link": None, "expires_at": None}
    else:
        invited = enrolment.invite_at_desk(session, patient=patient, actor=actor, now=database.request_time())
        link = f"{state().settings.links_at}/{invited.token}"
        answer = {"invitation": invited.token, "link": link, "expires_at": invited.expires_at}
    return json({"via": body["via"], **answer}, schema=_INVITATION, status=201)


@blueprint.delete("/<uuid:patient_id>/sessions")
@blueprint.doc(security=[{"staff": []}])
@blueprint.response(204)
def sign_out_patient_everywhere(patient_id: UUID) -> Response:
    """Sign a patient out on every device and end every unused link, as after a phone was lost."""
    caller = auth.staff()
    session = database.current()
    patient_devices.sign_out_everywhere(
        session,
        patient=enrolment.get_patient(session, clinic_id=caller.clinic_id, patient_id=patient_id),
        actor=audit.staff(caller.staff_id),
        now=database.request_time(),
    )
    return Response(status=204)


@blueprint.post("/<uuid:patient_id>/end")
@blueprint.doc(security=[{"staff": []}])
@blueprint.arguments(patient_schemas.EndIn())
@blueprint.response(200, _PATIENT)
def end_patient(body: dict[str, Any], *, patient_id: UUID) -> Response:
    """End texts, a consent or the whole follow-up: asked on the phone, a wrong number, a death.

    Nothing is planned again until a new consent is given. Open flags become calls, but not after a death,
    which ends the whole follow-up, whatever `ending` is given.
    """
    caller = auth.staff()
    session = database.current()
    patient = ended_follow_up.end(
        session,
        caller=caller,
        patient=enrolment.get_patient(session, clinic_id=caller.clinic_id, patient_id=patient_id),
        content=clinic_content.running_or_shipped(),
        now=database.request_time(),
        **body,
    )
    return json(patient, schema=_PATIENT)


@blueprint.post("/<uuid:patient_id>/real")
@blueprint.doc(security=[{"staff": []}])
@blueprint.response(200, _PATIENT)
@blueprint.alt_response(409, schema=Problem)
def take_patient_as_real(patient_id: UUID) -> Response:
    """Follow somebody in earnest who was taken in for practice, as while the clinic was in training.

    There is no way back. Who lived a practice week stays for practice.
    """
    caller = auth.staff()
    session = database.current()
    patient = training_patients.take_as_real(
        session,
        patient=enrolment.get_patient(session, clinic_id=caller.clinic_id, patient_id=patient_id),
        actor=audit.staff(caller.staff_id),
        now=database.request_time(),
    )
    return json(patient, schema=_PATIENT)


@blueprint.put("/<uuid:patient_id>/band")
@blueprint.doc(security=[{"staff": []}])
@blueprint.arguments(patient_schemas.BandIn())
@blueprint.response(200, _BAND)
def set_band_override(body: dict[str, Any], *, patient_id: UUID) -> Response:
    """Keep what is known of this skin: how strongly it reacts and how long it heals, or a patient at risk.

    It holds for reports that come from now on, within the protocol's bounds, and is told in the finding
    wherever the standard band would have said more. Warning signs look at none of it.
    """
    caller = auth.staff_for(Duty.KNOWN_SKIN)
    session = database.current()
    patient = enrolment.set_band_override(
        session,
        patient=enrolment.get_patient(session, clinic_id=caller.clinic_id, patient_id=patient_id),
        known=BandOverride(level=body["level"], duration=body["duration"], at_least=body["at_least"]),
        because=body["because"],
        actor=audit.staff(caller.staff_id),
        now=database.request_time(),
    )
    return json(_band(patient), schema=_BAND)


@blueprint.delete("/<uuid:patient_id>/band")
@blueprint.doc(security=[{"staff": []}])
@blueprint.response(204)
def delete_band_override(patient_id: UUID) -> Response:
    """From here on the protocol alone says what to expect of this skin."""
    caller = auth.staff_for(Duty.KNOWN_SKIN)
    session = database.current()
    enrolment.set_band_override(
        session,
        patient=enrolment.get_patient(session, clinic_id=caller.clinic_id, patient_id=patient_id),
        known=None,
        because=None,
        actor=audit.staff(caller.staff_id),
        now=database.request_time(),
    )
    return Response(status=204)


def _check_together(body: dict[str, Any], *, clinic: Clinic) -> None:
    """Name all that no schema can judge at once, not one thing after the other. Raises InvalidBody."""
    errors: list[tuple[str, str]] = []
    try:
        phone_numbers.to_e164(body.get("phone", clinic.phone), like=clinic.phone)
    except phone_numbers.NotAPhoneNumber as error:
        errors.append(("#/phone", str(error)))
    now = database.request_time()
    if body.get("year_of_birth", birth_year.plausible_years(now)[0]) not in birth_year.plausible_years(now):
        errors.append(("#/year_of_birth", birth_year.told(now)))
    if errors:
        raise problems.InvalidBody(errors)


def _band(patient: Patient) -> dict[str, Any]:
    return {
        "level": patient.band_level,
        "duration": patient.band_duration,
        "at_least": patient.at_least,
        "because": patient.band_because,
    }


def get_own_clinic() -> Clinic:
    """The clinic of the member of staff who calls."""
    clinic = clinics.get(database.current(), auth.staff().clinic_id)
    if clinic is None:
        raise UnknownClinic
    return clinic
