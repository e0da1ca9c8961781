"""The band at an hour: which curve, between which knots, stretched and raised by what was treated."""

from __future__ import annotations

import dataclasses
import itertools
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
        (facts(depth_mm=1.5), (3, 5, 6)),
        (facts(depth_mm=1.75), (3.5, 5.5, 6.5)),
        (facts(depth_mm=1.99), (3.5, 5.5, 6.5)),
        (facts(depth_mm=2.0), (4, 6, 7)),
        (facts(depth_mm=None), (3, 5, 6)),
        (facts(device=symptoms.Device.ROLLER, depth_mm=2.5), (4, 6, 7)),
        (facts(depth_mm=2.51), (4.6, 6.7, 8)),
        (facts(depth_mm=4.0), (4.6, 6.7, 8)),
        (facts(device=symptoms.Device.RF, depth_mm=0.5), (4, 6, 8)),
        (facts(device=symptoms.Device.RF, depth_mm=2.0), (4, 6, 8)),
        (facts(device=symptoms.Device.RF, depth_mm=2.5), (4.3, 6.5, 8.4)),
        (facts(device=symptoms.Device.RF, depth_mm=3.5), (4.6, 6.9, 8.7)),
        (facts(device=symptoms.Device.RF, depth_mm=None), (4, 6, 8)),
    ],
)
def test_device_and_depth_choose_the_curve(
    standard: protocol.Protocol, treatment: symptoms.TreatmentFacts, expected: tuple[float, float, float]
) -> None:
    assert triple(standard.band(treatment, symptom=Symptom.REDNESS, hours=24)) == expected


STEPS = {
    symptoms.Device.PEN: (0.5, 1.0, 1.5, 1.75, 2.0, 2.5, 2.75, 3.0),
    symptoms.Device.ROLLER: (0.5, 1.0, 1.5, 1.75, 2.0, 2.5, 2.75, 3.0),
    symptoms.Device.RF: (0.5, 2.0, 2.5, 3.4, 3.5, 4.0),
}


@pytest.mark.parametrize("acid", symptoms.Acid)
@pytest.mark.parametrize("device", STEPS)
def test_deeper_is_never_expected_to_be_milder(
    standard: protocol.Protocol, device: symptoms.Device, acid: symptoms.Acid
) -> None:
    treated = [facts(device=device, depth_mm=depth, acid=acid) for depth in STEPS[device]]
    for symptom in Symptom:
        for hours in range(0, 24 * 29, 3):
            bounds = [triple(standard.band(one, symptom=symptom, hours=hours))[1:] for one in treated]
            for shallower, deeper in itertools.pairwise(bounds):
                assert shallower[0] <= deeper[0]
                assert shallower[1] <= deeper[1]


@pytest.mark.parametrize(
    ("treatment", "title", "because"),
    [
        (facts(depth_mm=1.25), "pen or roller, 1.0-1.5 mm, face", bands.CurveReason.DEPTH),
        (facts(depth_mm=3.0), "pen or roller above 2.5 mm", bands.CurveReason.DEPTH),
        (facts(depth_mm=None), "pen or roller, 1.0-1.5 mm, face", bands.CurveReason.DEPTH_NOT_RECORDED),
        (
            facts(device=symptoms.Device.RF, depth_mm=None),
            "radio-frequency needles, up to 2.0 mm",
            bands.CurveReason.DEPTH_NOT_RECORDED,
        ),
        (
            facts(device=symptoms.Device.RF, depth_mm=3.0),
            "radio-frequency needles, above 2.0 and below 3.5 mm",
            bands.CurveReason.DEPTH,
        ),
    ],
)
def test_a_treatment_is_told_its_curve_and_why(
    standard: protocol.Protocol, treatment: symptoms.TreatmentFacts, title: str, because: bands.CurveReason
) -> None:
    chosen = standard.curves.choose(treatment)
    assert (chosen.curve.title, chosen.because) == (title, because)


def test_where_depths_make_no_difference_the_device_is_why(older_text: str) -> None:
    older = protocol.parse(older_text).curves
    for depth in (None, 1.0, 4.0):
        chosen = older.choose(facts(device=symptoms.Device.RF, depth_mm=depth))
        assert (chosen.curve.name, chosen.because) == ("rf", bands.CurveReason.DEVICE)
    assert older.choose(facts(depth_mm=1.75)).curve.name == "reference"
    assert older.choose(facts(depth_mm=4.0)).curve.name == "deep"


def test_a_peel_in_the_session_sheds_more_and_for_longer(standard: protocol.Protocol) -> None:
    def peeling(acid: symptoms.Acid, day: float) -> tuple[float, float, float]:
        return triple(standard.band(facts(acid=acid), symptom=Symptom.PEELING, hours=24 * day))

    acids = (symptoms.Acid.NONE, symptoms.Acid.SUPERFICIAL, symptoms.Acid.TCA)
    assert [peeling(acid, 3)[1:] for acid in acids] == [
        (5, 7),
        pytest.approx((6, 8.4)),
        pytest.approx((6.5, 9.1)),
    ]
    assert peeling(symptoms.Acid.TCA, 1.5 * 3) == pytest.approx((2.6, 6.5, 9.1))
    assert [peeling(acid, 9)[2] for acid in acids] == sorted({peeling(acid, 9)[2] for acid in acids})


def test_a_peel_changes_only_the_symptoms_it_names(standard: protocol.Protocol) -> None:
    for hours in (6, 24, 60, 100, 200):
        for symptom in (Symptom.PAIN, Symptom.SWELLING, Symptom.ITCHING, Symptom.BRUISING):
            plain = triple(standard.band(facts(), symptom=symptom, hours=hours))
            for acid in symptoms.Acid:
                treated = facts(acid=acid)
                assert triple(standard.band(treated, symptom=symptom, hours=hours)) == pytest.approx(plain)
        redness = [
            triple(standard.band(facts(acid=acid), symptom=Symptom.REDNESS, hours=hours))
            for acid in (symptoms.Acid.NONE, symptoms.Acid.SUPERFICIAL)
        ]
        assert redness[0] == pytest.approx(redness[1])


def test_a_peel_and_a_slow_area_stay_within_the_cap(standard: protocol.Protocol) -> None:
    both = facts(areas=(symptoms.Area.ABDOMEN,), acid=symptoms.Acid.TCA)
    # 1.25 times 1.5 is 1.875: what is left of the cap of 2 is a level of 1.0667.
    assert triple(standard.band(both, symptom=Symptom.PEELING, hours=1.875 * 72)) == pytest.approx(
        (2 * 2 / 1.875, 5 * 2 / 1.875, 7 * 2 / 1.875)
    )


def test_the_older_protocol_knows_no_acid(older_text: str) -> None:
    older = protocol.parse(older_text)
    for symptom in Symptom:
        plain = older.band(facts(), symptom=symptom, hours=72)
        assert older.band(facts(acid=symptoms.Acid.TCA), symptom=symptom, hours=72) == plain


def test_the_scalp_is_held_against_the_face(standard: protocol.Protocol) -> None:
    for symptom in Symptom:
        for hours in (6, 24, 100):
            scalp = facts(areas=(symptoms.Area.SCALP,))
            assert standard.band(scalp, symptom=symptom, hours=hours) == standard.band(
                facts(), symptom=symptom, hours=hours
            )


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


def curve(*scores: float, **depths: float) -> bands.Curve:
    return bands.Curve(
        name="made",
        title="made by hand",
        devices=frozenset({symptoms.Device.PEN}),
        **depths,
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


@pytest.mark.parametrize(
    ("depth", "fits"), [(None, False), (1.5, False), (1.51, True), (2.5, True), (2.51, False)]
)
def test_a_curve_above_a_depth_and_up_to_another(depth: float | None, fits: bool) -> None:
    assert curve(1, 1, 1, above_mm=1.5, to_mm=2.5).applies_to(facts(depth_mm=depth)) is fits


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
