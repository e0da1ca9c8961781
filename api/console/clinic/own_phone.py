"""One's own phone: naming it, and proving it with the code that comes."""

from __future__ import annotations

from http import HTTPStatus

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from api import auth, database, limits
from api.console import page_frame, site
from recovery.models.clinic import staff_phones as stored
from recovery.services.access import access
from recovery.services.access.limits import STAFF_PHONE_CODES, TooManyTries
from recovery.services.clinic import staff_phones
from recovery.services.core import phones

Answer = str | tuple[str, int] | AnyResponse


@site.blueprint.get("/clinic/phone")
def own_phone_page() -> Answer:
    """Where one's own phone stands."""
    return _page()


@site.blueprint.post("/clinic/phone")
def name_phone() -> Answer:
    """Text a code to the phone."""
    caller = auth.staff()
    try:
        limits.allow({STAFF_PHONE_CODES: str(caller.staff_id)})
        member = access.member_of(database.current(), caller)
        number = request.form.get("phone", "")[:32]
        staff_phones.ask(database.current(), member=member, phone=number, now=database.now())
    except phones.NotAPhoneNumber:
        return _page(trouble="A number with its country code, like +14155550123."), 422
    except TooManyTries:
        return _page(trouble="That were enough codes for a day."), HTTPStatus.TOO_MANY_REQUESTS
    return redirect(url_for("console.own_phone_page", done="code_sent"), code=HTTPStatus.SEE_OTHER)


@site.blueprint.post("/clinic/phone/proof")
def prove_phone() -> Answer:
    """The code that came."""
    member = access.member_of(database.current(), auth.staff())
    code = "".join(request.form.get("code", "")[:20].split())
    try:
        staff_phones.prove(database.current(), member=member, code=code, now=database.now())
    except staff_phones.WrongCode:
        # A wrong code counts, though the page says that it was wrong.
        database.keep_what_was_counted()
        return _page(trouble="That is not the code, or it has ended. Ask for a new one."), 422
    return redirect(url_for("console.own_phone_page", done="phone_proved"), code=HTTPStatus.SEE_OTHER)


def _page(*, trouble: str | None = None) -> str:
    caller, session = auth.staff(), database.current()
    return render_template(
        "console/own_phone.html",
        **page_frame.frame(caller),
        own=stored.of_member(session, caller.clinic_id, caller.staff_id),
        trouble=trouble,
    )
