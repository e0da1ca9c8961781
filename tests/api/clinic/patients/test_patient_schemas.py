from __future__ import annotations

import marshmallow as ma
import pytest

from api.clinic.patients import patient_schemas
from recovery.domain.clinical.symptoms import Level
from recovery.domain.core.language import Language
from recovery.domain.patients.contact import AnswersBy
from recovery.models.patients.patients import Patient
from tests.support.data.schema_classes import answers_of, attributes_of, bodies_of, refusals

MOMENT = "2026-11-23T08:12:00+01:00"
WHO = {"first_name": "Sam", "last_name": "Sample", "phone": "+12025550142", "year_of_birth": 1987}
DONE = {"performed_at": MOMENT, "device": "pen"}
CONSENT = {"kind": "recovery_texts", "wording": "Yes.", "given_at": MOMENT}


@pytest.mark.parametrize("body", bodies_of(patient_schemas))
def test_every_body_refuses_what_nobody_documented(body: type[ma.Schema]) -> None:
    assert "nonsense" in refusals(body(), {"nonsense": 1})
    assert refusals(body(), ["a list"]) == ["_schema"]


@pytest.mark.parametrize("answer", answers_of(patient_schemas))
def test_what_is_answered_is_always_there(answer: type[ma.Schema]) -> None:
    assert [name for name, field in answer().fields.items() if not field.required] == []


@pytest.mark.parametrize(
    ("shape", "row", "added"),
    [
        (patient_schemas.PatientOut, Patient, {"phone_is_landline"}),
    ],
)
def test_what_is_read_from_a_row_is_there_under_that_name(
    shape: type[ma.Schema], row: type, added: set[str]
) -> None:
    assert set(shape().fields) - attributes_of(row) == added


def test_nothing_secret_of_a_patient_is_answered() -> None:
    for shape in (patient_schemas.PatientOut,):
        assert not {"pin_hash", "pin", "wrong_secrets", "clinic_id"} & set(shape().fields)


def test_who_is_enrolled_needs_a_name_a_number_and_a_year() -> None:
    assert refusals(patient_schemas.PatientIn(), {}) == sorted({*WHO} - {"last_name"})
    read = patient_schemas.PatientIn().load(WHO)
    assert read == WHO | {
        "pin": None,
        "language": Language.ENGLISH,
        "time_zone": None,
        "skin_type": None,
        "answers_by": AnswersBy.LINK,
        "consents": [],
        "training": None,
    }


@pytest.mark.parametrize(
    ("field", "taken", "refused"),
    [
        ("year_of_birth", [1900, 2100], [1899, 2101, "1987", 1987.0, None]),
        ("skin_type", [1, 6, None], [0, 7, "3", True]),
        ("pin", ["2468", "12345678", None], ["123", "123456789", "12a4", 2468]),
        ("first_name", ["S", "x" * 100, "李"], ["", "  ", "x" * 101, "a\nb", "a\u200bb", "12", None]),
        ("last_name", ["", "van der Berg"], ["x" * 101, "a\u202eb", "-", None]),
        ("time_zone", ["America/Chicago", None], ["Chicago", "", 7, "UTC", "Etc/GMT-3"]),
        ("language", ["es"], ["ES", "de", None]),
        ("answers_by", ["text"], ["letter"]),
        ("consents", [[CONSENT] * 10], [[CONSENT] * 11, [{}], None]),
    ],
)
def test_what_may_be_said_of_a_patient(field: str, taken: list[object], refused: list[object]) -> None:
    for value in taken:
        assert refusals(patient_schemas.PatientIn(), WHO | {field: value}) == [], value
    for value in refused:
        assert refusals(patient_schemas.PatientIn(), WHO | {field: value}) == [field], value


def test_a_change_says_only_what_changes_and_takes_no_pin_away() -> None:
    change = patient_schemas.PatientChangeIn(partial=tuple(patient_schemas.PatientIn().fields))
    assert change.load({}) == {}
    assert change.load({"skin_type": None, "pin": "2468"}) == {"skin_type": None, "pin": "2468"}
    assert refusals(change, {"pin": None}) == ["pin"]
    assert refusals(change, {"first_name": None}) == ["first_name"]


def test_what_is_known_of_a_skin_is_given_with_its_reason() -> None:
    read = patient_schemas.BandIn().load({"because": "Reacts strongly."})
    assert (read["level"], read["duration"], read["at_least"]) == (1.0, 1.0, None)
    assert refusals(patient_schemas.BandIn(), {"level": 2}) == ["because"]
    for value in (0.5, 2, 1.25):
        assert refusals(patient_schemas.BandIn(), {"level": value, "duration": value, "because": "x"}) == []
    for wrong in (0.49, 2.01, "1", True, None):
        body = {"level": wrong, "duration": wrong, "because": "x"}
        assert refusals(patient_schemas.BandIn(), body) == ["duration", "level"], wrong
    assert patient_schemas.BandIn().load({"at_least": "watch", "because": "x"})["at_least"] is Level.WATCH


def test_an_invitation_is_texted_or_shown_at_the_desk() -> None:
    assert patient_schemas.InvitationIn().load({}) == {"via": "text"}
    assert patient_schemas.InvitationIn().load({"via": "desk"}) == {"via": "desk"}
    for wrong in ("letter", "TEXT", None):
        assert refusals(patient_schemas.InvitationIn(), {"via": wrong}) == ["via"]
