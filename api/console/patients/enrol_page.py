"""Enrolling a patient at the desk."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from http import HTTPStatus
from zoneinfo import available_timezones

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from api import app_state, auth, database
from api.console import console_blueprint, page_layout
from api.console.form_reader import Form
from api.console.patients import desk_page
from recovery.domain.core.language import Language
from recovery.domain.patients.consent import ConsentKind
from recovery.domain.patients.contact import AnswersBy
from recovery.models.clinic.clinics import Clinic
from recovery.models.patients import patients
from recovery.models.patients.patients import Patient
from recovery.services.core import audit, phone_numbers
from recovery.services.patients import enrolment
from recovery.services.patients.enrolment import GivenConsent, NewPatient

MOST_ALIKE = 5
_REGIONS = ("Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")
NOT_A_PHONE = "Not a phone number. One from another country begins with +, like +44 20 7946 0123."
PIN_WANTED = "Another patient here has this number. A PIN keeps the two apart: let the patient choose one."
PIN_TAKEN = "Somebody else on this number opens with the same digits. Choose another PIN."
Answer = str | AnyResponse | tuple[str, int]


@console_blueprint.blueprint.get("/patients/new")
def enrol_form() -> Answer:
    """An empty form."""
    return _page(Form({}))


@console_blueprint.blueprint.post("/patients/new")
def enrol() -> Answer:
    """Enrol, after a warning where somebody alike is enrolled already; on to the desk's page."""
    frame = page_layout.page_context(auth.staff())
    clinic = frame["clinic"]
    form = Form(request.form)
    new = read_new_patient(form, clinic=clinic)
    if new is None:
        return _page(form), HTTPStatus.UNPROCESSABLE_ENTITY
    alike = _alike(clinic, new)
    if alike and not form.raw("anyway"):
        database.commit_despite_error()
        audit.read_list(
            database.current(),
            clinic.id,
            auth.staff().staff_id,
            action="patient.list",
            now=database.request_time(),
        )
        return _page(form, alike=alike), HTTPStatus.CONFLICT
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


def read_new_patient(form: Form, *, clinic: Clinic) -> NewPatient | None:
    """Who is to be enrolled, None where the form cannot be used. Consents are those ticked, given now."""
    first_name = form.words("first_name", longest=100, missing="The first name is missing.")
    last_name = form.words("last_name", longest=100, missing="The last name is missing.")
    year = database.request_time().year
    born = form.whole(
        "year_of_birth", least=1900, most=year, missing=f"The year of birth, from 1900 to {year}."
    )
    phone = read_phone(form, clinic=clinic)
    language = form.one_of("language", Language, missing="Choose the language of the texts.")
    zone = form.zone("time_zone")
    skin_type = form.whole("skin_type", least=1, most=6)
    answers_by = form.one_of("answers_by", AnswersBy, missing="Choose how the patient answers.")
    pin = form.pin("pin")
    if form.wrong or not (first_name and last_name and born and phone and language and answers_by):
        return None
    return NewPatient(
        first_name=first_name,
        last_name=last_name,
        phone=phone,
        year_of_birth=born,
        pin=pin,
        language=language,
        time_zone=zone,
        skin_type=skin_type,
        answers_by=answers_by,
        consents=read_consents(form, clinic=clinic, language=language),
    )


def read_phone(form: Form, *, clinic: Clinic) -> str | None:
    """The number, read like one of the clinic's country where no country code stands."""
    typed = form.words("phone", longest=32, missing="The phone number is missing.")
    try:
        return None if typed is None else phone_numbers.to_e164(typed, like=clinic.phone)
    except phone_numbers.NotAPhoneNumber:
        form.wrong["phone"] = NOT_A_PHONE
        return None


def read_consents(form: Form, *, clinic: Clinic, language: Language) -> list[GivenConsent]:
    """The consents that are ticked, each in the words shown for this language, given now."""
    said = app_state.state().content.consents_for(language)
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
    content = app_state.state().content
    return {
        kind: {
            language: content.consents_for(language).render(kind, clinic=clinic.name) for language in Language
        }
        for kind in ConsentKind
    }


@functools.cache
def list_zones(near: str) -> list[tuple[str, str]]:
    """Every zone where people live with a name of its own, those of the same part of the world first."""
    region = near.partition("/")[0]
    named = [
        name for name in available_timezones() if name.partition("/")[0] in _REGIONS and name.count("/") <= 2
    ]
    named.sort(key=lambda name: (not name.startswith(f"{region}/"), name))
    if near not in named:
        named.insert(0, near)
    return [(name, name.replace("_", " ")) for name in named]


def _alike(clinic: Clinic, new: NewPatient) -> Sequence[Patient]:
    return patients.find_similar(
        database.current(),
        clinic.id,
        first_name=new.first_name,
        last_name=new.last_name,
        year_of_birth=new.year_of_birth,
        phone=new.phone,
        limit=MOST_ALIKE,
    )


def _page(form: Form, *, alike: Sequence[Patient] = ()) -> str:
    frame = page_layout.page_context(auth.staff())
    return render_template(
        "console/enrol.html",
        **frame,
        form=form,
        alike=alike,
        statements=statements(frame["clinic"]),
        zones=list_zones(frame["clinic"].time_zone),
    )
