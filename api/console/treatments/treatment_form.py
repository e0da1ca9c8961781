"""Page and form of recording, correcting and withdrawing a treatment."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from http import HTTPStatus
from uuid import UUID

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from api import auth, clinic_content, database
from api.console import console_blueprint, edited_form, page_layout
from api.console.edited_form import ForeignChange
from api.console.form_reader import Form
from recovery.domain.clinic.staff_roles import MAY, Duty
from recovery.domain.clinical.symptoms import Acid, Area, Device
from recovery.domain.patients import consultation as rules
from recovery.domain.treatments.indication import Indication
from recovery.models.clinic import clinics
from recovery.models.patients.patients import Patient
from recovery.models.treatments import treatments as rows
from recovery.models.treatments.treatments import Treatment
from recovery.services.changes import consultation, new_treatments, treatment_corrections
from recovery.services.changes.treatment_corrections import TreatmentChanges
from recovery.services.core import audit
from recovery.services.patients import enrolment
from recovery.services.read_models import patient_view, precautions_view
from recovery.services.treatments import overlapping, session_plan, treatments
from recovery.services.treatments.treatments import NewTreatment

DEEPEST = 5
MOST_SESSIONS = 50
LONGEST_REASON = 1000
_WHEN = "When it was done, like 24 December 2026, 14:30."
_IMPOSSIBLE = "A treatment lies in the past, at most 60 days back."
_REASON = "Write why: it is kept with what stood before."
Answer = str | AnyResponse | tuple[str, int]


@console_blueprint.blueprint.get("/patients/<uuid:patient_id>/treatments/new")
def record_form(patient_id: UUID) -> Answer:
    """A form that needs little: now, and what was done to this patient last, to nobody else."""
    patient = _patient(patient_id)
    return _page(patient, Form(_usual(patient)))


@console_blueprint.blueprint.post("/patients/<uuid:patient_id>/treatments/new")
def record_treatment(patient_id: UUID) -> Answer:
    """Keep what was done, which plans the texts that follow it."""
    caller, session = auth.staff(), database.current()
    patient, form = _patient(patient_id), Form(request.form)
    read = _read(form)
    if read is not None:
        new = NewTreatment(**read, protocol=None)
        alike = treatments.find_alike(session, patient=patient, new=new)
        if alike and not form.raw("anyway"):
            return _page(patient, form, alike=alike), HTTPStatus.CONFLICT
        try:
            with session.begin_nested():
                new_treatments.record(
                    session,
                    clinic=page_layout.page_context(caller)["clinic"],
                    patient=patient,
                    new=new,
                    content=clinic_content.running(),
                    actor=audit.staff(caller.staff_id),
                    now=database.request_time(),
                )
            return _on(patient, "recorded")
        except treatments.ImpossibleTreatmentTime:
            form.wrong["performed_at"] = _IMPOSSIBLE
    return _page(patient, form), HTTPStatus.UNPROCESSABLE_ENTITY


@console_blueprint.blueprint.get("/treatments/<uuid:treatment_id>/correct")
def correct_form(treatment_id: UUID) -> Answer:
    """What is kept of a treatment, to be put right."""
    auth.staff_for(Duty.CORRECTION)
    treatment, patient = _treatment(treatment_id)
    return _page(patient, Form(_kept(treatment)), treatment=treatment)


@console_blueprint.blueprint.post("/treatments/<uuid:treatment_id>/correct")
def correct_treatment(treatment_id: UUID) -> Answer:
    """Keep what was really done, and why it is corrected."""
    caller, session = auth.staff_for(Duty.CORRECTION), database.current()
    treatment, patient = _treatment(treatment_id)
    form = Form(request.form)
    if changes_of_others := edited_form.take_over(form, kept=_kept(treatment)):
        return _page(patient, form, treatment=treatment, changed=changes_of_others), HTTPStatus.CONFLICT
    reason = form.words("reason", longest=LONGEST_REASON, missing=_REASON, lines=True)
    read = _read(form)
    if read is not None and reason is not None:
        if form.raw("performed_at") == _kept(treatment)["performed_at"]:
            # The form knows minutes only: what was not touched keeps its seconds.
            del read["performed_at"]
        try:
            with session.begin_nested():
                treatment_corrections.correct(
                    session,
                    clinic_id=caller.clinic_id,
                    treatment_id=treatment_id,
                    reason=reason,
                    changes=read,
                    content=clinic_content.running(),
                    actor=audit.staff(caller.staff_id),
                    now=database.request_time(),
                )
            return _on(patient, "corrected")
        except treatments.ImpossibleTreatmentTime:
            form.wrong["performed_at"] = _IMPOSSIBLE
        except treatment_corrections.ReportsPrecedeTreatment:
            form.wrong["performed_at"] = "The patient reported before that time already."
    return _page(patient, form, treatment=treatment), HTTPStatus.UNPROCESSABLE_ENTITY


@console_blueprint.blueprint.post("/treatments/<uuid:treatment_id>/withdraw")
def withdraw_treatment(treatment_id: UUID) -> Answer:
    """Take back a treatment that was entered in error."""
    caller = auth.staff_for(Duty.CORRECTION)
    treatment, patient = _treatment(treatment_id)
    form = Form(request.form)
    reason = form.words("withdraw_reason", longest=LONGEST_REASON, missing=_REASON, lines=True)
    if reason is None:
        kept = Form({**_kept(treatment), "withdraw_reason": form.raw("withdraw_reason")})
        kept.wrong = form.wrong
        return _page(patient, kept, treatment=treatment), HTTPStatus.UNPROCESSABLE_ENTITY
    treatment_corrections.withdraw(
        database.current(),
        clinic_id=caller.clinic_id,
        treatment_id=treatment_id,
        reason=reason,
        content=clinic_content.running(),
        actor=audit.staff(caller.staff_id),
        now=database.request_time(),
    )
    return _on(patient, "withdrawn")


@console_blueprint.blueprint.get("/treatments/<uuid:treatment_id>/withdraw")
def withdraw_address(treatment_id: UUID) -> AnyResponse:
    """The form's address opened as a page, as after a reload: its page is meant."""
    return redirect(url_for("console.correct_form", treatment_id=treatment_id), code=303)


def _read(form: Form) -> TreatmentChanges | None:
    zone = page_layout.page_context(auth.staff())["say"].zone
    performed_at = form.moment("performed_at", zone=zone, missing=_WHEN)
    device = form.one_of("device", Device, missing="Choose the device.")
    depth = form.millimetres("depth_mm", most=DEEPEST)
    areas = [area for area in Area if form.raw(f"area_{area.value}")]
    if not areas:
        form.wrong["areas"] = "Tick at least one area."
    acid = form.one_of("acid", Acid) or Acid.NONE
    indication = form.one_of("indication", Indication)
    numbing, topical = form.words("numbing", longest=200), form.words("topical", longest=200)
    lot = form.words("lot", longest=100)
    performed_by = _practitioner(form)
    number = form.whole(
        "session_number", least=1, most=MOST_SESSIONS, missing=f"A number from 1 to {MOST_SESSIONS}."
    )
    if form.wrong or performed_at is None or device is None or number is None:
        return None
    return TreatmentChanges(
        performed_at=performed_at,
        device=device,
        depth_mm=depth,
        areas=areas,
        acid=acid,
        indication=indication,
        numbing=numbing,
        topical=topical,
        lot=lot,
        performed_by=performed_by,
        session_number=number,
    )


def _practitioner(form: Form) -> UUID | None:
    """Who of the staff held the needle, where somebody is chosen; who has left since stays chosen."""
    chosen = form.raw("performed_by")
    known = {str(staff_id): staff_id for staff_id in clinics.staff_names(database.current(), _clinic_id())}
    if chosen and chosen not in known:
        form.wrong["performed_by"] = "Choose one of the list."
    return known.get(chosen)


def _clinic_id() -> UUID:
    return auth.staff().clinic_id


def _practitioners(treatment: Treatment | None) -> list[tuple[str, str]]:
    """Everyone who signs in, and whoever is kept as having treated."""
    names = clinics.active_names(database.current(), _clinic_id())
    if treatment is not None and treatment.performed_by is not None:
        everyone = clinics.staff_names(database.current(), _clinic_id())
        names.setdefault(treatment.performed_by, everyone[treatment.performed_by])
    return [(str(staff_id), name) for staff_id, name in names.items()]


def _usual(patient: Patient) -> dict[str, str]:
    """What a treatment of now most likely is: like this patient's last one. The first one is said in full."""
    session = database.current()
    own = rows.list_for_patient(session, patient.clinic_id, patient.id, limit=1)
    usual = _kept(own[0]) if own else {}
    # An acid widens what is expected: it is said anew each time.
    usual["acid"] = Acid.NONE.value
    usual["performed_at"] = _wall(database.request_time())
    usual["session_number"] = str(
        min(session_plan.get_status(session, patient=patient).visits + 1, MOST_SESSIONS)
    )
    if auth.staff().role in MAY[Duty.KNOWN_SKIN]:
        # Whoever treats usually records it themselves.
        usual["performed_by"] = str(auth.staff().staff_id)
    # What is printed on a package is read from this package.
    usual["lot"] = ""
    return usual


def _kept(treatment: Treatment) -> dict[str, str]:
    return {
        "performed_at": _wall(treatment.performed_at),
        "device": treatment.device.value,
        "depth_mm": "" if treatment.depth_mm is None else f"{treatment.depth_mm.normalize():f}",
        **{f"area_{area}": "on" for area in treatment.areas},
        "acid": treatment.acid.value,
        "indication": "" if treatment.indication is None else treatment.indication.value,
        "numbing": treatment.numbing or "",
        "topical": treatment.topical or "",
        "lot": treatment.lot or "",
        "performed_by": "" if treatment.performed_by is None else str(treatment.performed_by),
        "session_number": str(treatment.session_number),
    }


def _wall(moment: datetime) -> str:
    zone = page_layout.page_context(auth.staff())["say"].zone
    return moment.astimezone(zone).strftime("%Y-%m-%dT%H:%M")


def _done_at(form: Form) -> datetime | None:
    """The time in the form, where it can be read: what is wrong with it is said elsewhere."""
    given = Form({"performed_at": form.raw("performed_at")})
    return given.moment("performed_at", zone=page_layout.page_context(auth.staff())["say"].zone, missing="")


def _patient(patient_id: UUID) -> Patient:
    caller, session = auth.staff(), database.current()
    patient = enrolment.get_patient(session, clinic_id=caller.clinic_id, patient_id=patient_id)
    patient_view.audit_reading(session, caller=caller, patient=patient, now=database.request_time())
    return patient


def _treatment(treatment_id: UUID) -> tuple[Treatment, Patient]:
    found = treatments.get_treatment(
        database.current(), clinic_id=auth.staff().clinic_id, treatment_id=treatment_id
    )
    return found, _patient(found.patient_id)


def _on(patient: Patient, done: str) -> AnyResponse:
    return redirect(url_for("console.patient", patient_id=patient.id, done=done), code=303)


def _page(
    patient: Patient,
    form: Form,
    *,
    treatment: Treatment | None = None,
    alike: Sequence[Treatment] = (),
    changed: Sequence[ForeignChange] = (),
) -> str:
    # A form with an error in it shows a patient all the same, so the reading is audited and committed.
    database.commit_despite_error()
    return render_template(
        "console/treatment_form.html",
        **page_layout.page_context(auth.staff()),
        patient=patient,
        form=form,
        treatment=treatment,
        alike=alike,
        changed=changed,
        base=None if treatment is None else edited_form.base_of(_kept(treatment)),
        practitioners=_practitioners(treatment),
        consulted=None if treatment else consultation.get_current(database.current(), patient),
        precautions=precautions_view.read_precautions(
            database.current(), patient, content=clinic_content.running()
        ),
        followed=overlapping.read_followed(
            database.current(), patient, at=_done_at(form) or database.request_time(), but=treatment
        ),
        contraindications=rules.contraindications,
        cautions=rules.cautions,
        earliest=_wall(database.request_time() - treatments.OLDEST_TREATMENT),
        latest=_wall(database.request_time()),
    )
