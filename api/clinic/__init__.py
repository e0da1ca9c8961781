"""JSON for a clinic's staff."""

from __future__ import annotations

from api.clinic import flags, patients, sessions, treatments

BLUEPRINTS = (sessions.blueprint, patients.blueprint, treatments.blueprint, flags.blueprint)
