"""Page and form of changing a patient: what follows from it is shown before it is kept."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from http import HTTPStatus
from typing import cast
from uuid import UUID

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from api import auth, clinic_content, database
from api.console import console_blueprint, edited_form, page_layout, zone_choices
from api.console.edited_form import ForeignChange
from api.console.form_reader import Form
from api.console.patients import enrol_page
from recovery.domain.patients.consent import ConsentKind
from recovery.models.patients import patients
from recovery.models.patients.patients import Patient
from recovery.services.changes import patient_change_preview, patient_changes
from recovery.services.changes.patient_change_preview import ChangePreview
from recovery.services.changes.patient_changes import PatientChanges
from recovery.services.core import audit
from recovery.services.patients import enrolment
from recovery.services.patients.enrolment import GivenConsent
from recovery.services.read_models import patient_view

_FIELDS = ("first_name", "last_name", "phone", "year_of_birth", "language", "answers_by", "skin_type")
Answer = str | AnyResponse | tuple[str, int]


@console_blueprint.blueprint.get("/patients/<uuid:patient_id>/change")
def change_form(patient_id: UUID) -> Answer:
    """What is kept of a patient, to be changed."""
    patient = _patient(patient_id)
    return _page(patient, Form(_kept(patient)))


@console_blueprint.blueprint.post("/patients/<uuid:patient_id>/change")
def change_patient(patient_id: UUID) -> Answer:
    """Keep the changes. Where they end or move something, that is shown first and has to be said again."""
    patient, form = _patient(patient_id), Form(request.form)
    if changes_of_others := edited_form.take_over(form, kept=_kept(patient)):
        return _page(patient, form, changed=changes_of_others), HTTPStatus.CONFLICT
    clinic = page_layout.page_context(auth.staff())["clinic"]
    new = enrol_page.read_new_patient(form, clinic=clinic, patient=patient)
    if new is None:
        return _page(patient, form), HTTPStatus.UNPROCESSABLE_ENTITY
    changes = PatientChanges(time_zone=new.time_zone)
    for name in _FIELDS:
        changes[name] = getattr(new, name)  # type: ignore[literal-required]
    if new.pin is not None:
        changes["pin"] = new.pin
    session, now = database.current(), database.request_time()
    follows = patient_change_preview.preview_change(
        session, clinic=clinic, patient=patient, changes=changes, now=now
    )
    if follows and form.raw("sure") != seen_token(follows):
        return _page(patient, form, follows=follows)
    if not _keep(patient, form, changes=_changed(patient, changes), consents=new.consents):
        return _page(patient, form, follows=follows), HTTPStatus.UNPROCESSABLE_ENTITY
    return redirect(url_for("console.patient", patient_id=patient.id, done="changed"), code=303)


def seen_token(follows: ChangePreview) -> str:
    """What a button under these consequences carries: under others they have to be looked at anew."""
    number = None if follows.number is None else follows.number.phone
    consequences_text = f"{number} {follows.time_zone} {follows.language} {follows.answers_by}"
    return hashlib.sha256(consequences_text.encode()).hexdigest()[:16]


def _keep(patient: Patient, form: Form, *, changes: PatientChanges, consents: Sequence[GivenConsent]) -> bool:
    session = database.current()
    try:
        with session.begin_nested():
            patient_changes.update_patient(
                session,
                clinic=page_layout.page_context(auth.staff())["clinic"],
                patient=patient,
                changes=changes,
                consents=consents,
                content=clinic_content.running(),
                actor=audit.staff(auth.staff().staff_id),
                now=database.request_time(),
            )
    except enrolment.PinRequired:
        form.wrong["pin"] = enrol_page.PIN_WANTED
    except enrolment.PinTaken:
        form.wrong["pin"] = enrol_page.PIN_TAKEN
    return not form.wrong


def _changed(patient: Patient, changes: PatientChanges) -> PatientChanges:
    """Only what is not so already: a number that stays ends nothing, and is not asked for a PIN."""
    same = {name for name, value in changes.items() if name != "pin" and getattr(patient, name) == value}
    return cast(PatientChanges, {name: value for name, value in changes.items() if name not in same})


def _kept(patient: Patient) -> dict[str, str]:
    return {
        "first_name": patient.first_name,
        "last_name": patient.last_name,
        "phone": patient.phone,
        "year_of_birth": str(patient.year_of_birth),
        "language": patient.language.value,
        "answers_by": patient.answers_by.value,
        "skin_type": "" if patient.skin_type is None else str(patient.skin_type),
        "time_zone": patient.time_zone,
    }


def _patient(patient_id: UUID) -> Patient:
    caller, session = auth.staff(), database.current()
    patient = enrolment.get_patient(session, clinic_id=caller.clinic_id, patient_id=patient_id)
    patient_view.audit_reading(session, caller=caller, patient=patient, now=database.request_time())
    return patient


def _page(
    patient: Patient,
    form: Form,
    *,
    follows: ChangePreview | None = None,
    changed: Sequence[ForeignChange] = (),
) -> str:
    # A form with an error in it shows a patient all the same, so the reading is audited and committed.
    database.commit_despite_error()
    frame = page_layout.page_context(auth.staff())
    current = clinic_content.running().consents_for(patient.language).version
    agreed = patients.standing_versions(database.current(), patient)
    standing = frozenset(kind for kind, version in agreed.items() if version >= current)
    if follows is not None and follows.number is not None:
        standing = frozenset()
    said = enrol_page.statements(frame["clinic"])
    return render_template(
        "console/change.html",
        **frame,
        patient=patient,
        form=form,
        follows=follows or None,
        changed=changed,
        base=edited_form.base_of(_kept(patient)),
        seen=seen_token(follows) if follows else None,
        statements={kind: said[kind] for kind in ConsentKind if kind not in standing},
        zones=zone_choices.list_choices(patient.time_zone, frame["clinic"].time_zone),
    )
