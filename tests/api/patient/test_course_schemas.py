from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import marshmallow as ma
import pytest

from api.patient import course_schemas as schemas
from recovery.domain.clinical.bands import Band
from recovery.domain.clinical.symptoms import Level, Symptom, WarningSign
from recovery.domain.clinical.thresholds import Plausibility
from recovery.domain.content.check_in import AnswerBand, CheckIn
from recovery.domain.flags.flag_lifecycle import Urgency
from recovery.models.treatments.session_plans import PatientSessionPlan
from tests.support.data.schema_classes import answers_of, attributes_of

MAY_BE_NULL = {
    "DoubtOut": ["margin"],
    "AskAgainOut": ["last"],
    "CheckInOut": ["approved_on", "where", "taken_over_at"],
    "SeriesPlanOut": ["maintenance_months", "next_session_on", "proposed_on"],
    "RecoveryOut": ["next_check_in", "series"],
}


@pytest.mark.parametrize("answer", answers_of(schemas))
def test_what_is_answered_is_always_there_and_null_only_where_it_is_said(answer: type[ma.Schema]) -> None:
    fields = answer().fields
    assert [name for name, field in fields.items() if not field.required] == []
    assert [name for name, field in fields.items() if field.allow_none] == MAY_BE_NULL.get(
        answer.__name__, []
    )


@pytest.mark.parametrize(
    ("shape", "read_from", "added"),
    [
        (schemas.AnswerBandOut, AnswerBand, {"label", "meaning"}),
        (schemas.CheckInTimeOut, CheckIn, set[str]()),
        (schemas.BoundOut, Band, {"hours"}),
        (schemas.ExpectedOut, Band, {"day", "hours"}),
        (schemas.SeriesPlanOut, PatientSessionPlan, {"done", "proposed_on"}),
    ],
)
def test_what_is_read_from_an_object_is_there_under_that_name(
    shape: type[ma.Schema], read_from: type, added: set[str]
) -> None:
    assert set(shape().fields) - attributes_of(read_from) == added


def test_a_device_is_told_every_figure_of_the_rule_by_which_the_server_asks_again() -> None:
    told = set(schemas.AskAgainOut().fields)
    assert attributes_of(Plausibility) - {"margins"} <= told
    assert told - attributes_of(Plausibility) == {
        "widen",
        "last",
        "answers",
        "symptoms",
        "heading",
        "yes",
        "no",
    }
    assert "margin" in schemas.DoubtOut().fields


@pytest.mark.parametrize("symptom", Symptom)
def test_every_symptom_has_a_word_in_each_answer(symptom: Symptom) -> None:
    for shape in (schemas.ItemOut, schemas.DoubtOut, schemas.SeriesOut, schemas.EarlierSeriesOut):
        assert shape().dump({"symptom": symptom}) == {"symptom": symptom.value}


def test_signs_urgencies_and_levels_are_written_as_their_words() -> None:
    for sign in WarningSign:
        shown = schemas.SignOut().dump({"sign": sign, "label": "x", "urgency": Urgency.SAME_DAY})
        assert shown == {"sign": sign.value, "label": "x", "urgency": "same_day"}
    together = {"signs": [WarningSign.HIVES_ALL_OVER, WarningSign.PUS], "urgency": Urgency.EMERGENCY}
    assert schemas.TogetherOut().dump(together) == {
        "signs": ["hives_all_over", "pus"],
        "urgency": "emergency",
    }
    for level in Level:
        assert schemas.AdviceOut().dump({"level": level})["level"] == level.value


def test_a_point_is_a_whole_score_at_its_hours_in_utc() -> None:
    point = {
        "report_id": (report := uuid4()),
        "seen_at": datetime(2026, 11, 23, 7, 12, tzinfo=UTC),
        "hours": 26.25,
        "day": 1,
        "score": 4,
        "least": 3,
        "most": 4,
    }
    assert schemas.PointOut().dump(point) == {
        "report_id": str(report),
        "seen_at": "2026-11-23T07:12:00+00:00",
        "hours": 26.25,
        "day": 1,
        "score": 4,
        "least": 3,
        "most": 4,
    }


def test_days_of_the_plan_are_local_days_without_a_time() -> None:
    plan = PatientSessionPlan(sessions=3, weeks_between=4, maintenance_months=None, next_session_on=None)
    shown = schemas.SeriesPlanOut().dump(
        {"sessions": plan.sessions, "next_session_on": datetime(2026, 12, 24, tzinfo=UTC).date()}
    )
    assert shown == {"sessions": 3, "next_session_on": "2026-12-24"}
