"""Where the carrier calls back: the blueprint of its endpoints.

Nothing is believed that is not signed.
"""

from __future__ import annotations

from flask import Blueprint

from api.webhooks import twilio

blueprint = Blueprint("webhooks", __name__, url_prefix="/webhooks")
blueprint.register_blueprint(twilio.blueprint)
