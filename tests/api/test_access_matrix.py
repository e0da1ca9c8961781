"""Every documented operation against every kind of caller, and everybody's things against everybody else."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from uuid import uuid4

from flask import Flask
from werkzeug.test import TestResponse

from recovery.domain.clinic.staff_roles import Role
from tests.support.access.access_table import ROWS, AccessRow
from tests.support.access.access_world import API, MAKERS, NOBODYS, AccessWorld, Call, Headers
from tests.support.access.documented_client import Operation, operations
from tests.support.data.people import Clinic, Patient

_ADDRESSES = itertools.count(1)


def key_of(operation: Operation) -> str:
    return f"{operation.method} {operation.path.removeprefix(API)}"


def guarded(app: Flask) -> Iterator[tuple[Operation, AccessRow]]:
    for operation in operations(app):
        row = ROWS.get(key_of(operation))
        if row is not None and not row.open:
            yield operation, row


def names_of(operation: Operation, row: AccessRow) -> list[str]:
    return [*operation.parameters, *row.query]


def send(
    world: AccessWorld, operation: Operation, row: AccessRow, call: Call, body: Mapping[str, Any] | None
) -> TestResponse:
    path = operation.path
    for name in operation.parameters:
        path = path.replace(f"{{{name}}}", call.ids[name])
    content: dict[str, Any] = {"data": row.raw} if row.raw is not None else {}
    if body is not None:
        content = {"json": body}
    place = next(_ADDRESSES)
    return world.client.open(
        path,
        method=operation.method,
        headers=dict(row.headers) | call.headers,
        query_string={name: call.ids[name] for name in row.query},
        environ_base={"REMOTE_ADDR": f"10.0.{place // 256 % 256}.{place % 256}"},
        **content,
    )


def told(answer: TestResponse) -> tuple[int, bytes, list[tuple[str, str]]]:
    return answer.status_code, answer.data, answer.headers.to_wsgi_list()


def welcome(operation: Operation) -> frozenset[int]:
    return frozenset(int(status) for status in operation.described["responses"] if status.startswith("2"))


def test_every_operation_has_a_row_and_every_row_an_operation(app: Flask) -> None:
    found = {key_of(operation): operation for operation in operations(app)}
    assert set(found) - set(ROWS) == set(), "these need a row in tests/support/access/access_table.py"
    assert set(ROWS) - set(found) == set()
    for key, operation in found.items():
        row = ROWS[key]
        assert operation.callers == (set() if row.open else {"staff"} if row.roles else {"patient"}), key
        assert set(names_of(operation, row)) <= set(MAKERS), f"{key}: add a maker to access_world.py"


def test_nobody_is_let_in_who_is_not_known(
    app: Flask, world: AccessWorld, rows: Callable[[], dict[str, int]]
) -> None:
    staff = world.staff(Role.MEDICAL_DIRECTOR)
    callers = {
        "patient": world.no_callers(wrong_kind=staff.headers),
        "staff": world.no_callers(wrong_kind=world.own.headers),
    }
    faults, answers, before = [], set(), rows()
    for operation, row in guarded(app):
        ids = {name: str(uuid4()) for name in names_of(operation, row)}
        body = row.body_for(world) if not row.open else None
        for who, headers in callers["staff" if row.roles else "patient"].items():
            answer = send(world, operation, row, Call(ids=ids, headers=headers), body)
            answers.add(answer.data)
            if answer.status_code != 401:
                faults.append(f"{key_of(operation)} let in {who}: {answer.status_code}")
    assert faults == []
    assert len(answers) == 1
    assert rows() == before


def test_what_is_somebody_else_s_does_not_exist(
    app: Flask, world: AccessWorld, rows: Callable[[], dict[str, int]]
) -> None:
    """Same bytes as an id nobody has, for every id in a path on its own and for all together."""
    faults, tried = [], 0
    neighbour = world.clinic.add_patient(now=world.now)
    stranger = world.other_clinic.add_patient(now=world.now)
    director = world.staff(Role.MEDICAL_DIRECTOR)
    for operation, row in guarded(app):
        names = [name for name in names_of(operation, row) if name not in row.client_made | NOBODYS]
        owners: dict[str, tuple[Clinic, Patient]] = {"another clinic's": (world.other_clinic, stranger)}
        if not row.roles:
            owners["another patient's"] = (world.clinic, neighbour)
        headers: Headers = director.headers if row.roles else world.own.headers
        for whose, (owner, patient) in owners.items() if names else ():
            all_names = names_of(operation, row)
            own = world.ids(all_names, world.clinic, world.own, made_up=row.client_made)
            theirs = world.ids(all_names, owner, patient)
            body, before = row.body_for(world), rows()
            for strange in {*((name,) for name in names), tuple(names)}:
                answers = []
                for other in (theirs, {name: str(uuid4()) for name in names}):
                    ids = own | {name: other[name] for name in strange}
                    answers.append(told(send(world, operation, row, Call(ids=ids, headers=headers), body)))
                tried += 1
                if answers[0] != answers[1] or answers[0][0] != 404:
                    faults.append(f"{key_of(operation)} with {whose} {strange}: {answers}")
            if rows() != before:
                faults.append(f"{key_of(operation)} with {whose} things left something behind")
    assert faults == []
    assert tried > 25


def test_every_role_does_its_own_work_and_no_other(
    app: Flask, world: AccessWorld, rows: Callable[[], dict[str, int]]
) -> None:
    faults = []
    callers = {role: world.staff(role) for role in Role}
    for operation, row in guarded(app):
        for role in Role if row.roles else ():
            # Some operations end or change what the caller signs in with.
            own = "/staff/" in operation.path
            caller = world.staff(role) if own else callers[role]
            names = names_of(operation, row)
            patient = world.clinic.add_patient(now=world.now) if names else world.own
            call = Call(
                ids=world.ids(names, world.clinic, patient, made_up=row.client_made), headers=caller.headers
            )
            if row.before is not None and role in row.roles:
                row.before(world, call)
            body, before = row.body_for(world), rows()
            answer = send(world, operation, row, call, body)
            expected = welcome(operation) if role in row.roles else frozenset({403})
            if answer.status_code not in expected:
                faults.append(f"{key_of(operation)} as {role}: {answer.status_code} {answer.text[:200]}")
            if role not in row.roles and rows() != before:
                faults.append(f"{key_of(operation)} refused to {role} left something behind")
    assert faults == []


def test_lists_show_nothing_of_another_clinic(app: Flask, world: AccessWorld) -> None:
    stranger = world.other_clinic.add_patient(now=world.now)
    theirs = world.ids(sorted(set(MAKERS) - NOBODYS), world.other_clinic, stranger)
    theirs |= {"clinic_id": str(world.other_clinic.id)}
    director, seen = world.staff(Role.MEDICAL_DIRECTOR), 0
    for operation, row in guarded(app):
        if operation.method != "GET" or names_of(operation, row):
            continue
        headers = director.headers if row.roles else world.own.headers
        answer = send(world, operation, row, Call(ids={}, headers=headers), None)
        assert answer.status_code == 200, key_of(operation)
        assert [name for name, one in theirs.items() if one in answer.text] == [], key_of(operation)
        seen += 1
    assert seen >= 7


def test_a_patient_does_everything_with_what_is_their_own(app: Flask, world: AccessWorld) -> None:
    faults = []
    for operation, row in guarded(app):
        if row.roles:
            continue
        patient = world.clinic.add_patient(now=world.now)
        names = names_of(operation, row)
        call = Call(
            ids=world.ids(names, world.clinic, patient, made_up=row.client_made), headers=patient.headers
        )
        if row.before is not None:
            row.before(world, call)
        answer = send(world, operation, row, call, row.body_for(world))
        if answer.status_code not in welcome(operation):
            faults.append(f"{key_of(operation)}: {answer.status_code} {answer.text[:200]}")
    assert faults == []


def test_what_needs_no_token_looks_at_none(app: Flask, world: AccessWorld) -> None:
    seen = 0
    for operation in operations(app):
        row = ROWS[key_of(operation)]
        if not row.open:
            continue
        for headers in ({}, {"Authorization": "Bearer nobody's"}, world.own.headers):
            answer = send(world, operation, row, Call(ids={}, headers=headers), row.body_for(world))
            assert answer.status_code in welcome(operation), (key_of(operation), answer.text)
            seen += 1
    assert seen >= 12
