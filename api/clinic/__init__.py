"""JSON for a clinic's staff."""

from __future__ import annotations

from api.clinic import (
    avoidance,
    flags,
    inbox,
    messages,
    pages,
    patients,
    photos,
    second_factor,
    sessions,
    stop_switch,
    tasks,
    treatments,
    wordings,
)

BLUEPRINTS = (
    sessions.blueprint,
    second_factor.blueprint,
    patients.blueprint,
    treatments.blueprint,
    flags.blueprint,
    tasks.blueprint,
    inbox.blueprint,
    wordings.blueprint,
    pages.blueprint,
    avoidance.blueprint,
    messages.blueprint,
    stop_switch.blueprint,
    photos.blueprint,
)
