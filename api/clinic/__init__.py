"""JSON for a clinic's staff."""

from __future__ import annotations

from api.clinic import (
    avoidance,
    figures,
    finding,
    flags,
    inbox,
    messages,
    own_phone,
    pages,
    patients,
    photos,
    protocols,
    second_factor,
    series,
    sessions,
    setting_up,
    stop_switch,
    tasks,
    team,
    treatments,
    wordings,
)

BLUEPRINTS = (
    sessions.blueprint,
    second_factor.blueprint,
    patients.blueprint,
    finding.blueprint,
    treatments.blueprint,
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
