from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import marshmallow as ma
import pytest

from api.clinic import schemas
from recovery.domain.clinical.symptoms import Area, Device, Level
from recovery.domain.core.language import Language
from recovery.domain.flags.flag_lifecycle import FlagOutcome, FlagState, NurseText, Urgency
from recovery.domain.patients.contact import AnswersBy
from recovery.models.flags.flags import Flag
from recovery.models.patients.patients import Patient
from recovery.models.treatments.treatments import Treatment
from recovery.services.flags.flag_work import ContactResult
from tests.support.data.schema_classes import answers_of, attributes_of, bodies_of, refusals

MOMENT = "2026-11-23T08:12:00+01:00"
WHO = {"first_name": "Sam", "last_name": "Sample", "phone": "+12025550142", "year_of_birth": 1987}
DONE = {"performed_at": MOMENT, "device": "pen"}
CONSENT = {"kind": "recovery_texts", "wording": "Yes.", "given_at": MOMENT}


@pytest.mark.parametrize("body", bodies_of(schemas))
def test_every_body_refuses_what_nobody_documented(body: type[ma.Schema]) -> None:
    assert "nonsense" in refusals(body(), {"nonsense": 1})
    assert refusals(body(), ["a list"]) == ["_schema"]


@pytest.mark.parametrize("answer", answers_of(schemas))
def test_what_is_answered_is_always_there(answer: type[ma.Schema]) -> None:
    assert [name for name, field in answer().fields.items() if not field.required] == []


@pytest.mark.parametrize(
    ("shape", "row", "added"),
    [
        (schemas.PatientOut, Patient, set[str]()),
        (schemas.FlagPatientOut, Patient, set[str]()),
        (schemas.TreatmentOut, Treatment, set[str]()),
        (schemas.FlagOut, Flag, {"patient", "holder", "findings"}),
    ],
)
def test_what_is_read_from_a_row_is_there_under_that_name(
    shape: type[ma.Schema], row: type, added: set[str]
) -> None:
    assert set(shape().fields) - attributes_of(row) == added


def test_nothing_secret_of_a_patient_is_answered() -> None:
    for shape in (schemas.PatientOut, schemas.FlagPatientOut):
        assert not {"pin_hash", "pin", "wrong_secrets", "clinic_id"} & set(shape().fields)


def test_who_is_enrolled_needs_a_name_a_number_and_a_year() -> None:
    assert refusals(schemas.PatientIn(), {}) == sorted(WHO)
    read = schemas.PatientIn().load(WHO)
    assert read == WHO | {
        "pin": None,
        "language": Language.ENGLISH,
        "time_zone": None,
        "skin_type": None,
        "answers_by": AnswersBy.LINK,
        "consents": [],
    }


@pytest.mark.parametrize(
    ("field", "taken", "refused"),
    [
        ("year_of_birth", [1900, 2100], [1899, 2101, "1987", 1987.0, None]),
        ("skin_type", [1, 6, None], [0, 7, "3", True]),
        ("pin", ["2468", "12345678", None], ["123", "123456789", "12a4", 2468]),
        ("first_name", ["S", "x" * 100], ["", "  ", "x" * 101, "a\nb", None]),
        ("time_zone", ["America/Chicago", None], ["Chicago", "", 7]),
        ("language", ["es"], ["ES", "de", None]),
        ("answers_by", ["text"], ["letter"]),
        ("consents", [[CONSENT] * 10], [[CONSENT] * 11, [{}], None]),
    ],
)
def test_what_may_be_said_of_a_patient(field: str, taken: list[object], refused: list[object]) -> None:
    for value in taken:
        assert refusals(schemas.PatientIn(), WHO | {field: value}) == [], value
    for value in refused:
        assert refusals(schemas.PatientIn(), WHO | {field: value}) == [field], value


def test_a_change_says_only_what_changes_and_takes_no_pin_away() -> None:
    change = schemas.PatientChangeIn(partial=tuple(schemas.PatientIn().fields))
    assert change.load({}) == {}
    assert change.load({"skin_type": None, "pin": "2468"}) == {"skin_type": None, "pin": "2468"}
    assert refusals(change, {"pin": None}) == ["pin"]
    assert refusals(change, {"first_name": None}) == ["first_name"]


def test_a_treatment_is_of_the_face_and_the_first_where_nothing_else_is_said() -> None:
    read = schemas.TreatmentIn().load(DONE)
    assert (read["device"], read["areas"], read["session_number"]) == (Device.PEN, [Area.FACE], 1)
    assert read["performed_at"] == datetime(2026, 11, 23, 7, 12, tzinfo=UTC)
    read["areas"].append(Area.NECK)
    assert schemas.TreatmentIn().load(DONE)["areas"] == [Area.FACE]


@pytest.mark.parametrize(
    ("field", "taken", "refused"),
    [
        ("depth_mm", [0.25, 5, None], [0, -1, 5.01, 1.234, "1.5", True]),
        ("areas", [["face"], [area.value for area in Area]], [[], ["face", "face"], ["nose"], "face"]),
        ("session_number", [1, 50], [0, 51, "1"]),
        ("device", ["roller", "rf"], ["laser", None]),
        ("indication", ["wrinkles", None], ["boredom"]),
        ("performed_at", [MOMENT], ["2026-11-23T08:12:00", "2026-11-23", 7]),
        ("protocol", ["standard-2026-11", None], ["", "x" * 101]),
    ],
)
def test_what_may_be_said_of_a_treatment(field: str, taken: list[object], refused: list[object]) -> None:
    for value in taken:
        assert refusals(schemas.TreatmentIn(), DONE | {field: value}) == [], value
    for value in refused:
        assert refusals(schemas.TreatmentIn(), DONE | {field: value}) == [field], value


def test_a_correction_gives_its_reason_and_leaves_the_expected_course_alone() -> None:
    change = schemas.TreatmentChangeIn(partial=tuple(schemas.TreatmentIn().fields))
    assert refusals(change, {"depth_mm": 1.5}) == ["reason"]
    assert change.load({"depth_mm": 1.5, "reason": "A slip."}) == {
        "depth_mm": Decimal("1.50"),
        "reason": "A slip.",
    }
    assert refusals(change, {"protocol": "standard-2026-11", "reason": "A slip."}) == ["protocol"]


def test_what_is_known_of_a_skin_is_given_with_its_reason() -> None:
    read = schemas.BandIn().load({"because": "Reacts strongly."})
    assert (read["level"], read["duration"], read["at_least"]) == (1.0, 1.0, None)
    assert refusals(schemas.BandIn(), {"level": 2}) == ["because"]
    for value in (0.5, 2, 1.25):
        assert refusals(schemas.BandIn(), {"level": value, "duration": value, "because": "x"}) == []
    for wrong in (0.49, 2.01, "1", True, None):
        body = {"level": wrong, "duration": wrong, "because": "x"}
        assert refusals(schemas.BandIn(), body) == ["duration", "level"], wrong
    assert schemas.BandIn().load({"at_least": "watch", "because": "x"})["at_least"] is Level.WATCH


def test_an_invitation_is_texted_or_shown_at_the_desk() -> None:
    assert schemas.InvitationIn().load({}) == {"via": "text"}
    assert schemas.InvitationIn().load({"via": "desk"}) == {"via": "desk"}
    for wrong in ("letter", "TEXT", None):
        assert refusals(schemas.InvitationIn(), {"via": wrong}) == ["via"]


def test_flags_are_asked_for_by_state_urgency_and_holder() -> None:
    query = schemas.FlagQuery()
    assert query.load({}) == {
        "state": None, "urgency": None, "assigned_to": None, "limit": 50, "cursor": None,
    }  # fmt: skip
    read = query.load({"state": "claimed", "urgency": "same_day", "limit": "200"})
    assert (read["state"], read["urgency"], read["limit"]) == (FlagState.CLAIMED, Urgency.SAME_DAY, 200)
    for wrong in ({"limit": "0"}, {"limit": "201"}, {"state": "lost"}, {"assigned_to": "me"}):
        assert refusals(query, wrong) == list(wrong)


def test_what_is_done_to_a_flag_is_said_in_known_words() -> None:
    contact = schemas.ContactIn()
    assert contact.load({"result": "no_answer"}) == {"result": ContactResult.NO_ANSWER, "note": None}
    assert contact.load({"result": "reached", "note": ""})["note"] == ""
    assert refusals(contact, {"result": "ignored", "note": "x" * 2001}) == ["note", "result"]
    resolved = schemas.ResolveIn().load({"outcome": "other", "comment": "Fine.", "text": "seen"})
    assert (resolved["outcome"], resolved["text"]) == (FlagOutcome.OTHER, NurseText.LOOKED_AT)
    assert schemas.ResolveIn().load({"outcome": "other", "comment": "Fine."})["text"] is None
    assert refusals(schemas.ResolveIn(), {"outcome": "other", "comment": " ", "text": "hi"}) == [
        "comment",
        "text",
    ]
    assert refusals(schemas.NoteIn(), {"note": ""}) == ["note"]
    assert refusals(schemas.HandOverIn(), {"to": "somebody"}) == ["to"]
    assert schemas.TextIn().load({"template": "tried_to_call"}) == {"template": NurseText.TRIED_TO_CALL}
