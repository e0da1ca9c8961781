"""JSON for a clinic's staff."""

from __future__ import annotations

from api.clinic import (
    flags,
    inbox,
    messages,
    patients,
    sessions,
    stop_switch,
    tasks,
    treatments,
    wordings,
)

BLUEPRINTS = (
    sessions.blueprint,
    patients.blueprint,
    treatments.blueprint,
    flags.blueprint,
    tasks.blueprint,
    inbox.blueprint,
    wordings.blueprint,
    messages.blueprint,
    stop_switch.blueprint,
)
