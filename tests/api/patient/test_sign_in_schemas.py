from __future__ import annotations

from uuid import UUID

import marshmallow as ma
import pytest

from api.patient import sign_in_schemas as schemas
from recovery.models.patients.patients import PatientSession
from tests.support.data.schema_classes import answers_of, attributes_of, bodies_of, refusals

RECORD = "0199f8a2-7c1a-7cf0-a9d8-f7c2b1d3e4f5"
INVITED = {"invitation": "4t8fKq0ZyR2mUeXw7bNsQA", "secret": "1987"}
BY_CODE = {"phone": "+12025550142", "code": "204617", "secret": "1987"}


@pytest.mark.parametrize("body", bodies_of(schemas))
def test_every_body_refuses_what_nobody_documented(body: type[ma.Schema]) -> None:
    assert "nonsense" in refusals(body(), {"nonsense": 1})


@pytest.mark.parametrize("answer", answers_of(schemas))
def test_what_is_answered_is_always_there(answer: type[ma.Schema]) -> None:
    assert [name for name, field in answer().fields.items() if not field.required] == []


def test_an_invitation_or_a_code_signs_in_always_with_a_secret() -> None:
    nothing = dict.fromkeys(("invitation", "phone", "code", "record"))
    assert schemas.PatientSignIn().load(INVITED) == nothing | INVITED
    assert schemas.PatientSignIn().load(BY_CODE) == nothing | BY_CODE
    assert schemas.PatientSignIn().load(BY_CODE | {"record": RECORD})["record"] == UUID(RECORD)
    for body in (INVITED, BY_CODE):
        without = {name: value for name, value in body.items() if name != "secret"}
        assert refusals(schemas.PatientSignIn(), without) == ["secret"]


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({"secret": "1987"}, "_schema"),
        (INVITED | {"code": "204617", "phone": "+12025550142"}, "_schema"),
        ({"phone": "+12025550142", "secret": "1987"}, "_schema"),
        ({"code": "204617", "secret": "1987"}, "phone"),
        (INVITED | {"phone": "+12025550142"}, "phone"),
        (INVITED | {"record": RECORD}, "record"),
        ({"invitation": None, "code": None, "secret": "1987"}, "_schema"),
    ],
)
def test_ways_in_are_not_mixed(body: dict[str, object], wrong: str) -> None:
    assert refusals(schemas.PatientSignIn(), body) == [wrong]


@pytest.mark.parametrize("code", ["20461", "2046170", "20461a", " 204617", "２０４６１７", 204617, ""])
def test_a_code_is_six_digits_and_nothing_else(code: object) -> None:
    assert refusals(schemas.PatientSignIn(), BY_CODE | {"code": code}) == ["code"]


def test_a_number_is_needed_for_a_code_and_an_invitation_for_a_new_one() -> None:
    assert schemas.CodeIn().load({"phone": " +12025550142 "}) == {"phone": "+12025550142"}
    for wrong in ({}, {"phone": ""}, {"phone": "1" * 33}, {"phone": None}):
        assert refusals(schemas.CodeIn(), wrong) == ["phone"]
    assert schemas.RenewalIn().load({"invitation": "abc"}) == {"invitation": "abc"}
    for wrong in ({}, {"invitation": ""}, {"invitation": "x" * 65}):
        assert refusals(schemas.RenewalIn(), wrong) == ["invitation"]


def test_a_device_is_read_from_its_session_and_says_no_token() -> None:
    fields = set(schemas.DeviceOut().fields)
    assert fields - attributes_of(PatientSession) == {"current"}
    assert "token_hash" not in fields


def test_a_refusal_names_the_clinic_only_where_there_is_one_to_call() -> None:
    for problem in (schemas.RefusedProblem, schemas.SeveralRecordsProblem):
        own = {name: field.required for name, field in problem().fields.items()}
        assert {name for name, required in own.items() if required} >= {"type", "title", "status", "detail"}
    assert not schemas.RefusedProblem().fields["clinic"].required
    assert schemas.SeveralRecordsProblem().fields["records"].required
