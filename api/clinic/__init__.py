"""JSON for a clinic's staff: the list of all its blueprints."""

from __future__ import annotations

from api.clinic.access import second_factor, staff_sessions
from api.clinic.clinic import clinic_setup, figures, staff_members, staff_phone
from api.clinic.content import avoidance, knowledge_pages, protocols, withdrawals, wordings
from api.clinic.flags import complications, flags, told_flags
from api.clinic.messaging import messages, stop_switch
from api.clinic.patients import consultation, patient_search, patients
from api.clinic.reports import photos
from api.clinic.tasks import inbox, tasks
from api.clinic.treatments import session_plan, treatments

BLUEPRINTS = (
    staff_sessions.blueprint,
    second_factor.blueprint,
    patients.blueprint,
    patient_search.blueprint,
    treatments.blueprint,
    consultation.blueprint,
    session_plan.blueprint,
    flags.blueprint,
    told_flags.blueprint,
    complications.blueprint,
    tasks.blueprint,
    inbox.blueprint,
    wordings.blueprint,
    knowledge_pages.blueprint,
    avoidance.blueprint,
    messages.blueprint,
    stop_switch.blueprint,
    photos.blueprint,
    clinic_setup.blueprint,
    staff_members.blueprint,
    staff_phone.blueprint,
    protocols.blueprint,
    withdrawals.blueprint,
    figures.blueprint,
)
