from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import marshmallow as ma
import pytest

from api.clinic.treatments import treatment_schemas
from recovery.domain.clinical.symptoms import Acid, Area, Device
from recovery.domain.patients.precautions import Prompt
from recovery.models.treatments.treatments import Treatment
from tests.support.data.schema_classes import answers_of, attributes_of, bodies_of, refusals

MOMENT = "2026-11-23T08:12:00+01:00"
WHO = {"first_name": "Sam", "last_name": "Sample", "phone": "+12025550142", "year_of_birth": 1987}
DONE = {"performed_at": MOMENT, "device": "pen"}
CONSENT = {"kind": "recovery_texts", "wording": "Yes.", "given_at": MOMENT}


@pytest.mark.parametrize("body", bodies_of(treatment_schemas))
def test_every_body_refuses_what_nobody_documented(body: type[ma.Schema]) -> None:
    assert "nonsense" in refusals(body(), {"nonsense": 1})
    assert refusals(body(), ["a list"]) == ["_schema"]


@pytest.mark.parametrize("answer", answers_of(treatment_schemas))
def test_what_is_answered_is_always_there(answer: type[ma.Schema]) -> None:
    assert [name for name, field in answer().fields.items() if not field.required] == []


@pytest.mark.parametrize(
    ("shape", "row", "added"),
    [
        (treatment_schemas.TreatmentOut, Treatment, {"warnings", "takes_over", "taken_over_by"}),
        (treatment_schemas.WarningOut, Prompt, set[str]()),
    ],
)
def test_what_is_read_from_a_row_is_there_under_that_name(
    shape: type[ma.Schema], row: type, added: set[str]
) -> None:
    assert set(shape().fields) - attributes_of(row) == added


def test_a_treatment_is_of_the_face_and_the_first_where_nothing_else_is_said() -> None:
    read = treatment_schemas.TreatmentIn().load(DONE)
    assert (read["device"], read["areas"], read["session_number"]) == (Device.PEN, [Area.FACE], 1)
    assert read["acid"] is Acid.NONE
    assert read["performed_at"] == datetime(2026, 11, 23, 7, 12, tzinfo=UTC)
    read["areas"].append(Area.NECK)
    assert treatment_schemas.TreatmentIn().load(DONE)["areas"] == [Area.FACE]


@pytest.mark.parametrize(
    ("field", "taken", "refused"),
    [
        ("depth_mm", [0.25, 5, None], [0, -1, 5.01, 1.234, "1.5", True]),
        ("areas", [["face"], [area.value for area in Area]], [[], ["face", "face"], ["nose"], "face"]),
        ("session_number", [1, 50], [0, 51, "1"]),
        ("device", ["roller", "rf"], ["laser", None]),
        ("acid", ["none", "superficial", "tca"], ["phenol", None, ""]),
        ("indication", ["wrinkles", None], ["boredom"]),
        ("performed_at", [MOMENT], ["2026-11-23T08:12:00", "2026-11-23", 7]),
        ("protocol", ["standard-2026-11", None], ["", "x" * 101]),
    ],
)
def test_what_may_be_said_of_a_treatment(field: str, taken: list[object], refused: list[object]) -> None:
    for value in taken:
        assert refusals(treatment_schemas.TreatmentIn(), DONE | {field: value}) == [], value
    for value in refused:
        assert refusals(treatment_schemas.TreatmentIn(), DONE | {field: value}) == [field], value


def test_a_correction_gives_its_reason_and_leaves_the_expected_course_alone() -> None:
    change = treatment_schemas.TreatmentChangeIn(partial=tuple(treatment_schemas.TreatmentIn().fields))
    assert refusals(change, {"depth_mm": 1.5}) == ["reason"]
    assert change.load({"depth_mm": 1.5, "reason": "A slip."}) == {
        "depth_mm": Decimal("1.50"),
        "reason": "A slip.",
    }
    assert refusals(change, {"protocol": "standard-2026-11", "reason": "A slip."}) == ["protocol"]
