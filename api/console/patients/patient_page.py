"""Page of one patient, and its forms: the stricter setting, ending texts or follow-up, signing devices
out."""

from __future__ import annotations

from uuid import UUID

from flask import redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as AnyResponse

from api import auth, clinic_content, database
from api.console import console_blueprint, page_layout
from api.console.form_reader import Form
from recovery.domain.clinic.staff_roles import MAY, Duty
from recovery.domain.clinical.symptoms import WarningSign
from recovery.domain.core.language import Language
from recovery.domain.flags.flag_lifecycle import COMPLICATIONS
from recovery.domain.patients import consultation as rules
from recovery.domain.patients.consent import EndReason
from recovery.models.training import training_week
from recovery.services.access import patient_devices
from recovery.services.changes import consultation, ended_follow_up
from recovery.services.changes.ended_follow_up import Ending
from recovery.services.core import audit
from recovery.services.patients import enrolment
from recovery.services.read_models import patient_view
from recovery.services.training import training_patients

LONGEST_COMMENT = 1000


@console_blueprint.blueprint.get("/patients/<uuid:patient_id>")
def patient(patient_id: UUID) -> str:
    """The page of one patient."""
    return page(patient_id, form=Form({}))


def page(patient_id: UUID, *, form: Form) -> str:
    """The page of one patient, with what was typed into a form of it and what is wrong with that."""
    caller = auth.staff()
    shown = patient_view.read_patient_view(
        database.current(),
        caller=caller,
        patient_id=patient_id,
        content=clinic_content.running_or_shipped(),
        now=database.request_time(),
    )
    return render_template(
        "console/patient.html",
        **page_layout.page_context(caller),
        file=shown,
        patient=shown.patient,
        lives_weeks=shown.patient.training
        and training_week.has_week(database.current(), caller.clinic_id, shown.patient.id),
        may_correct=caller.role in MAY[Duty.CORRECTION],
        may_judge_sooner=caller.role in MAY[Duty.KNOWN_SKIN],
        form=form,
        signs=_signs(),
        complications=COMPLICATIONS,
        contraindications=rules.contraindications,
        cautions=rules.cautions,
    )


def _signs() -> list[WarningSign]:
    """A sign for every box of a check-in, and those that no box asks for."""
    listed = clinic_content.running_or_shipped().words_for(Language.ENGLISH).signs.listed
    return [*(question.signs[0] for question in listed.questions), *listed.private]


@console_blueprint.blueprint.post("/patients/<uuid:patient_id>/sooner")
def judge_sooner(patient_id: UUID) -> AnyResponse:
    """Take the stricter setting that the consultation offers, or end the one that holds."""
    caller, session = auth.staff_for(Duty.KNOWN_SKIN), database.current()
    patient = enrolment.get_patient(session, clinic_id=caller.clinic_id, patient_id=patient_id)
    actor, now = audit.staff(caller.staff_id), database.request_time()
    if request.form.get("sooner"):
        consultation.judge_sooner(
            session, patient=patient, content=clinic_content.running(), actor=actor, now=now
        )
    else:
        consultation.judge_as_others(session, patient=patient, actor=actor, now=now)
    return redirect(url_for("console.patient", patient_id=patient.id, done="saved"), code=303)


@console_blueprint.blueprint.post("/patients/<uuid:patient_id>/end")
def end_patient(patient_id: UUID) -> AnyResponse:
    """End texts, a consent or the whole follow-up; back to the list where it was decided there."""
    caller, session = auth.staff(), database.current()
    form = request.form
    try:
        ending, because = Ending(form.get("ending", "")), EndReason(form.get("because", ""))
    except ValueError:
        raise NotFound from None
    ended_follow_up.end(
        session,
        caller=caller,
        patient=enrolment.get_patient(session, clinic_id=caller.clinic_id, patient_id=patient_id),
        ending=ending,
        because=because,
        comment=form.get("comment", "").strip()[:LONGEST_COMMENT] or None,
        content=clinic_content.running_or_shipped(),
        now=database.request_time(),
    )
    if form.get("back") == "follow-up":
        return redirect(url_for("console.follow_up_page", done="ended"), code=303)
    return redirect(url_for("console.patient", patient_id=patient_id, done="ended"), code=303)


@console_blueprint.blueprint.post("/patients/<uuid:patient_id>/real")
def take_as_real(patient_id: UUID) -> AnyResponse:
    """Follow somebody in earnest who was taken in while the clinic was in training."""
    caller, session = auth.staff(), database.current()
    try:
        training_patients.take_as_real(
            session,
            patient=enrolment.get_patient(session, clinic_id=caller.clinic_id, patient_id=patient_id),
            actor=audit.staff(caller.staff_id),
            now=database.request_time(),
        )
    except training_patients.PracticeStays:
        return redirect(url_for("console.patient", patient_id=patient_id), code=303)
    return redirect(url_for("console.patient", patient_id=patient_id, done="real"), code=303)


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
