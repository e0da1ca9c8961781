"""Pages of importing patients: what a file's columns mean, what is wrong, who would be enrolled, the other
rows as a file."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from http import HTTPStatus

from flask import Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from api import auth, database
from api.console import console_blueprint, page_layout
from api.formats import csv_tables
from recovery.domain.clinic.staff_roles import Duty
from recovery.domain.patients import import_columns
from recovery.domain.patients.spreadsheet_cells import DateOrder
from recovery.services.core import audit
from recovery.services.patients import import_table, import_workbook, patient_import, patient_import_file
from recovery.services.patients.import_table import ImportTable
from recovery.services.patients.patient_import import ImportResult, Keep
from recovery.services.patients.patient_import_file import ImportChoices
from recovery.services.patients.raw_lines import UnusableFile

MOST_PROBLEMS = 100
MOST_SHOWN = 20
MOST_EXAMPLES = 2
LONGEST_EXAMPLE = 40
NO_FILE = "Choose a file first."
Answer = str | AnyResponse | tuple[str, int]


@console_blueprint.blueprint.get("/patients/import")
def import_form() -> Answer:
    """Where a file is chosen."""
    auth.staff_for(Duty.SETTING_UP)
    return _page()


@console_blueprint.blueprint.post("/patients/import")
def import_patients() -> Answer:
    """Show what the file would do; once that was looked at, do it, for all rows or those that are right."""
    auth.staff_for(Duty.SETTING_UP)
    try:
        table, choices = _sent()
    except UnusableFile as error:
        return _page(trouble=str(error)), HTTPStatus.UNPROCESSABLE_ENTITY
    seen = _seen(table, choices)
    keep = Keep.NOTHING
    if request.form.get("sure") == seen:
        keep = Keep.ALL_OR_NONE
    elif request.form.get("sure_of_some") == seen:
        keep = Keep.GOOD_ROWS
    outcome = _run(table, choices, keep=keep)
    if outcome.kept and not outcome.problems:
        return redirect(url_for("console.patients_page", done="imported"), code=HTTPStatus.SEE_OTHER)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if outcome.unusable else HTTPStatus.OK
    return _page(table=table, choices=choices, outcome=outcome), status


@console_blueprint.blueprint.post("/patients/import/others.csv")
def import_others() -> Answer:
    """The rows that cannot be taken as they are, each with the reason, to be put right and chosen again."""
    auth.staff_for(Duty.SETTING_UP)
    try:
        table, choices = _sent()
    except UnusableFile as error:
        return _page(trouble=str(error)), HTTPStatus.UNPROCESSABLE_ENTITY
    outcome = _run(table, choices, keep=Keep.NOTHING)
    return csv_tables.download(patient_import.list_others(table, outcome), name="patients-to-put-right.csv")


@console_blueprint.blueprint.get("/patients/import/others.csv")
def others_address() -> AnyResponse:
    """The form's address opened as a page, as after a reload: its page is meant."""
    return redirect(url_for("console.import_form"), code=HTTPStatus.SEE_OTHER)


@console_blueprint.blueprint.get("/patients/import/columns.csv")
def import_columns_file() -> Response:
    """A file that has the line of column names and nobody in it."""
    auth.staff_for(Duty.SETTING_UP)
    return Response(
        ",".join(import_columns.COLUMNS) + "\r\n",
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": "attachment; filename=patients.csv"},
    )


def _run(table: ImportTable, choices: ImportChoices, *, keep: Keep) -> ImportResult:
    caller, session, now = auth.staff(), database.current(), database.request_time()
    outcome = patient_import.import_patients(
        session,
        clinic=page_layout.page_context(caller)["clinic"],
        table=table,
        choices=choices,
        actor=audit.staff(caller.staff_id),
        now=now,
        keep=keep,
        alike_too=bool(request.form.get("alike_too")),
    )
    # What is wrong with a row can say that somebody is enrolled, so the reading is audited and committed.
    audit.read_list(session, caller.clinic_id, caller.staff_id, action="patient.list", now=now)
    database.commit_despite_error()
    return outcome


def _sent() -> tuple[ImportTable, ImportChoices]:
    """The table, chosen now or carried by the page before, and how it is read. Raises UnusableFile."""
    session, clinic = database.current(), page_layout.page_context(auth.staff())["clinic"]
    chosen = request.files.get("file")
    if chosen is not None and chosen.filename:
        data = chosen.stream.read(import_workbook.LARGEST_WORKBOOK + 1)
        if not data:
            raise UnusableFile(import_table.NOBODY)
        table = import_table.read_table(data)
        guessed = patient_import.guess_choices(session, table, clinic=clinic)
        return table, replace(guessed, training=bool(request.form.get("training")))
    carried = request.form.get("table", "")
    if not carried:
        raise UnusableFile(NO_FILE)
    table = import_table.load(carried)
    return table, _chosen(table)


def _chosen(table: ImportTable) -> ImportChoices:
    """How the columns are to be read, from the page; unknown words mean that one is left out."""
    meant = [request.form.get(f"column_{place}", "") for place in range(len(table.headings))]
    order = request.form.get("date_order", "")
    return ImportChoices(
        columns=[name if name in import_columns.COLUMNS else None for name in meant],
        date_order=DateOrder(order) if order in list(DateOrder) else None,
        training=bool(request.form.get("training")),
    )


def _seen(table: ImportTable, choices: ImportChoices) -> str:
    """What the buttons under a table carry: another table, or one read in another way, is looked at anew."""
    ticked = f"{bool(request.form.get('alike_too'))}\n{choices.training}"
    looked_at = f"{import_table.dump(table)}\n{choices.columns}\n{choices.date_order}\n{ticked}"
    return hashlib.sha256(looked_at.encode()).hexdigest()


def _page(
    *,
    table: ImportTable | None = None,
    choices: ImportChoices | None = None,
    outcome: ImportResult | None = None,
    trouble: str | None = None,
) -> str:
    problems = [] if outcome is None else outcome.problems
    return render_template(
        "console/import.html",
        **page_layout.page_context(auth.staff()),
        table=table,
        choices=choices,
        carried=None if table is None else import_table.dump(table),
        seen=None if table is None or choices is None else _seen(table, choices),
        examples=[] if table is None else [_examples(table, place) for place in range(len(table.headings))],
        asks_order=table is not None
        and choices is not None
        and (choices.date_order is not None or patient_import_file.asks_order(table, choices)),
        outcome=outcome,
        problems=problems[:MOST_PROBLEMS],
        more=max(0, len(problems) - MOST_PROBLEMS),
        shown=[] if outcome is None else outcome.rows[:MOST_SHOWN],
        alike_too=bool(request.form.get("alike_too")),
        trouble=trouble,
        columns=import_columns,
        most_rows=patient_import_file.MOST_ROWS,
    )


def _examples(table: ImportTable, place: int) -> str:
    """What stands in a column, in a few words, so that one can tell what it is."""
    filled = [cell for cell in table.column(place) if cell][:MOST_EXAMPLES]
    return " · ".join(cell[:LONGEST_EXAMPLE] for cell in filled)
