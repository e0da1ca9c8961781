"""How well the rules do: every arm, every kind of course, the engine and the naive rules beside it."""

from __future__ import annotations

import functools
import multiprocessing
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from evaluation import arms, cohort, course_simulation, ground_truth, judges, tally
from recovery.domain.clinical import protocol as protocols

COMPLICATIONS = tuple(tally.PREVALENCE)
"""The complications that an eight-day follow-up is there to find."""

CHUNK = 1_000
"""Courses a process takes at a time."""


class System(StrEnum):
    """Who judges."""

    ENGINE = "engine"
    FIXED = "fixed >= 5"
    ABOVE = "above p97.5"


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """How many courses: of the reference arm, and of every other arm."""

    normal: int = 60_000
    complication: int = 20_000
    arm_normal: int = 6_000
    arm_complication: int = 2_000

    def of(self, arm: cohort.Arm, kind: ground_truth.CourseKind) -> int:
        """The size of one cohort."""
        if arm == cohort.REFERENCE:
            return self.normal if kind is ground_truth.CourseKind.NORMAL else self.complication
        return self.arm_normal if kind is ground_truth.CourseKind.NORMAL else self.arm_complication


@dataclass(frozen=True, kw_only=True)
class ArmFigures:
    """One arm under one judge."""

    arm: cohort.Arm
    system: System
    by_kind: dict[ground_truth.CourseKind, tally.Tally] = field(default_factory=dict)

    def workload(self, *, same_day: bool) -> tally.Workload:
        """Flags per 100 treatments, of any level or same-day ones only."""
        return tally.workload(
            {
                kind: (counted.same_day_in if same_day else counted.any_in)(tally.CohortGroup.ALL).ever.value
                for kind, counted in self.by_kind.items()
            }
        )


@dataclass(frozen=True, kw_only=True)
class EvaluationReport:
    """All figures of one evaluation: `reference` under each judge, `sent` as patients are really asked,
    `late` with days 14 and 28."""

    protocol_version: str
    seed: int
    reference: tuple[ArmFigures, ...]
    sent: tuple[ArmFigures, ...]
    late: ArmFigures
    practice: tuple[ArmFigures, ...]
    robustness: tuple[ArmFigures, ...]


@dataclass(frozen=True, kw_only=True)
class _Piece:
    """A part of one cohort for one process."""

    arm: cohort.Arm
    kind: ground_truth.CourseKind
    systems: tuple[System, ...]
    seed: int
    first: int
    count: int


@dataclass(frozen=True, kw_only=True)
class _Work:
    """One arm, its judges and its kinds, and how many courses of each."""

    arm: cohort.Arm
    systems: tuple[System, ...]
    kinds: tuple[ground_truth.CourseKind, ...]


def evaluate(
    *,
    protocol: str,
    sizes: Sizes,
    seed: int,
    sent: Sequence[cohort.Arm] = arms.SENT,
    practice: Sequence[cohort.Arm] = arms.PRACTICE,
    robustness: Sequence[cohort.Arm] = arms.ROBUSTNESS,
    processes: int = 2,
) -> EvaluationReport:
    """Judge simulated courses under `protocol` (its TOML text).

    The same `protocol`, `sizes` and `seed` give the same figures whatever `processes` is. Raises
    `recovery.domain.clinical.protocol.ProtocolError` before anything is started.
    """
    version = protocols.parse(protocol).version
    works = _works((*sent, *practice, *robustness))
    pieces = [piece for work in works for piece in _pieces(work, sizes=sizes, seed=seed)]
    figures = {
        (work.arm.name, system): ArmFigures(arm=work.arm, system=system)
        for work in works
        for system in work.systems
    }
    for piece, counted in zip(pieces, _counted(pieces, protocol, processes), strict=True):
        for system, tallied in counted.items():
            by_kind = figures[piece.arm.name, system].by_kind
            by_kind.setdefault(piece.kind, tally.Tally()).add(tallied)
    return EvaluationReport(
        protocol_version=version,
        seed=seed,
        reference=tuple(figures[cohort.REFERENCE.name, system] for system in System),
        sent=tuple(figures[arm.name, System.ENGINE] for arm in sent),
        late=figures[arms.WITH_LATE_CHECK_INS.name, System.ENGINE],
        practice=tuple(figures[arm.name, System.ENGINE] for arm in practice),
        robustness=tuple(figures[arm.name, System.ENGINE] for arm in robustness),
    )


def reference(
    *,
    protocol: str,
    sizes: Sizes,
    seed: int,
    kinds: Sequence[ground_truth.CourseKind],
    processes: int = 2,
    arm: cohort.Arm = cohort.REFERENCE,
) -> ArmFigures:
    """One arm under the engine alone, as `evaluate` counts it. Raises as `evaluate` does."""
    protocols.parse(protocol)
    work = _Work(arm=arm, systems=(System.ENGINE,), kinds=tuple(kinds))
    pieces = list(_pieces(work, sizes=sizes, seed=seed))
    shown = ArmFigures(arm=work.arm, system=System.ENGINE)
    for piece, counted in zip(pieces, _counted(pieces, protocol, processes), strict=True):
        shown.by_kind.setdefault(piece.kind, tally.Tally()).add(counted[System.ENGINE])
    return shown


def _works(others: Sequence[cohort.Arm]) -> list[_Work]:
    """The reference under every judge, pigment change at the late check-ins, the engine on `others`."""
    every = (ground_truth.CourseKind.NORMAL, *COMPLICATIONS)
    late = (ground_truth.CourseKind.NORMAL, ground_truth.CourseKind.PIGMENT)
    engine = (System.ENGINE,)
    return [
        _Work(arm=cohort.REFERENCE, systems=tuple(System), kinds=every),
        _Work(arm=arms.WITH_LATE_CHECK_INS, systems=engine, kinds=late),
        *(_Work(arm=arm, systems=engine, kinds=every) for arm in others),
    ]


def _pieces(work: _Work, *, sizes: Sizes, seed: int) -> Iterator[_Piece]:
    for kind in work.kinds:
        size = sizes.of(work.arm, kind)
        for first in range(0, size, CHUNK):
            yield _Piece(
                arm=work.arm,
                kind=kind,
                systems=work.systems,
                seed=seed,
                first=first,
                count=min(CHUNK, size - first),
            )


def _counted(pieces: Sequence[_Piece], protocol: str, processes: int) -> Iterable[dict[System, tally.Tally]]:
    """The tallies of `pieces`, in their order."""
    if processes <= 1:
        yield from map(functools.partial(_count, protocol), pieces)
        return
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        yield from pool.imap(functools.partial(_count, protocol), pieces)
        pool.close()
        pool.join()


def _count(protocol: str, piece: _Piece) -> dict[System, tally.Tally]:
    bench = _bench(protocol)
    counted = {system: tally.Tally() for system in piece.systems}
    for course in cohort.generate(
        kind=piece.kind, count=piece.count, seed=piece.seed, first=piece.first, arm=piece.arm
    ):
        for system, tallied in counted.items():
            judge, silence = bench[system]
            more = (
                judge.rules.rules.asking if isinstance(judge, judges.Engine) and piece.arm.asks_more else None
            )
            followed = course_simulation.follow(
                course=course, judge=judge, silence=silence, asks_again=piece.arm.asks_again, rule=more
            )
            tallied.count(course=course, followed=followed)
    return counted


@functools.lru_cache(maxsize=1)
def _bench(protocol: str) -> dict[System, tuple[course_simulation.Assessor, course_simulation.SilenceRule]]:
    """The judges under `protocol`, each with its silence rule; the naive rules have none."""
    rules = protocols.parse(protocol)
    return {
        System.ENGINE: (judges.Engine(rules=rules), judges.SilenceAfterWorry(rules=rules)),
        System.FIXED: (judges.FixedBound(), course_simulation.never),
        System.ABOVE: (judges.AbovePercentile(rules=rules), course_simulation.never),
    }
