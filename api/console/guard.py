"""Who may see the console: its session cookie, sending to sign-in and back, and that a form came from one of
its own pages."""

from __future__ import annotations

import hashlib
import hmac
from urllib.parse import urlsplit

from flask import Response, g, redirect, request, url_for
from werkzeug.exceptions import Forbidden
from werkzeug.wrappers import Response as AnyResponse

from api import app_state, auth, database
from api.console import console_blueprint, sent_forms
from recovery.services.access import authentication
from recovery.services.access.authentication import StaffCaller

COOKIE = "afterglow_session"
CSRF_FIELD = "csrf"
LIVE = "Afterglow-Live"
"""The header by which a page that is open asks for what has changed on it."""

_CSRF_LABEL = b"afterglow console form"
_SAFE = frozenset(("GET", "HEAD", "OPTIONS"))
LARGEST_FORM = 5 * 1024 * 1024
"""Bytes of a form that carries a file; other forms are bounded with every other body."""

_LARGE = frozenset(("console.import_patients", "console.import_others"))
_SIGN_IN = frozenset(
    (
        "console.sign_in_form",
        "console.sign_in",
        "console.join_form",
        "console.join",
        "console.enter_form",
        "console.enter",
    )
)
_SETTING_UP = frozenset(("console.second_factor_page", "console.confirm_second_factor", "console.sign_out"))
"""What someone without a second factor may reach in a live clinic."""


class ForeignForm(Forbidden):
    """This form did not come from a page of ours."""


@console_blueprint.blueprint.before_request
def check_access() -> AnyResponse | None:
    """Staff only, and forms only from our own pages. Raises ForeignForm."""
    if request.endpoint == console_blueprint.STATIC:
        return None
    unsafe = request.method not in _SAFE
    if request.endpoint in _LARGE:
        request.max_content_length = LARGEST_FORM
    if unsafe and not _same_origin():
        raise ForeignForm
    if request.endpoint in _SIGN_IN:
        return None
    try:
        g.caller = authentication.staff_caller(
            database.current(),
            bearer=browser_session_token(),
            now=database.request_time(),
            setting_up=request.endpoint in _SETTING_UP,
            awake=LIVE not in request.headers,
        )
    except authentication.NotSignedIn:
        held_on = sent_forms.hold(browser_session_token()) if unsafe and _has_token() else None
        way_back = _way_back() if held_on is None else own_path(held_on)
        return redirect(url_for("console.sign_in_form", next=way_back), code=303)
    except authentication.SecondFactorMissing:
        return redirect(url_for("console.second_factor_page", next=_way_back()), code=303)
    if unsafe and not _has_token():
        raise ForeignForm
    return sent_forms.find_answer() if unsafe else None


def caller() -> StaffCaller | None:
    """Who is signed in, None on the pages for those who are not."""
    return auth.staff() if "caller" in g else None


def browser_session_token() -> str:
    """The session token of this browser, empty without one."""
    return request.cookies.get(COOKIE, "")


def csrf_token_for(session_token: str) -> str:
    """What the forms of one session carry: nobody without its token can make it."""
    return hmac.new(session_token.encode(), _CSRF_LABEL, hashlib.sha256).hexdigest()


def set_session_cookie(response: Response, session_token: str) -> Response:
    """Sign this browser in until it is closed or the session ends, whichever is first."""
    response.set_cookie(
        COOKIE, session_token, path=console_blueprint.HOME, httponly=True, samesite="Lax", secure=over_tls()
    )
    return response


def delete_session_cookie(response: Response) -> Response:
    """Take the session from this browser."""
    response.delete_cookie(
        COOKIE, path=console_blueprint.HOME, httponly=True, samesite="Lax", secure=over_tls()
    )
    return response


def own_path(path: str) -> str:
    """`path` if it leads to a page of the console, else the queue: nobody is sent elsewhere."""
    split = urlsplit(path)
    inside = split.path == console_blueprint.HOME or split.path.startswith(f"{console_blueprint.HOME}/")
    strange = "\\" in path or "//" in path or not path.isprintable() or not path.isascii()
    return (
        path if inside and not strange and not split.scheme and not split.netloc else console_blueprint.HOME
    )


def over_tls() -> bool:
    """Whether this installation is reached over TLS: its cookies then never travel without."""
    return app_state.state().settings.public_url.startswith("https://")


def _has_token() -> bool:
    """Whether the form carries what only a page of this session knows."""
    own = csrf_token_for(browser_session_token())
    return hmac.compare_digest(request.form.get(CSRF_FIELD, "").encode(), own.encode())


def _way_back() -> str | None:
    """Where to go on after signing in: a page, never a form's address."""
    if request.method == "GET":
        return None if request.path == console_blueprint.HOME else own_path(request.full_path.rstrip("?"))
    flag_id = (request.view_args or {}).get("flag_id")
    return None if flag_id is None else url_for("console.flag", flag_id=flag_id)


def _same_origin() -> bool:
    origin = request.headers.get("Origin")
    if origin is not None:
        return origin in _own_origins()
    fetched = request.headers.get("Sec-Fetch-Site")
    if fetched is not None:
        return fetched in ("same-origin", "none")
    return _origin_of(request.headers.get("Referer", "")) in _own_origins()


def _own_origins() -> frozenset[str]:
    return frozenset((_origin_of(app_state.state().settings.public_url), _origin_of(request.host_url)))


def _origin_of(url: str) -> str:
    split = urlsplit(url)
    return f"{split.scheme}://{split.netloc}"
