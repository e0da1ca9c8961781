"""The blueprint of the console, and the headers all its pages carry."""

from __future__ import annotations

from flask import Blueprint, Response, request

HOME = "/console"
STATIC = "console.static"
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'none'",
        "style-src 'self'",
        "img-src 'self' data:",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)

blueprint = Blueprint(
    "console",
    __name__,
    url_prefix=HOME,
    template_folder="templates",
    static_folder="static",
    static_url_path="/static",
)


@blueprint.after_request
def shield(response: Response) -> Response:
    """Nothing foreign runs on these pages, nobody frames them, and nothing between keeps them."""
    response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    if request.endpoint != STATIC:
        response.headers["Cache-Control"] = "no-store"
    return response
