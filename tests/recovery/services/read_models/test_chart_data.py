"""What the chart of a course draws, where its axis ends, and which earlier sessions lie behind it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.clinical.bands import BandTable
from recovery.domain.clinical.chart_series import ChartReport
from recovery.domain.clinical.symptoms import Device, Observation, Symptom, TreatmentFacts, WarningSign
from recovery.models.treatments.treatments import Treatment
from recovery.services.content.content import Content
from recovery.services.read_models import chart_data
from recovery.services.read_models.chart_data import (
    EARLIER,
    EIGHT_WEEKS,
    FIRST_WEEK,
    FOUR_WEEKS,
    ChartMarks,
    EarlierSeries,
)
from tests.support.data.people import Clinic, Patient
from tests.support.data.reporting import report
from tests.support.data.treatments import treat_again

DAY = timedelta(days=1)
MARKS = ChartMarks(texts=[9.0], contacts=[31.0], photos=[30.5], now=40.0)


@pytest.fixture
def table(content: Content) -> BandTable:
    facts = TreatmentFacts(device=Device.PEN, depth_mm=1.5, skin_type=2)
    return content.protocols[max(content.protocols)].curves.table(facts)


def seen(hours: float, redness: int, *signs: WarningSign) -> ChartReport:
    scores = {Symptom.REDNESS: redness}
    return ChartReport(observation=Observation(hours=hours, scores=scores, warning_signs=frozenset(signs)))


@pytest.mark.parametrize(
    ("reported", "end"),
    [
        ([], FIRST_WEEK),
        ([FIRST_WEEK], FIRST_WEEK),
        ([FIRST_WEEK + 0.1, 20], FOUR_WEEKS),
        ([FOUR_WEEKS, 20], FOUR_WEEKS),
        ([20, FOUR_WEEKS + 100], EIGHT_WEEKS),
        ([EIGHT_WEEKS + 100], EIGHT_WEEKS),
    ],
)
def test_the_axis_ends_with_the_first_week_or_with_the_fourth(reported: list[float], end: float) -> None:
    assert chart_data.axis_end(reported) == end


def test_a_chart_draws_every_symptom_over_its_band_to_the_end_of_its_axis(table: BandTable) -> None:
    course = [seen(54, 8, WarningSign.PUS), seen(30, 4)]
    chart = chart_data.build_chart(course, table=table, moments=MARKS, earlier=[], answers={})
    assert chart.last_hour == FIRST_WEEK
    redness = next(series for series in chart.series if series.symptom is Symptom.REDNESS)
    assert [(point.hours, point.score) for point in redness.points] == [(30, 4), (54, 8)]
    assert all(series.band[-1].hours == FIRST_WEEK for series in chart.series)
    assert [(mark.hours, mark.sign) for mark in chart.signs] == [(54, WarningSign.PUS)]
    assert (chart.texts, chart.contacts, chart.photos, chart.now) == ([9.0], [31.0], [30.5], 40.0)


def test_a_later_report_opens_the_axis_and_the_band_keeps_a_corner_at_the_first_week(
    table: BandTable,
) -> None:
    earlier = [EarlierSeries(performed_at=datetime(2026, 11, 1, tzinfo=UTC), session_number=1, points={})]
    chart = chart_data.build_chart([seen(300, 1)], table=table, moments=MARKS, earlier=earlier, answers={})
    assert chart.last_hour == FOUR_WEEKS
    assert FIRST_WEEK in {point.hours for series in chart.series for point in series.band}
    assert chart.earlier == earlier


def behind(
    sessions: sessionmaker[Session], clinic: Clinic, treated: Patient
) -> list[tuple[int, dict[Symptom, list[tuple[float, int]]]]]:
    """Number and points of the sessions that lie behind this one."""
    with sessions() as session:
        treatment = session.get_one(Treatment, (clinic.id, treated.treatment_id))
        return [
            (one.session_number, {symptom: list(points) for symptom, points in one.points.items()})
            for one in chart_data.earlier_sessions(session, treatment)
        ]


def test_the_newest_earlier_sessions_that_were_reported_about_lie_behind_a_course(
    sessions: sessionmaker[Session], clinic: Clinic, now: datetime
) -> None:
    first = clinic.add_patient(now=now, hours_ago=24 * 100)
    courses = [first]
    for number in range(2, EARLIER + 4):
        at = first.performed_at + DAY * 10 * number
        courses.append(treat_again(clinic, first, at=at, session_number=number))
    for number, treated in enumerate(courses, start=1):
        if number != 3:
            at = treated.performed_at + DAY
            report(clinic, treated, at=at + DAY, scores={Symptom.REDNESS: 1})
            report(clinic, treated, at=at, scores={Symptom.REDNESS: number, Symptom.PAIN: 0})
    newest = behind(sessions, clinic, courses[-1])
    assert [number for number, _ in newest] == [5, 4], "the third was not reported about"
    assert newest[0][1] == {Symptom.REDNESS: [(24, 5), (48, 1)], Symptom.PAIN: [(24, 0)]}
    assert [number for number, _ in behind(sessions, clinic, courses[1])] == [1]
    assert behind(sessions, clinic, courses[0]) == []
