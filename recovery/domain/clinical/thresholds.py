"""The bounds of every rule, a class a rule, and how they are read from the `[rules]` of a protocol.

No figure stands here but the widest a bound may be.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from recovery.domain.clinical import findings, symptoms
from recovery.domain.core import toml_reader

Scores = Mapping[symptoms.Symptom, float]
_NOT_BY_SCORES = frozenset(
    (
        findings.AssessmentRule.WARNING_SIGN,
        findings.AssessmentRule.OVERRIDE,
        findings.AssessmentRule.SILENCE,
        findings.AssessmentRule.TOLD,
    )
)
"""The findings that look at no score: what they say is never asked about first."""
_Section = TypeVar("_Section")


def _within(least: float, most: float) -> Any:
    return dataclasses.field(metadata={"least": least, "most": most})


@dataclass(frozen=True, kw_only=True)
class General:
    """`least`: a score up to it never raises anything. `apart_hours`: reports closer together than
    this show one moment and count once. `fine_skin_types`: Fitzpatrick types whose redness is
    judged by the smaller step."""

    least: float = _within(0, 10)
    apart_hours: float = _within(0, 48)
    fine_skin_types: frozenset[int]


@dataclass(frozen=True, kw_only=True)
class FarAbove:
    """At or above p97.5 plus `margin`, and at least `least`."""

    level: symptoms.Level
    margin: float = _within(0, 10)
    least: float = _within(0, 10)


@dataclass(frozen=True, kw_only=True)
class FirstHours:
    """In the first 12 hours, at or above p97.5 plus `margin` and at least the symptom's score here: more than
    an evening can be. Symptoms without a score here are not judged then."""

    level: symptoms.Level
    margin: float = _within(0, 10)
    scores: Scores


@dataclass(frozen=True, kw_only=True)
class Alone:
    """What `far_above` and `rebound` raise where nothing else speaks for a score below `least`: no other
    symptom above p90, nor the same one in the report before. Never more urgent than they are."""

    level: symptoms.Level
    least: float = _within(0, 11)


@dataclass(frozen=True, kw_only=True)
class Rebound:
    """From `from_day` on: `step` above the lowest earlier score of this course, at least `least` and
    above p90. `fine_step` and `fine_least` are for redness on `fine_skin_types`."""

    level: symptoms.Level
    from_day: int = _within(1, 60)
    step: float = _within(1, 10)
    least: float = _within(0, 10)
    fine_step: float = _within(1, 10)
    fine_least: float = _within(0, 10)


@dataclass(frozen=True, kw_only=True)
class Persistence:
    """Above p97.5 in `above_p97_5` reports running, or above p90 in `above_p90` and not falling; each
    score at least `least`."""

    level: symptoms.Level
    above_p97_5: int = _within(1, 9)
    above_p90: int = _within(2, 9)
    least: float = _within(0, 10)


@dataclass(frozen=True, kw_only=True)
class LateStep:
    """From this day on, these scores are too much where they lie more than `over` above p97.5 of the
    treatment's own curve; `fine` replaces them on `fine_skin_types`."""

    level: symptoms.Level
    from_day: int = _within(1, 60)
    scores: Scores
    fine: Scores
    over: float = dataclasses.field(default=-100, metadata={"least": -100, "most": symptoms.MAX_SCORE})


@dataclass(frozen=True, kw_only=True)
class Itch:
    """From `from_day` on, above p97.5: itching at least `least`, or at least `rise_least` and `rise`
    above its lowest since day `rise_since`, or at least `lasting` in two reports running."""

    level: symptoms.Level
    from_day: int = _within(1, 60)
    least: float = _within(1, 10)
    rise: float = _within(1, 10)
    rise_least: float = _within(1, 10)
    rise_since: int = _within(0, 60)
    lasting: float = dataclasses.field(default=symptoms.MAX_SCORE + 1, metadata={"least": 1, "most": 11})


@dataclass(frozen=True, kw_only=True)
class ClusterBounds:
    """At least two symptoms above p97.5 whose points above the patient's own lowest (at most p90) sum
    to `points`; `urgent_points` from redness, swelling and pain alone raise `urgent_level`. From
    `back_from_day` on also pain and itching, both above p90 and together `back_points` above their own
    lowest since day `back_since`."""

    level: symptoms.Level
    points: float = _within(2, 40)
    urgent_level: symptoms.Level
    urgent_points: float = _within(2, 40)
    back_from_day: int = _within(1, 60)
    back_since: int = _within(0, 60)
    back_points: float = _within(2, 40)


@dataclass(frozen=True, kw_only=True)
class PersonalBand:
    """What the patient's own first reports change.

    Reports of the first `first_hours` say how strongly this skin reacts: their scores over p50, with
    `weight` points of the ordinary patient added to both, widen the band up to `widen_most` times or
    narrow the redness expected later down to `narrow_least`; `fine_prior` is the ordinary patient's
    share of redness on `fine_skin_types`. From `from_day` on, points of redness above that
    expectation (p90, at least `floor`) times days since the last report, at most `gap_days`, add up;
    `limit` point-days (`fine_limit` on `fine_skin_types`) with a score of at least `least` raise
    `level`. Earlier sessions stretch or shorten the band between `duration_least` and `duration_most`.
    A score more than `teach_margin` above p97.5 teaches none of this.
    """

    level: symptoms.Level
    first_hours: float = _within(12, 72)
    weight: float = _within(0.5, 50)
    widen_most: float = _within(1, 1.5)
    redness_weight: float = _within(0.5, 50)
    narrow_least: float = _within(0.25, 1)
    fine_prior: float = _within(0.5, 1)
    from_day: int = _within(1, 60)
    least: float = _within(1, 10)
    floor: float = _within(0, 10)
    gap_days: float = _within(0.5, 7)
    limit: float = _within(0.5, 50)
    fine_limit: float = _within(0.5, 50)
    duration_least: float = _within(0.5, 1)
    duration_most: float = _within(1, 1.5)
    teach_margin: float = dataclasses.field(default=symptoms.MAX_SCORE, metadata={"least": 0, "most": 10})


@dataclass(frozen=True, kw_only=True)
class OverrideLimits:
    """How far a setting for one clinic or patient may go."""

    level_least: float = _within(0.5, 1)
    level_most: float = _within(1, 2)
    duration_least: float = _within(0.5, 1)
    duration_most: float = _within(1, 2)


@dataclass(frozen=True, kw_only=True)
class Plausibility:
    """Asked again: at or above p97.5 plus the symptom's margin and at least `least`, or `jump` above
    the last report of the last `within_hours` and above p90, or `drop` below it; not where `agreeing`
    other symptoms are above p97.5 as well, nor within `same` points of the last report."""

    margins: Scores
    least: float = _within(0, 10)
    jump: float = _within(1, 11)
    drop: float = _within(1, 11)
    same: float = _within(0, 10)
    agreeing: int = _within(1, 9)
    within_hours: float = _within(0, 240)


@dataclass(frozen=True, kw_only=True)
class Silence:
    """No answer is a finding of `level` after any finding, while a flag is open, and once redness, swelling
    and pain together rose by `rise` since the report before, one of them to above p90."""

    level: symptoms.Level = symptoms.Level.ABNORMAL
    rise: float = _within(1, 30)


@dataclass(frozen=True, kw_only=True)
class AskFirst:
    """One finding alone, of `watch`, by a rule named here and of none of the symptoms `never`, raises no flag
    yet through recovery day `until_day`: it is asked about once more. It does where a report of the last
    `within_hours` had findings too, and where the finding itself rests on reports running of at least
    `lasting_hours`."""

    rules: frozenset[findings.AssessmentRule]
    never: frozenset[symptoms.Symptom]
    until_day: int = _within(1, 60)
    within_hours: float = _within(12, 240)
    lasting_hours: float = dataclasses.field(default=math.inf, metadata={"least": 12, "most": 240})


@dataclass(frozen=True, kw_only=True)
class Asking:
    """One more question, `least_hours` to `most_hours` after an answer that leaves something open, unless
    the plan asks within `most_hours` and `slack_hours` anyway; at most `most` of them in a course, none
    after recovery day `until_day`.

    Something is open after findings that are asked about first, an entry that was not confirmed, a rise of
    redness, swelling and pain by `rise`, from day `unclear_from_day` on a score above p90, and after a
    question that was not answered.
    """

    least_hours: float = _within(1, 48)
    most_hours: float = _within(2, 96)
    slack_hours: float = _within(0, 48)
    most: int = _within(0, 20)
    until_day: int = _within(1, 60)
    rise: float = _within(1, 30)
    unclear_from_day: int = _within(1, 60)


@dataclass(frozen=True, kw_only=True)
class Thresholds:
    """The bounds of all rules."""

    general: General
    far_above: FarAbove
    alone: Alone
    rebound: Rebound
    persistence: Persistence
    late: tuple[LateStep, ...]
    itch: Itch
    cluster: ClusterBounds
    personal_band: PersonalBand
    override: OverrideLimits
    plausibility: Plausibility
    silence: Silence
    first_hours: FirstHours | None = None
    ask_first: AskFirst | None = None
    asking: Asking | None = None


def parse_thresholds(table: toml_reader.TomlTable) -> Thresholds:
    """The `[rules]` table of a protocol. Raises `TomlError`."""
    steps = tuple(_section(step, LateStep) for step in table.tables("late"))
    if not steps:
        raise table.error("late is missing")
    thresholds = Thresholds(
        general=_section(table.table("general"), General),
        far_above=_section(table.table("far_above"), FarAbove),
        alone=_section(table.table("alone"), Alone),
        rebound=_section(table.table("rebound"), Rebound),
        persistence=_section(table.table("persistence"), Persistence),
        late=steps,
        itch=_section(table.table("itch"), Itch),
        cluster=_section(table.table("cluster"), ClusterBounds),
        personal_band=_section(table.table("personal_band"), PersonalBand),
        override=_section(table.table("override"), OverrideLimits),
        plausibility=_section(table.table("plausibility"), Plausibility),
        silence=_section(table.table("silence"), Silence),
        first_hours=_section(table.table("first_hours"), FirstHours) if table.has("first_hours") else None,
        ask_first=_section(table.table("ask_first"), AskFirst) if table.has("ask_first") else None,
        asking=_section(table.table("asking"), Asking) if table.has("asking") else None,
    )
    if thresholds.asking is not None and thresholds.asking.most_hours < thresholds.asking.least_hours:
        raise table.table("asking").error("is less than least_hours", key="most_hours")
    alone = thresholds.alone.level.rank
    if alone > min(thresholds.far_above.level.rank, thresholds.rebound.level.rank):
        raise table.error("is more urgent than far_above or rebound", key="alone")
    table.finish()
    return thresholds


def level_that_asks(table: toml_reader.TomlTable, key: str) -> symptoms.Level:
    """A level at which a nurse is asked for: watch, abnormal or emergency."""
    urgent = [level.value for level in symptoms.Level if level is not symptoms.Level.EXPECTED]
    return symptoms.Level(table.choice(key, of=urgent))


def _section(table: toml_reader.TomlTable, kind: type[_Section]) -> _Section:
    """A table read into a dataclass of bounds: its fields say what must be there and within what."""
    values: dict[str, object] = {}
    for item in dataclasses.fields(kind):  # type: ignore[arg-type]
        if item.default is not dataclasses.MISSING and not table.has(item.name):
            continue
        match item.type:
            case "symptoms.Level":
                values[item.name] = level_that_asks(table, item.name)
            case "float":
                values[item.name] = table.number(item.name, **item.metadata)
            case "int":
                values[item.name] = table.whole(item.name, **item.metadata)
            case "frozenset[findings.AssessmentRule]":
                values[item.name] = _rules_by_scores(table, item.name)
            case "frozenset[symptoms.Symptom]":
                values[item.name] = _symptoms(table, item.name)
            case "frozenset[int]":
                values[item.name] = frozenset(int(n) for n in table.numbers(item.name, least=1, most=6))
            case _:
                values[item.name] = _scores(table.table(item.name)) if table.has(item.name) else {}
    table.finish()
    return kind(**values)


def _rules_by_scores(table: toml_reader.TomlTable, key: str) -> frozenset[findings.AssessmentRule]:
    known = {rule.value: rule for rule in findings.AssessmentRule if rule not in _NOT_BY_SCORES}
    for name in table.texts(key):
        if name not in known:
            raise table.error(f"{name!r} is not one of {', '.join(known)}", key=key)
    return frozenset(known[name] for name in table.texts(key))


def _symptoms(table: toml_reader.TomlTable, key: str) -> frozenset[symptoms.Symptom]:
    known = {symptom.value: symptom for symptom in symptoms.Symptom}
    for name in table.texts(key):
        if name not in known:
            raise table.error(f"{name!r} is not a symptom", key=key)
    return frozenset(known[name] for name in table.texts(key))


def _scores(table: toml_reader.TomlTable) -> Scores:
    known = {symptom.value: symptom for symptom in symptoms.Symptom}
    for key in table.keys:
        if key not in known:
            raise table.error("is not a symptom", key=key)
    return {known[key]: table.number(key, most=symptoms.MAX_SCORE) for key in table.keys}
