from __future__ import annotations

import marshmallow as ma
import pytest

from api.clinic.flags import flag_schemas
from recovery.domain.flags.flag_lifecycle import FlagOutcome, FlagState, NurseText, Urgency
from recovery.models.flags.flags import Flag
from recovery.models.patients.patients import Patient
from recovery.services.flags.flag_work import ContactResult
from tests.support.data.schema_classes import answers_of, attributes_of, bodies_of, refusals

MOMENT = "2026-11-23T08:12:00+01:00"
WHO = {"first_name": "Sam", "last_name": "Sample", "phone": "+12025550142", "year_of_birth": 1987}
DONE = {"performed_at": MOMENT, "device": "pen"}
CONSENT = {"kind": "recovery_texts", "wording": "Yes.", "given_at": MOMENT}


@pytest.mark.parametrize("body", bodies_of(flag_schemas))
def test_every_body_refuses_what_nobody_documented(body: type[ma.Schema]) -> None:
    assert "nonsense" in refusals(body(), {"nonsense": 1})
    assert refusals(body(), ["a list"]) == ["_schema"]


@pytest.mark.parametrize("answer", answers_of(flag_schemas))
def test_what_is_answered_is_always_there(answer: type[ma.Schema]) -> None:
    assert [name for name, field in answer().fields.items() if not field.required] == []


@pytest.mark.parametrize(
    ("shape", "row", "added"),
    [
        (flag_schemas.FlagPatientOut, Patient, set[str]()),
        (flag_schemas.FlagOut, Flag, {"patient", "holder", "findings", "told"}),
    ],
)
def test_what_is_read_from_a_row_is_there_under_that_name(
    shape: type[ma.Schema], row: type, added: set[str]
) -> None:
    assert set(shape().fields) - attributes_of(row) == added


def test_nothing_secret_of_a_patient_is_answered() -> None:
    for shape in (flag_schemas.FlagPatientOut,):
        assert not {"pin_hash", "pin", "wrong_secrets", "clinic_id"} & set(shape().fields)


def test_flags_are_asked_for_by_state_urgency_and_holder() -> None:
    query = flag_schemas.FlagQuery()
    assert query.load({}) == {
        "state": None, "urgency": None, "assigned_to": None, "limit": 50, "cursor": None,
        "room": None,
    }  # fmt: skip
    read = query.load({"state": "claimed", "urgency": "same_day", "limit": "200"})
    assert (read["state"], read["urgency"], read["limit"]) == (FlagState.CLAIMED, Urgency.SAME_DAY, 200)
    for wrong in ({"limit": "0"}, {"limit": "201"}, {"state": "lost"}, {"assigned_to": "me"}):
        assert refusals(query, wrong) == list(wrong)


def test_what_is_done_to_a_flag_is_said_in_known_words() -> None:
    contact = flag_schemas.ContactIn()
    assert contact.load({"result": "no_answer"}) == {"result": ContactResult.NO_ANSWER, "note": None}
    assert contact.load({"result": "reached", "note": ""})["note"] == ""
    assert refusals(contact, {"result": "ignored", "note": "x" * 2001}) == ["note", "result"]
    resolved = flag_schemas.ResolveIn().load({"outcome": "other", "comment": "Fine.", "text": "seen"})
    assert (resolved["outcome"], resolved["text"]) == (FlagOutcome.OTHER, NurseText.LOOKED_AT)
    assert flag_schemas.ResolveIn().load({"outcome": "other", "comment": "Fine."})["text"] is None
    assert refusals(flag_schemas.ResolveIn(), {"outcome": "other", "comment": " ", "text": "hi"}) == [
        "comment",
        "text",
    ]
    assert refusals(flag_schemas.NoteIn(), {"note": ""}) == ["note"]
    assert refusals(flag_schemas.HandOverIn(), {"to": "somebody"}) == ["to"]
    assert flag_schemas.TextIn().load({"template": "tried_to_call"}) == {"template": NurseText.TRIED_TO_CALL}
