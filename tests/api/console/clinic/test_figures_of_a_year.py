"""Over a generated year of 5,000 treatments every figure is what SQL written anew says, with as many rows."""

from __future__ import annotations

import csv
import html
import io
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from flask import Flask
from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from api.console import guard
from api.console.clinic import figure_rows_page
from recovery.domain.clinic.staff_roles import Role
from recovery.models.clinic.clinics import Clinic as ClinicRow
from recovery.models.read_models import figure_memory, figure_rows
from recovery.models.read_models.clinic_figures import DurationKind
from recovery.services.read_models import clinic_summary
from recovery.services.read_models.clinic_summary import ClinicSummary
from recovery.services.read_models.figures import kept_figures
from recovery.services.review.late_promises import PROMISES
from tests.support.data.people import Clinic
from tests.support.figures import generated_year
from tests.support.figures.generated_year import YearSize, generate_year

TREATMENTS = 5_000
QUERIES = dict(
    part.split("\n", 1)
    for part in (Path(generated_year.__file__).parent / "expected_figures.sql")
    .read_text("utf-8")
    .split("\n-- ")[2:]
)
LINK = re.compile(r'<a class="figure-rows" href="([^"]+)">(\d+)</a>')
Given = Mapping[str, Any]
Told = dict[Any, Any]


def read(session: Session, given: Given, name: str) -> Told:
    """What the query of this name says: the first column, and the others."""
    statement = f"{QUERIES['base']}\n{QUERIES[name]}"
    named = {key: value for key, value in given.items() if f":{key}" in statement}
    rows = [tuple(row) for row in session.execute(text(statement), named)]
    return {row[0]: row[1] if len(row) == 2 else row[1:] for row in rows}


def check_counts(session: Session, given: Given, found: ClinicSummary) -> None:
    """Treatments, flags and what they turned out to be."""
    assert found.treatments == read(session, given, "treatments")[1] > TREATMENTS * 0.9
    counted = read(session, given, "flags")[1]
    assert (found.flags, found.found, found.expected) == counted
    assert min(counted) > 50
    outcomes = read(session, given, "outcomes")
    assert {outcome.value: count for outcome, count in found.outcomes.items()} == outcomes
    treated, flagged = (read(session, given, f"{what} by skin") for what in ("treatments", "flags"))
    for one in found.groups:
        flags, more, less = flagged[one.group]
        assert (one.treatments, one.flags, one.closed) == (treated[one.group], flags, more + less)
        assert one.precision == more / (more + less)
    weeks, of_weeks = (read(session, given, f"{what} by week") for what in ("treatments", "flags"))
    assert {week.monday: week.treatments for week in found.weeks} == weeks
    assert {week.monday: week.flags for week in found.weeks if week.flags} == of_weeks
    ages = {age: count for age, count in found.open.items() if count}
    assert ages == read(session, given, "open by age")


def check_check_ins(session: Session, given: Given, found: ClinicSummary) -> None:
    """Who was asked, who answered, by day and week."""
    days = {one.key: (one.asked, one.answered, one.waiting) for one in found.check_ins_by_day}
    assert days == read(session, given, "check-ins by day")
    total = found.check_ins.asked, found.check_ins.answered, found.check_ins.waiting
    assert total == read(session, given, "check-ins")[1]
    assert min(total) > 0
    weeks = read(session, given, "check-ins by week")
    for week in found.weeks:
        asked, answered, waiting = weeks.get(week.monday, (0, 0, 0))
        assert (week.asked, week.answered) == (asked, answered)
        assert week.answered_share == (answered / (asked - waiting) if asked - waiting else None)


def check_times(session: Session, given: Given, found: ClinicSummary) -> None:
    """How long steps took: at least half, and 95 of 100, took no longer; a shorter time would be wrong."""
    told, lengths = read(session, given, "times"), read(session, given, "lengths").values()
    for one in found.durations:
        assert (one.done, one.within, one.late, one.waiting) == told[one.what.value]
        assert one.within_24h == one.within / (one.within + one.late)
        lasted = [float(minutes) for what, minutes in lengths if what == one.what.value]
        for minutes, share in ((one.median_minutes, 0.5), (one.p95_minutes, 0.95)):
            assert minutes is not None
            no_longer = sum(length <= minutes + 1e-6 for length in lasted)
            shorter = sum(length < minutes - 1e-6 for length in lasted)
            assert shorter < share * len(lasted) <= no_longer
    made, kept = read(session, given, "promises")[1]
    assert (found.promises.made, found.promises.kept) == (made, kept)
    assert 0 < kept < made


def check_texts(session: Session, given: Given, found: ClinicSummary) -> None:
    """Every text to a patient that was due stands in one row, and nothing is left out."""
    told = read(session, given, "texts")
    assert sorted(told.values()) == sorted((one.texts, one.segments, one.measured) for one in found.texts)
    shown: dict[str, int] = {}
    for one in found.texts:
        shown[one.state.value] = shown.get(one.state.value, 0) + one.texts
    assert shown == read(session, given, "texts by state")
    charged = read(session, given, "charged")[1]
    assert (found.charged.texts, found.charged.measured, found.charged.segments) == charged
    assert charged[0] > charged[1] > 1000


def check_detection(session: Session, given: Given, found: ClinicSummary) -> None:
    """What the rules found and missed, and how often they were right."""
    seen = found.detection
    assert (seen.sensitivity.hits, seen.sensitivity.total) == read(session, given, "known")[1]
    assert 0 < seen.missed < seen.sensitivity.total
    for shares, column in ((seen.by_rule, "rule"), (seen.by_sign, "sign")):
        told = read(session, given, f"right by {column}")
        assert {key.value: (share.hits, share.total) for key, share in shares} == told
        assert len(told) > 1
    sensitivity, precision = (read(session, given, f"{what} by skin") for what in ("known", "right"))
    for skin in seen.by_skin:
        assert (skin.sensitivity.hits, skin.sensitivity.total) == sensitivity[skin.group]
        assert (skin.precision.hits, skin.precision.total) == precision[skin.group]
    for those, column in ((seen.by_device, "device"), (seen.by_lot, "lot")):
        treated, flagged, known = (
            read(session, given, f"{what} by {column}") for what in ("treatments", "flags", "known")
        )
        for key, one in those:
            name = getattr(key, "value", key)
            assert (one.treatments, one.flags) == (treated[name], flagged.get(name, 0))
            assert (one.complications.hits, one.complications.total) == (known.get(name, 0), treated[name])
        assert len(those) == len(set(treated) - {None})


def test_every_figure_of_a_year_is_what_sql_says_and_has_as_many_rows(
    app: Flask, clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    manager = clinic.add_nurse(now=now, role=Role.MANAGER)
    with sessions.begin() as session:
        session.get_one(ClinicRow, clinic.id).live_since = now - timedelta(days=500)
        generate_year(session, clinic.id, clinic.nurse.id, size=YearSize(treatments=TREATMENTS), now=now)
    with sessions.begin() as session:
        session.execute(text("ANALYZE"))
        # Of some days what is read is kept.
        row = session.get_one(ClinicRow, clinic.id)
        assert kept_figures.keep_days(session, row, now=now, limit=10) == 10
    first = now.date() - timedelta(days=364)
    with sessions() as session:
        row = session.get_one(ClinicRow, clinic.id)
        period = clinic_summary.parse_period(row, first=first, last=None, now=now)
        found = clinic_summary.summarize(session, clinic=row, period=period, now=now)
        which = clinic_summary.filter_of(row, period, now=now)
        given: dict[str, Any] = {
            "clinic": clinic.id, "start": which.start, "ends": which.end, "now": now,
            "wordings": sorted(PROMISES),
        }  # fmt: skip
        for check in (check_counts, check_check_ins, check_times, check_texts, check_detection):
            check(session, given, found)
    assert {one.what for one in found.durations} == set(DurationKind)
    browser = app.test_client()
    browser.set_cookie(guard.COOKIE, manager.token, path="/console")
    page = browser.get(f"/console/figures?from={first}&until={period.last}")
    links = {html.unescape(address): int(figure) for address, figure in LINK.findall(page.text)}
    assert len(links) > 250, "every figure opens its rows"
    wrong = []
    # Of weeks, and of days that are asked about, which are alike, a few.
    alike = [address for address in links if "week=" in address or "day=" in address]
    with sessions() as session:
        figure_memory.allow(session)
        for address in {*links} - {*alike} | {*alike[::20]}:
            asked = figure_rows_page.read_address(dict(parse_qsl(urlsplit(address).query, True)))
            total = figure_rows.count_rows(session, which, asked, zone="UTC", wordings=given["wordings"])
            if total != links[address]:
                wrong.append(f"{address}: {links[address]} is told, {total} are there")
    assert wrong == []
    # The rows themselves, for each kind of figure the one with the fewest.
    most_first = sorted((address for address in links if links[address]), key=lambda one: -links[one])
    kinds = {re.findall(r"of=(\w+)", address)[0]: address for address in most_first}
    assert len(kinds) == 9
    for address in kinds.values():
        shown = browser.get(address)
        assert (shown.status_code, f"<strong>{links[address]}</strong> row" in shown.text) == (200, True)
        answer = browser.get(address.replace("/figures/rows?", "/figures/rows.csv?"))
        listed = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))[1:]
        assert len({row[7] for row in listed}) == len(listed) == links[address], address
