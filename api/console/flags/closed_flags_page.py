"""Closed flags: what was closed as what, by whom, and why it was raised."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from flask import render_template, request, url_for

from api import auth, database
from api.console import console_blueprint, page_layout, practice_room
from api.console.form_reader import Form
from api.formats import pagination
from recovery.domain.clinic import opening_hours
from recovery.domain.clinical.findings import AssessmentRule, Finding
from recovery.domain.clinical.symptoms import Device
from recovery.domain.flags.flag_lifecycle import FlagOutcome
from recovery.models.clinic import clinics
from recovery.models.flags import closed_flags, flags
from recovery.models.flags.closed_flags import ClosedFilter, ClosedRow
from recovery.services.core import audit
from recovery.services.flags.flag_queue_entries import by_urgency

ROWS = 50
NAMES = ("outcome", "rule", "person", "device", "from", "until")


@console_blueprint.blueprint.get("/closed-flags")
def closed_flags_page() -> str:
    """One page of the list; a filter that cannot be used is said beside its field and narrows nothing."""
    caller, session, now = auth.staff(), database.current(), database.request_time()
    frame = page_layout.page_context(caller)
    form, names = Form(request.args), clinics.staff_names(session, caller.clinic_id)
    which = _asked_for(form, clinic_id=caller.clinic_id, names=names, frame=frame)
    after = pagination.decode_cursor(request.args.get("after"))
    found = closed_flags.list_closed(session, which, after=after, limit=ROWS + 1)
    shown = found[:ROWS]
    audit.read_list(session, caller.clinic_id, caller.staff_id, action="flag.closed_list", now=now)
    kept: dict[str, Any] = {name: form.raw(name) for name in NAMES if form.raw(name)}
    return render_template(
        "console/closed_flags.html",
        **frame,
        rows=shown,
        reasons=_reasons(caller.clinic_id, shown),
        total=closed_flags.count_closed(session, which),
        names=names,
        form=form,
        narrowed=bool(kept),
        people=sorted(((str(one), name) for one, name in names.items()), key=lambda one: one[1]),
        first=after is None,
        again=url_for("console.closed_flags_page", **kept),
        older=_older(shown, kept) if len(found) > ROWS else None,
    )


def _asked_for(form: Form, *, clinic_id: UUID, names: dict[UUID, str], frame: Any) -> ClosedFilter:
    zone = frame["say"].zone
    first, last = form.day("from"), form.day("until")
    known = {str(staff_id): staff_id for staff_id in names}

    def midnight(day: Any) -> datetime:
        return opening_hours.local_to_utc(day, at=time(), zone=zone)

    return ClosedFilter(
        room=practice_room.asked_room(),
        clinic_id=clinic_id,
        outcome=form.one_of("outcome", FlagOutcome),
        rule=form.one_of("rule", AssessmentRule),
        staff_id=known.get(form.raw("person")),
        device=form.one_of("device", Device),
        start=None if first is None else midnight(first),
        end=None if last is None else midnight(last + timedelta(days=1)),
    )


def _reasons(clinic_id: UUID, rows: Sequence[ClosedRow]) -> dict[UUID, list[Finding]]:
    """The findings that raised each of these flags, the weightiest first, none twice."""
    raised = flags.assessments_by_flag(database.current(), clinic_id, [row.flag.id for row in rows])
    return {
        flag_id: list(dict.fromkeys(one for assessed in assessments for one in by_urgency(assessed)))
        for flag_id, assessments in raised.items()
    }


def _older(rows: Sequence[ClosedRow], kept: dict[str, Any]) -> str:
    last = rows[-1].flag
    after = pagination.encode_cursor(last.resolved_at or last.opened_at, last.id)
    return url_for("console.closed_flags_page", **kept, after=after)
