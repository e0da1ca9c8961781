from __future__ import annotations

import marshmallow as ma
import pytest

from api.patient import export_schemas as schemas
from recovery.domain.clinical.symptoms import AnswerScale, Symptom, WarningSign
from recovery.models.clinic.clinics import Clinic
from recovery.models.flags.flags import Flag
from recovery.models.patients.patients import Consent, Patient, PatientSession
from recovery.models.reports.photos import Photo
from recovery.models.reports.reports import ReportRevision
from recovery.models.treatments.treatments import Treatment
from tests.support.data.schema_classes import answers_of, attributes_of, refusals

OF_STAFF = {
    "band_level", "band_duration", "at_least", "band_because", "ended_because", "comment", "held_by",
    "held_since", "staff_id",
}  # fmt: skip
"""What staff wrote for each other, or who did it: the clinic is to be asked for it."""


@pytest.mark.parametrize("answer", answers_of(schemas))
def test_what_is_exported_is_always_there(answer: type[ma.Schema]) -> None:
    assert [name for name, field in answer().fields.items() if not field.required] == []


@pytest.mark.parametrize("answer", answers_of(schemas))
def test_nothing_is_exported_that_staff_wrote_for_each_other_and_no_key(answer: type[ma.Schema]) -> None:
    assert not (OF_STAFF | {"pin_hash", "token_hash", "clinic_id"}) & set(answer().fields)


@pytest.mark.parametrize(
    ("shape", "row", "added"),
    [
        (schemas.PatientData, Patient, set[str]()),
        (schemas.ClinicData, Clinic, set[str]()),
        (schemas.ConsentData, Consent, set[str]()),
        (schemas.DeviceData, PatientSession, set[str]()),
        (schemas.RevisionData, ReportRevision, {"answers"}),
        (schemas.PhotoData, Photo, set[str]()),
        (schemas.FlagData, Flag, {"contacts"}),
        (schemas.TreatmentData, Treatment, {"reports", "silences", "told", "complications", "flags"}),
    ],
)
def test_what_is_read_from_a_row_is_there_under_that_name(
    shape: type[ma.Schema], row: type, added: set[str]
) -> None:
    assert set(shape().fields) - attributes_of(row) == added


def test_everything_a_patient_s_row_says_of_them_is_exported_or_of_the_staff_or_a_key() -> None:
    keys = {"clinic_id", "pin_hash", "wrong_secrets", "wrong_secrets_on", "name_key"}
    left = attributes_of(Patient) - set(schemas.PatientData().fields)
    of_staff = {"band_level", "band_duration", "at_least", "band_because", "ended_because", "training"}
    assert left == keys | of_staff


def test_the_export_is_asked_for_as_json_or_as_a_page() -> None:
    query = schemas.ExportQuery()
    assert query.load({}) == {"format": None}
    for form in ("json", "html"):
        assert query.load({"format": form}) == {"format": form}
    for wrong in ("", "HTML", "pdf"):
        assert refusals(query, {"format": wrong}) == ["format"]


def test_a_revision_has_only_the_scores_that_were_given() -> None:
    revision = ReportRevision(
        revision=2,
        scores={"redness": 4, "pain": 0},
        scale=AnswerScale.WORDS,
        warning_signs=[WarningSign.PUS.value],
        confirmed=[Symptom.REDNESS.value],
        note=None,
    )
    shown = schemas.RevisionData().dump(revision)
    assert (shown["scores"], shown["answers"]) == ({"redness": 4, "pain": 0}, "words")
    assert (shown["warning_signs"], shown["confirmed"], shown["note"]) == (["pus"], ["redness"], None)
