"""Pages of the texts' wordings: looked at in every language, tried, kept, and taken back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from api import app_state, auth, clinic_content, database
from api.console import console_blueprint, edited_form, page_layout
from api.console.edited_form import ForeignChange
from api.console.form_reader import Form
from recovery.domain.clinic.staff_roles import MAY, Duty
from recovery.domain.core.language import Language
from recovery.models.clinic import clinics as stored
from recovery.services.changes import content_withdrawal
from recovery.services.clinic import crisis_lines
from recovery.services.content import wordings
from recovery.services.content.own_content import WORDING
from recovery.services.content.wordings import Preview, UnknownText, Wording
from recovery.services.core import audit

LONGEST = 400
LONGEST_REASON = 1000
_NO_REASON = "Say why: it is kept, and the medical director reads it."
_NOT_SIGNED = "Only words that were signed before come back at once."
_NOTHING = "Write the text, or take the shipped words back."
_UNSEEN = "No signs that cannot be seen, and one line."
Answer = str | AnyResponse | tuple[str, int]


@dataclass(frozen=True, kw_only=True)
class WordingPreview:
    """One text and what it takes and looks like in the words the clinic sends."""

    wording: Wording
    preview: Preview


@console_blueprint.blueprint.get("/clinic/wordings")
def wordings_page() -> Answer:
    """Every text in one language, as a phone shows it."""
    caller = auth.staff()
    frame = page_layout.page_context(caller)
    language = _language(request.args.get("language", Language.ENGLISH.value))
    listed = wordings.list_wordings(database.current(), caller.clinic_id, content=app_state.state().newest)
    return render_template(
        "console/wordings.html",
        **frame,
        language=language,
        may_withdraw=caller.role in MAY[Duty.WITHDRAWING],
        rows=[
            WordingPreview(
                wording=wording,
                preview=_tried(frame, wording.language, wording.text.key, wording.text.template),
            )
            for wording in listed
            if wording.language is language
        ],
    )


@console_blueprint.blueprint.get("/clinic/wordings/<language>/<key>")
def wording_page(language: str, key: str) -> Answer:
    """One text, to be written anew."""
    wording = _one(language, key)
    return _page(wording, wording.text.template)


@console_blueprint.blueprint.post("/clinic/wordings/<language>/<key>")
def save_wording(language: str, key: str) -> Answer:
    """Try the words, keep them, or take the shipped ones back, by the button that was pressed."""
    caller, session = auth.staff_for(Duty.WORDINGS), database.current()
    wording, form = _one(language, key), Form(request.form)
    content, actor, now = app_state.state().newest, audit.staff(caller.staff_id), database.request_time()
    if form.raw("do") == "reset":
        wordings.reset(
            session, clinic_id=caller.clinic_id, language=wording.language, key=key, content=content,
            actor=actor, now=now,
        )  # fmt: skip
        return redirect(_list(wording, "wording_reset"), code=303)
    if changes_of_others := edited_form.take_over(form, kept={"template": wording.text.template}):
        return _page(wording, form.raw("template"), changed=changes_of_others), HTTPStatus.CONFLICT
    template = form.words("template", longest=LONGEST, missing=_NOTHING)
    if template is None:
        return _page(
            wording, form.raw("template"), wrong=form.wrong["template"]
        ), HTTPStatus.UNPROCESSABLE_ENTITY
    if form.raw("do") != "save":
        return _page(wording, template)
    try:
        wordings.save(
            session, clinic_id=caller.clinic_id, language=wording.language, key=key, template=template,
            content=content, actor=actor, now=now,
        )  # fmt: skip
    except wordings.FaultyWording:
        return _page(wording, template), HTTPStatus.UNPROCESSABLE_ENTITY
    return redirect(_list(wording, "wording_saved"), code=303)


@console_blueprint.blueprint.post("/clinic/wordings/<language>/<key>/withdraw")
def withdraw_wording(language: str, key: str) -> Answer:
    """Let the text leave at once in words that were signed before."""
    caller, session = auth.staff_for(Duty.WITHDRAWING), database.current()
    wording, form = _one(language, key), Form(request.form)
    because = form.words("because", longest=LONGEST_REASON, missing=_NO_REASON)
    if because is None:
        return _page(wording, wording.text.template, taken_wrong=_NO_REASON), HTTPStatus.UNPROCESSABLE_ENTITY
    try:
        content_withdrawal.withdraw_text(
            session,
            clinic=stored.get_one(session, caller.clinic_id),
            part=_part(wording),
            to=form.raw("to") or None,
            because=because,
            content=app_state.state().newest,
            actor=audit.staff(caller.staff_id),
            now=database.request_time(),
        )
    except content_withdrawal.NotSignedBefore:
        return _page(wording, wording.text.template, taken_wrong=_NOT_SIGNED), HTTPStatus.CONFLICT
    return redirect(_list(wording, "taken_back"), code=303)


def _part(wording: Wording) -> str:
    return f"{WORDING}{wording.language} {wording.text.key}"


def _list(wording: Wording, done: str) -> str:
    return url_for(
        "console.wordings_page", language=wording.language.value, done=done, _anchor=wording.text.key
    )


def _language(code: str) -> Language:
    try:
        return Language(code)
    except ValueError:
        raise UnknownText(code) from None


def _one(language: str, key: str) -> Wording:
    """The text as the clinic sends it. Raises UnknownText."""
    wanted = _language(language)
    listed = wordings.list_wordings(
        database.current(), auth.staff().clinic_id, content=app_state.state().newest
    )
    found = next((one for one in listed if one.language is wanted and one.text.key == key), None)
    if found is None:
        raise UnknownText(key)
    return found


def _tried(frame: page_layout.PageContext, language: Language, key: str, template: str) -> Preview:
    return wordings.preview(
        clinic=frame["clinic"],
        language=language,
        key=key,
        template=template,
        content=app_state.state().newest,
        links_at=app_state.state().settings.links_at,
        crisis=crisis_lines.number_of(frame["clinic"]),
    )


def _page(
    wording: Wording,
    template: str,
    *,
    wrong: str | None = None,
    changed: Sequence[ForeignChange] = (),
    taken_wrong: str | None = None,
) -> str:
    caller, session = auth.staff(), database.current()
    frame = page_layout.page_context(caller)
    return render_template(
        "console/wording.html",
        **frame,
        wording=wording,
        template=template,
        preview=None if wrong else _tried(frame, wording.language, wording.text.key, template),
        wrong=wrong,
        changed=changed,
        base=edited_form.base_of({"template": wording.text.template}),
        longest=LONGEST,
        runs=_running_words(wording),
        forms=content_withdrawal.list_forms(
            session, clinic=frame["clinic"], part=_part(wording), content=app_state.state().newest
        ),
        taken_wrong=taken_wrong,
        longest_reason=LONGEST_REASON,
        may_write=caller.role in MAY[Duty.WORDINGS],
    )


def _running_words(wording: Wording) -> str | None:
    """What leaves now; None for a text that what was signed does not know yet."""
    texts = clinic_content.running().catalogue_for(wording.language).texts
    return texts[wording.text.key].template if wording.text.key in texts else None
