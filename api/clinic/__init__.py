"""JSON for a clinic's staff."""

from __future__ import annotations

from api.clinic import flags, inbox, patients, sessions, tasks, treatments

BLUEPRINTS = (
    sessions.blueprint,
    patients.blueprint,
    treatments.blueprint,
    flags.blueprint,
    tasks.blueprint,
    inbox.blueprint,
)
