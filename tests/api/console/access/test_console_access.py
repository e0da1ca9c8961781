"""Every page and form of the console against every role, half a sign-in, and other clinics."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator
from uuid import uuid4

from flask import Flask
from sqlalchemy import update
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.test import TestResponse

from api.console import guard
from recovery.domain.clinic.staff_roles import Role
from recovery.models.clinic.clinics import Staff, StaffSession
from tests.support.access.access_world import AccessWorld, Call
from tests.support.access.console_routes import NO_THINGS, PLACES, Route, routes
from tests.support.access.console_table import ROWS, ConsoleAccessRow
from tests.support.data.people import Clinic, Nurse

ORIGIN = "http://localhost"
_NONCE = re.compile(r'nonce="[^"]+"')
_ADDRESSES = itertools.count(1)


def guarded(app: Flask) -> Iterator[tuple[Route, ConsoleAccessRow]]:
    for route in routes(app):
        row = ROWS.get(route.key)
        if row is not None and not row.open:
            yield route, row


def ids_for(world: AccessWorld, route: Route, owner: Clinic) -> dict[str, str]:
    patient = owner.add_patient(now=world.now) if route.names else world.own
    return {name: str(PLACES[name](world, owner, patient)) for name in route.names}


def send(
    app: Flask, route: Route, ids: dict[str, str], *, token: str | None, fields: dict[str, str] | None = None
) -> TestResponse:
    browser, place = app.test_client(), next(_ADDRESSES)
    carried = {guard.CSRF_FIELD: guard.csrf_token_for(token or ""), **(fields or {})}
    if token is not None:
        browser.set_cookie(guard.COOKIE, token, path="/console")
    return browser.open(
        route.at(ids),
        method=route.method,
        data=carried if route.method == "POST" else None,
        headers={"Origin": ORIGIN},
        environ_base={"REMOTE_ADDR": f"10.0.{place // 256 % 256}.{place % 256}"},
    )


def leads_to(answer: TestResponse, page: str) -> bool:
    return answer.status_code == 303 and answer.headers["Location"].startswith(f"/console/{page}")


def test_every_route_has_a_row_and_every_row_a_route(app: Flask) -> None:
    found = {route.key: route for route in routes(app)}
    assert set(found) - set(ROWS) == set(), "these need a row in tests/support/access/console_table.py"
    assert set(ROWS) - set(found) == set()
    unknown = {name for route in found.values() for name in route.names} - set(PLACES)
    assert unknown == set(), "these need a maker in tests/support/access/console_routes.py or access_world.py"


def test_nobody_gets_in_without_signing_in_or_without_a_second_factor(
    app: Flask, world: AccessWorld, sessions: sessionmaker[Session], rows: Callable[[], dict[str, int]]
) -> None:
    half = {role: world.staff(role) for role in Role}
    with sessions.begin() as session:
        mine = [one.id for one in half.values()]
        session.execute(update(Staff).where(Staff.id.in_(mine)).values(totp_secret=None))
        session.execute(
            update(StaffSession).where(StaffSession.staff_id.in_(mine)).values(second_factor=False)
        )
    faults, before = [], rows()
    for route, row in guarded(app):
        ids = {name: str(uuid4()) for name in route.names} | {"step": "claim", "way": "link"}
        for who, token in {"nobody": None, "who made a token up": "ag_x"}.items():
            if not leads_to(send(app, route, ids, token=token), "sign-in"):
                faults.append(f"{route.key} let in {who}")
        for role, caller in half.items():
            if row.setting_up:
                continue
            if not leads_to(send(app, route, ids, token=caller.token), "second-factor"):
                faults.append(f"{route.key} let in a {role} without a second factor")
    assert faults == [], "\n".join(faults)
    assert rows() == before


def test_every_role_does_its_own_work_and_no_other(
    app: Flask, world: AccessWorld, rows: Callable[[], dict[str, int]]
) -> None:
    faults, tried = [], 0
    callers: dict[Role, Nurse] = {role: world.staff(role) for role in Role}
    for route, row in guarded(app):
        for role in Role:
            # Some forms end or change what the caller signs in with.
            own = "/account" in route.path or "second-factor" in route.path or "sign-out" in route.path
            caller = world.staff(role) if own else callers[role]
            may = role in row.roles
            ids = ids_for(world, route, world.clinic)
            if row.before is not None and may:
                row.before(world, Call(ids=ids, headers=caller.headers))
            fields = dict(row.form_for(world, caller)) if may else {}
            before = None if may else rows()
            answer = send(app, route, ids, token=caller.token, fields=fields)
            tried += 1
            expected = row.answers if may else frozenset({403})
            if route.names == ("session_id",):
                expected = frozenset({404})
            astray = leads_to(answer, "sign-in") and not route.path.endswith("/console/sign-out")
            if answer.status_code not in expected or astray:
                faults.append(f"{route.key} as {role}: {answer.status_code} {told_by(answer)}")
            if not may and rows() != before:
                faults.append(f"{route.key} refused to {role} left something behind")
    assert faults == [], "\n".join(faults)
    assert tried >= 4 * 60


def test_what_is_another_clinics_does_not_exist(
    app: Flask, world: AccessWorld, rows: Callable[[], dict[str, int]]
) -> None:
    director, faults, tried = world.staff(Role.MEDICAL_DIRECTOR), [], 0
    for route, row in guarded(app):
        things = [name for name in route.names if name not in NO_THINGS]
        leads_on = route.method == "GET" and route.path.endswith(("/done", "/withdraw", "{step}", "{way}"))
        if not things or leads_on:
            continue
        theirs = ids_for(world, route, world.other_clinic)
        nobodys = theirs | {name: str(uuid4()) for name in things}
        fields, before = dict(row.form_for(world, director)), rows()
        answers = [send(app, route, ids, token=director.token, fields=fields) for ids in (theirs, nobodys)]
        told = [_NONCE.sub("", answer.text) for answer in answers]
        tried += 1
        if answers[0].status_code != 404 or told[0] != told[1]:
            faults.append(f"{route.key}: {[answer.status_code for answer in answers]}")
        if rows() != before:
            faults.append(f"{route.key} with another clinic's things left something behind")
    assert faults == [], "\n".join(faults)
    assert tried >= 25


def told_by(answer: TestResponse) -> str:
    found = re.search(r'role="alert"[^>]*>(.*?)</p>', answer.text, re.S)
    return re.sub(r"<[^>]+>", "", found[1] if found else answer.text[:150]).strip()
