"""Whether this process lives, and whether it can serve."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify
from sqlalchemy import text

from api import database
from migrations import upgrade

blueprint = Blueprint("operations", __name__)


@blueprint.get("/healthz")
def alive() -> Response:
    """The process answers; nothing else is looked at."""
    return jsonify(status="ok")


@blueprint.get("/readyz")
def ready() -> tuple[Response, int]:
    """Database and schema, nothing more: a late worker never takes the API from patients."""
    session, wanted, found = database.current(), upgrade.newest(), None
    if session.scalar(text("SELECT to_regclass('alembic_version')")) is not None:
        found = session.scalar(text("SELECT version_num FROM alembic_version"))
    if found != wanted:
        return jsonify(status="schema", found=found, wanted=wanted), 503
    return jsonify(status="ok", schema=found), 200
