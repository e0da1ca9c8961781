"""The bounds of every rule, read from a protocol. No figure stands here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from recovery.domain import symptoms, toml_lines

Scores = Mapping[symptoms.Symptom, float]


@dataclass(frozen=True, kw_only=True)
class General:
    """`least`: a score up to it never raises anything. `apart_hours`: reports closer together than
    this show one moment and count once. `fine_skin_types`: Fitzpatrick types whose redness is
    judged by the smaller step."""

    least: float
    apart_hours: float
    fine_skin_types: frozenset[int]


@dataclass(frozen=True, kw_only=True)
class FarAbove:
    """At or above p97.5 plus `margin`, and at least `least`."""

    level: symptoms.Level
    margin: float
    least: float


@dataclass(frozen=True, kw_only=True)
class Persistence:
    """Above p97.5 in `above_p97_5` reports running, or above p90 in `above_p90` and not falling."""

    level: symptoms.Level
    above_p97_5: int
    above_p90: int


@dataclass(frozen=True, kw_only=True)
class LateStep:
    """From this day on, these scores are too much; `fine` replaces them on `fine_skin_types`."""

    level: symptoms.Level
    from_day: int
    scores: Scores
    fine: Scores


@dataclass(frozen=True, kw_only=True)
class Plausibility:
    """Asked again: at or above p97.5 plus `margin` and at least `least`, or `jump` above or `drop`
    below the last report of the last `within_hours`."""

    margin: float
    least: float
    jump: float
    drop: float
    within_hours: float


@dataclass(frozen=True, kw_only=True)
class Thresholds:
    """The bounds of all rules."""

    general: General
    far_above: FarAbove
    persistence: Persistence
    late: tuple[LateStep, ...]
    plausibility: Plausibility


def read(table: toml_lines.Table) -> Thresholds:
    """The `[rules]` table of a protocol. Raises `TomlError`."""
    thresholds = Thresholds(
        general=_general(table.table("general")),
        far_above=_far_above(table.table("far_above")),
        persistence=_persistence(table.table("persistence")),
        late=_late(table),
        plausibility=_plausibility(table.table("plausibility")),
    )
    table.finish()
    return thresholds


def _general(table: toml_lines.Table) -> General:
    general = General(
        least=table.number("least", most=symptoms.MAX_SCORE),
        apart_hours=table.number("apart_hours", most=48),
        fine_skin_types=frozenset(int(item) for item in table.numbers("fine_skin_types", least=1, most=6)),
    )
    table.finish()
    return general


def _far_above(table: toml_lines.Table) -> FarAbove:
    rule = FarAbove(
        level=table.level("level"),
        margin=table.number("margin", most=symptoms.MAX_SCORE),
        least=table.number("least", most=symptoms.MAX_SCORE),
    )
    table.finish()
    return rule


def _persistence(table: toml_lines.Table) -> Persistence:
    rule = Persistence(
        level=table.level("level"),
        above_p97_5=table.whole("above_p97_5", least=1, most=9),
        above_p90=table.whole("above_p90", least=2, most=9),
    )
    table.finish()
    return rule


def _late(table: toml_lines.Table) -> tuple[LateStep, ...]:
    steps = []
    for step in table.tables("late"):
        steps.append(
            LateStep(
                level=step.level("level"),
                from_day=step.whole("from_day", least=1, most=60),
                scores=_scores(step.table("scores")),
                fine=_scores(step.table("fine")) if step.has("fine") else {},
            )
        )
        step.finish()
    if not steps:
        raise table.error("late is missing")
    return tuple(steps)


def _plausibility(table: toml_lines.Table) -> Plausibility:
    bounds = Plausibility(
        margin=table.number("margin", most=symptoms.MAX_SCORE),
        least=table.number("least", most=symptoms.MAX_SCORE),
        jump=table.number("jump", least=1, most=symptoms.MAX_SCORE),
        drop=table.number("drop", least=1, most=symptoms.MAX_SCORE),
        within_hours=table.number("within_hours", most=240),
    )
    table.finish()
    return bounds


def _scores(table: toml_lines.Table) -> Scores:
    known = {symptom.value: symptom for symptom in symptoms.Symptom}
    for key in table.keys:
        if key not in known:
            raise table.error("is not a symptom", key=key)
    return {known[key]: table.number(key, most=symptoms.MAX_SCORE) for key in table.keys}
