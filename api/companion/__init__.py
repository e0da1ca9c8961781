"""The patient's page."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("companion", __name__)
