"""A clinic's own curves: learnt from a redder clinic, hardly from a small one, and never from burns."""

from __future__ import annotations

import pytest

from estimation import estimate_settings, own_curves
from estimation.own_curves import OwnCurves
from evaluation import ground_truth
from evaluation.own_course import estimate_check, simulated_clinic
from evaluation.own_course.estimate_check import CONFIG, Checked
from evaluation.own_course.simulated_clinic import ClinicPlan
from recovery.domain.clinical import protocol as protocols
from recovery.domain.clinical.calibration import band_calibration
from recovery.domain.clinical.symptoms import Symptom
from tests.support.long_runs import LONG, sized

REDDER = ground_truth.World(level=1.3)
SKIN = (Symptom.REDNESS, Symptom.SWELLING)


@pytest.fixture(scope="module")
def redder() -> Checked:
    """A clinic of 2,000 treatments (500 in a short run) whose patients are 1.3 times redder."""
    plan = ClinicPlan(treatments=sized(500, long=2000), world=REDDER)
    return estimate_check.check(plan, courses=sized(300, long=4000))


def learnt(plan: ClinicPlan, rules: protocols.Protocol) -> OwnCurves:
    settings = estimate_settings.parse((CONFIG / "estimate.toml").read_text("utf-8"))
    clinic = simulated_clinic.simulate(plan, protocol=rules)
    return own_curves.learn(clinic, shipped=rules, settings=settings.curves)


def test_the_p90_of_a_redder_clinic_is_found(redder: Checked) -> None:
    for day in estimate_check.DAYS:
        true = simulated_clinic.true_centiles(world=REDDER, day=day, people=sized(4000, long=20_000), seed=5)
        for symptom in SKIN:
            _, draft = redder.p90(symptom, day)
            # A small clinic is drawn towards the shipped curve.
            assert draft == pytest.approx(true[symptom][1], abs=sized(0.7, long=0.5)), (symptom, day)


def test_that_it_is_redder_is_said_first(redder: Checked) -> None:
    if LONG:
        assert [excess.group.symptom for excess in redder.above_expected] == list(SKIN)
    first, *_ = estimate_check.page(redder).splitlines()
    assert first.startswith("Said first: " if redder.above_expected else "Nothing is said first")


def test_its_draft_flags_fewer_healthy_courses_and_misses_no_more(redder: Checked) -> None:
    for shipped, draft in (redder.flags, redder.as_asked):
        assert draft.hits < shipped.hits if LONG else draft.hits <= shipped.hits
    judged = (*redder.found, *redder.found_there, *redder.found_as_asked)
    curves = {each.curve for each in redder.found}
    assert curves == {"reference", "medium"}, "what follows from a changed curve is judged as well"
    assert len(judged) == 3 * 8 * len(curves)
    assert max(each.lost for each in judged if not each.same_day) <= sized(2.0, long=1.0)
    assert max(each.lost for each in judged if each.same_day) <= sized(5.0, long=3.5)


def test_a_clinic_as_expected_is_told_nothing_first(rules: protocols.Protocol) -> None:
    for words in (0.0, 1.0):
        plan = ClinicPlan(treatments=sized(300, long=2000), words=words)
        clinic = simulated_clinic.simulate(plan, protocol=rules)
        found = band_calibration.calibrate((each.course for each in clinic), protocol=rules)
        assert found.above_expected == [], words


def test_a_small_clinic_stays_near_the_shipped_curve(rules: protocols.Protocol) -> None:
    own = learnt(ClinicPlan(treatments=50, world=REDDER), rules)
    for row in own.rows:
        for new, old in zip(row.bands, rules.curves.curves[-1].bands[row.symptom], strict=True):
            assert new.p90 == pytest.approx(old.p90, abs=0.75), row.symptom
            assert new.p97_5 == pytest.approx(old.p97_5, abs=1.0), row.symptom


@pytest.mark.parametrize("burns", [0.1, 0.3])
def test_no_burn_is_learnt(rules: protocols.Protocol, burns: float) -> None:
    size = sized(400, long=2000)
    clean, burning = (learnt(ClinicPlan(treatments=size, burns=share), rules) for share in (0.0, burns))
    assert burning.courses < clean.courses * (1.1 - burns)
    for before, after in zip(clean.rows, burning.rows, strict=True):
        for calm, burnt in zip(before.bands[:7], after.bands[:7], strict=True):
            assert burnt.p90 == pytest.approx(calm.p90, abs=sized(0.6, long=0.5)), after.symptom


def test_a_device_that_burns_is_said_first(rules: protocols.Protocol) -> None:
    plan = ClinicPlan(treatments=300, burns=0.3)
    clinic = simulated_clinic.simulate(plan, protocol=rules)
    found = band_calibration.calibrate((each.course for each in clinic), protocol=rules)
    assert [excess.group.symptom for excess in found.above_expected] == list(SKIN)
