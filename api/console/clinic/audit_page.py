"""The audit trail: who did and read what, of a patient, of a person, of some days; and as a table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from flask import Response, render_template, request, url_for

from api import auth, database
from api.console import act_words, console_blueprint, page_layout
from api.console.form_reader import Form
from api.formats import csv_tables, pagination
from api.formats.csv_tables import Cell
from recovery.domain.clinic import opening_hours
from recovery.domain.clinic.staff_roles import Duty
from recovery.models.clinic import clinics
from recovery.models.patients import patients
from recovery.models.patients.patients import Patient
from recovery.models.read_models.audit_trail import ActKind, TrailFilter
from recovery.services.access.authentication import StaffCaller
from recovery.services.patients.enrolment import UnknownPatient
from recovery.services.read_models.record import audit_trail_view
from recovery.services.read_models.record.audit_trail_view import TrailRow

ROWS = 50
MOST_EXPORTED = 20_000
"""Entries in one table; who needs older ones chooses days."""

NAMES = ("patient", "person", "kind", "from", "until")
HEADINGS = ("at (UTC)", "who", "who is", "did", "code", "about", "about id", "more")


@console_blueprint.blueprint.get("/audit")
def audit_page() -> str:
    """One page of the trail."""
    caller, session = auth.staff_for(Duty.AUDIT_TRAIL), database.current()
    frame = page_layout.page_context(caller)
    form = Form(request.args)
    which, patient = _asked_for(form, caller=caller, zone=frame["say"].zone)
    after = pagination.decode_cursor(request.args.get("after"))
    found = audit_trail_view.read_trail(
        session, caller=caller, which=which, after=after, limit=ROWS + 1, now=database.request_time()
    )
    kept: dict[str, Any] = {name: form.raw(name) for name in NAMES if form.raw(name)}
    return render_template(
        "console/audit.html",
        **frame,
        rows=found[:ROWS],
        patient=patient,
        people=_people(caller.clinic_id),
        acts=act_words,
        form=form,
        narrowed=bool(kept),
        most=MOST_EXPORTED,
        first=after is None,
        again=url_for("console.audit_page", **kept),
        table=url_for("console.audit_table", **kept),
        older=_older(found[:ROWS], kept) if len(found) > ROWS else None,
    )


@console_blueprint.blueprint.get("/audit.csv")
def audit_table() -> Response:
    """The same as a table for a spreadsheet, the newest first."""
    caller = auth.staff_for(Duty.AUDIT_TRAIL)
    form = Form(request.args)
    zone = page_layout.page_context(caller)["say"].zone
    which, _ = _asked_for(form, caller=caller, zone=zone)
    now = database.request_time()
    found = audit_trail_view.read_trail(
        database.current(), caller=caller, which=which, after=None, limit=MOST_EXPORTED + 1, now=now,
        action="audit.export",
    )  # fmt: skip
    name = f"audit-{now.astimezone(zone):%Y-%m-%d}.csv"
    return csv_tables.download(_cells(found), name=name)


def _cells(found: Sequence[TrailRow]) -> Iterator[Sequence[Cell]]:
    yield HEADINGS
    for row in found[:MOST_EXPORTED]:
        entry = row.entry
        about = row.member if row.patient is None else row.patient.full_name
        yield (
            f"{entry.at:%Y-%m-%d %H:%M:%S}",
            act_words.actor(entry, row.who),
            entry.actor_kind.value,
            act_words.act(entry),
            entry.action,
            about,
            "" if entry.subject_id is None else f"{entry.subject_kind} {entry.subject_id}",
            act_words.more(entry),
        )
    if len(found) > MOST_EXPORTED:
        yield (f"Older entries are left out: {MOST_EXPORTED} stand in one table. Choose days.",)


def _asked_for(form: Form, *, caller: StaffCaller, zone: Any) -> tuple[TrailFilter, Patient | None]:
    """What the address narrows the trail to. Raises UnknownPatient."""
    first, last = form.day("from"), form.day("until")
    known = {
        str(staff_id): staff_id for staff_id in clinics.staff_names(database.current(), caller.clinic_id)
    }
    patient = _patient(form.raw("patient"), caller.clinic_id)
    kind = form.one_of("kind", ActKind)

    def midnight(day: date) -> datetime:
        return opening_hours.local_to_utc(day, at=time(), zone=zone)

    which = TrailFilter(
        clinic_id=caller.clinic_id,
        patient_id=None if patient is None else patient.id,
        staff_id=known.get(form.raw("person")),
        kinds=frozenset() if kind is None else frozenset({kind}),
        start=None if first is None else midnight(first),
        end=None if last is None else midnight(last + timedelta(days=1)),
    )
    return which, patient


def _patient(text: str, clinic_id: UUID) -> Patient | None:
    if not text:
        return None
    try:
        found = patients.get(database.current(), clinic_id, UUID(text))
    except ValueError:
        found = None
    if found is None:
        raise UnknownPatient(text)
    return found


def _people(clinic_id: UUID) -> list[tuple[str, str]]:
    names = clinics.staff_names(database.current(), clinic_id)
    return sorted(((str(staff_id), name) for staff_id, name in names.items()), key=lambda one: one[1])


def _older(rows: Sequence[TrailRow], kept: dict[str, Any]) -> str:
    last = rows[-1].entry
    return url_for("console.audit_page", **kept, after=pagination.encode_cursor(last.at, last.id))
