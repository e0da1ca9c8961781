"""One patient: who they are, what was done, what stands."""

from __future__ import annotations

from uuid import UUID

from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response as AnyResponse

from api import auth, database
from api.console import console_blueprint, page_layout
from recovery.domain.clinic.staff_roles import MAY, Duty
from recovery.domain.patients import consultation as rules
from recovery.services.access import patient_devices
from recovery.services.core import audit
from recovery.services.patients import enrolment
from recovery.services.read_models import patient_view


@console_blueprint.blueprint.get("/patients/<uuid:patient_id>")
def patient(patient_id: UUID) -> str:
    """The page of one patient."""
    caller = auth.staff()
    shown = patient_view.read_patient_view(
        database.current(), caller=caller, patient_id=patient_id, now=database.request_time()
    )
    return render_template(
        "console/patient.html",
        **page_layout.page_context(caller),
        file=shown,
        patient=shown.patient,
        may_correct=caller.role in MAY[Duty.CORRECTION],
        contraindications=rules.contraindications,
        cautions=rules.cautions,
    )


@console_blueprint.blueprint.post("/patients/<uuid:patient_id>/sign-out")
def sign_patient_out(patient_id: UUID) -> AnyResponse:
    """End every device and unused link, as after a phone was lost."""
    caller, session = auth.staff(), database.current()
    patient_devices.sign_out_everywhere(
        session,
        patient=enrolment.get_patient(session, clinic_id=caller.clinic_id, patient_id=patient_id),
        actor=audit.staff(caller.staff_id),
        now=database.request_time(),
    )
    return redirect(url_for("console.patient", patient_id=patient_id, done="signed_out"), code=303)
