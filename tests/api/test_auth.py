from __future__ import annotations

import re
from uuid import UUID, uuid4

import pytest
from flask import Flask, g

from api import auth
from api.errors.problem_types import WrongRole
from recovery.domain.clinic.staff_roles import MAY, Duty, Role
from recovery.services.access.authentication import NotSignedIn, PatientCaller, StaffCaller
from tests.support.access.documented_client import DocumentedClient, operations

SIGN_INS = {
    "requestSignInCode",
    "renewInvitation",
    "findReception",
    "signInPatient",
    "signInStaff",
}
NO_TOKENS = [
    None,
    "",
    "Bearer",
    "Bearer ",
    "Basic eDp4",
    "Bearer x",
    f"Bearer ag_{'0' * 32}_{'A' * 43}",
    f"Bearer ag_{'z' * 32}_{'A' * 43}",
    "Bearer \xe9\xff",
    "Bearer " + "a" * 4000,
]

BARE = Flask(__name__)


def member(role: Role) -> StaffCaller:
    return StaffCaller(clinic_id=UUID(int=1), staff_id=UUID(int=2), name="Sam", role=role)


def filled(path: str) -> str:
    return re.sub(r"\{[^}]+\}", lambda _: str(uuid4()), path)


@pytest.mark.parametrize(
    ("header", "token"),
    [("Bearer abc", "abc"), ("bearer abc", "abc"), ("BEARER  abc ", "abc"), ("Bearer a b", "a b")],
)
def test_the_token_is_what_stands_after_the_scheme(header: str, token: str) -> None:
    with BARE.test_request_context(headers={"Authorization": header}):
        assert auth.bearer() == token


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Basic eDp4", "abc", "Bearerabc"])
def test_without_a_token_nobody_is_signed_in(header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header}
    with BARE.test_request_context(headers=headers), pytest.raises(NotSignedIn):
        auth.bearer()


def test_a_patient_is_not_taken_for_staff_nor_staff_for_a_patient() -> None:
    patient = PatientCaller(clinic_id=UUID(int=1), patient_id=UUID(int=3))
    with BARE.test_request_context():
        g.caller = patient
        assert auth.patient() is patient
        with pytest.raises(NotSignedIn):
            auth.staff()
        with pytest.raises(NotSignedIn):
            auth.staff_for(Duty.CONSULTATION)
        g.caller = member(Role.MEDICAL_DIRECTOR)
        assert auth.staff() is g.caller
        with pytest.raises(NotSignedIn):
            auth.patient()


@pytest.mark.parametrize("role", Role)
def test_where_roles_are_named_no_other_may(role: Role) -> None:
    caller = member(role)
    with BARE.test_request_context():
        g.caller = caller
        assert auth.staff() is auth.staff(role) is auth.staff(*Role) is caller
        others = [other for other in Role if other is not role]
        with pytest.raises(WrongRole):
            auth.staff(*others)
    assert auth.require_role(caller, ()) is caller


@pytest.mark.parametrize("duty", Duty)
def test_a_duty_is_for_the_roles_it_belongs_to(duty: Duty) -> None:
    for role in Role:
        with BARE.test_request_context():
            g.caller = member(role)
            if role in MAY[duty]:
                assert auth.staff_for(duty) is g.caller
            else:
                with pytest.raises(WrongRole):
                    auth.staff_for(duty)


def test_without_a_valid_token_every_operation_answers_401(client: DocumentedClient, app: Flask) -> None:
    guarded = [operation for operation in operations(app) if operation.id not in SIGN_INS]
    bodies = set()
    for authorization in NO_TOKENS:
        headers = {} if authorization is None else {"Authorization": authorization}
        for operation in guarded:
            # A body that could not be read must not be looked at before the token.
            answer = client.open(filled(operation.path), method=operation.method, headers=headers, data=b"{")
            assert answer.status_code == 401, operation.id
            assert answer.headers["WWW-Authenticate"] == "Bearer"
            bodies.add(answer.data)
    assert len(bodies) == 1
