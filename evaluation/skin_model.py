"""One simulated course of the skin drawn from the ground truth: levels to be felt and signs to be seen at any
moment."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass

from evaluation import ground_truth
from recovery.domain.clinical import symptoms


@dataclass(frozen=True, kw_only=True, slots=True)
class Skin:
    """A course drawn for one person and one treatment; `onset` in days, None where nothing goes wrong.

    `levels` and `times` stand beside `ground_truth.ITEMS`, with person, treatment and world in them.
    """

    person: ground_truth.Person
    world: ground_truth.World
    kind: ground_truth.CourseKind
    onset: float | None
    levels: tuple[float, ...]
    times: tuple[float, ...]
    signs: tuple[ground_truth.Sign, ...]

    def felt(self, day: float) -> list[float]:
        """What the person would put down at `day` if it could be any number, beside `ground_truth.ITEMS`."""
        values = [
            _healing(item, level, time, day, self.world.healing_power)
            for item, level, time in zip(ground_truth.ITEMS, self.levels, self.times, strict=True)
        ]
        if self.onset is not None and day > self.onset:
            since = day - self.onset
            for rise in ground_truth.ILLNESSES[self.kind].rises:
                values[_PLACE[rise.symptom]] += _grown(rise, since, self.world.onset_power)
        if self.person.skin_type > 3:
            values[0] *= ground_truth.DARK_REDNESS
        factor = self.person.scale * (
            ground_truth.UNDER_REPORTER_FACTOR if self.person.under_reporter else 1.0
        )
        return [value * factor for value in values]

    def shown(self, day: float) -> list[symptoms.WarningSign]:
        """The warning signs that are really there at `day`."""
        if self.onset is None:
            return []
        return [sign.sign for sign in self.signs if day - self.onset >= sign.after]

    def ill(self, day: float) -> bool:
        """Whether something is going wrong at `day`."""
        return self.onset is not None and day >= self.onset


_PLACE = {item.symptom: place for place, item in enumerate(ground_truth.ITEMS) if item.symptom is not None}


def _healing(item: ground_truth.Item, level: float, time: float, day: float, healing_power: float) -> float:
    if not level:
        return 0.0
    if item.power is not None:
        ratio = day / time
        return level * math.pow(ratio * math.exp(1.0 - ratio), item.power)
    since = max(0.0, day - item.plateau) / time
    return level * math.exp(-math.pow(since, healing_power))


def _grown(rise: ground_truth.Rise, since: float, onset_power: float) -> float:
    if rise.endless:
        return rise.size * ground_truth.BEND_DAYS * math.pow(since / ground_truth.BEND_DAYS, onset_power)
    return rise.size * math.pow(min(1.0, since / ground_truth.RISE_DAYS), onset_power)


def draw(
    rng: random.Random,
    *,
    kind: ground_truth.CourseKind,
    person: ground_truth.Person,
    facts: symptoms.TreatmentFacts,
    world: ground_truth.World,
) -> Skin:
    """The course of `person`'s skin after the treatment `facts` describe."""
    time_factor, level_factor = ground_truth.treatment_factors(facts)
    acid = ground_truth.ACIDS[facts.acid]
    own_level = math.sqrt(1 - ground_truth.REACTIVITY_SHARED**2)
    own_speed = math.sqrt(1 - ground_truth.SPEED_SHARED**2)
    levels: list[float] = []
    times: list[float] = []
    for item in ground_truth.ITEMS:
        reaction = ground_truth.REACTIVITY_SHARED * person.reactivity + own_level * rng.gauss(0.0, 1.0)
        speed = ground_truth.SPEED_SHARED * person.speed + own_speed * rng.gauss(0.0, 1.0)
        has_it = item.share >= 1.0 or rng.random() < item.share
        level = item.level * math.exp(item.level_spread * reaction) * level_factor * world.level
        if item.symptom is symptoms.Symptom.SWELLING and symptoms.Area.EYE_AREA in facts.areas:
            level *= ground_truth.EYE_AREA_SWELLING
        longer, stronger = acid.get(item.symptom, (1.0, 1.0)) if item.symptom else (1.0, 1.0)
        levels.append(level * stronger if has_it else 0.0)
        times.append(item.time * math.exp(item.time_spread * speed) * time_factor * longer * world.time)
    if kind is ground_truth.CourseKind.PROLONGED:
        times[0] = rng.uniform(6.0, 14.0)
    return Skin(
        person=person,
        world=world,
        kind=kind,
        onset=ground_truth.draw_onset(rng, kind),
        levels=tuple(levels),
        times=tuple(times),
        signs=_signs(rng, ground_truth.ILLNESSES[kind].signs),
    )


def _signs(rng: random.Random, signs: Sequence[ground_truth.Sign]) -> tuple[ground_truth.Sign, ...]:
    return tuple(sign for sign in signs if sign.share >= 1.0 or rng.random() < sign.share)
