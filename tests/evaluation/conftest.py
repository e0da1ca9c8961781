from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from evaluation import arms, cohort, ground_truth, metrics
from evaluation.report import drawn_worlds
from recovery.domain.clinical import protocol, symptoms

MakeReport = Callable[..., cohort.CourseReport]
MakeCourse = Callable[..., cohort.Course]


@pytest.fixture(scope="session")
def protocol_text() -> str:
    root = Path(__file__).parents[2]
    return (root / "config" / "protocols" / "standard-2026-12.toml").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def rules(protocol_text: str) -> protocol.Protocol:
    return protocol.parse(protocol_text)


@pytest.fixture(scope="session")
def evaluated(protocol_text: str) -> Callable[[int], metrics.EvaluationReport]:
    """A small evaluation, made once for each number of processes."""

    @functools.cache
    def evaluate(processes: int) -> metrics.EvaluationReport:
        return metrics.evaluate(
            protocol=protocol_text,
            sizes=metrics.Sizes(
                normal=60,
                complication=20,
                arm_normal=30,
                arm_complication=15,
                world_normal=10,
                world_complication=5,
            ),
            seed=2,
            others=metrics.Others(
                late=arms.LATE[:1],
                ticking=arms.TICKING[:1],
                practice=(),
                robustness=arms.ROBUSTNESS[:1],
                drawn=tuple(drawn_worlds.draw(arm, count=3, seed=2) for arm in arms.SHIPPED),
            ),
            processes=processes,
        )

    return evaluate


@pytest.fixture
def make_report() -> MakeReport:
    """A report by hand: `redness` at `hours`, the other core scores 0, arriving at once."""

    def make(
        *,
        hours: float,
        redness: int = 0,
        arrived: float | None = None,
        seen: float | None = None,
        meant: Mapping[symptoms.Symptom, int] | None = None,
        noticed: bool = True,
        signs: frozenset[symptoms.WarningSign] = frozenset(),
    ) -> cohort.CourseReport:
        slips = dict(meant or {})
        return cohort.CourseReport(
            first=symptoms.Observation(
                hours=hours,
                scores={
                    symptoms.Symptom.REDNESS: redness,
                    symptoms.Symptom.SWELLING: 0,
                    symptoms.Symptom.PEELING: 0,
                },
                warning_signs=signs,
            ),
            seen_hours=hours if seen is None else seen,
            arrived_hours=hours if arrived is None else arrived,
            slips=slips,
            notices=frozenset(slips) if noticed else frozenset(),
            stray=None,
            pinpoint_bleeding=0,
        )

    return make


@pytest.fixture
def make_course() -> MakeCourse:
    """A course by hand, asked on days 1 to 7 when they are full; without `patient` nobody answers more."""

    def make(
        *reports: cohort.CourseReport,
        kind: ground_truth.CourseKind = ground_truth.CourseKind.NORMAL,
        onset_hours: float | None = None,
        skin_type: int = 2,
        under_reporter: bool = False,
        asked_days: tuple[int, ...] = (1, 2, 3, 4, 5, 6, 7),
        patient: cohort.Patient | None = None,
    ) -> cohort.Course:
        return cohort.Course(
            kind=kind,
            facts=symptoms.TreatmentFacts(device=symptoms.Device.PEN, depth_mm=1.5, skin_type=skin_type),
            reports=reports,
            onset_hours=onset_hours,
            under_reporter=under_reporter,
            asked_days=asked_days,
            asked_hours=tuple(day * cohort.DAY_HOURS for day in asked_days),
            patient=patient,
        )

    return make
