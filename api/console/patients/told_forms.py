"""Forms on the patient's page for what became known outside check-ins: a told flag, a complication recorded
or withdrawn."""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

from flask import redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from api import auth, clinic_content, database
from api.console import console_blueprint
from api.console.form_reader import Form
from api.console.patients import patient_page
from recovery.domain.clinic.staff_roles import Duty
from recovery.domain.clinical.symptoms import WarningSign
from recovery.domain.flags.flag_lifecycle import COMPLICATIONS, FlagOutcome, Urgency
from recovery.models.treatments import treatments as rows
from recovery.models.treatments.treatments import Treatment
from recovery.services.flags import complications, told_flags
from recovery.services.flags.complications import ImpossibleBeginning, NewComplication
from recovery.services.flags.told_flags import ToldByPatient
from recovery.services.patients import enrolment
from recovery.services.treatments import treatments
from recovery.services.treatments.treatments import UnknownTreatment

LONGEST_TOLD = 4000
LONGEST_COMMENT = 2000
Answer = AnyResponse | tuple[str, int]


@console_blueprint.blueprint.post("/patients/<uuid:patient_id>/flags")
def open_told_flag(patient_id: UUID) -> Answer:
    """Open a flag for what the patient told."""
    form = Form(request.form)
    treatment = _treatment(form.raw("treatment"), patient_id)
    words = form.words("told", longest=LONGEST_TOLD, missing="Write what was told.", lines=True)
    urgency = form.one_of("urgency", Urgency, missing="Choose how urgent it is.")
    if words is None or urgency is None:
        return _wrong(patient_id, form)
    told_flags.tell(
        database.current(),
        caller=auth.staff(),
        treatment_id=treatment.id,
        told=ToldByPatient(
            words=words,
            urgency=urgency,
            signs=frozenset(sign for sign in WarningSign if form.raw(f"sign_{sign.value}")),
        ),
        content=clinic_content.running_or_shipped(),
        now=database.request_time(),
    )
    return _on(patient_id, "told")


@console_blueprint.blueprint.post("/patients/<uuid:patient_id>/complications")
def record_complication(patient_id: UUID) -> Answer:
    """Record what nobody flagged."""
    form = Form(request.form)
    treatment = _treatment(form.raw("after"), patient_id)
    outcome = form.one_of("outcome", FlagOutcome, missing="Choose what it was.")
    if outcome is not None and outcome not in COMPLICATIONS:
        form.wrong["outcome"] = "Choose one of the list."
    began_on = form.day("began_on")
    if began_on is None:
        form.wrong["began_on"] = "The day on which it began."
    comment = form.words("known_by", longest=LONGEST_COMMENT, lines=True)
    if form.wrong or outcome is None or began_on is None:
        return _wrong(patient_id, form)
    try:
        complications.record(
            database.current(),
            caller=auth.staff(),
            treatment_id=treatment.id,
            new=NewComplication(outcome=outcome, began_on=began_on, comment=comment),
            now=database.request_time(),
        )
    except ImpossibleBeginning:
        form.wrong["began_on"] = "Between the day of the treatment and today."
        return _wrong(patient_id, form)
    return _on(patient_id, "complication")


@console_blueprint.blueprint.post("/complications/<uuid:complication_id>/withdraw")
def withdraw_complication(complication_id: UUID) -> Answer:
    """Take back a complication that was entered in error."""
    caller, session = auth.staff_for(Duty.CORRECTION), database.current()
    withdrawn = complications.withdraw(
        session, caller=caller, complication_id=complication_id, now=database.request_time()
    )
    treatment = session.get_one(Treatment, (caller.clinic_id, withdrawn.treatment_id))
    return _on(treatment.patient_id, "complication_withdrawn")


@console_blueprint.blueprint.get("/patients/<uuid:patient_id>/<any(flags, complications):form>")
def told_form_address(patient_id: UUID, form: str) -> AnyResponse:
    """A form's address opened as a page, as after a reload: the patient's page is meant."""
    clinic_id = auth.staff().clinic_id
    patient = enrolment.get_patient(database.current(), clinic_id=clinic_id, patient_id=patient_id)
    return _on(patient.id, None)


def _treatment(chosen: str, patient_id: UUID) -> Treatment:
    """The chosen treatment of this patient, the newest where none was. Raises UnknownPatient,
    UnknownTreatment."""
    session, clinic_id = database.current(), auth.staff().clinic_id
    patient = enrolment.get_patient(session, clinic_id=clinic_id, patient_id=patient_id)
    if not chosen:
        newest = rows.list_for_patient(session, clinic_id, patient.id, limit=1)
        if newest:
            return newest[0]
    try:
        treatment_id = UUID(chosen)
    except ValueError:
        raise UnknownTreatment(chosen) from None
    return treatments.get_treatment(
        session, clinic_id=clinic_id, treatment_id=treatment_id, patient_id=patient.id
    )


def _wrong(patient_id: UUID, form: Form) -> Answer:
    # A form with an error in it shows a patient all the same, so the reading is audited and committed.
    database.commit_despite_error()
    return patient_page.page(patient_id, form=form), HTTPStatus.UNPROCESSABLE_ENTITY


def _on(patient_id: UUID, done: str | None) -> AnyResponse:
    return redirect(url_for("console.patient", patient_id=patient_id, done=done), code=HTTPStatus.SEE_OTHER)
