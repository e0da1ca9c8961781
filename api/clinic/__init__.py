"""JSON for a clinic's staff."""

from __future__ import annotations

from api.clinic import flags, patients, sessions, treatments, wordings

BLUEPRINTS = (
    sessions.blueprint,
    patients.blueprint,
    treatments.blueprint,
    flags.blueprint,
    wordings.blueprint,
)
