"""Page and form of enrolling a patient; reading number, consents and names for it and for a change."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from api import auth, clinic_content, database
from api.console import console_blueprint, page_layout, zone_choices
from api.console.form_reader import Form
from api.console.patients import desk_page
from recovery.domain.core.language import Language
from recovery.domain.patients.consent import ConsentKind
from recovery.domain.patients.contact import AnswersBy
from recovery.models.clinic.clinics import Clinic, ClinicMode
from recovery.models.patients import patient_names
from recovery.models.patients.patients import Patient
from recovery.services.core import audit, phone_numbers
from recovery.services.patients import enrolment
from recovery.services.patients.enrolment import GivenConsent, NewPatient

MOST_ALIKE = 5
NO_FIRST_NAME = "The first name is missing. Somebody with one name has it here."
PIN_WANTED = "Another patient here has this number. A PIN keeps the two apart: let the patient choose one."
PIN_TAKEN = "Somebody else on this number opens with the same digits. Choose another PIN."
Answer = str | AnyResponse | tuple[str, int]


@console_blueprint.blueprint.get("/patients/new")
def enrol_form() -> Answer:
    """An empty form."""
    return _page(Form({}))


@console_blueprint.blueprint.post("/patients/new")
def enrol() -> Answer:
    """Enrol, after a warning where somebody alike is enrolled already or the phone is a landline's; on to the
    desk's page.
    """
    frame = page_layout.page_context(auth.staff())
    clinic = frame["clinic"]
    form = Form(request.form)
    new = read_new_patient(form, clinic=clinic)
    if new is None:
        return _page(form), HTTPStatus.UNPROCESSABLE_ENTITY
    alike, landline = _alike(clinic, new), phone_numbers.is_landline(new.phone)
    if (alike or landline) and not form.raw("anyway"):
        database.commit_despite_error()
        audit.read_list(
            database.current(),
            clinic.id,
            auth.staff().staff_id,
            action="patient.list",
            now=database.request_time(),
        )
        return _page(form, alike=alike, landline=landline), HTTPStatus.CONFLICT
    actor, session, now = audit.staff(auth.staff().staff_id), database.current(), database.request_time()
    try:
        with session.begin_nested():
            patient = enrolment.enrol(session, clinic=clinic, new=new, actor=actor, now=now)
    except enrolment.PinRequired:
        form.wrong["pin"] = PIN_WANTED
    except enrolment.PinTaken:
        form.wrong["pin"] = PIN_TAKEN
    else:
        invited = enrolment.invite_at_desk(session, patient=patient, actor=actor, now=now)
        way_on = redirect(url_for("console.desk", patient_id=patient.id, done="enrolled"), code=303)
        return desk_page.remember_invitation(way_on, patient_id=patient.id, token=invited.token)
    return _page(form, alike=alike), HTTPStatus.UNPROCESSABLE_ENTITY


def read_new_patient(form: Form, *, clinic: Clinic, patient: Patient | None = None) -> NewPatient | None:
    """Who is to be enrolled, None where the form cannot be used. Consents are those ticked, given now.

    With a `patient` what is kept of them is not judged anew.
    """
    first_name = form.person_name("first_name", called="The first name", missing=NO_FIRST_NAME)
    last_name = form.person_name("last_name", called="The last name")
    if patient is not None and form.raw("year_of_birth") == str(patient.year_of_birth):
        born: int | None = patient.year_of_birth
    else:
        born = form.year_of_birth("year_of_birth", now=database.request_time())
    phone = read_phone(form, clinic=clinic)
    language = form.one_of("language", Language, missing="Choose the language of the texts.")
    own = () if patient is None else (patient.time_zone,)
    zone = form.zone("time_zone", kept=[*own, clinic.time_zone])
    skin_type = form.whole("skin_type", least=1, most=6)
    answers_by = form.one_of("answers_by", AnswersBy, missing="Choose how the patient answers.")
    pin = form.pin("pin")
    if form.wrong or not (first_name and born and phone and language and answers_by):
        return None
    return NewPatient(
        first_name=first_name,
        last_name=last_name or "",
        phone=phone,
        year_of_birth=born,
        pin=pin,
        language=language,
        time_zone=zone,
        skin_type=skin_type,
        answers_by=answers_by,
        consents=read_consents(form, clinic=clinic, language=language),
        training=clinic.mode is ClinicMode.TRAINING and not form.raw("real"),
    )


def read_phone(form: Form, *, clinic: Clinic) -> str | None:
    """The number, read like one of the clinic's country where no country code stands."""
    typed = form.words("phone", longest=32, missing="The phone number is missing.")
    try:
        return None if typed is None else phone_numbers.to_e164(typed, like=clinic.phone)
    except phone_numbers.NotAPhoneNumber as error:
        form.wrong["phone"] = str(error)
        return None


def read_consents(form: Form, *, clinic: Clinic, language: Language) -> list[GivenConsent]:
    """The consents that are ticked, each in the words shown for this language, given now."""
    said = clinic_content.running().consents_for(language)
    return [
        GivenConsent(
            kind=kind,
            wording=said.render_with_version(kind, clinic=clinic.name),
            given_at=database.request_time(),
            version=said.version,
        )
        for kind in ConsentKind
        if form.raw(kind.value)
    ]


def statements(clinic: Clinic) -> dict[ConsentKind, dict[Language, str]]:
    """What is agreed to, by kind and language, as it is read to the patient."""
    content = clinic_content.running()
    return {
        kind: {
            language: content.consents_for(language).render(kind, clinic=clinic.name) for language in Language
        }
        for kind in ConsentKind
    }


def _alike(clinic: Clinic, new: NewPatient) -> Sequence[Patient]:
    return patient_names.find_similar(
        database.current(),
        clinic.id,
        first_name=new.first_name,
        last_name=new.last_name,
        year_of_birth=new.year_of_birth,
        phone=new.phone,
        limit=MOST_ALIKE,
    )


def _page(form: Form, *, alike: Sequence[Patient] = (), landline: bool = False) -> str:
    frame = page_layout.page_context(auth.staff())
    return render_template(
        "console/enrol.html",
        **frame,
        form=form,
        alike=alike,
        landline=landline,
        statements=statements(frame["clinic"]),
        zones=zone_choices.list_choices(frame["clinic"].time_zone),
    )
