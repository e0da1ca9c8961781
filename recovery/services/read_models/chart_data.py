"""A course as the chart draws it: points over the band, signs, texts, calls, photos, and earlier sessions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from recovery.domain.clinical import chart_series, symptoms
from recovery.domain.clinical.bands import BandTable
from recovery.domain.clinical.symptoms import Symptom
from recovery.models.reports import reports
from recovery.models.treatments import treatments
from recovery.models.treatments.treatments import Treatment

FIRST_WEEK = 180.0
"""Hours until the end of recovery day 7."""

FOUR_WEEKS = 684.0
"""Hours until the end of recovery day 28."""

EIGHT_WEEKS = 1356.0
"""Hours until the end of recovery day 56, the last on which patients are asked."""

EARLIER = 3
"""Earlier sessions drawn behind this one: more of them hide what is looked for."""


@dataclass(frozen=True, kw_only=True)
class EarlierSeries:
    """What the same patient reported after an earlier session: hours since that treatment, and scores."""

    performed_at: datetime
    session_number: int
    points: Mapping[Symptom, Sequence[tuple[float, int]]]


@dataclass(frozen=True, kw_only=True)
class ChartData:
    """What the chart draws, in hours since the treatment. `last_hour` is where its time axis ends."""

    series: Sequence[chart_series.SymptomSeries]
    signs: Sequence[chart_series.SignMark]
    texts: Sequence[float]
    contacts: Sequence[float]
    photos: Sequence[float]
    earlier: Sequence[EarlierSeries]
    now: float
    last_hour: float


@dataclass(frozen=True, kw_only=True)
class ChartMarks:
    """What happened besides the reports, in hours since the treatment."""

    texts: Sequence[float]
    contacts: Sequence[float]
    photos: Sequence[float]
    now: float


def axis_end(reported: Sequence[float]) -> float:
    """Where the time axis of a course ends: after the first week, or after four or eight where reports are
    later."""
    last = max(reported, default=0.0)
    if last <= FIRST_WEEK:
        return FIRST_WEEK
    return FOUR_WEEKS if last <= FOUR_WEEKS else EIGHT_WEEKS


def build_chart(
    seen: Sequence[chart_series.ChartReport],
    *,
    table: BandTable,
    moments: ChartMarks,
    earlier: Sequence[EarlierSeries],
    answers: symptoms.AnswerRanges,
) -> ChartData:
    """The course of these reports over this band; `answers` are what answers in words stand for."""
    end = axis_end([report.observation.hours for report in seen])
    return ChartData(
        series=[
            chart_series.build_series(
                symptom, seen=seen, table=table, last_hour=end, also_at=FIRST_WEEK, answers=answers
            )
            for symptom in chart_series.symptoms_to_draw(seen)
        ],
        signs=chart_series.sign_marks(seen),
        texts=moments.texts,
        contacts=moments.contacts,
        photos=moments.photos,
        earlier=earlier,
        now=moments.now,
        last_hour=end,
    )


def earlier_sessions(session: Session, treatment: Treatment) -> list[EarlierSeries]:
    """The patient's sessions before this one that were reported about, newest first."""
    before = treatments.list_earlier(session, treatment, limit=EARLIER)
    said = reports.current_revisions_by_treatment(
        session, treatment.clinic_id, [earlier.id for earlier in before]
    )
    return [earlier_series(earlier, said[earlier.id]) for earlier in before if said[earlier.id]]


def earlier_series(treatment: Treatment, said: Sequence[reports.ReportRevision]) -> EarlierSeries:
    """What was reported after one treatment, as it is drawn behind a later one."""
    points: dict[Symptom, list[tuple[float, int]]] = {}
    for revision in said:
        observation: symptoms.Observation = revision.observation(performed_at=treatment.performed_at)
        for symptom, score in observation.scores.items():
            points.setdefault(symptom, []).append((observation.hours, score))
    return EarlierSeries(
        performed_at=treatment.performed_at, session_number=treatment.session_number, points=points
    )
