"""Taking a file of patients in: what is wrong by row, or what would be enrolled, before anything is kept."""

from __future__ import annotations

import hashlib
from http import HTTPStatus

from flask import Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from api import auth, database
from api.console import console_blueprint, page_layout
from recovery.domain.clinic.staff_roles import Duty
from recovery.services.core import audit
from recovery.services.patients import patient_import, patient_import_file
from recovery.services.patients.patient_import import ImportResult

MOST_PROBLEMS = 100
MOST_SHOWN = 20
NO_FILE = "Choose a file first."
Answer = str | AnyResponse | tuple[str, int]


@console_blueprint.blueprint.get("/patients/import")
def import_form() -> Answer:
    """Where a file is chosen."""
    auth.staff_for(Duty.SETTING_UP)
    return _page()


@console_blueprint.blueprint.post("/patients/import")
def import_patients() -> Answer:
    """Show what the file would do; once that was looked at, do it. One wrong row, and nobody is enrolled."""
    caller, session, now = auth.staff_for(Duty.SETTING_UP), database.current(), database.request_time()
    data = _sent()
    if not data:
        return _page(trouble=NO_FILE), HTTPStatus.UNPROCESSABLE_ENTITY
    seen = hashlib.sha256(data).hexdigest()
    sure = request.form.get("sure") == seen
    outcome = patient_import.import_patients(
        session,
        clinic=page_layout.page_context(caller)["clinic"],
        data=data,
        actor=audit.staff(caller.staff_id),
        now=now,
        trial=not sure,
    )
    # What is wrong with a row can say that somebody is enrolled, so the reading is audited and committed.
    audit.read_list(session, caller.clinic_id, caller.staff_id, action="patient.list", now=now)
    if outcome.problems:
        database.commit_despite_error()
        return _page(outcome), HTTPStatus.UNPROCESSABLE_ENTITY
    if not sure:
        return _page(outcome, text=data.decode(), seen=seen)
    return redirect(url_for("console.patients_page", done="imported"), code=HTTPStatus.SEE_OTHER)


@console_blueprint.blueprint.get("/patients/import/columns.csv")
def import_columns() -> Response:
    """A file that has the line of column names and nobody in it."""
    auth.staff_for(Duty.SETTING_UP)
    return Response(
        ",".join(patient_import_file.COLUMNS) + "\r\n",
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": "attachment; filename=patients.csv"},
    )


def _sent() -> bytes:
    """The file, chosen now or carried by the page that showed what it would do; the same bytes both times."""
    chosen = request.files.get("file")
    if chosen is None or not chosen.filename:
        return _one_kind_of_line(request.form.get("text", "")).encode()
    data = chosen.stream.read(patient_import_file.LARGEST_FILE + 1)
    try:
        return _one_kind_of_line(data.decode("utf-8-sig")).encode()
    except UnicodeDecodeError:
        return data


def _one_kind_of_line(text: str) -> str:
    """A browser that carries a text ends its lines in its own way."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _page(
    outcome: ImportResult | None = None,
    *,
    text: str | None = None,
    seen: str | None = None,
    trouble: str | None = None,
) -> str:
    problems = [] if outcome is None else outcome.problems
    return render_template(
        "console/import.html",
        **page_layout.page_context(auth.staff()),
        outcome=outcome,
        problems=problems[:MOST_PROBLEMS],
        more=max(0, len(problems) - MOST_PROBLEMS),
        shown=[] if outcome is None else outcome.rows[:MOST_SHOWN],
        text=text,
        seen=seen,
        trouble=trouble,
        columns=patient_import_file,
    )
