"""Every body of the API, found in its document, sent wrong in every way known to have hurt someone."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session, sessionmaker

from api.app import LARGEST_BODY
from recovery.domain.clinic.staff_roles import Role
from recovery.models.clinic.staff_phones import StaffPhone
from recovery.services.access import credentials
from recovery.services.content.content import Content
from recovery.services.review import report_review
from tests.support.access import good_bodies
from tests.support.access.documented_client import DocumentedClient, Operation, document, operations
from tests.support.access.signing import sign
from tests.support.data import wrong_values
from tests.support.data.inbound_texting import Texting
from tests.support.data.people import PASSWORD, Clinic, Nurse, Patient
from tests.support.data.wrong_values import CHARSETS, as_json

PLACE = "@@here@@"
WITH_BODY = [
    "publishProtocolVersion", "createProtocolDraft", "createFlagContact", "requestSignInCode", "resolveFlag",
    "createStaffMember", "updateStaffMember", "withdrawTreatment", "updateOwnProfile", "createInvitation",
    "putConsultation", "renewInvitation", "setBandOverride", "setSecondFactor", "updateTreatment",
    "createTreatment", "createFlagNote", "createFlagText", "putSessionPlan", "previewWording", "setOwnPhone",
    "proveOwnPhone", "putClinicPage", "signInPatient", "updatePatient", "findReception", "setStopSwitch",
    "putAvoidance", "updateClinic", "handOverFlag", "enrolPatient", "signContent", "signInStaff",
    "putWording", "endPatient", "putReport", "closeTask", "openFlag", "recordComplication",
    "decideRoleProposal", "withdrawContent", "removeSecondFactor"]  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Call:
    """A call that would succeed: where, as whom, and with what."""

    operation: Operation
    path: str
    headers: Mapping[str, str]
    body: dict[str, Any]

    def bytes(self) -> bytes:
        return json.dumps(self.body).encode()


@pytest.fixture
def call(
    app: Flask,
    client: DocumentedClient,
    clinic: Clinic,
    patient: Patient,
    sessions: sessionmaker[Session],
    content: Content,
    texting: Texting,
    now: datetime,
    request: pytest.FixtureRequest,
) -> Call:
    """The good call of one operation, every documented field in it."""
    (operation,) = (one for one in operations(app) if one.id == request.param)
    staff = clinic.add_nurse(now=now, role=Role.MEDICAL_DIRECTOR)
    values = {"patient_id": patient.id, "treatment_id": patient.treatment_id, "report_id": now.strftime(UUID)}
    values |= {"language": "en", "key": "tried_to_call", "staff_id": clinic.nurse.id, "what": "sun"}
    values["topic"] = "aftercare"
    if "version" in operation.parameters:
        values["version"] = _draft(client, staff, content, "canary-1")
    if "flag_id" in operation.parameters:
        values["flag_id"] = _claimed_flag(client, staff, patient, sessions, content, now)
    if "task_id" in operation.parameters:
        texting.send(patient.phone, "hello", now=now)
        values["task_id"] = texting.tasks()[0].id
    if operation.id == "proveOwnPhone":
        _texted_code(sessions, staff, clinic, now)
    if operation.id == "withdrawContent":
        _signed_twice(client, staff, clinic, now)
    if "proposal_id" in operation.parameters:
        values["proposal_id"] = _proposed_role(client, clinic, now)
    path = operation.path
    for name in operation.parameters:
        path = path.replace(f"{{{name}}}", str(values[name]))
    headers = {"patient": patient.headers, "staff": staff.headers}
    body = good_bodies.good_body(operation.id, clinic=clinic, patient=patient, sessions=sessions, now=now)
    if operation.id in ("signContent", "removeSecondFactor"):
        body["code"] = staff.code(now=now)
    return Call(
        operation=operation,
        path=path,
        headers=headers[next(iter(operation.callers))] if operation.callers else {},
        body=body,
    )


UUID = "0198aaaa-0000-7000-8000-%H%M%S%f"


def _claimed_flag(
    client: DocumentedClient,
    staff: Nurse,
    patient: Patient,
    sessions: sessionmaker[Session],
    content: Content,
    now: datetime,
) -> str:
    body = {"seen_at": now.isoformat(), "scores": {"redness": 2, "swelling": 1, "peeling": 0}}
    client.put(patient.report_path(), json=body | {"warning_signs": ["pus"]}, headers=patient.headers)
    with sessions.begin() as session:
        assert (
            report_review.review_due(session, content=content, now=now + timedelta(minutes=1), limit=10) == 1
        )
    (flag,) = client.get("/api/v1/flags", headers=staff.headers).get_json()["items"]
    client.post(f"/api/v1/flags/{flag['id']}/claim", headers=staff.headers)
    return str(flag["id"])


def _texted_code(sessions: sessionmaker[Session], staff: Nurse, clinic: Clinic, now: datetime) -> None:
    waiting = StaffPhone(
        clinic_id=clinic.id,
        staff_id=staff.id,
        phone="+12025550171",
        code_hash=credentials.hash_pin("481516"),
        code_until=now + timedelta(minutes=10),
    )
    with sessions.begin() as session:
        session.add(waiting)


def _signed_twice(client: DocumentedClient, staff: Nurse, clinic: Clinic, now: datetime) -> None:
    for words in ("Canary words of a clinic.", "Rub it."):
        body = {"text": f"# Care\n\n{words}\n"}
        kept = client.put("/api/v1/clinic/pages/en/aftercare", json=body, headers=staff.headers)
        assert kept.status_code == 200
        sign(clinic, now=now)


def _proposed_role(client: DocumentedClient, clinic: Clinic, now: datetime) -> str:
    manager = clinic.add_nurse(now=now, role=Role.MANAGER)
    body = {"email": "new@clinic.example", "name": "New Director", "role": "medical_director"}
    made = client.post("/api/v1/staff", json=body, headers=manager.headers)
    return str(made.get_json()["proposal"]["id"])


def _draft(client: DocumentedClient, staff: Nurse, content: Content, version: str) -> str:
    text = good_bodies.protocol(content, version)
    kept = client.post("/api/v1/protocols", json={"text": text}, headers=staff.headers)
    assert kept.status_code == 201, kept.text
    return version


def test_no_operation_with_a_body_is_forgotten(app: Flask) -> None:
    assert sorted(one.id for one in operations(app) if one.body) == sorted(WITH_BODY)


def _fields(
    app: Flask, described: Mapping[str, Any], value: Any, path: tuple[Any, ...] = ()
) -> Iterator[tuple[tuple[Any, ...], Mapping[str, Any]]]:
    """Every documented field with its path in the body; the body must have them all."""
    if "$ref" in described:
        described = document(app)["components"]["schemas"][described["$ref"].rsplit("/", 1)[1]]
    if described.get("type") == "object":
        assert set(value) == set(described["properties"]), path
        yield path, described
        for name, inner in described["properties"].items():
            yield from _fields(app, inner, value[name], (*path, name))
    elif described.get("type") == "array" and "$ref" in described["items"]:
        yield from _fields(app, described["items"], value[0], (*path, 0))
    else:
        yield path, described


def _with(body: Any, path: tuple[Any, ...], text: str) -> bytes:
    """The body with the value at `path` replaced by JSON text as it stands."""
    changed = inner = copy.deepcopy(body)
    if not path:
        return text.encode()
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = PLACE
    return json.dumps(changed).replace(f'"{PLACE}"', text).encode()


def _at(body: Any, path: tuple[Any, ...]) -> Any:
    for step in path:
        body = body[step]
    return body


def _wrong_bodies(app: Flask, call: Call) -> Iterator[tuple[str, bytes, str, set[int]]]:
    """What is wrong, the bytes, their content type, and the statuses that may answer."""
    good, kind = call.bytes(), "application/json"
    for what, data in wrong_values.unreadable(good):
        yield what, data, kind, {400}
    for data in (b"null", b"[]", b'"x"', b"3", b"true", b"[" + good + b"]"):
        yield f"{data[:8]!r} instead of an object", data, kind, {422}
    yield "large", good[:-1] + b', "x": "' + b"x" * LARGEST_BODY + b'"}', kind, {413}
    for other in ("", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
        yield f"sent as {other!r}", good, other, {415}
    for charset in CHARSETS:
        yield f"sent in {charset}", good, f"application/json; charset={charset}", {415}
    described = {"$ref": f"#/components/schemas/{call.operation.body}"}
    for path, field in _fields(app, described, call.body):
        value = _at(call.body, path)
        if isinstance(value, dict):
            text = as_json(value)
            yield f"{path}: unknown field", _with(call.body, path, text[:-1] + ', "x": 1}'), kind, {422}
            name = next(iter(value))
            twice = f'{text[:-1]}, "{name}": {as_json(value[name])}}}'
            yield f"{path}: {name} twice", _with(call.body, path, twice), kind, {400}
        for wrong in wrong_values.wrong_values(field):
            # A wrong secret or an address nobody has may be refused as such, and so is a form nobody signed.
            refused = {409} if call.operation.id == "withdrawContent" else {401}
            yield f"{path}: {wrong[:40]}", _with(call.body, path, wrong), kind, {400, 422} | refused


@pytest.mark.parametrize("call", WITH_BODY, indirect=True)
def test_wrong_bodies_are_refused_and_leave_nothing(
    call: Call, app: Flask, client: DocumentedClient, rows: Callable[[], dict[str, int]]
) -> None:
    before, faults, secrets = rows(), [], list(_secrets(call.body))
    for what, data, content_type, expected in _wrong_bodies(app, call):
        answer = client.open(
            call.path,
            method=call.operation.method,
            data=data,
            headers=dict(call.headers) | ({"Content-Type": content_type} if content_type else {}),
        )
        told = answer.get_data(as_text=True)
        body = answer.json or {}
        if answer.status_code not in expected:
            faults.append(f"{what}: {answer.status_code} {told[:150]}")
        elif not {"type", "title", "status", "detail"} <= set(body) or len(told) > 10_000:
            faults.append(f"{what}: no problem document, or a long one: {told[:150]}")
        elif any(secret in told for secret in secrets):
            faults.append(f"{what}: repeats what was sent: {told[:150]}")
    assert faults == []
    assert rows() == before
    good = client.open(
        call.path, method=call.operation.method, data=call.bytes(),
        headers=dict(call.headers) | {"Content-Type": "application/json; charset=UTF-8"},
    )  # fmt: skip
    assert good.status_code in (200, 201, 202), good.text


def _secrets(value: Any) -> Iterator[str]:
    """What a person typed: anything longer than a word of the API's own."""
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _secrets(inner)
    elif isinstance(value, str) and (
        len(value) >= 20 or "Canary" in value or value in (PASSWORD, "48151623")
    ):
        yield value


@pytest.mark.parametrize("call", ["putReport"], indirect=True)
def test_a_thousand_unknown_fields_get_a_short_answer(call: Call, client: DocumentedClient) -> None:
    body = call.body | {f"field{number}": 1 for number in range(1000)}
    answer = client.put(call.path, json=body, headers=call.headers)
    assert answer.status_code == 422
    assert len(answer.get_json()["errors"]) == 50


@pytest.mark.parametrize("call", ["putReport"], indirect=True)
def test_the_place_of_every_mistake_is_named(call: Call, client: DocumentedClient) -> None:
    scores = {"redness": 11, "swelling": 2.5, "a/b~c": 1}
    body = call.body | {"scores": scores, "warning_signs": ["pus", "nonsense"], "revision": 0}
    answer = client.put(call.path, json=body, headers=call.headers)
    assert {error["pointer"] for error in answer.get_json()["errors"]} == {
        "#/scores/redness",
        "#/scores/swelling",
        "#/scores/peeling",
        "#/scores/a~1b~0c",
        "#/warning_signs/1",
        "#/revision",
    }


@pytest.mark.parametrize("call", ["putReport"], indirect=True)
@pytest.mark.parametrize(
    "sent_at", ["", "now", "2026-11-23T08:12:00", "1700000000", "2026-11-23T08:12:00+99:99", "\xff"]
)
def test_a_wrong_clock_header_is_refused(call: Call, client: DocumentedClient, sent_at: str) -> None:
    headers = {**call.headers, "Afterglow-Sent-At": sent_at}
    answer = client.put(call.path, json=call.body, headers=headers)
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.get_json()["errors"]] == ["#/headers/Afterglow-Sent-At"]
