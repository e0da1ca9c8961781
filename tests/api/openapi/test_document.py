from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from werkzeug.routing import Rule

from api.openapi.document import PROBLEM_TYPE, CommonErrors
from tests.support.access.documented_client import DocumentedClient, document, operations

SIGN_INS = {
    "requestSignInCode",
    "renewInvitation",
    "findReception",
    "signInPatient",
    "signInStaff",
}
PATIENTS = ("/api/v1/me/", "/api/v1/patient/", "/api/v1/knowledge")


def completed(
    path: str = "/things", *, endpoint: str = "things.list_things", **described: Any
) -> dict[str, Any]:
    """One operation as the plugin leaves it."""
    operation = {"responses": {}, **described}
    CommonErrors().operation_helper(path, {"get": operation}, rule=Rule(path, endpoint=endpoint))
    return operation


def statuses(**described: Any) -> set[str]:
    return {str(status) for status in completed(**described)["responses"]}


@pytest.mark.parametrize(
    ("endpoint", "name"),
    [
        ("things.list_things", "listThings"),
        ("patient treatments.list_own_treatments", "listOwnTreatments"),
        ("things.sign", "sign"),
        ("a.b.put_clinic_page", "putClinicPage"),
        ("get_clinic", "getClinic"),
    ],
)
def test_an_operation_is_called_as_a_client_s_method_would_be(endpoint: str, name: str) -> None:
    assert completed(endpoint=endpoint)["operationId"] == name


def test_what_an_operation_can_answer_follows_from_what_it_takes() -> None:
    assert statuses() == {"503", "default"}
    assert statuses(path="/things/{id}") == {"404", "503", "default"}
    assert statuses(security=[{"patient": []}]) == {"401", "503", "default"}
    assert statuses(security=[{"staff": []}]) == {"401", "403", "503", "default"}
    assert statuses(requestBody={}) == {"400", "413", "415", "422", "503", "default"}
    assert statuses(parameters=[{"name": "limit", "in": "query"}]) == {"422", "503", "default"}
    assert statuses(parameters=[{"$ref": "#/components/parameters/id"}, []]) == {"503", "default"}


def test_an_operation_without_security_needs_no_token() -> None:
    assert completed()["security"] == []
    assert completed(security=[{"staff": []}])["security"] == [{"staff": []}]


def test_what_an_operation_says_of_an_error_itself_stands_as_a_problem() -> None:
    shape = {"schema": {"$ref": "#/components/schemas/FlagProblem"}}
    said = {409: {"description": "somebody holds it", "content": {"application/json": shape}}}
    answers = completed(responses=said)["responses"]
    assert answers[409] == {"description": "somebody holds it", "content": {PROBLEM_TYPE: shape}}
    assert answers[503] == "problem_503"


def test_what_went_well_keeps_its_own_type_of_content() -> None:
    well = {"description": "all of them", "content": {"application/json": {"schema": {}}}}
    assert completed(responses={200: dict(well)})["responses"][200] == well


def test_a_kind_of_error_that_was_only_named_is_described_in_full() -> None:
    assert completed(path="/things/{id}", responses={404: None})["responses"][404] == "problem_404"


def test_every_kind_of_error_is_described_once_as_a_problem(app: Flask) -> None:
    described = document(app)["components"]["responses"]
    own = {name for name in described if name.startswith("problem_")}
    assert own == {f"problem_{status}" for status in (400, 401, 403, 404, 409, 413, 415, 422, 503, "default")}
    for name in own:
        assert list(described[name]["content"]) == [PROBLEM_TYPE]
        assert described[name]["description"]


def test_every_operation_has_a_name_of_its_own_and_says_what_it_does(app: Flask) -> None:
    found = list(operations(app))
    assert len({operation.id for operation in found}) == len(found) > 0
    for operation in found:
        assert re.fullmatch(r"[a-z]+([A-Z][a-z]*)+", operation.id)
        assert operation.described["summary"]
        assert operation.described["tags"]
        assert operation.path.startswith("/api/v1/")


def test_who_may_call_an_operation(app: Flask) -> None:
    assert set(document(app)["components"]["securitySchemes"]) == {"patient", "staff"}
    for operation in operations(app):
        own = operation.path.startswith(PATIENTS) or operation.path == "/api/v1/me"
        expected = set() if operation.id in SIGN_INS else {"patient" if own else "staff"}
        assert operation.callers == expected, operation.id


def test_the_page_is_readable_without_anything_from_elsewhere(client: DocumentedClient) -> None:
    first, second = client.get("/api/v1/docs"), client.get("/api/v1/docs")
    assert first.status_code == 200
    assert first.mimetype == "text/html"
    assert re.findall(r"(?:https?:)?//[^\s\"'/]", first.text) == []
    policy = first.headers["Content-Security-Policy"]
    (nonce,) = re.findall(r"script-src 'self' 'nonce-([\w-]{20,})'", policy)
    assert f'<script nonce="{nonce}">' in first.text
    assert nonce not in second.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe-inline" not in policy.split("script-src")[1]
    assets = re.findall(r'(?:src|href)="([^"]+)"', first.text)
    assert len(assets) == 2
    for path in assets:
        asset = client.get(path)
        assert asset.status_code == 200
        assert asset.mimetype in ("text/css", "text/javascript")
        assert asset.headers["Cache-Control"].startswith("public")
        assert asset.headers["X-Content-Type-Options"] == "nosniff"
        asset.close()
    document_path = re.findall(r'url: "([^"]+)"', first.text)
    assert client.get(document_path[0]).status_code == 200


@pytest.mark.parametrize(
    "name", ["../__init__.py", "..%2f__init__.py", "no-such-file.js", "%00", "%2e%2e%2f__init__.py"]
)
def test_only_the_page_s_own_assets_are_served(client: DocumentedClient, name: str) -> None:
    assert client.get(f"/assets/swagger-ui/{name}").status_code == 404
