"""The patient's page."""

from __future__ import annotations

from api.companion import pages

blueprint = pages.blueprint
