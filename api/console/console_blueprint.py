"""The blueprint of the console: addresses of its static files, names for all templates, the headers and
policy all pages carry."""

from __future__ import annotations

import functools
import hashlib
import secrets
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path

from flask import Blueprint, Response, g, request, url_for

HOME = "/console"
STATIC = "console.static"
_YEAR = 31_536_000
_FOLDER = Path(__file__).parent / "static"

blueprint = Blueprint(
    "console",
    __name__,
    url_prefix=HOME,
    template_folder="templates",
    static_folder="static",
    static_url_path="/static",
)


def nonce() -> str:
    """What the scripts of this one answer carry: nothing that was smuggled into a page runs."""
    if "nonce" not in g:
        g.nonce = secrets.token_urlsafe(16)
    made: str = g.nonce
    return made


@functools.cache
def _version(name: str) -> str:
    return hashlib.sha256((_FOLDER / name).read_bytes()).hexdigest()[:12]


def asset(name: str) -> str:
    """The address of a file of ours; another content has another address, so a browser may keep it."""
    return url_for(STATIC, filename=name, v=_version(name))


def read_styles(names: Sequence[str]) -> str:
    """The style sheets of these names as one text, for a file that stands alone."""
    return "\n".join((_FOLDER / name).read_text("utf-8") for name in names)


@blueprint.context_processor
def _for_templates() -> dict[str, object]:
    return {"asset": asset, "nonce": nonce}


@blueprint.app_template_filter()
def enum_choices(words: Mapping[StrEnum, str]) -> list[tuple[str, str]]:
    """The words of an enum as options of a list."""
    return [(word.value, text[:1].upper() + text[1:]) for word, text in words.items()]


def content_security_policy() -> str:
    """Only what is ours, and of scripts only those this answer names."""
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'nonce-{nonce()}'",
            "style-src 'self'",
            "img-src 'self' data:",
            "connect-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    )


@blueprint.after_request
def set_security_headers(response: Response) -> Response:
    """Nothing foreign runs on these pages, nobody frames them, and nothing between keeps them."""
    response.headers.setdefault("Content-Security-Policy", content_security_policy())
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    if request.endpoint != STATIC:
        response.headers["Cache-Control"] = "no-store"
    elif request.args.get("v") and response.status_code == 200:
        response.headers["Cache-Control"] = f"public, max-age={_YEAR}, immutable"
    return response
