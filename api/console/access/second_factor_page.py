"""Page of one's own second factor: set up at the first sign-in with a QR code, another phone, new recovery
codes."""

from __future__ import annotations

from http import HTTPStatus

import segno
from flask import render_template, request
from markupsafe import Markup

from api import auth, database
from api.console import console_blueprint, guard, page_layout
from recovery.models.clinic.clinics import Staff
from recovery.services.access import authentication, second_factor

LONGEST_ENTRY = 500
Answer = str | tuple[str, int]

_WRONG_CODE = "That is not the code the app shows now. Wait for the next one and type it here."
_WRONG_PASSWORD = "That is not your password."  # noqa: S105


@console_blueprint.blueprint.get("/second-factor")
def second_factor_page() -> Answer:
    """Where one stands."""
    return _page(_own())


@console_blueprint.blueprint.post("/second-factor/new")
def new_second_factor() -> Answer:
    """Begin with another app or phone; the one that is set holds until the new one is confirmed."""
    member = _own()
    try:
        second_factor.propose(
            database.current(), member=member, password=_entry("password"), now=database.request_time()
        )
    except second_factor.PasswordRequired:
        return _page(member, trouble=_WRONG_PASSWORD), HTTPStatus.UNPROCESSABLE_ENTITY
    return _page(member)


@console_blueprint.blueprint.post("/second-factor/confirm")
def confirm_second_factor() -> Answer:
    """Set what was proposed by its first code, and show the recovery codes this once."""
    member = _own()
    try:
        codes = second_factor.confirm(
            database.current(),
            member=member,
            bearer=guard.browser_session_token(),
            code=_code(),
            now=database.request_time(),
        )
    except (second_factor.WrongTotpCode, second_factor.NothingProposed):
        return _page(member, trouble=_WRONG_CODE), HTTPStatus.UNPROCESSABLE_ENTITY
    return _page(member, codes=codes)


@console_blueprint.blueprint.post("/second-factor/codes")
def new_recovery_codes() -> Answer:
    """New recovery codes, shown this once."""
    member = _own()
    try:
        codes = second_factor.renew_codes(
            database.current(), member=member, code=_code(), now=database.request_time()
        )
    except second_factor.WrongTotpCode:
        return _page(member, trouble=_WRONG_CODE), HTTPStatus.UNPROCESSABLE_ENTITY
    return _page(member, codes=codes)


def qr(text: str) -> Markup:
    """A text as a QR code: black on white on every background, for a phone's camera."""
    drawn = segno.make(text, error="m", micro=False).svg_inline(
        scale=5, border=3, dark="#000", light="#fff", svgclass="qr", lineclass=None
    )
    return Markup(drawn)  # noqa: S704  (made of figures only)


def _own() -> Staff:
    return authentication.member_of(database.current(), auth.staff())


def _page(member: Staff, *, codes: list[str] | None = None, trouble: str | None = None) -> str:
    session = database.current()
    stands = second_factor.get_status(session, member=member)
    if not stands.is_set and stands.proposal is None:
        second_factor.propose(session, member=member, password=None, now=database.request_time())
        stands = second_factor.get_status(session, member=member)
    proposal = stands.proposal
    return render_template(
        "console/second_factor.html",
        **page_layout.page_context(auth.staff()),
        stands=stands,
        qr=None if proposal is None else qr(proposal.address),
        codes=codes,
        trouble=trouble,
        way_on=guard.own_path(request.values.get("next", console_blueprint.HOME)),
    )


def _entry(field: str) -> str:
    return request.form.get(field, "")[:LONGEST_ENTRY]


def _code() -> str:
    return "".join(_entry("code").split())
