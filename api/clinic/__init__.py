"""JSON for a clinic's staff."""

from __future__ import annotations

from api.clinic.access import second_factor, sessions
from api.clinic.clinic import figures, own_phone, setting_up, team
from api.clinic.content import avoidance, pages, protocols, wordings
from api.clinic.flags import flags
from api.clinic.messaging import messages, stop_switch
from api.clinic.patients import consultation, finding, patients
from api.clinic.reports import photos
from api.clinic.tasks import inbox, tasks
from api.clinic.treatments import series, treatments

BLUEPRINTS = (
    sessions.blueprint,
    second_factor.blueprint,
    patients.blueprint,
    finding.blueprint,
    treatments.blueprint,
    consultation.blueprint,
    series.blueprint,
    flags.blueprint,
    tasks.blueprint,
    inbox.blueprint,
    wordings.blueprint,
    pages.blueprint,
    avoidance.blueprint,
    messages.blueprint,
    stop_switch.blueprint,
    photos.blueprint,
    setting_up.blueprint,
    team.blueprint,
    own_phone.blueprint,
    protocols.blueprint,
    figures.blueprint,
)
