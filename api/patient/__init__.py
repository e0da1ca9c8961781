"""JSON for the companion app: what one patient may see and do."""

from __future__ import annotations

from api.patient import (
    check_in,
    export,
    knowledge,
    photos,
    profile,
    recovery,
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
    recovery.blueprint,
    knowledge.blueprint,
    photos.blueprint,
    export.blueprint,
)
