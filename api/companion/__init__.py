"""The patient's page: its blueprint."""

from __future__ import annotations

from api.companion import pages

blueprint = pages.blueprint
