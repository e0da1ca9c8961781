"""How well the rules do: every arm and kind of course judged by every judge in several processes, and their
tallies put together."""

from __future__ import annotations

import functools
import multiprocessing
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from evaluation import arms, cohort, course_simulation, first_sign, ground_truth, judges, tally
from recovery.domain.clinical import protocol as protocols

COMPLICATIONS = tuple(tally.PREVALENCE)
"""The complications that the check-ins of the first week are there to find."""

RARE = (
    ground_truth.CourseKind.BURN,
    ground_truth.CourseKind.URTICARIA,
    ground_truth.CourseKind.FOLLICULITIS,
    ground_truth.CourseKind.PIGMENT,
    ground_truth.CourseKind.GRANULOMA,
    ground_truth.CourseKind.MYCOBACTERIA,
)
"""What is rarer, or begins after the first week: looked at under the whole schedule."""

CHUNK = 1_000
"""Courses a process takes at a time."""


class System(StrEnum):
    """Who judges."""

    ENGINE = "engine"
    FIXED = "fixed >= 5"
    ABOVE = "above p97.5"


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """How many courses of each kind: of the arms that ship and the reference, of every other arm, and of
    each drawn world."""

    normal: int = 12_000
    complication: int = 4_000
    arm_normal: int = 1_500
    arm_complication: int = 500
    world_normal: int = 800
    world_complication: int = 250


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
class Others:
    """The arms beside those that ship: the whole schedule and the one before day 56 was asked, as patients
    tick, what differs from clinic to clinic, another truth, and for each arm that ships the worlds drawn
    around it."""

    late: tuple[cohort.Arm, ...] = (*arms.LATE, *arms.LATE_UNTIL_28)
    ticking: tuple[cohort.Arm, ...] = arms.TICKING
    practice: tuple[cohort.Arm, ...] = arms.PRACTICE
    robustness: tuple[cohort.Arm, ...] = arms.ROBUSTNESS
    drawn: tuple[tuple[cohort.Arm, ...], ...] = ()


@dataclass(frozen=True, kw_only=True)
class EvaluationReport:
    """All figures of one evaluation: `shipped` as patients are really asked, `reference` (numbers on full
    days) under each judge, the others as `Others` has them."""

    protocol_version: str
    seed: int
    shipped: tuple[ArmFigures, ...]
    reference: tuple[ArmFigures, ...]
    late: tuple[ArmFigures, ...]
    ticking: tuple[ArmFigures, ...]
    practice: tuple[ArmFigures, ...]
    robustness: tuple[ArmFigures, ...]
    drawn: tuple[tuple[ArmFigures, ...], ...]


@dataclass(frozen=True, kw_only=True)
class _Work:
    """One arm, its judges and its kinds, and how many courses of each."""

    arm: cohort.Arm
    kinds: tuple[ground_truth.CourseKind, ...]
    normal: int
    complication: int
    systems: tuple[System, ...] = (System.ENGINE,)
    first_sign: bool = False


@dataclass(frozen=True, kw_only=True)
class _Piece:
    """A part of one cohort for one process."""

    work: _Work
    kind: ground_truth.CourseKind
    seed: int
    first: int
    count: int


def evaluate(
    *,
    protocol: str,
    sizes: Sizes,
    seed: int,
    shipped: Sequence[cohort.Arm] = arms.SHIPPED,
    others: Others | None = None,
    processes: int = 2,
) -> EvaluationReport:
    """Judge simulated courses under `protocol` (its TOML text).

    The same `protocol`, `sizes` and `seed` give the same figures whatever `processes` is. Raises
    `recovery.domain.clinical.protocol.ProtocolError` before anything is started.
    """
    version = protocols.parse(protocol).version
    others = Others() if others is None else others
    works = list(_works(shipped, others, sizes))
    figures = _figures(works, protocol=protocol, seed=seed, processes=processes)

    def of(chosen: Sequence[cohort.Arm]) -> tuple[ArmFigures, ...]:
        return tuple(figures[arm.name, System.ENGINE] for arm in chosen)

    return EvaluationReport(
        protocol_version=version,
        seed=seed,
        shipped=of(shipped),
        reference=tuple(figures[cohort.REFERENCE.name, system] for system in System),
        late=of(others.late),
        ticking=of(others.ticking),
        practice=of(others.practice),
        robustness=of(others.robustness),
        drawn=tuple(of(worlds) for worlds in others.drawn),
    )


def one_arm(
    *,
    arm: cohort.Arm,
    protocol: str,
    sizes: Sizes,
    seed: int,
    kinds: Sequence[ground_truth.CourseKind],
    processes: int = 2,
) -> ArmFigures:
    """One of the arms that ship, or the reference, under the engine alone, as `evaluate` counts it. Raises as
    `evaluate` does."""
    protocols.parse(protocol)
    work = _Work(arm=arm, kinds=tuple(kinds), normal=sizes.normal, complication=sizes.complication)
    figures = _figures([work], protocol=protocol, seed=seed, processes=processes)
    return figures[arm.name, System.ENGINE]


def _works(shipped: Sequence[cohort.Arm], others: Others, sizes: Sizes) -> Iterator[_Work]:
    """Every arm with the kinds it is for: the first sign is looked for in the arms that ship."""
    every = (ground_truth.CourseKind.NORMAL, *COMPLICATIONS)
    rare = (ground_truth.CourseKind.NORMAL, *RARE)
    for arm in shipped:
        yield _Work(
            arm=arm, kinds=every, normal=sizes.normal, complication=sizes.complication, first_sign=True
        )
    yield _Work(
        arm=cohort.REFERENCE,
        kinds=every,
        normal=sizes.normal,
        complication=sizes.complication,
        systems=tuple(System),
    )
    for arm in others.late:
        yield _Work(arm=arm, kinds=rare, normal=sizes.arm_normal, complication=sizes.arm_complication)
    for arm in (*others.ticking, *others.practice, *others.robustness):
        yield _Work(arm=arm, kinds=every, normal=sizes.arm_normal, complication=sizes.arm_complication)
    for worlds in others.drawn:
        for arm in worlds:
            yield _Work(
                arm=arm, kinds=every, normal=sizes.world_normal, complication=sizes.world_complication
            )


def _figures(
    works: Sequence[_Work], *, protocol: str, seed: int, processes: int
) -> dict[tuple[str, System], ArmFigures]:
    """What each judge says of each arm, by the arm's name."""
    pieces = [piece for work in works for piece in _pieces(work, seed=seed)]
    figures = {
        (work.arm.name, system): ArmFigures(arm=work.arm, system=system)
        for work in works
        for system in work.systems
    }
    for piece, counted in zip(pieces, _counted(pieces, protocol, processes), strict=True):
        for system, tallied in counted.items():
            by_kind = figures[piece.work.arm.name, system].by_kind
            by_kind.setdefault(piece.kind, tally.Tally()).add(tallied)
    return figures


def _pieces(work: _Work, *, seed: int) -> Iterator[_Piece]:
    for kind in work.kinds:
        size = work.normal if kind is ground_truth.CourseKind.NORMAL else work.complication
        for first in range(0, size, CHUNK):
            yield _Piece(work=work, kind=kind, seed=seed, first=first, count=min(CHUNK, size - first))


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
    bench, work = _bench(protocol), piece.work
    counted = {system: tally.Tally() for system in work.systems}
    for course in cohort.generate(
        kind=piece.kind, count=piece.count, seed=piece.seed, first=piece.first, arm=work.arm
    ):
        for system, tallied in counted.items():
            judge, silence = bench[system]
            more = (
                judge.rules.rules.asking if isinstance(judge, judges.Engine) and work.arm.asks_more else None
            )
            followed = course_simulation.follow(
                course=course, judge=judge, silence=silence, asks_again=work.arm.asks_again, rule=more
            )
            seen = first_sign.hours(course, judge=judge) if work.first_sign else None
            tallied.count(course=course, followed=followed, first_sign=seen)
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
