"""JSON for the companion app, what one patient may see and do: the list of all its blueprints."""

from __future__ import annotations

from api.patient import (
    check_in,
    data_export,
    knowledge,
    photos,
    profile,
    recovery_view,
    reports,
    sessions,
    treatments,
)

BLUEPRINTS = (
    sessions.blueprint,
    profile.blueprint,
    treatments.blueprint,
    reports.blueprint,
    check_in.blueprint,
    recovery_view.blueprint,
    knowledge.blueprint,
    photos.blueprint,
    data_export.blueprint,
)
