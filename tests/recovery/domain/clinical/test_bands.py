"""The band at an hour: which curve, between which knots, stretched and raised by what was treated."""

from __future__ import annotations

import dataclasses
import re

import pytest

from recovery.domain.clinical import bands, protocol, symptoms

Symptom = symptoms.Symptom


def facts(**changes: object) -> symptoms.TreatmentFacts:
    given: dict[str, object] = {"device": symptoms.Device.PEN, "depth_mm": 1.5, "skin_type": 2} | changes
    return symptoms.TreatmentFacts(**given)  # type: ignore[arg-type]


def triple(band: protocol.Band | None) -> tuple[float, float, float]:
    assert band is not None
    return band.p50, band.p90, band.p97_5


def test_the_reference_band_on_a_day_is_the_curve(standard: protocol.Protocol) -> None:
    assert triple(standard.band(facts(), symptom=Symptom.REDNESS, hours=24)) == (3, 5, 6)
    assert triple(standard.band(facts(), symptom=Symptom.SWELLING, hours=48)) == (1, 2, 3)
    assert triple(standard.band(facts(), symptom=Symptom.PAIN, hours=168)) == (0, 0, 0)


def test_between_days_the_band_goes_by_hours(standard: protocol.Protocol) -> None:
    assert triple(standard.band(facts(), symptom=Symptom.REDNESS, hours=36)) == (2, 4, 5)
    assert triple(standard.band(facts(), symptom=Symptom.REDNESS, hours=30)) == (2.5, 4.5, 5.5)


def test_before_the_first_evening_and_after_four_weeks_the_band_stands_still(
    standard: protocol.Protocol,
) -> None:
    assert triple(standard.band(facts(), symptom=Symptom.REDNESS, hours=-2)) == (5, 7, 9)
    assert triple(standard.band(facts(), symptom=Symptom.REDNESS, hours=2000)) == (0, 0, 0)


@pytest.mark.parametrize(
    ("treatment", "expected"),
    [
        (facts(depth_mm=0.5), (2, 3, 4)),
        (facts(depth_mm=0.99), (2, 3, 4)),
        (facts(depth_mm=1.0), (3, 5, 6)),
        (facts(depth_mm=1.99), (3, 5, 6)),
        (facts(depth_mm=2.0), (4, 6, 7)),
        (facts(depth_mm=None), (3, 5, 6)),
        (facts(device=symptoms.Device.ROLLER, depth_mm=2.5), (4, 6, 7)),
        (facts(device=symptoms.Device.RF, depth_mm=0.5), (4, 6, 8)),
    ],
)
def test_device_and_depth_choose_the_curve(
    standard: protocol.Protocol, treatment: symptoms.TreatmentFacts, expected: tuple[float, float, float]
) -> None:
    assert triple(standard.band(treatment, symptom=Symptom.REDNESS, hours=24)) == expected


def test_a_slower_area_keeps_its_band_for_longer(standard: protocol.Protocol) -> None:
    neck = facts(areas=(symptoms.Area.FACE, symptoms.Area.NECK))
    assert triple(standard.band(neck, symptom=Symptom.REDNESS, hours=1.2 * 48)) == pytest.approx((1, 3, 4))


def test_the_eye_area_raises_swelling_only(standard: protocol.Protocol) -> None:
    eye = facts(areas=(symptoms.Area.EYE_AREA,))
    assert triple(standard.band(eye, symptom=Symptom.SWELLING, hours=24)) == pytest.approx((2.6, 5.2, 6.5))
    assert triple(standard.band(eye, symptom=Symptom.REDNESS, hours=24)) == (3, 5, 6)


def test_the_product_of_modifiers_is_capped(standard_text: str) -> None:
    text = standard_text.replace("level = 1.3\n", "level = 3.0\n")
    capped = protocol.parse(text)
    eye = facts(areas=(symptoms.Area.EYE_AREA,))
    assert triple(capped.band(eye, symptom=Symptom.SWELLING, hours=48)) == (2, 4, 6)
    both = facts(areas=(symptoms.Area.EYE_AREA, symptoms.Area.NECK))
    assert triple(capped.band(both, symptom=Symptom.SWELLING, hours=1.2 * 48)) == pytest.approx(
        (2 / 1.2, 4 / 1.2, 6 / 1.2)
    )


def test_skin_type_never_narrows_the_redness_band(standard: protocol.Protocol) -> None:
    bands = {
        triple(standard.band(facts(skin_type=n), symptom=Symptom.REDNESS, hours=24)) for n in range(1, 7)
    }
    assert len(bands) == 1


def test_a_symptom_without_a_curve_has_no_band(standard_text: str) -> None:
    text = re.sub(r"\[curves\.reference\.bruising\]\n(?:\w+ = .*\n)+", "", standard_text)
    assert protocol.parse(text).band(facts(), symptom=Symptom.BRUISING, hours=24) is None


def flat(score: float) -> bands.Band:
    return bands.Band(p50=score, p90=score, p97_5=score)


def curve(*scores: float, from_mm: float | None = None, below_mm: float | None = None) -> bands.Curve:
    return bands.Curve(
        name="made",
        title="made by hand",
        devices=frozenset({symptoms.Device.PEN}),
        from_mm=from_mm,
        below_mm=below_mm,
        bands={Symptom.REDNESS: tuple(flat(score) for score in scores)},
    )


def made(*curves: bands.Curve, duration: float = 1.0, level: float = 1.0, cap: float = 9.0) -> bands.Curves:
    """Curves with knots at 0, 10 and 20 hours, and one modifier on the neck."""
    return bands.Curves(
        hours=(0.0, 10.0, 20.0),
        curves=curves,
        areas={symptoms.Area.NECK: bands.Modifier(level=level, duration=duration)},
        devices={},
        skin_types={},
        cap=cap,
    )


@pytest.mark.parametrize(
    ("depth", "fits"), [(None, False), (0.99, False), (1.0, True), (1.99, True), (2.0, False)]
)
def test_a_curve_of_a_depth_includes_its_lower_bound_and_not_its_upper_one(
    depth: float | None, fits: bool
) -> None:
    assert curve(1, 1, 1, from_mm=1.0, below_mm=2.0).applies_to(facts(depth_mm=depth)) is fits


def test_a_curve_without_a_depth_fits_any_depth_of_its_devices_only() -> None:
    any_depth = curve(1, 1, 1)
    assert any_depth.applies_to(facts(depth_mm=None))
    assert any_depth.applies_to(facts(depth_mm=9.0))
    assert not any_depth.applies_to(facts(device=symptoms.Device.ROLLER))


@pytest.mark.parametrize(
    ("hours", "place"),
    [
        (-5.0, (0, 0.0)),
        (0.0, (0, 0.0)),
        (5.0, (0, 0.5)),
        (10.0, (1, 0.0)),
        (17.5, (1, 0.75)),
        (20.0, (1, 1.0)),
        (99.0, (1, 1.0)),
    ],
)
def test_an_hour_lies_between_two_knots(hours: float, place: tuple[int, float]) -> None:
    assert bands.locate_knot((0.0, 10.0, 20.0), hours) == place


def test_each_percentile_is_interpolated_by_itself() -> None:
    row = (bands.Band(p50=0, p90=2, p97_5=4), bands.Band(p50=4, p90=4, p97_5=10))
    assert bands.interpolate_values(row, (0, 0.25)) == (1.0, 2.5, 5.5)
    assert triple(bands.interpolate(row, (0, 1.0))) == (4, 4, 10)


def test_a_longer_course_never_lowers_an_upper_bound_and_its_median_comes_later() -> None:
    rising = made(curve(0, 4, 0), duration=1.5)
    table = rising.table(facts(areas=(symptoms.Area.NECK,)))
    at_ten = table.at(symptom=Symptom.REDNESS, hours=10)
    at_fifteen = table.at(symptom=Symptom.REDNESS, hours=15)
    assert triple(at_ten) == pytest.approx((4 / 1.5, 4, 4))
    assert triple(at_fifteen) == pytest.approx((4, 4, 4))


def test_a_shorter_course_is_earlier_in_all_percentiles() -> None:
    table = made(curve(0, 4, 0)).table(facts(), duration=0.5)
    assert triple(table.at(symptom=Symptom.REDNESS, hours=5)) == (4, 4, 4)
    assert triple(table.at(symptom=Symptom.REDNESS, hours=10)) == (0, 0, 0)


def test_of_several_areas_the_slowest_and_the_highest_count_once() -> None:
    both = made(curve(2, 2, 2), level=1.5)
    face_and_neck = facts(areas=(symptoms.Area.FACE, symptoms.Area.NECK, symptoms.Area.NECK))
    assert triple(both.table(face_and_neck).at(symptom=Symptom.REDNESS, hours=10)) == (3, 3, 3)


def test_device_and_skin_type_change_the_symptoms_they_name_and_multiply() -> None:
    redness = frozenset({Symptom.REDNESS})
    curves = dataclasses.replace(
        made(curve(2, 2, 2)),
        devices={symptoms.Device.PEN: bands.Modifier(level=1.5, symptoms=redness)},
        skin_types={
            5: bands.Modifier(level=2.0, symptoms=redness),
            6: bands.Modifier(level=2.0, symptoms=frozenset({Symptom.PAIN})),
        },
    )

    def p50(skin_type: int | None) -> float:
        band = curves.table(facts(skin_type=skin_type)).at(symptom=Symptom.REDNESS, hours=10)
        return triple(band)[0]

    assert [p50(skin_type) for skin_type in (None, 2, 5, 6)] == [3, 3, 6, 3]


def test_no_band_goes_beyond_the_highest_score() -> None:
    table = made(curve(8, 8, 8)).table(facts(), level=2.0)
    assert triple(table.at(symptom=Symptom.REDNESS, hours=10)) == (10, 10, 10)


def test_a_table_is_built_once_for_treatments_that_differ_in_nothing_that_matters() -> None:
    ready = made(curve(1, 1, 1))
    first = ready.table(facts(session_number=1))
    assert ready.table(facts(session_number=4)) is first
    assert ready.table(facts(), level=1.1) is not first
    assert ready.table(facts(), duration=1.1) is not first


def test_kept_tables_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bands, "MAX_TABLES", 2)
    ready = made(curve(1, 1, 1))
    first = ready.table(facts(), level=1.0)
    ready.table(facts(), level=1.1)
    assert ready.table(facts(), level=1.0) is first
    ready.table(facts(), level=1.2)
    assert ready.table(facts(), level=1.0) == first
    assert ready.table(facts(), level=1.0) is not first
