from __future__ import annotations

import math
import random
from collections.abc import Sequence

import pytest

from evaluation import ground_truth, skin_model
from evaluation.ground_truth import CourseKind
from recovery.domain.clinical import symptoms

ORDINARY = ground_truth.Person(skin_type=2, under_reporter=False, reactivity=0.0, speed=0.0, scale=1.0)
REDNESS, SWELLING, PEELING, PAIN, ITCHING = range(5)
FACE = symptoms.TreatmentFacts(device=symptoms.Device.PEN, depth_mm=1.5)


def skin(
    *,
    kind: CourseKind = CourseKind.NORMAL,
    onset: float | None = None,
    levels: Sequence[float] = (4.0,) * 8,
    times: Sequence[float] = (2.0,) * 8,
    person: ground_truth.Person = ORDINARY,
    world: ground_truth.World = ground_truth.FIRST_SIMULATION,
    signs: tuple[ground_truth.Sign, ...] = (),
) -> skin_model.Skin:
    return skin_model.Skin(
        person=person,
        world=world,
        kind=kind,
        onset=onset,
        levels=tuple(levels),
        times=tuple(times),
        signs=signs,
    )


def person(
    *, skin_type: int = 2, under_reporter: bool = False, scale: float = 1.0, reactivity: float = 0.0
) -> ground_truth.Person:
    return ground_truth.Person(
        skin_type=skin_type, under_reporter=under_reporter, reactivity=reactivity, speed=0.0, scale=scale
    )


def added(
    kind: CourseKind, *, day: float, world: ground_truth.World = ground_truth.FIRST_SIMULATION
) -> float:
    """Redness that a complication with its onset on day 2 adds by `day`."""
    ill = skin(kind=kind, onset=2.0, levels=(0.0,) * 8, world=world or ground_truth.FIRST_SIMULATION)
    return ill.felt(day)[REDNESS]


def drawn(
    *,
    kind: CourseKind = CourseKind.NORMAL,
    facts: symptoms.TreatmentFacts = FACE,
    world: ground_truth.World = ground_truth.FIRST_SIMULATION,
    seed: int = 1,
    who: ground_truth.Person = ORDINARY,
) -> skin_model.Skin:
    return skin_model.draw(random.Random(seed), kind=kind, person=who, facts=facts, world=world)


def test_a_symptom_fades_by_its_time_after_its_plateau() -> None:
    assert skin().felt(0.0)[REDNESS] == 4.0
    assert skin().felt(2.0)[REDNESS] == pytest.approx(4.0 / math.e)
    plateau = ground_truth.ITEMS[SWELLING].plateau
    assert skin().felt(plateau)[SWELLING] == 4.0
    assert skin().felt(plateau + 2.0)[SWELLING] == pytest.approx(4.0 / math.e)


def test_a_symptom_that_rises_and_falls_has_its_full_level_at_its_time() -> None:
    course = [skin().felt(day)[PEELING] for day in (0.0, 1.0, 2.0, 3.0)]
    assert course[0] == 0.0
    assert course[2] == pytest.approx(4.0)
    assert course[0] < course[1] < course[2] > course[3]


def test_healing_with_a_long_tail_begins_faster_and_ends_later() -> None:
    tail = skin(world=ground_truth.World(healing_power=0.8))
    assert tail.felt(1.0)[REDNESS] < skin().felt(1.0)[REDNESS]
    assert tail.felt(2.0)[REDNESS] == pytest.approx(skin().felt(2.0)[REDNESS])
    assert tail.felt(6.0)[REDNESS] > skin().felt(6.0)[REDNESS]


def test_what_was_never_there_is_not_felt() -> None:
    assert skin(levels=(0.0,) * 8).felt(1.0) == [0.0] * 8


@pytest.mark.parametrize(("skin_type", "left"), [(3, 1.0), (4, ground_truth.DARK_REDNESS)])
def test_redness_alone_is_seen_less_on_darker_skin(skin_type: int, left: float) -> None:
    felt = skin(person=person(skin_type=skin_type)).felt(0.0)
    assert (felt[REDNESS], felt[PAIN]) == (4.0 * left, 4.0)


def test_a_personal_scale_and_under_reporting_change_every_score() -> None:
    plain = skin().felt(1.0)
    own = skin(person=person(scale=1.5, under_reporter=True)).felt(1.0)
    factor = 1.5 * ground_truth.UNDER_REPORTER_FACTOR
    assert own == pytest.approx([value * factor for value in plain])


def test_a_complication_adds_nothing_up_to_its_onset_and_then_its_own_symptoms() -> None:
    ill, well = skin(kind=CourseKind.COLD_SORE, onset=3.0), skin()
    assert ill.felt(3.0) == well.felt(3.0)
    rises = [
        place for place, (sick, fine) in enumerate(zip(ill.felt(4), well.felt(4), strict=True)) if sick > fine
    ]
    assert rises == [PAIN, ITCHING]


def test_a_rise_with_a_bound_reaches_it_and_one_without_goes_on() -> None:
    size = ground_truth.ILLNESSES[CourseKind.DERMATITIS].rises[0].size
    assert added(CourseKind.DERMATITIS, day=2 + ground_truth.RISE_DAYS / 2) == pytest.approx(size / 2)
    assert added(CourseKind.DERMATITIS, day=2 + ground_truth.RISE_DAYS) == pytest.approx(size)
    assert added(CourseKind.DERMATITIS, day=20.0) == pytest.approx(size)
    a_day = ground_truth.ILLNESSES[CourseKind.INFECTION].rises[0].size
    assert [added(CourseKind.INFECTION, day=day) for day in (3.0, 5.0)] == pytest.approx([a_day, 3 * a_day])


def test_slow_and_sudden_complications_meet_the_straight_one_where_it_bends() -> None:
    slow, sudden = ground_truth.World(onset_power=1.7), ground_truth.World(onset_power=0.5)
    early, bend = 2.5, 2.0 + ground_truth.BEND_DAYS
    straight = added(CourseKind.INFECTION, day=early)
    assert added(CourseKind.INFECTION, day=early, world=slow) < straight
    assert added(CourseKind.INFECTION, day=early, world=sudden) > straight
    for world in (slow, sudden):
        at_bend = added(CourseKind.INFECTION, day=bend, world=world)
        assert at_bend == pytest.approx(added(CourseKind.INFECTION, day=bend))


def test_signs_show_from_their_time_after_onset() -> None:
    pus = ground_truth.Sign(sign=symptoms.WarningSign.PUS, share=1.0, after=1.0)
    ill = skin(kind=CourseKind.INFECTION, onset=2.0, signs=(pus,))
    assert ill.shown(2.99) == []
    assert ill.shown(3.0) == [symptoms.WarningSign.PUS]
    assert skin(signs=(pus,)).shown(9.0) == []


def test_somebody_is_ill_from_onset_on() -> None:
    ill = skin(kind=CourseKind.INFECTION, onset=2.0)
    assert [ill.ill(day) for day in (1.99, 2.0)] == [False, True]
    assert not skin().ill(28.0)


def test_the_same_seed_draws_the_same_course() -> None:
    assert drawn(seed=5) == drawn(seed=5)
    assert drawn(seed=5) != drawn(seed=6)


def test_treatment_and_world_multiply_every_level_and_every_time() -> None:
    plain = drawn()
    deep = drawn(facts=symptoms.TreatmentFacts(device=symptoms.Device.PEN, depth_mm=2.0))
    assert deep.levels == pytest.approx([1.1 * level for level in plain.levels])
    assert deep.times == pytest.approx([1.35 * time for time in plain.times])
    other = drawn(world=ground_truth.World(level=1.3, time=0.5))
    assert other.levels == pytest.approx([1.3 * level for level in plain.levels])
    assert other.times == pytest.approx([0.5 * time for time in plain.times])


def test_an_acid_of_the_session_makes_the_symptoms_it_touches_stronger_and_longer() -> None:
    plain, tca = (
        drawn(facts=symptoms.TreatmentFacts(device=symptoms.Device.PEN, depth_mm=1.5, acid=acid))
        for acid in (symptoms.Acid.NONE, symptoms.Acid.TCA)
    )
    touched = ground_truth.ACIDS[symptoms.Acid.TCA]
    for place, item in enumerate(ground_truth.ITEMS):
        longer, stronger = touched.get(item.symptom, (1.0, 1.0)) if item.symptom else (1.0, 1.0)
        assert tca.times[place] == pytest.approx(longer * plain.times[place])
        assert tca.levels[place] == pytest.approx(stronger * plain.levels[place])
    assert set(touched) == {symptoms.Symptom.PEELING, symptoms.Symptom.DRYNESS, symptoms.Symptom.REDNESS}


def test_the_eye_area_swells_more_and_does_nothing_else_more() -> None:
    plain, eye = (
        drawn(facts=symptoms.TreatmentFacts(device=symptoms.Device.PEN, depth_mm=1.5, areas=areas))
        for areas in ((symptoms.Area.FACE,), (symptoms.Area.FACE, symptoms.Area.EYE_AREA))
    )
    factors = [more / level for more, level in zip(eye.levels, plain.levels, strict=True) if level]
    assert factors[SWELLING] == pytest.approx(ground_truth.EYE_AREA_SWELLING)
    assert [factor for place, factor in enumerate(factors) if place != SWELLING] == [1.0] * (len(factors) - 1)


def test_a_strong_reactor_is_strong_in_everything() -> None:
    strong = drawn(who=person(reactivity=2.0))
    pairs = zip(strong.levels, drawn().levels, strict=True)
    assert all(more > level or more == level == 0.0 for more, level in pairs)


def test_only_what_not_everybody_has_is_missing_and_only_in_some() -> None:
    missing = [
        {place for place, level in enumerate(drawn(seed=seed).levels) if not level} for seed in range(60)
    ]
    optional = {place for place, item in enumerate(ground_truth.ITEMS) if item.share < 1.0}
    assert set().union(*missing) == optional
    assert set().intersection(*missing) == set()


def test_a_lasting_redness_is_slow_from_the_start_whatever_the_treatment() -> None:
    for seed in range(30):
        slow = drawn(kind=CourseKind.PROLONGED, seed=seed, world=ground_truth.World(time=5.0))
        assert 6.0 <= slow.times[REDNESS] <= 14.0
        assert slow.onset == ground_truth.PROLONGED_FROM_DAY


def test_signs_are_drawn_by_their_share() -> None:
    shown = [
        {sign.sign for sign in drawn(kind=CourseKind.INFECTION, seed=seed).signs} for seed in range(2_000)
    ]
    for sign in ground_truth.ILLNESSES[CourseKind.INFECTION].signs:
        assert sum(sign.sign in signs for signs in shown) / len(shown) == pytest.approx(sign.share, abs=0.04)
    assert all(drawn(kind=CourseKind.PIGMENT, seed=seed).signs for seed in range(20))
