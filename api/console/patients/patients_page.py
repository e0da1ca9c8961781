"""Page that lists patients and finds one by name, phone or year of birth."""

from __future__ import annotations

from flask import render_template, request, url_for

from api import auth, database
from api.console import console_blueprint, page_layout
from api.formats import pagination
from recovery.domain.clinic.staff_roles import MAY, Duty
from recovery.services.patients import patient_search

ROWS = 40


@console_blueprint.blueprint.get("/patients")
def patients_page() -> str:
    """Those whom the question fits, the one enrolled last first; all without one."""
    caller = auth.staff()
    typed = request.args.get("q", "")[: patient_search.LONGEST]
    after = pagination.decode_cursor(request.args.get("after"))
    patients_found = patient_search.search(
        database.current(),
        caller=caller,
        typed=typed,
        after=after,
        limit=ROWS + 1,
        now=database.request_time(),
    )
    shown = patients_found[:ROWS]
    older = None
    if len(patients_found) > ROWS:
        place = pagination.encode_cursor(shown[-1].created_at, shown[-1].id)
        older = url_for("console.patients_page", q=typed or None, after=place)
    return render_template(
        "console/patients.html",
        **page_layout.page_context(caller),
        rows=shown,
        typed=typed,
        older=older,
        first=after is None,
        may_import=caller.role in MAY[Duty.SETTING_UP],
    )
