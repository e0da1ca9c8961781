"""One symptom of a curve as a table of numbers with its drawing: changed here, and kept as a draft."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from http import HTTPStatus
from typing import Any

from flask import redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as AnyResponse

from api import app_state, auth, clinic_content, database
from api.console import console_blueprint, edited_form, page_layout
from api.console.content import curve_drawing, protocol_pages
from api.console.edited_form import ForeignChange
from api.console.form_reader import Form
from recovery.domain.clinic.staff_roles import Duty
from recovery.domain.clinical.bands import Band
from recovery.domain.clinical.protocol import Protocol
from recovery.domain.clinical.symptoms import Symptom
from recovery.domain.content import curve_changes, curve_row, curve_text
from recovery.domain.content.curve_row import CheckedRow, CurveRow
from recovery.domain.core.language import Language
from recovery.models.clinic import clinics
from recovery.models.content import protocols as stored
from recovery.services.content import protocols
from recovery.services.content.content import UnknownProtocol
from recovery.services.core import audit

LONGEST_SOURCE = 600
LONGEST_NAME = 60
LONGEST_TITLE = 200
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_NO_NAME = f"Letters, digits, points and dashes, at most {LONGEST_NAME}, like own-2026-12."
_TAKEN = (
    "There is a version of this name already. Name yours otherwise, or open that one and change it there."
)
_NO_SOURCE = "Say where these scores are from, or that they are an estimate."
_NOTHING = "Nothing is changed yet."
_MEANWHILE = (
    "It was published, or a treatment is held to it, while you were writing: it does not change any more. "
    "What you typed stands below and can be kept as a new draft."
)
Answer = str | AnyResponse | tuple[str, int]


@dataclass(frozen=True, kw_only=True)
class OpenedRow:
    """What a page is about: one row of a version, and whether the version is a draft that may change."""

    version: str
    text: str
    parsed: Protocol
    row: CurveRow
    is_draft: bool

    def kept(self) -> dict[str, str]:
        """What is kept of the form's fields; nothing of a version that never changes."""
        return {**self.row.cells(), "source": self.row.source} if self.is_draft else {}


@console_blueprint.blueprint.get("/course/versions/<version>/curves/<curve>/<symptom>")
def curve_page(version: str, curve: str, symptom: str) -> Answer:
    """The numbers of one symptom, to be changed."""
    auth.staff_for(Duty.DRAFTING)
    opened = _open(version, curve, symptom)
    form = Form({**opened.row.cells(), "source": opened.row.source, **_new_names(opened)})
    return _page(opened, form, _check(opened, form), replayed=opened.is_draft)


@console_blueprint.blueprint.post("/course/versions/<version>/curves/<curve>/<symptom>")
def change_curve(version: str, curve: str, symptom: str) -> Answer:
    """Check what was typed, try it on the last courses, or keep it as a draft, by the button pressed."""
    auth.staff_for(Duty.DRAFTING)
    form, do = Form(request.form), request.form.get("do", "")
    opened = _open(version, curve, symptom, for_update=do == "save")
    if do == "save":
        return _save(opened, form)
    checked = _check(opened, form)
    return _page(opened, form, checked, replayed=do == "try")


def _save(opened: OpenedRow, form: Form) -> Answer:
    if not opened.is_draft and form.raw(edited_form.BASE_FIELD) not in ("", edited_form.base_of({})):
        return _settled(opened, form)
    if others := edited_form.take_over(form, kept=opened.kept()):
        return _page(opened, form, _check(opened, form), others=others), HTTPStatus.CONFLICT
    checked, name = _check(opened, form), opened.version
    title = opened.parsed.title
    if not opened.is_draft:
        name = _new_name(form) or ""
        title = form.words("title", longest=LONGEST_TITLE, missing="Say what it is.") or ""
    if checked.protocol is None or form.wrong:
        return _page(opened, form, checked), HTTPStatus.UNPROCESSABLE_ENTITY
    if checked.text == opened.text:
        return _page(opened, form, checked, trouble=_NOTHING), HTTPStatus.UNPROCESSABLE_ENTITY
    text = checked.text
    if not opened.is_draft:
        text = curve_text.write_head(text, version=name, title=title)
    try:
        _keep(opened, text)
    except protocols.VersionTaken:
        form.wrong["name"] = _TAKEN
        return _page(opened, form, checked), HTTPStatus.CONFLICT
    except protocols.HeldDraft:
        return _settled(replace(opened, is_draft=False), form)
    where = url_for(
        "console.curve_page",
        version=name,
        curve=opened.row.curve,
        symptom=opened.row.symptom.value,
        done="curve_kept",
    )
    return redirect(where, code=HTTPStatus.SEE_OTHER)


def _settled(opened: OpenedRow, form: Form) -> Answer:
    """What was a draft when its page was shown does not change any more; what was typed may be a new one."""
    for field, suggested in _new_names(opened).items():
        form.put(field, suggested)
    return _page(opened, form, _check(opened, form), trouble=_MEANWHILE), HTTPStatus.CONFLICT


def _keep(opened: OpenedRow, text: str) -> None:
    caller = auth.staff()
    everywhere: dict[str, Any] = {
        "clinic_id": caller.clinic_id,
        "text": text,
        "content": app_state.state().newest,
        "actor": audit.staff(caller.staff_id),
        "now": database.request_time(),
    }
    if opened.is_draft:
        protocols.change_draft(database.current(), version=opened.version, **everywhere)
    else:
        protocols.save_draft(database.current(), **everywhere)


def _open(version: str, curve: str, symptom: str, *, for_update: bool = False) -> OpenedRow:
    """The row in the address; with `for_update` nobody else changes its draft until this is done."""
    session, clinic_id, content = database.current(), auth.staff().clinic_id, app_state.state().newest
    find = stored.get_for_update if for_update else stored.get
    own = find(session, clinic_id, version)
    try:
        text = protocols.text_of(session, clinic_id=clinic_id, version=version, content=content)
        parsed = protocols.get_protocol(session, clinic_id=clinic_id, version=version, content=content)
        row = curve_row.read_row(text, parsed=parsed, curve=curve, symptom=Symptom(symptom))
    except (UnknownProtocol, curve_row.UnknownCurve, ValueError):
        raise NotFound from None
    is_draft = own is not None and protocols.is_open_draft(session, own)
    return OpenedRow(version=version, text=text, parsed=parsed, row=row, is_draft=is_draft)


def _check(opened: OpenedRow, form: Form) -> CheckedRow:
    """What was typed, judged by what judges every protocol; a field that is wrong is noted in the form."""
    source = form.words("source", longest=LONGEST_SOURCE, missing=_NO_SOURCE, lines=False)
    checked = curve_row.check_row(
        opened.text,
        row=opened.row,
        typed=form.entries(),
        source=source or opened.row.source,
        asked=app_state.state().newest.answers,
    )
    form.wrong.update(checked.wrong)
    return checked


def _new_names(opened: OpenedRow) -> Mapping[str, str]:
    """What a new draft might be called; none for a draft, which keeps its name."""
    if opened.is_draft:
        return {}
    session, clinic_id = database.current(), auth.staff().clinic_id
    suggested = f"own-{database.request_time():%Y-%m-%d}"
    numbered = (suggested if number == 1 else f"{suggested}-{number}" for number in range(1, 100))
    free = next((name for name in numbered if stored.get(session, clinic_id, name) is None), suggested)
    return {"name": free, "title": opened.parsed.title}


def _new_name(form: Form) -> str | None:
    name = form.raw("name")
    if len(name) <= LONGEST_NAME and _NAME.fullmatch(name):
        return name
    form.wrong["name"] = _NO_NAME
    return None


def _page(
    opened: OpenedRow,
    form: Form,
    checked: CheckedRow,
    *,
    trouble: str | None = None,
    others: Sequence[ForeignChange] = (),
    replayed: bool = False,
) -> str:
    session, caller, content = database.current(), auth.staff(), app_state.state().newest
    names = content.words_for(Language.ENGLISH).symptoms_nurse
    in_force, running = _in_force(database.request_time())
    runs = _running_bands(opened.row, running)
    name = names[opened.row.symptom].capitalize()
    replay = None
    if replayed and checked.protocol is not None:
        replay = protocols.compare(
            session, clinic_id=caller.clinic_id, candidate=checked.protocol, content=content
        )
    return render_template(
        "console/curve.html",
        **page_layout.page_context(caller),
        opened=opened,
        row=opened.row,
        symptom_name=name,
        symptom_names=names,
        percentiles=curve_drawing.PERCENTILE_NAMES,
        days=[curve_drawing.name_day(hour) for hour in opened.row.hours],
        form=form,
        runs=None if runs is None else _cells(runs),
        drawing=curve_drawing.draw_row(name, hours=opened.row.hours, bands=checked.drawn, before=runs),
        checked=checked,
        trouble=trouble or checked.trouble,
        others=[_named(change, opened.row) for change in others],
        base=edited_form.base_of(opened.kept()),
        in_force=in_force,
        differs=None
        if checked.protocol is None
        else curve_changes.compare_curves(running.curves, checked.protocol.curves),
        figure=curve_text.figure,
        name_day=curve_drawing.name_day,
        replay=None if replay is None else protocol_pages.replay_figures(replay),
        longest_source=LONGEST_SOURCE,
    )


def _in_force(now: datetime) -> tuple[str, Protocol]:
    """The version that treatments are held to now, as the clinic runs on it."""
    session, running = database.current(), clinic_content.running_or_shipped()
    clinic = clinics.get_one(session, auth.staff().clinic_id)
    version = protocols.current_version(session, clinic=clinic, at=now, content=running)
    return version, protocols.get_protocol(session, clinic_id=clinic.id, version=version, content=running)


def _running_bands(row: CurveRow, running: Protocol) -> Sequence[Band] | None:
    curve = next((one for one in running.curves.curves if one.name == row.curve), None)
    return None if curve is None else curve.bands.get(row.symptom)


def _cells(bands: Sequence[Band]) -> Mapping[str, str]:
    return {
        curve_row.cell_name(key, day): curve_text.figure(getattr(band, key))
        for key in curve_drawing.PERCENTILE_NAMES
        for day, band in enumerate(bands)
    }


def _named(change: ForeignChange, row: CurveRow) -> ForeignChange:
    """The field of a change in the words of the page."""
    percentile, _, day = change.field.rpartition("_")
    if percentile not in curve_drawing.PERCENTILE_NAMES:
        return change
    told = f"day {curve_drawing.name_day(row.hours[int(day)])}, {curve_drawing.PERCENTILE_NAMES[percentile]}"
    return replace(change, field=told)
