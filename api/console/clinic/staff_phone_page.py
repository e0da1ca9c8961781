"""Page of one's own phone: naming it, and proving it with the code that comes."""

from __future__ import annotations

from http import HTTPStatus

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from api import auth, database, rate_limits
from api.console import console_blueprint, page_layout
from recovery.models.clinic import clinics
from recovery.models.clinic import staff_phones as stored
from recovery.services.access import authentication
from recovery.services.access.rate_limits import STAFF_PHONE_CODES, TooManyTries
from recovery.services.clinic import staff_phones
from recovery.services.core import phone_numbers

Answer = str | tuple[str, int] | AnyResponse


@console_blueprint.blueprint.get("/clinic/phone")
def own_phone_page() -> Answer:
    """Where one's own phone stands."""
    return _page()


@console_blueprint.blueprint.post("/clinic/phone")
def name_phone() -> Answer:
    """Text a code to the phone, after a question where it is a landline's."""
    caller = auth.staff()
    typed = request.form.get("phone", "")[:32]
    try:
        own = clinics.get_one(database.current(), caller.clinic_id).phone
        if phone_numbers.is_landline(phone_numbers.to_e164(typed, like=own)) and not request.form.get(
            "anyway"
        ):
            return _page(typed=typed, landline=True), HTTPStatus.CONFLICT
        rate_limits.enforce({STAFF_PHONE_CODES: str(caller.staff_id)})
        member = authentication.member_of(database.current(), caller)
        staff_phones.request_code(database.current(), member=member, phone=typed, now=database.request_time())
    except phone_numbers.NotAPhoneNumber as error:
        return _page(typed=typed, wrong=str(error)), 422
    except TooManyTries:
        return _page(trouble="That were enough codes for a day."), HTTPStatus.TOO_MANY_REQUESTS
    return redirect(url_for("console.own_phone_page", done="code_sent"), code=HTTPStatus.SEE_OTHER)


@console_blueprint.blueprint.post("/clinic/phone/proof")
def prove_phone() -> Answer:
    """The code that came."""
    member = authentication.member_of(database.current(), auth.staff())
    code = "".join(request.form.get("code", "")[:20].split())
    try:
        staff_phones.prove(database.current(), member=member, code=code, now=database.request_time())
    except staff_phones.WrongPhoneCode:
        # A wrong code counts, though the page says that it was wrong.
        database.commit_despite_error()
        return _page(trouble="That is not the code, or it has ended. Ask for a new one."), 422
    return redirect(url_for("console.own_phone_page", done="phone_proved"), code=HTTPStatus.SEE_OTHER)


def _page(
    *, trouble: str | None = None, typed: str = "", wrong: str | None = None, landline: bool = False
) -> str:
    caller, session = auth.staff(), database.current()
    return render_template(
        "console/own_phone.html",
        **page_layout.page_context(caller),
        own=stored.get_for_member(session, caller.clinic_id, caller.staff_id),
        trouble=trouble,
        typed=typed,
        wrong=wrong,
        landline=landline,
    )
