"""Whether a clinic's own curves are learnt rightly: a simulated clinic of a known world, its calibration, its
draft, as a page.

python -m evaluation.own_course.estimate_check --treatments 2000 --level 1.3
"""

from __future__ import annotations

import argparse
import dataclasses
import pathlib
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from estimation import draft_text, estimate_settings, own_curves
from estimation.own_curves import OwnCurves
from evaluation import arms, cohort, ground_truth, metrics, tally
from evaluation.own_course import draft_safety, simulated_clinic
from evaluation.own_course.draft_safety import Found
from evaluation.own_course.simulated_clinic import ClinicPlan
from evaluation.report.tables import table, with_interval
from recovery.domain.clinical import protocol as protocols
from recovery.domain.clinical import symptoms
from recovery.domain.clinical.calibration import band_calibration
from recovery.domain.clinical.calibration.band_calibration import Calibration, Excess
from recovery.domain.core.confidence_intervals import Share

CONFIG = pathlib.Path(__file__).resolve().parents[2] / "config"
DAYS = (1, 2, 3, 4)
SHOWN = (symptoms.Symptom.REDNESS, symptoms.Symptom.SWELLING, symptoms.Symptom.PAIN)
PEOPLE = 20_000
ON = date(2027, 1, 1)


@dataclass(frozen=True, kw_only=True)
class Checked:
    """What came of a simulated clinic. `flags` are normal courses of its world with any flag, under both
    protocols, by daily numbers; `found` are complications in the shipped world, `found_there` in its own.
    `as_asked` and `found_as_asked` are the same in its own world with the check-ins and answers that ship."""

    plan: ClinicPlan
    shipped: protocols.Protocol
    draft: protocols.Protocol
    own: OwnCurves
    calibration: Calibration
    flags: tuple[Share, Share]
    as_asked: tuple[Share, Share]
    found: Sequence[Found]
    found_there: Sequence[Found]
    found_as_asked: Sequence[Found]

    @property
    def above_expected(self) -> list[Excess]:
        """What is said first."""
        return self.calibration.above_expected

    def p90(self, symptom: symptoms.Symptom, day: int) -> tuple[float, float]:
        """The shipped and the draft's p90 of the reference curve."""
        shipped, draft = (
            each.curves.curves[-1].bands[symptom][day].p90 for each in (self.shipped, self.draft)
        )
        return shipped, draft


def check(plan: ClinicPlan, *, courses: int, processes: int = 1) -> Checked:
    """Simulate, learn, and judge new courses by what was learnt; `courses` of each kind."""
    text = max(CONFIG.glob("protocols/standard-*.toml")).read_text(encoding="utf-8")
    shipped = protocols.parse(text)
    settings = estimate_settings.parse((CONFIG / "estimate.toml").read_text(encoding="utf-8"))
    clinic = simulated_clinic.simulate(plan, protocol=shipped)
    own = own_curves.learn(clinic, shipped=shipped, settings=settings.curves)
    draft = draft_text.write(text, version="own", own=own, on=ON)
    daily, asked = (dataclasses.replace(arm, world=plan.world) for arm in (cohort.REFERENCE, arms.LINK))
    found, found_there, found_as_asked = (
        draft_safety.compare(
            shipped=text,
            draft=draft,
            curves=draft_safety.changed_curves(shipped=text, draft=draft),
            courses=courses,
            seed=plan.seed + 1,
            arm=arm,
            processes=processes,
        )
        for arm in (cohort.REFERENCE, daily, asked)
    )  # fmt: skip
    flags, as_asked = (
        (
            _flagged(text, arm, courses=courses, seed=plan.seed + 1, processes=processes),
            _flagged(draft, arm, courses=courses, seed=plan.seed + 1, processes=processes),
        )
        for arm in (daily, asked)
    )
    return Checked(
        plan=plan,
        shipped=shipped,
        draft=protocols.parse(draft),
        own=own,
        calibration=band_calibration.calibrate((each.course for each in clinic), protocol=shipped),
        flags=flags,
        as_asked=as_asked,
        found=found,
        found_there=found_there,
        found_as_asked=found_as_asked,
    )


def _flagged(protocol: str, arm: cohort.Arm, *, courses: int, seed: int, processes: int) -> Share:
    figures = metrics.one_arm(
        protocol=protocol,
        sizes=metrics.Sizes(normal=courses),
        seed=seed,
        kinds=(ground_truth.CourseKind.NORMAL,),
        arm=arm,
        processes=processes,
    )
    return figures.by_kind[ground_truth.CourseKind.NORMAL].any_in(tally.CohortGroup.ALL).ever


def page(checked: Checked) -> str:
    """The figures as text."""
    return "\n\n".join(_parts(checked)) + "\n"


def _parts(checked: Checked) -> Iterator[str]:
    said = checked.above_expected
    yield (
        "\n".join(
            f"Said first: {excess.group.symptom.value} above p90 in {with_interval(excess.above)} of courses"
            for excess in said
        )
        or "Nothing is said first: redness and swelling lie as expected."
    )
    left_out = ", ".join(f"{count} {why}" for why, count in sorted(checked.own.left_out.items()))
    yield f"Learnt from {checked.own.reports} reports of {checked.own.courses} courses; left out: {left_out}"
    truth = {
        day: simulated_clinic.true_centiles(
            world=checked.plan.world, day=day, people=PEOPLE, seed=checked.plan.seed
        )
        for day in DAYS
    }
    yield table(
        ("p90", *(f"day {day}: shipped, true, draft" for day in DAYS)),
        [
            (symptom.value, *(_three(checked, symptom, day, truth[day][symptom][1]) for day in DAYS))
            for symptom in SHOWN
        ],
    )
    for how, (before, after) in (("daily numbers", checked.flags), ("as asked", checked.as_asked)):
        shares = f"shipped {with_interval(before)}, draft {with_interval(after)}"
        yield f"Normal courses with a flag, {how}: {shares}"
    for where, found in (
        ("in the shipped world, daily numbers", checked.found),
        ("in this clinic's world, daily numbers", checked.found_there),
        ("in this clinic's world, as asked", checked.found_as_asked),
    ):
        yield f"Complications found, {where}:\n" + draft_safety.table_of(found)


def _three(checked: Checked, symptom: symptoms.Symptom, day: int, true: float) -> str:
    shipped, draft = checked.p90(symptom, day)
    return f"{shipped:g}, {true:.2f}, {draft:g}"


def main(given: Sequence[str]) -> int:
    """Print `page` for one clinic."""
    parser = argparse.ArgumentParser(description="A simulated clinic and its own curves.")
    parser.add_argument("--treatments", type=int, default=2000)
    parser.add_argument("--level", type=float, default=1.3, help="how much redder than expected")
    parser.add_argument("--burns", type=float, default=0.0, help="share of treatments that burn")
    parser.add_argument("--words", type=float, default=0.5, help="share of courses answered in words")
    parser.add_argument("--courses", type=int, default=4000, help="new courses of each kind")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=1)
    asked = parser.parse_args(given)
    plan = ClinicPlan(
        treatments=asked.treatments,
        world=ground_truth.World(level=asked.level),
        words=asked.words,
        burns=asked.burns,
        seed=asked.seed,
    )
    print(page(check(plan, courses=asked.courses, processes=asked.processes)))  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
