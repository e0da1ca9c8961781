"""One patient: who they are, what was done, what stands."""

from __future__ import annotations

from uuid import UUID

from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response as AnyResponse

from api import auth, database
from api.console import page_frame, site
from recovery.domain.clinic.staff import MAY, Duty
from recovery.domain.patients import consultation as rules
from recovery.services.access import devices
from recovery.services.core import audit
from recovery.services.patients import enrolment
from recovery.services.read_models import patient_file


@site.blueprint.get("/patients/<uuid:patient_id>")
def patient(patient_id: UUID) -> str:
    """The page of one patient."""
    caller = auth.staff()
    shown = patient_file.read(database.current(), caller=caller, patient_id=patient_id, now=database.now())
    return render_template(
        "console/patient.html",
        **page_frame.frame(caller),
        file=shown,
        patient=shown.patient,
        may_correct=caller.role in MAY[Duty.CORRECTION],
        contraindications=rules.contraindications,
        cautions=rules.cautions,
    )


@site.blueprint.post("/patients/<uuid:patient_id>/sign-out")
def sign_patient_out(patient_id: UUID) -> AnyResponse:
    """End every device and unused link, as after a phone was lost."""
    caller, session = auth.staff(), database.current()
    devices.sign_out_everywhere(
        session,
        patient=enrolment.patient_of(session, clinic_id=caller.clinic_id, patient_id=patient_id),
        actor=audit.staff(caller.staff_id),
        now=database.now(),
    )
    return redirect(url_for("console.patient", patient_id=patient_id, done="signed_out"), code=303)
