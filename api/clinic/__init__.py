"""JSON for a clinic's staff."""

from __future__ import annotations

from api.clinic import flags, messages, patients, sessions, stop_switch, treatments, wordings

BLUEPRINTS = (
    sessions.blueprint,
    patients.blueprint,
    treatments.blueprint,
    flags.blueprint,
    wordings.blueprint,
    messages.blueprint,
    stop_switch.blueprint,
)
