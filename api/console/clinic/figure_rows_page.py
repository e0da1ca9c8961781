"""The rows behind a figure: a list to look through, and the same as a table."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from flask import Response, render_template, request, url_for
from markupsafe import Markup
from werkzeug.exceptions import NotFound

from api import auth, database
from api.console import console_blueprint, formatting, labels, page_layout
from api.console.formatting import PageFormatter
from api.formats import csv_tables, pagination
from api.formats.csv_tables import Cell
from recovery.domain.clinic.staff_roles import Duty
from recovery.domain.clinical.findings import AssessmentRule
from recovery.domain.clinical.symptoms import Device, WarningSign
from recovery.domain.flags.flag_lifecycle import FlagOutcome, FlagState
from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.models.clinic import clinics
from recovery.models.clinic.clinics import Clinic
from recovery.models.read_models import detection_figures
from recovery.models.read_models.clinic_figures import DurationKind
from recovery.models.read_models.figure_rows import FigureKind, FigurePart, FigureRow, FigureRows
from recovery.services.read_models import clinic_summary, detection
from recovery.services.read_models.clinic_summary import Period, WrongPeriod
from recovery.services.read_models.record import figure_rows_view

ROWS = 100
MOST_EXPORTED = 50_000
"""Rows in one table; who needs more chooses fewer days."""

NAMES = {
    FigureKind.TREATMENTS: "Treatments",
    FigureKind.CHECK_INS: "Check-ins that reached a patient",
    FigureKind.TIMES: "Steps",
    FigureKind.FLAGS: "Flags",
    FigureKind.OPEN: "Flags open now",
    FigureKind.PROMISES: "Promised times that have passed, or were met before",
    FigureKind.TEXTS: "Texts",
    FigureKind.REASONS: "Closed flags by their reason",
    FigureKind.COMPLICATIONS: "Treatments with a known complication",
}
PARTS = {
    FigurePart.ANSWERED: "answered",
    FigurePart.MISSED: "missed",
    FigurePart.WAITING: "may still come",
    FigurePart.DONE: "done",
    FigurePart.WITHIN: "done within 24 hours",
    FigurePart.LATE: "not done within 24 hours",
    FigurePart.FOUND: "found",
    FigurePart.EXPECTED: "expected healing",
    FigurePart.CLOSED: "closed with an outcome that says so",
    FigurePart.RIGHT: "more than healing",
    FigurePart.KEPT: "kept",
    FigurePart.CHARGED: "that the carrier charges and whose segments are known",
}
PROMISED = {"flag": "Flag", "words": "Text or note to read"}
HEADINGS = ("patient", "patient id", "treatment id", "at (UTC)", "until (UTC)", "minutes", "what", "id")
_SKIN = {
    **{f"flags {name}": types for name, types in clinic_summary.SKIN_GROUPS},
    **{f"rules {name}": types for name, types in detection.SKIN_GROUPS},
}
"""The figures group skin types in two ways."""

Link = Callable[..., Markup]


def make_links(period: Period) -> Link:
    """Makes a figure a link to its rows: the words of it, what is counted, and what narrows it."""

    def link(text: object, of: str, **narrowed: object) -> Markup:
        asked: dict[str, Any] = {name: str(value) for name, value in narrowed.items() if value is not None}
        asked |= {"of": of, "from": str(period.first), "until": str(period.last)}
        address = url_for("console.figure_rows_page", **asked)
        return Markup('<a class="figure-rows" href="{}">{}</a>').format(address, text)

    return link


@console_blueprint.blueprint.get("/figures/rows")
def figure_rows_page() -> str:
    """One page of the rows of a figure."""
    caller, now = auth.staff_for(Duty.SETTING_UP), database.request_time()
    clinic = clinics.get_one(database.current(), caller.clinic_id)
    asked, period = read_address(request.args), _period(clinic, now=now)
    after = pagination.decode_cursor(request.args.get("after"))
    found = figure_rows_view.read_rows(
        database.current(), caller=caller, clinic=clinic, period=period, asked=asked, after=after,
        limit=ROWS + 1, now=now,
    )  # fmt: skip
    shown = found.rows[:ROWS]
    frame = page_layout.page_context(caller)
    kept: dict[str, Any] = {name: value for name, value in request.args.items() if name != "after"}
    older = None
    if len(found.rows) > ROWS:
        older = url_for(
            "console.figure_rows_page", **kept, after=pagination.encode_cursor(shown[-1].at, shown[-1].id)
        )
    return render_template(
        "console/figure_rows.html",
        **frame,
        rows=shown,
        total=found.total,
        title=NAMES[asked.kind],
        said=_said(asked, frame["say"]),
        period=period,
        most=MOST_EXPORTED,
        told=lambda what: "" if what is None else _told(asked.kind, what, frame["say"]),
        lasted=lambda row: formatting.format_duration(row.until - row.at) if row.until else "",
        is_long=asked.kind in (FigureKind.TIMES, FigureKind.FLAGS),
        again=url_for("console.figure_rows_page", **kept),
        table=url_for("console.figure_rows_table", **kept),
        first=after is None,
        older=older,
    )


def _told(kind: FigureKind, what: str, say: PageFormatter) -> str:
    """What a row of this kind is of, in words: a device, a day, a step, an outcome, a text."""
    if kind in (FigureKind.TREATMENTS, FigureKind.COMPLICATIONS):
        return labels.DEVICES[Device(what)]
    if kind is FigureKind.CHECK_INS:
        return say.day(int(what))
    if kind is FigureKind.TIMES:
        return labels.STEPS[DurationKind(what)]
    if kind in (FigureKind.FLAGS, FigureKind.REASONS):
        return labels.OUTCOMES[FlagOutcome(what)]
    if kind is FigureKind.OPEN:
        return labels.STATES[FlagState(what)]
    return say.text(what, None) if kind is FigureKind.TEXTS else PROMISED[what]


@console_blueprint.blueprint.get("/figures/rows.csv")
def figure_rows_table() -> Response:
    """The same rows as a table for a spreadsheet, the newest first."""
    caller, now = auth.staff_for(Duty.SETTING_UP), database.request_time()
    clinic = clinics.get_one(database.current(), caller.clinic_id)
    asked, period = read_address(request.args), _period(clinic, now=now)
    found = figure_rows_view.read_rows(
        database.current(), caller=caller, clinic=clinic, period=period, asked=asked, after=None,
        limit=MOST_EXPORTED, now=now, action="figures.export",
    )  # fmt: skip
    name = f"{asked.kind.value}-{period.first}-{period.last}.csv"
    return csv_tables.download(_cells(found.rows, found.total), name=name)


def _cells(rows: Sequence[FigureRow], total: int) -> Iterator[tuple[Cell, ...]]:
    yield HEADINGS
    for row in rows:
        yield _cell(row)
    if total > MOST_EXPORTED:
        yield (f"{total - MOST_EXPORTED} older rows are left out: choose fewer days.",)


def _cell(row: FigureRow) -> tuple[Cell, ...]:
    return (
        row.full_name,
        None if row.patient_id is None else str(row.patient_id),
        None if row.treatment_id is None else str(row.treatment_id),
        f"{row.at:%Y-%m-%d %H:%M:%S}",
        None if row.until is None else f"{row.until:%Y-%m-%d %H:%M:%S}",
        None if row.until is None else round((row.until - row.at) / timedelta(minutes=1), 1),
        row.what,
        str(row.id),
    )


def _period(clinic: Clinic, *, now: datetime) -> Period:
    """The days in the address. Raises NotFound for others than a page of ours asks for."""
    first, last = (_read(request.args, name, date.fromisoformat) for name in ("from", "until"))
    try:
        return clinic_summary.parse_period(clinic, first=first, last=last, now=now)
    except WrongPeriod:
        raise NotFound from None


def read_address(args: Mapping[str, str]) -> FigureRows:
    """What the query of an address asks for, all treatments where it says nothing. Raises NotFound for
    what no page of ours asks for."""
    return FigureRows(
        kind=_read(args, "of", FigureKind) or FigureKind.TREATMENTS,
        part=_read(args, "part", FigurePart) or FigurePart.ALL,
        day=_read(args, "day", int),
        week=_read(args, "week", date.fromisoformat),
        skin=_read(args, "skin", _SKIN.__getitem__),
        took=_read(args, "took", DurationKind),
        outcome=_read(args, "outcome", FlagOutcome),
        state=_read(args, "state", MessageState),
        reason=args.get("reason"),
        age=_read(args, "age", clinic_summary.AGES.index),
        reason_kind=_read(args, "by", _REASONS.__getitem__),
        key=args.get("key"),
        device=_read(args, "device", Device),
        lot=args.get("lot"),
    )


_REASONS = {one: one for one in (detection_figures.RULE, detection_figures.SIGN, detection_figures.SKIN)}


def _read(args: Mapping[str, str], name: str, reader: Callable[[str], Any]) -> Any:
    given = args.get(name)
    if given is None:
        return None
    try:
        return reader(given)
    except (ValueError, KeyError):
        raise NotFound from None


def _said(asked: FigureRows, say: formatting.PageFormatter) -> str:
    """What narrows the rows, in words."""
    words: list[str] = []
    if asked.part is not FigurePart.ALL:
        words.append(PARTS[asked.part])
    if asked.day is not None:
        words.append(f"about {say.day(asked.day)}")
    if asked.week is not None:
        words.append(f"of treatments of the week from {asked.week}")
    if asked.outcome is not None:
        words.append(f"closed as {labels.OUTCOMES[asked.outcome].lower()}")
    if asked.took is not None:
        words.append(labels.STEPS[asked.took].lower())
    if asked.state is not None:
        words.append(labels.TEXT_STATES[asked.state])
    if asked.reason:
        words.append(asked.reason)
    if asked.device is not None:
        words.append(labels.DEVICES[asked.device])
    if asked.lot is not None:
        words.append(f"lot {asked.lot}")
    if asked.age is not None:
        words.append(labels.AGES[clinic_summary.AGES[asked.age]])
    words += _key(asked, say)
    if asked.skin is not None:
        types = [labels.SKIN_TYPES[kind - 1] for kind in asked.skin if kind is not None]
        words.append(f"skin type {', '.join(types)}" if types else "skin type not known")
    return "; ".join(words)


def _key(asked: FigureRows, say: formatting.PageFormatter) -> list[str]:
    if asked.key is None:
        return []
    if asked.reason_kind == detection_figures.RULE:
        return [labels.RULES[AssessmentRule(asked.key)]] if asked.key in set(AssessmentRule) else []
    if asked.reason_kind == detection_figures.SIGN:
        return [say.words.signs.nurse[WarningSign(asked.key)]] if asked.key in set(WarningSign) else []
    return []
