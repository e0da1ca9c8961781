from __future__ import annotations

import re
from datetime import UTC, datetime

import marshmallow as ma
import pytest

from api.patient import schemas
from recovery.domain.clinical import symptoms
from recovery.domain.clinical.symptoms import Symptom, WarningSign
from recovery.models.clinic.clinics import Clinic
from tests.support.data.schema_classes import answers_of, attributes_of, bodies_of, refusals

SCORES = {"redness": 3, "swelling": 2, "peeling": 0}
SEEN = {"seen_at": "2026-11-23T08:12:00+01:00", "scores": SCORES}


@pytest.mark.parametrize("body", bodies_of(schemas))
def test_every_body_refuses_what_nobody_documented(body: type[ma.Schema]) -> None:
    assert "nonsense" in refusals(body(), {"nonsense": 1})


@pytest.mark.parametrize("answer", answers_of(schemas))
def test_what_is_answered_is_always_there_but_for_what_was_not_scored(answer: type[ma.Schema]) -> None:
    absent = [name for name, field in answer().fields.items() if not field.required]
    assert absent == (list(Symptom) if answer is schemas.ScoresOut else [])


def test_every_symptom_is_scored_and_answered_and_the_required_ones_are_required() -> None:
    fields = schemas.Scores().fields
    assert list(fields) == [symptom.value for symptom in Symptom] == list(schemas.ScoresOut().fields)
    assert [name for name, field in fields.items() if field.required] == list(symptoms.REQUIRED)


@pytest.mark.parametrize("symptom", Symptom)
def test_a_score_is_a_whole_number_from_0_to_10(symptom: Symptom) -> None:
    for score in (0, 10):
        assert schemas.Scores().load(SCORES | {symptom.value: score})[symptom] == score
    for wrong in (-1, 11, 3.0, 3.5, "3", True, None):
        assert refusals(schemas.Scores(), SCORES | {symptom.value: wrong}) == [symptom.value], wrong


def test_a_report_needs_a_moment_and_scores_and_nothing_else() -> None:
    assert refusals(schemas.ReportIn(), {}) == ["scores", "seen_at"]
    read = schemas.ReportIn().load(SEEN)
    assert read["seen_at"] == datetime(2026, 11, 23, 7, 12, tzinfo=UTC)
    assert {name: read[name] for name in ("warning_signs", "note", "confirmed", "revision")} == {
        "warning_signs": [],
        "note": None,
        "confirmed": [],
        "revision": 1,
    }


@pytest.mark.parametrize(
    ("field", "taken", "refused"),
    [
        ("note", ["", "a\nb", "x" * schemas.LONGEST_NOTE, None], ["x" * (schemas.LONGEST_NOTE + 1), "\x07"]),
        ("revision", [1, 1000], [0, 1001, "1", None]),
        (
            "warning_signs",
            [[], ["pus", "pus"], [sign.value for sign in WarningSign]],
            [["boils"], "pus", None],
        ),
        ("warning_signs", [], [["pus"] * (len(WarningSign) + 1)]),
        ("confirmed", [[symptom.value for symptom in Symptom]], [["pus"], ["redness"] * (len(Symptom) + 1)]),
        ("seen_at", ["2026-11-23T08:12:00Z"], ["2026-11-23T08:12:00", 7, None]),
    ],
)
def test_what_may_be_said_in_a_report(field: str, taken: list[object], refused: list[object]) -> None:
    for value in taken:
        assert refusals(schemas.ReportIn(), SEEN | {field: value}) == [], value
    for value in refused:
        assert refusals(schemas.ReportIn(), SEEN | {field: value}) == [field], value


@pytest.mark.parametrize(
    "moment",
    ["2026-11-23T08:12:05+01:00", "2026-11-23T08:12:05Z", "2026-11-23T08:12:05.123-06:00"],
)
def test_a_clock_that_fits_the_documented_pattern_is_read(moment: str) -> None:
    assert re.search(schemas.RFC_3339, moment)
    assert schemas.CLOCK.deserialize(moment).tzinfo is not None


@pytest.mark.parametrize(
    "moment",
    ["", "now", "2026-11-23", "2026-11-23T08:12:05", "2026-11-23 08:12:05Z", "1999-11-23T08:12:05Z"],
)
def test_no_other_clock_is_documented_or_read(moment: str) -> None:
    assert not re.search(schemas.RFC_3339, moment)
    with pytest.raises(ma.ValidationError):
        schemas.CLOCK.deserialize(moment)


def test_the_example_of_the_clock_fits_its_own_pattern() -> None:
    shown = schemas.SENT_AT["schema"]
    assert isinstance(shown, dict)
    assert re.search(shown["pattern"], shown["example"])
    assert (schemas.SENT_AT["name"], schemas.SENT_AT["in"]) == (schemas.CLOCK_HEADER, "header")
    assert schemas.SENT_AT["required"] is False


def test_a_list_is_one_page_where_nothing_else_is_asked_for() -> None:
    assert schemas.WholePage().load({}) == {"limit": 200, "cursor": None}
    assert schemas.WholePage().load({"limit": "1"})["limit"] == 1
    for wrong in ("0", "201", "many"):
        assert refusals(schemas.WholePage(), {"limit": wrong}) == ["limit"]


def test_a_clinic_is_read_from_its_row() -> None:
    assert set(schemas.ClinicOut().fields) <= attributes_of(Clinic)
    assert "on_call_phone" not in schemas.ClinicOut().fields
