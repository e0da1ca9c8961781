"""The manager's page of figures: what became of the clinic's treatments, formatted, charted, and as a CSV
table."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from http import HTTPStatus
from itertools import chain

from flask import Response, render_template, request

from api import auth, database
from api.app_state import state
from api.console import console_blueprint, formatting, labels, page_layout
from api.console.clinic import figure_charts, figure_rows_page
from api.console.clinic.figure_charts import Bar
from api.formats import csv_tables
from api.formats.csv_tables import Cell
from recovery.domain.clinic.staff_roles import Duty
from recovery.domain.core.confidence_intervals import Share
from recovery.domain.flags.flag_lifecycle import FlagOutcome
from recovery.models.clinic import clinics
from recovery.models.clinic.clinics import Clinic
from recovery.models.read_models.clinic_figures import DurationKind
from recovery.services.read_models import clinic_summary
from recovery.services.read_models.clinic_summary import ClinicSummary, Period, SegmentCount, WrongPeriod
from recovery.services.read_models.detection import Detection

CHOICES = ((30, "30 days"), (90, "90 days"), (365, "12 months"))
STEPS = {
    DurationKind.REVIEW: "from a report's arrival to when its rules were applied, flag and all",
    DurationKind.FIRST_ACTION: "from a flag to the first thing a person did about it",
    DurationKind.CONTACT: "from a flag to the first attempt to reach the patient",
    DurationKind.RESOLVE: "from a flag to its closing with an outcome",
}
HEADINGS = ("section", "of", "figure", "value", "unit")


@console_blueprint.blueprint.get("/figures")
def figures_page() -> str | tuple[str, int]:
    """The figures of some days."""
    caller, now = auth.staff_for(Duty.SETTING_UP), database.request_time()
    clinic = clinics.get_one(database.current(), caller.clinic_id)
    wrong = None
    try:
        period = _asked_for(clinic, now=now)
    except WrongPeriod as error:
        wrong = str(error)
        period = clinic_summary.parse_period(clinic, first=None, last=None, now=now)
    summary = clinic_summary.summarize(database.current(), clinic=clinic, period=period, now=now)
    page = render_template(
        "console/figures.html",
        **page_layout.page_context(caller),
        summary=summary,
        choices=_choices(clinic, now=now),
        trouble=wrong,
        steps=STEPS,
        charts=_charts(summary),
        share=format_share,
        interval=format_interval,
        rate=format_rate,
        lasted=format_duration,
        rows=figure_rows_page.make_links(period),
        cost=format_cost(summary.charged, state().settings.segment_price),
        missed=clinic_summary.missed_count,
        answered_share=clinic_summary.answered_share,
    )
    return page if wrong is None else (page, HTTPStatus.UNPROCESSABLE_ENTITY)


@console_blueprint.blueprint.get("/figures.csv")
def figures_table() -> Response | tuple[str, int]:
    """The same figures as a table for a spreadsheet."""
    caller, now = auth.staff_for(Duty.SETTING_UP), database.request_time()
    clinic = clinics.get_one(database.current(), caller.clinic_id)
    try:
        period = _asked_for(clinic, now=now)
    except WrongPeriod:
        # Said where the days can be put right.
        page = figures_page()
        return page if isinstance(page, tuple) else (page, HTTPStatus.UNPROCESSABLE_ENTITY)
    found = clinic_summary.summarize(database.current(), clinic=clinic, period=period, now=now)
    name = f"figures-{period.first}-{period.last}.csv"
    return csv_tables.download(chain([HEADINGS], csv_rows(found)), name=name)


def format_share(part: float | None) -> str:
    """A share as it is read: `93 %`. All and none are said only of all and none."""
    if part is None:
        return "–"
    if 0 < part <= 0.005:
        return "under 1 %"
    if 0.995 <= part < 1:
        return "over 99 %"
    return f"{part * 100:.0f} %"


def format_interval(share: Share) -> str:
    """A share with its interval and what it is of; of few only that they are too few."""
    if not share.total:
        return "–"
    if share.says_little:
        return f"{share.hits} of {share.total}: too few to say"
    low, high = (f"{bound * 100:.0f}" for bound in share.interval)
    return f"{format_share(share.value)} ({low} to {high} %), {share.hits} of {share.total}"


def format_rate(value: float | None) -> str:
    """So many for every hundred: `4.2`."""
    if value is not None and 0 < value < 0.05:
        return "under 0.1"
    return "–" if value is None else f"{value:.1f}"


def format_duration(minutes: float | None) -> str:
    """Within what time something was done, in words: rounded up, so that it is true."""
    return "–" if minutes is None else formatting.format_at_most(timedelta(minutes=minutes))


def format_cost(charged: SegmentCount, price: str | None) -> str:
    """What the segments cost at the price of one, which the settings name with its currency."""
    if price is None:
        return "no price of a segment is set"
    amount, currency = price.split()
    return f"{Decimal(amount) * charged.segments:,.2f} {currency}, at {amount} a segment"


def csv_rows(found: ClinicSummary) -> Iterator[tuple[Cell, ...]]:
    """Every figure in a row of its own."""
    yield "treatments", "", "performed", found.treatments, "treatments"
    for day in found.check_ins_by_day:
        of = f"day {day.key}"
        yield "check-ins", of, "asked", day.asked, "check-ins"
        yield "check-ins", of, "answered", day.answered, "check-ins"
        yield "check-ins", of, "missed", clinic_summary.missed_count(day), "check-ins"
    yield "check-ins", "all", "answered", _rounded(clinic_summary.answered_share(found.check_ins)), "share"
    for duration in found.durations:
        yield "times", duration.what.value, "done", duration.done, "times"
        yield "times", duration.what.value, "median", _rounded(duration.median_minutes), "minutes"
        yield "times", duration.what.value, "95 of 100 within", _rounded(duration.p95_minutes), "minutes"
        yield "times", duration.what.value, "within 24 hours", _rounded(duration.within_24h), "share"
    yield "promises", "", "made", found.promises.made, "promises"
    yield "promises", "", "kept", found.promises.kept, "promises"
    yield "flags", "", "raised", found.flags, "flags"
    yield "flags", "", "per 100 treatments", _rounded(found.flags_per_100), "flags"
    yield "flags", "", "precision", _rounded(found.precision), "share"
    for outcome, count in found.outcomes.items():
        yield "flags", outcome.value, "closed as", count, "flags"
    for group in found.groups:
        of = f"skin type {group.group}"
        yield "skin types", of, "treatments", group.treatments, "treatments"
        yield "skin types", of, "flags", group.flags, "flags"
        yield "skin types", of, "precision", _rounded(group.precision), "share"
    yield from _detection_rows(found.detection)
    for text in found.texts:
        yield "texts", text.state.value, text.reason or "", text.texts, "texts"
    yield "texts", "charged", "texts", found.charged.texts, "texts"
    yield "texts", "charged", "segments", found.charged.segments, "segments"
    yield "texts", "charged", "segments are known of", found.charged.measured, "texts"
    for age, count in found.open.items():
        yield "open flags", labels.AGES[age], "now", count, "flags"
    for week in found.weeks:
        of = f"week of {week.monday}"
        yield "weeks", of, "treatments", week.treatments, "treatments"
        yield "weeks", of, "flags", week.flags, "flags"
        yield "weeks", of, "check-ins answered", _rounded(week.answered_share), "share"


def _detection_rows(found: Detection) -> Iterator[tuple[Cell, ...]]:
    yield from _share_rows("found by the rules", "all known complications", found.sensitivity)
    for rule, share in found.by_rule:
        yield from _share_rows("right by rule", rule.value, share)
    for sign, share in found.by_sign:
        yield from _share_rows("right by sign", sign.value, share)
    for one in found.by_skin:
        yield from _share_rows("found by the rules", f"skin type {one.group}", one.sensitivity)
        yield from _share_rows("right by skin type", f"skin type {one.group}", one.precision)
    for device, those in found.by_device:
        yield "flags by device", device.value, "raised", those.flags, "flags"
        yield from _share_rows("complications by device", device.value, those.complications)
    for lot, those in found.by_lot:
        yield "flags by lot", lot, "raised", those.flags, "flags"
        yield from _share_rows("complications by lot", lot, those.complications)


def _share_rows(section: str, of: str, share: Share) -> Iterator[tuple[Cell, ...]]:
    low, high = share.interval
    yield section, of, "hits", share.hits, "counted"
    yield section, of, "total", share.total, "counted"
    if share.total:
        yield section, of, "share", _rounded(share.value), "share"
        yield section, of, "95 % from", _rounded(low), "share"
        yield section, of, "95 % to", _rounded(high), "share"


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)


def _asked_for(clinic: Clinic, *, now: datetime) -> Period:
    """The days in the address. Raises WrongPeriod."""
    first, last = (_day(name) for name in ("from", "until"))
    return clinic_summary.parse_period(clinic, first=first, last=last, now=now)


def _day(name: str) -> date | None:
    entry = request.args.get(name, "")
    if not entry:
        return None
    try:
        return date.fromisoformat(entry)
    except ValueError:
        raise WrongPeriod(name, "This is not a date.") from None


def _choices(clinic: Clinic, *, now: datetime) -> list[tuple[str, Period]]:
    last = clinic_summary.parse_period(clinic, first=None, last=None, now=now).last
    return [(name, Period(first=last - timedelta(days=days - 1), last=last)) for days, name in CHOICES]


def _charts(found: ClinicSummary) -> dict[str, object]:
    by_day = [
        Bar(name=f"day {one.key}", value=part, label=format_share(part))
        for one in found.check_ins_by_day
        if (part := clinic_summary.answered_share(one)) is not None
    ]
    by_skin = [
        Bar(name=group.group, value=group.flags_per_100, label=format_rate(group.flags_per_100))
        for group in found.groups
        if group.treatments
    ]
    ages = [Bar(name=labels.AGES[age], value=count, label=str(count)) for age, count in found.open.items()]
    closed = [Bar(name=name, value=count, label=str(count)) for name, count in _closed(found)]
    mondays = [(f"{week.monday.day}.{week.monday.month}.", week) for week in found.weeks]
    answered = [
        Bar(name=name, value=week.answered_share, label=format_share(week.answered_share))
        for name, week in mondays
    ]
    flagged = [
        Bar(name=name, value=week.flags_per_100, label=format_rate(week.flags_per_100))
        for name, week in mondays
    ]
    return {
        "days": figure_charts.columns(by_day, ident="days", title="Check-ins answered, by day", top=1),
        "skin": figure_charts.columns(by_skin, ident="skin", title="Flags per 100 treatments, by skin type"),
        "ages": figure_charts.columns(ages, ident="ages", title="Open flags by age"),
        "closed": figure_charts.columns(closed, ident="closed", title="Closed flags by what they were"),
        "answered": figure_charts.weeks(
            answered, ident="answered", title="Check-ins answered, by week of treatment", top=1
        ),
        "flagged": figure_charts.weeks(
            flagged, ident="flagged", title="Flags per 100 treatments, by week of treatment"
        ),
    }


def _closed(found: ClinicSummary) -> list[tuple[str, int]]:
    silent = sum(found.outcomes.get(one, 0) for one in (FlagOutcome.NOT_REACHED, FlagOutcome.OTHER))
    return [("more than healing", found.found), ("healing", found.expected), ("says neither", silent)]
