from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from recovery.domain.clinical import protocol as protocols
from recovery.domain.clinical import symptoms
from recovery.domain.clinical.calibration import band_calibration
from recovery.domain.clinical.calibration.answer_interval import ReportedCourse
from recovery.domain.clinical.calibration.band_calibration import Group, Grouping, calibrate
from recovery.domain.clinical.symptoms import Device, Observation, Symptom, TreatmentFacts

SHIPPED = Path(__file__).resolve().parents[5] / "config" / "protocols" / "standard-2026-12.toml"
Course = Callable[..., ReportedCourse]


@pytest.fixture(scope="module")
def protocol() -> protocols.Protocol:
    return protocols.parse(SHIPPED.read_text("utf-8"))


@pytest.fixture
def course() -> Course:
    """A course with this redness at noon of days 1, 2, …; p90 there is 5, 3, 2, 1."""

    def make(
        *redness: int,
        device: Device = Device.PEN,
        depth: float | None = 1.5,
        skin_type: int | None = 2,
        lot: str | None = None,
    ) -> ReportedCourse:
        reports = tuple(
            Observation(hours=day * 24, scores={Symptom.REDNESS: score})
            for day, score in enumerate(redness, start=1)
        )
        facts = TreatmentFacts(device=device, depth_mm=depth, skin_type=skin_type)
        return ReportedCourse(facts=facts, reports=reports, lot=lot)

    return make


def red(grouping: Grouping, name: str) -> Group:
    return Group(grouping=grouping, name=name, symptom=Symptom.REDNESS)


def test_answers_are_counted_by_day_device_depth_and_skin(
    protocol: protocols.Protocol, course: Course
) -> None:
    found = calibrate(
        [
            course(9, 1),
            course(1, 1, device=Device.RF, depth=2.5, skin_type=5),
            course(0, depth=None, skin_type=None),
        ],
        protocol=protocol,
    )
    assert found.version == protocol.version
    assert found.counts[red(Grouping.ALL, "all")].answers == 5
    first = found.counts[red(Grouping.DAY, "1")]
    assert (first.answers, first.p90.hits, first.p97_5.hits) == (3, 1, 1)
    assert found.counts[red(Grouping.DEVICE, "rf")].p90.hits == 0
    names = {grouping: [group.name for group in found.groups(grouping)] for grouping in Grouping}
    assert names[Grouping.DAY] == ["1", "2"]
    assert names[Grouping.DEVICE] == ["pen", "rf"]
    assert names[Grouping.DEPTH] == [
        "pen or roller, 1.0-1.5 mm, face",
        "radio-frequency needles, above 2.0 and below 3.5 mm",
        "not recorded",
    ]
    assert names[Grouping.SKIN_TYPE] == ["I-III", "IV-VI", "not recorded"]


def test_depths_stand_from_shallow_to_deep(protocol: protocols.Protocol, course: Course) -> None:
    depths = (None, 3.0, 1.75, 0.5, 2.0, 1.2)
    needles = [course(1, depth=depth) for depth in depths]
    found = calibrate(
        [*needles, *(course(1, device=Device.RF, depth=depth) for depth in (3.5, 1.0, 2.5))],
        protocol=protocol,
    )
    listed = [
        "pen or roller below 1.0 mm",
        "pen or roller, 1.0-1.5 mm, face",
        "pen or roller, above 1.5 and below 2.0 mm",
        "pen or roller, 2.0-2.5 mm",
        "pen or roller above 2.5 mm",
        "radio-frequency needles, up to 2.0 mm",
        "radio-frequency needles, above 2.0 and below 3.5 mm",
        "radio-frequency needles, 3.5 mm and more",
        "not recorded",
    ]
    assert [group.name for group in found.groups(Grouping.DEPTH)] == listed
    redness = [one.group.name for one in found.excesses(Grouping.DEPTH)]
    assert redness == listed


def test_a_clinic_as_expected_is_not_said_to_be_above(protocol: protocols.Protocol, course: Course) -> None:
    calm = [course(3, 1, 1, 0) for _ in range(95)] + [course(9, 9, 9, 9) for _ in range(5)]
    found = calibrate(calm, protocol=protocol)
    assert (found.above_expected, band_calibration.warning(found)) == ([], None)


def test_a_redder_clinic_is_said_to_be_above_by_device(protocol: protocols.Protocol, course: Course) -> None:
    def clinic() -> Iterator[ReportedCourse]:
        for _ in range(60):
            yield course(3, 1, 1, 0)
            yield course(9, 9, 9, 9, device=Device.RF)
            yield course(3, 1, 1, 0, device=Device.ROLLER)

    found = calibrate(clinic(), protocol=protocol)
    (excess,) = found.above_expected
    assert (excess.group.symptom, excess.above.hits, excess.above.total) == (Symptom.REDNESS, 60, 180)
    said = band_calibration.warning(found)
    assert said is not None
    assert said.startswith("Your patients are redder than expected: first look for a fault of device, depth")
    by_device = {each.group.name: each.above.hits for each in found.excesses(Grouping.DEVICE)}
    assert by_device == {"pen": 0, "rf": 60, "roller": 0}


def test_the_lot_that_surely_lies_above_comes_first(protocol: protocols.Protocol, course: Course) -> None:
    clinic = [course(9, 9, lot="C") for _ in range(40)] + [course(9, 9, lot="A"), course(9, 9)]
    clinic += [
        course(3, 1, lot=lot) for lot in ("B", "below 7", "\N{SUPERSCRIPT TWO}", "12") for _ in range(9)
    ]
    found = calibrate(clinic, protocol=protocol)
    by_lot = [(each.group.name, each.above.hits, each.above.total) for each in found.excesses(Grouping.LOT)]
    assert by_lot[:2] == [("C", 40, 40), ("A", 1, 1)]
    calm = ["12", "B", "below 7", "\N{SUPERSCRIPT TWO}"]
    assert by_lot[2:] == [(lot, 0, 9) for lot in calm]
    assert [group.name for group in found.groups(Grouping.LOT)] == ["C", "A", *calm]
    assert found.counts[red(Grouping.LOT, "C")].p90.hits == 80


def test_of_many_lots_those_that_stand_out_are_listed(protocol: protocols.Protocol, course: Course) -> None:
    calm = [course(3, lot=f"A-{number:03}") for number in range(60)]
    found = calibrate([*calm, course(9, lot="Z")], protocol=protocol)
    lots = [group.name for group in found.groups(Grouping.LOT)]
    assert (len(lots), lots[0]) == (band_calibration.MOST_LOTS, "Z")
    assert [each.group.name for each in found.excesses(Grouping.LOT)] == lots


def test_many_answers_of_one_patient_are_no_proof(protocol: protocols.Protocol, course: Course) -> None:
    few = [course(9, 9, 9, 9) for _ in range(2)] + [course(3, 1, 1, 0) for _ in range(8)]
    assert calibrate(few, protocol=protocol).above_expected == []


def test_late_days_do_not_count_for_what_is_said_first(protocol: protocols.Protocol, course: Course) -> None:
    late = [course(3, 1, 1, 0, 9, 9, 9) for _ in range(60)]
    assert calibrate(late, protocol=protocol).above_expected == []


def test_depths_are_named_by_the_curve_they_are_held_against(protocol: protocols.Protocol) -> None:
    def named(depth: float | None) -> str:
        facts = symptoms.TreatmentFacts(device=symptoms.Device.PEN, depth_mm=depth)
        return band_calibration.depth_group(facts, curves=protocol.curves)

    assert [named(depth) for depth in (0.5, 1.0, 1.2, 1.75, 2.0, 2.2, 3.0, None)] == [
        "pen or roller below 1.0 mm",
        "pen or roller, 1.0-1.5 mm, face",
        "pen or roller, 1.0-1.5 mm, face",
        "pen or roller, above 1.5 and below 2.0 mm",
        "pen or roller, 2.0-2.5 mm",
        "pen or roller, 2.0-2.5 mm",
        "pen or roller above 2.5 mm",
        "not recorded",
    ]
