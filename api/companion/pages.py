"""The patient's page as it is served: addresses, built files, headers and policy; the same for everyone.

It is the same for everyone: who opens it is known only after sign-in, through the public API for patients,
which is all that the page's script ever talks to. What is served here is built from `source/` and holds
nothing of anybody.
"""

from __future__ import annotations

import functools
from http import HTTPStatus
from pathlib import Path

from flask import Blueprint, Response, request
from flask.blueprints import BlueprintSetupState
from werkzeug.exceptions import NotFound
from werkzeug.routing import BaseConverter

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
    "worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_ASSETS = "/companion/static"

blueprint = Blueprint("companion", __name__, static_folder="static", static_url_path=_ASSETS)


class InvitationToken(BaseConverter):
    """Exactly the 22 characters of an invitation, so that no other address at the root is taken."""

    regex = "[A-Za-z0-9_-]{22}"


class CutToken(BaseConverter):
    """What is left of an invitation that was cut or mistyped."""

    regex = "[A-Za-z0-9_-]{1,21}|[A-Za-z0-9_-]{23,64}"


@blueprint.record_once
def _prepare(setup: BlueprintSetupState) -> None:
    setup.app.url_map.converters |= {"invitation": InvitationToken, "cut": CutToken}


@blueprint.get("/")
def front() -> Response:
    """The page for whoever finds the host: sign in by code, or go on where one is signed in."""
    return _shell()


@blueprint.get("/check-in")
def check_in() -> Response:
    """The page without an invitation: where it is once a token left the address bar, and as an app."""
    return _shell()


@blueprint.get("/<invitation:token>")
def invited(token: str) -> Response:
    """The page. Link previews open it too, so it looks nothing up: the script hands the token in."""
    return _shell()


@blueprint.get("/<cut:token>")
def cut(token: str) -> Response:
    """The page, where one signs in by a code: for people alone, a program is told that there is nothing."""
    if "text/html" not in request.accept_mimetypes.values():
        raise NotFound
    return _shell()


@blueprint.get("/sw.js")
def service_worker() -> Response:
    """The service worker, at the root so that it may serve every address of the page."""
    return blueprint.send_static_file("sw.js")


@blueprint.after_request
def _guard(response: Response) -> Response:
    if response.status_code == HTTPStatus.NOT_FOUND:
        return response
    response.headers["Content-Security-Policy"] = _POLICY
    # The address of the page is a secret until it is spent.
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _shell() -> Response:
    response = Response(_built(), mimetype="text/html")
    response.headers["Cache-Control"] = "no-store"
    return response


@functools.cache
def _built() -> bytes:
    """The page as it was built; one and the same for every address."""
    return (Path(__file__).parent / "static" / "shell.html").read_bytes()
