"""Pages of setting up: what is missing before going live, the stop switch, and the form of hours, holidays
and numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from http import HTTPStatus
from typing import Any, cast

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from api import app_state, auth, database
from api.console import console_blueprint, edited_form, page_layout
from api.console.edited_form import ForeignChange
from api.console.form_reader import Form
from config.settings import SmsGateway
from recovery.domain.clinic import clinic_readiness
from recovery.domain.clinic.opening_hours import WEEKDAYS
from recovery.domain.clinic.staff_roles import MAY, Duty
from recovery.models.clinic import clinics as stored
from recovery.models.clinic.clinics import Clinic
from recovery.models.training import training_week
from recovery.services.access import credentials
from recovery.services.changes import hours_changes
from recovery.services.clinic import clinic_setup, clinics, crisis_lines
from recovery.services.clinic.clinic_setup import ClinicChanges
from recovery.services.core import audit, phone_numbers

LONGEST = 4000
DAY_NAMES = dict(
    zip(WEEKDAYS, ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"), strict=True)
)
Answer = str | tuple[str, int] | AnyResponse


@console_blueprint.blueprint.get("/clinic")
def clinic_page() -> Answer:
    """Where the clinic stands, and what is missing before it may go live."""
    return _overview()


@console_blueprint.blueprint.post("/clinic/live")
def clinic_live() -> Answer:
    """From here on the clinic texts its patients."""
    caller, clinic = auth.staff_for(Duty.SETTING_UP), _own()
    try:
        clinic_setup.go_live(
            database.current(),
            clinic=clinic,
            facts=_facts(clinic),
            actor=audit.staff(caller.staff_id),
            now=database.request_time(),
        )
    except clinic_setup.NotReady:
        return _overview(trouble="Something is still missing."), HTTPStatus.CONFLICT
    return redirect(url_for("console.clinic_page", done="live"), code=HTTPStatus.SEE_OTHER)


@console_blueprint.blueprint.post("/clinic/texts")
def clinic_texts() -> Answer:
    """Stop every text of the clinic, or let them go again. Whoever of the staff sees the need may."""
    caller = auth.staff()
    reason = request.form.get("reason", "").strip()[:500]
    if not reason:
        return _overview(trouble="Say why, in a few words; it is kept."), HTTPStatus.UNPROCESSABLE_ENTITY
    clinics.set_text_stop(
        database.current(),
        clinic_id=caller.clinic_id,
        stopped=request.form.get("stopped") == "yes",
        because=reason,
        actor=audit.staff(caller.staff_id),
        now=database.request_time(),
    )
    return redirect(url_for("console.clinic_page", done="switched"), code=HTTPStatus.SEE_OTHER)


@console_blueprint.blueprint.get("/clinic/hours")
def hours_page() -> Answer:
    """Opening hours, holidays and numbers."""
    auth.staff_for(Duty.SETTING_UP)
    return _hours(_entries_of(_own()), wrong={})


@console_blueprint.blueprint.post("/clinic/hours")
def save_hours() -> Answer:
    """Keep them; what cannot be used is named beside its field and nothing is lost."""
    caller, clinic = auth.staff_for(Duty.SETTING_UP), _own()
    form = Form(request.form)
    if changes_of_others := edited_form.take_over(form, kept=_entries_of(clinic)):
        return _hours(form.entries(), wrong={}, changed=changes_of_others), HTTPStatus.CONFLICT
    entries = {name: value[:LONGEST] for name, value in request.form.items()}
    try:
        if _texts_a_landline(clinic, _changes(entries)) and not form.raw("anyway"):
            return _hours(entries, wrong={}, landline=True), HTTPStatus.CONFLICT
        moved = hours_changes.update_clinic(
            database.current(),
            clinic=clinic,
            changes=_changes(entries),
            actor=audit.staff(caller.staff_id),
            now=database.request_time(),
        )
    except clinic_setup.WrongSetting as error:
        return _hours(entries, wrong=error.wrong), HTTPStatus.UNPROCESSABLE_ENTITY
    done = "saved_and_moved" if moved else "saved"
    return redirect(url_for("console.clinic_page", done=done), code=HTTPStatus.SEE_OTHER)


def _overview(*, trouble: str | None = None) -> str:
    facts = _facts(_own())
    return render_template(
        "console/clinic.html",
        **page_layout.page_context(auth.staff()),
        steps=clinic_readiness.list_checks(facts),
        missing=len(clinic_readiness.list_unmet(facts)),
        may_set_up=auth.staff().role in MAY[Duty.SETTING_UP],
        practised=len(training_week.training_patient_ids(database.current(), auth.staff().clinic_id)),
        trouble=trouble,
    )


def _hours(
    entries: Mapping[str, str],
    *,
    wrong: Mapping[str, str],
    changed: Sequence[ForeignChange] = (),
    landline: bool = False,
) -> str:
    return render_template(
        "console/hours.html",
        **page_layout.page_context(auth.staff()),
        entries=entries,
        wrong=wrong,
        changed=changed,
        landline=landline,
        base=edited_form.base_of(_entries_of(_own())),
        days=DAY_NAMES,
        usual_crisis_number=crisis_lines.usual_number(_own()),
    )


def _texts_a_landline(clinic: Clinic, changes: ClinicChanges) -> bool:
    """Whether the number that is texted at night becomes one that texts may not reach."""
    on_call = phone_numbers.to_e164(changes["on_call_phone"], like=clinic.phone)
    return on_call != clinic.on_call_phone and phone_numbers.is_landline(on_call)


def _own() -> Clinic:
    return stored.get_one(database.current(), auth.staff().clinic_id)


def _facts(clinic: Clinic) -> clinic_readiness.ReadinessFacts:
    settings = app_state.state().settings
    return clinic_setup.read_readiness(
        database.current(),
        clinic=clinic,
        content=app_state.state().newest,
        real_carrier=settings.sms_gateway is not SmsGateway.CONSOLE,
        alerts_leave=settings.alerts_leave,
        link_length=credentials.link_length(settings.links_at),
        now=database.request_time(),
    )


def _entries_of(clinic: Clinic) -> dict[str, str]:
    fields = ("name", "text_name", "phone", "time_zone", "out_of_hours_phone", "on_call_phone")
    entries = {name: str(getattr(clinic, name)) for name in (*fields, "emergency_number")}
    entries["crisis_number"] = clinic.crisis_number or ""
    for day in WEEKDAYS:
        periods = clinic.weekly_hours.get(day, ())
        entries[day] = ", ".join(f"{opens}-{closes}" for opens, closes in periods)
    entries["holidays"] = "\n".join(f"{on} {name}" for on, name in sorted(clinic.holidays.items()))
    return entries


def _changes(entries: Mapping[str, str]) -> ClinicChanges:
    """What the form says. Raises WrongSetting, which names all that cannot be used."""
    fields = ("name", "text_name", "phone", "time_zone", "out_of_hours_phone", "on_call_phone")
    changes: dict[str, Any] = {}
    wrong: dict[str, str] = {}
    for name in (*fields, "emergency_number"):
        value = " ".join(entries.get(name, "").split())
        if not value:
            wrong[name] = "This is needed."
        changes[name] = value
    if len(changes["text_name"]) > 20:
        wrong["text_name"] = "At most 20 characters, so that texts stay short."
    if not (changes["emergency_number"].isdecimal() and len(changes["emergency_number"]) == 3):
        wrong["emergency_number"] = "Three digits, like 911 or 112."
    changes["crisis_number"] = entries.get("crisis_number") or None
    changes["weekly_hours"] = {
        day: periods for day in WEEKDAYS if (periods := _periods(entries.get(day, "")))
    }
    lines = [line.strip() for line in entries.get("holidays", "").splitlines() if line.strip()]
    changes["holidays"] = dict(_holiday(line) for line in lines)
    if undated := [line for line in lines if not _is_date(line.partition(" ")[0])]:
        wrong["holidays"] = f"“{undated[0][:40]}” does not begin with a date."
    try:
        clinic_setup.require_usable(_own(), {name: changes[name] for name in changes if name not in wrong})
    except clinic_setup.WrongSetting as error:
        wrong |= error.wrong
    if wrong:
        raise clinic_setup.WrongSetting(wrong)
    return cast(ClinicChanges, changes)


def _periods(entry: str) -> list[list[str]]:
    """`09:00-12:00, 13:00-17:30` as periods; whether they make sense is seen later."""
    return [
        [_clock(at) for at in period.replace("–", "-").split("-", 1)]
        for period in entry.split(",")
        if period.strip()
    ]


def _clock(entry: str) -> str:
    at = entry.strip()
    return f"0{at}" if len(at.partition(":")[0]) == 1 else at


def _holiday(line: str) -> tuple[str, str]:
    on, _, name = line.partition(" ")
    return on, name.strip()[:100] or "Closed"


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
