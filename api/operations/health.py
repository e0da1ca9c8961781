"""Endpoints: alive, ready, and the metrics, which only METRICS_TOKEN or a caller on this machine may read."""

from __future__ import annotations

import hmac

from flask import Blueprint, Response, abort, jsonify, request
from sqlalchemy import text

from api import database
from api.app_state import state
from api.operations import metrics
from migrations import upgrade
from operations import monitor
from operations.clock import database_now

LOOPBACK = frozenset({"127.0.0.1", "::1"})

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


@blueprint.get("/metrics")
def figures() -> Response:
    """How everything stands, as scrapers read it. With METRICS_TOKEN to whoever brings it, else locally."""
    _only_scrapers()
    look = monitor.read_status(database.current(), now=database_now(database.current()), counts=True)
    return Response(metrics.render_metrics(look), content_type=metrics.CONTENT_TYPE)


def _only_scrapers() -> None:
    token = state().settings.metrics_token
    if token is not None:
        given = request.headers.get("Authorization", "").encode()
        if not hmac.compare_digest(given, f"Bearer {token.get_secret_value()}".encode()):
            abort(401)
        return
    # Behind a proxy on this machine everybody seems to come from it; what was passed on says so.
    passed_on = any(name in request.headers for name in ("X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"))
    if passed_on or request.remote_addr not in LOOPBACK:
        abort(403)
