"""Page of a patient's consultation: the form of what a practitioner asks before treatments, and what was
kept."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from uuid import UUID

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from api import auth, clinic_content, database
from api.console import console_blueprint, edited_form, page_layout
from api.console.edited_form import ForeignChange
from api.console.form_reader import Form
from recovery.domain.clinic.staff_roles import MAY, Duty
from recovery.domain.patients.consultation import CAUTIONS, Condition
from recovery.domain.treatments.indication import Indication
from recovery.models.patients.consultations import Consultation
from recovery.models.patients.patients import Patient
from recovery.services.changes import consultation
from recovery.services.changes.consultation import NewConsultation
from recovery.services.core import audit
from recovery.services.patients import enrolment
from recovery.services.read_models import patient_view

LONGEST_HISTORY = 4000
Answer = str | AnyResponse | tuple[str, int]


@console_blueprint.blueprint.get("/patients/<uuid:patient_id>/consultation")
def consultation_page(patient_id: UUID) -> Answer:
    """What was found; to be written by those whose it is."""
    patient = _patient(patient_id)
    kept = consultation.get_current(database.current(), patient)
    return _page(patient, Form(_entries(patient, kept)), kept=kept)


@console_blueprint.blueprint.post("/patients/<uuid:patient_id>/consultation")
def record_consultation(patient_id: UUID) -> Answer:
    """Keep what was found beside what was found before."""
    caller, session = auth.staff_for(Duty.CONSULTATION), database.current()
    patient, form = _patient(patient_id), Form(request.form)
    kept = consultation.get_current(session, patient)
    if changes_of_others := edited_form.take_over(form, kept=_entries(patient, kept)):
        return _page(patient, form, kept=kept, changed=changes_of_others), HTTPStatus.CONFLICT
    sooner = bool(form.raw("judge_sooner"))
    if sooner:
        auth.staff_for(Duty.KNOWN_SKIN)
    skin_type = form.whole("skin_type", least=1, most=6)
    history = form.words("history", longest=LONGEST_HISTORY, lines=True)
    if form.wrong:
        return _page(patient, form, kept=kept), HTTPStatus.UNPROCESSABLE_ENTITY
    consultation.record(
        session,
        clinic=page_layout.page_context(caller)["clinic"],
        patient=patient,
        found=NewConsultation(
            skin_type=skin_type,
            concerns=[one for one in Indication if form.raw(f"concern_{one.value}")],
            conditions=[one for one in Condition if form.raw(f"condition_{one.value}")],
            history=history,
            judge_sooner=sooner,
        ),
        content=clinic_content.running(),
        actor=audit.staff(caller.staff_id),
        now=database.request_time(),
    )
    return redirect(url_for("console.patient", patient_id=patient.id, done="consulted"), code=303)


def _entries(patient: Patient, kept: Consultation | None) -> dict[str, str]:
    skin_type = "" if patient.skin_type is None else str(patient.skin_type)
    if kept is None:
        return {"skin_type": skin_type}
    return {
        "skin_type": skin_type,
        "history": kept.history or "",
        **{f"concern_{one}": "on" for one in kept.concerns},
        **{f"condition_{one}": "on" for one in kept.conditions},
    }


def _patient(patient_id: UUID) -> Patient:
    caller, session = auth.staff(), database.current()
    patient = enrolment.get_patient(session, clinic_id=caller.clinic_id, patient_id=patient_id)
    patient_view.audit_reading(
        session, caller=caller, patient=patient, now=database.request_time(), action="consultation.read"
    )
    return patient


def _page(
    patient: Patient, form: Form, *, kept: Consultation | None, changed: Sequence[ForeignChange] = ()
) -> str:
    # A form with an error in it shows a patient all the same, so the reading is audited and committed.
    database.commit_despite_error()
    caller = auth.staff()
    return render_template(
        "console/consultation.html",
        **page_layout.page_context(caller),
        patient=patient,
        form=form,
        kept=kept,
        changed=changed,
        base=edited_form.base_of(_entries(patient, kept)),
        cautions=CAUTIONS,
        may_consult=caller.role in MAY[Duty.CONSULTATION],
        may_judge_sooner=caller.role in MAY[Duty.KNOWN_SKIN],
        offers=clinic_content.running().precautions.offers,
    )
