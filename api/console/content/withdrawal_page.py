"""Back at once: what is the clinic's own and turns out to be dangerous goes to what was signed before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus

from flask import redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as AnyResponse

from api import app_state, auth, database
from api.console import console_blueprint, labels, page_layout
from api.console.content import protocol_pages
from api.console.form_reader import Form
from recovery.domain.clinic.staff_roles import Duty
from recovery.domain.content.knowledge_pages import KnowledgeTopic
from recovery.domain.core.language import Language
from recovery.models.clinic import clinics
from recovery.models.content import follow_ups, withdrawals
from recovery.models.content import protocols as versions
from recovery.services.changes import content_withdrawal
from recovery.services.content import content_parts, own_content, running_content
from recovery.services.core import audit

MOST = 50
LONGEST_REASON = 1000
SHIPPED = "shipped"
_NO_REASON = "Say why: it is kept, and the medical director reads it."
_NOT_SIGNED = "Only what was signed before comes back at once. Choose again."
Answer = str | AnyResponse | tuple[str, int]


@dataclass(frozen=True, kw_only=True)
class SignedForm:
    """A form that a part may go back to: by what the page sends it, and what it says. `ships` for ours."""

    value: str
    text: str
    ships: bool


@console_blueprint.blueprint.get("/course/back")
def withdrawals_page() -> Answer:
    """All that can go back at once, by its kind, and what was taken back."""
    caller, session = auth.staff_for(Duty.WITHDRAWING), database.current()
    frame = page_layout.page_context(caller)
    parts = content_withdrawal.list_own_parts(session, frame["clinic"])
    published = versions.list_published(session, caller.clinic_id)
    return render_template(
        "console/withdrawals.html",
        **frame,
        kinds=[
            (heading, [(part, _name(frame, part)) for part in parts if part.startswith(prefix)])
            for prefix, heading in _KINDS.items()
        ],
        versions=[one for one in published if one.withdrawn_at is None],
        withdrawn=[
            (_name(frame, one.part), one)
            for one in withdrawals.list_newest(session, caller.clinic_id, limit=MOST)
        ],
        followed=follow_ups.list_newest(session, caller.clinic_id, limit=protocol_pages.MOST_ROUNDS),
        names=clinics.staff_names(session, caller.clinic_id),
    )


@console_blueprint.blueprint.get("/course/back/<part>")
def withdrawal_form(part: str) -> Answer:
    """One part: what runs, and what it may go back to."""
    auth.staff_for(Duty.WITHDRAWING)
    return _page(part)


@console_blueprint.blueprint.post("/course/back/<part>")
def withdraw_part(part: str) -> Answer:
    """Let it be at once as it was signed before."""
    caller, session, form = auth.staff_for(Duty.WITHDRAWING), database.current(), Form(request.form)
    because = form.words("because", longest=LONGEST_REASON, missing=_NO_REASON)
    if because is None:
        return _page(part, form=form), HTTPStatus.UNPROCESSABLE_ENTITY
    chosen = next((one for one in _forms(part) if one.value == form.raw("to")), None)
    try:
        if chosen is None:
            raise content_withdrawal.NotSignedBefore
        content_withdrawal.withdraw_text(
            session,
            clinic=clinics.get_one(session, caller.clinic_id),
            part=part,
            to=None if chosen.ships else chosen.text,
            because=because,
            content=app_state.state().newest,
            actor=audit.staff(caller.staff_id),
            now=database.request_time(),
        )
    except content_withdrawal.NotSignedBefore:
        form.wrong["to"] = _NOT_SIGNED
        return _page(part, form=form), HTTPStatus.CONFLICT
    return redirect(url_for("console.withdrawals_page", done="taken_back"), code=HTTPStatus.SEE_OTHER)


_KINDS: Mapping[str, str] = {
    own_content.WORDING: "Texts",
    own_content.PAGE: "Pages that patients read",
    own_content.HOURS: "What to avoid, and for how long",
}


def _page(part: str, *, form: Form | None = None) -> str:
    frame, forms = page_layout.page_context(auth.staff()), _forms(part)
    return render_template(
        "console/withdrawal.html",
        **frame,
        part=part,
        name=_name(frame, part),
        runs=_running_form(part),
        forms=forms,
        hours=part.startswith(own_content.HOURS),
        language=None if part.startswith(own_content.HOURS) else part.split(" ")[2],
        form=form or Form({}),
        longest_reason=LONGEST_REASON,
    )


def _forms(part: str) -> Sequence[SignedForm]:
    session = database.current()
    clinic, content = clinics.get_one(session, auth.staff().clinic_id), app_state.state().newest
    try:
        found = content_withdrawal.list_forms(session, clinic=clinic, part=part, content=content)
    except content_withdrawal.UnknownPart:
        raise NotFound from None
    return [
        SignedForm(value=SHIPPED, text=own_content.shipped_form(_running(), part) or "", ships=True)
        if form is None
        else SignedForm(value=content_parts.digest_of(form).hex(), text=form, ships=False)
        for form in found
    ]


def _running_form(part: str) -> str | None:
    running = _running()
    return running.get(part) or own_content.shipped_form(running, part)


def _running() -> Mapping[str, str]:
    """The texts that the clinic runs on; none where nothing was signed."""
    session = database.current()
    clinic = clinics.get_one(session, auth.staff().clinic_id)
    if clinic.running_content is None:
        return {}
    return running_content.read_parts(session, clinic.running_content, newest=app_state.state().newest)


def _name(frame: page_layout.PageContext, part: str) -> str:
    """A part as people call it."""
    if part.startswith(own_content.HOURS):
        return part.removeprefix(own_content.HOURS).replace("_", " ").capitalize()
    prefix = next((one for one in _KINDS if part.startswith(one)), None)
    if prefix is None:
        version = content_withdrawal.version_of(part)
        return part if version is None else f"The expected course {version}"
    language, _, key = part.removeprefix(prefix).partition(" ")
    spoken = labels.LANGUAGES.get(Language(language), language) if language in list(Language) else language
    if prefix == own_content.WORDING:
        return f"{frame['say'].text(key, None)}, {spoken}"
    pages = app_state.state().newest.pages_for(Language.ENGLISH)
    title = pages[KnowledgeTopic(key)].title if key in list(KnowledgeTopic) else key
    return f"{spoken}: {title}"
