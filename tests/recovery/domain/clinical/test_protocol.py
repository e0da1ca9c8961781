from __future__ import annotations

import re

import pytest

from recovery.domain.clinical import protocol, symptoms

Symptom = symptoms.Symptom


def facts(**changes: object) -> symptoms.TreatmentFacts:
    given: dict[str, object] = {"device": symptoms.Device.PEN, "depth_mm": 1.5, "skin_type": 2} | changes
    return symptoms.TreatmentFacts(**given)  # type: ignore[arg-type]


def triple(band: protocol.Band | None) -> tuple[float, float, float]:
    assert band is not None
    return band.p50, band.p90, band.p97_5


def test_the_reference_band_on_a_day_is_the_curve(standard: protocol.Protocol) -> None:
    assert triple(standard.band(facts(), Symptom.REDNESS, 24)) == (3, 5, 6)
    assert triple(standard.band(facts(), Symptom.SWELLING, 48)) == (1, 2, 3)
    assert triple(standard.band(facts(), Symptom.PAIN, 168)) == (0, 0, 0)


def test_between_days_the_band_goes_by_hours(standard: protocol.Protocol) -> None:
    assert triple(standard.band(facts(), Symptom.REDNESS, 36)) == (2, 4, 5)
    assert triple(standard.band(facts(), Symptom.REDNESS, 30)) == (2.5, 4.5, 5.5)


def test_before_the_first_evening_and_after_four_weeks_the_band_stands_still(
    standard: protocol.Protocol,
) -> None:
    assert triple(standard.band(facts(), Symptom.REDNESS, -2)) == (5, 7, 9)
    assert triple(standard.band(facts(), Symptom.REDNESS, 2000)) == (0, 0, 0)


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
    assert triple(standard.band(treatment, Symptom.REDNESS, 24)) == expected


def test_a_slower_area_keeps_its_band_for_longer(standard: protocol.Protocol) -> None:
    neck = facts(areas=(symptoms.Area.FACE, symptoms.Area.NECK))
    assert triple(standard.band(neck, Symptom.REDNESS, 1.2 * 48)) == pytest.approx((1, 3, 4))


def test_the_eye_area_raises_swelling_only(standard: protocol.Protocol) -> None:
    eye = facts(areas=(symptoms.Area.EYE_AREA,))
    assert triple(standard.band(eye, Symptom.SWELLING, 24)) == pytest.approx((2.6, 5.2, 6.5))
    assert triple(standard.band(eye, Symptom.REDNESS, 24)) == (3, 5, 6)


def test_the_product_of_modifiers_is_capped(standard_text: str) -> None:
    text = standard_text.replace("level = 1.3\n", "level = 3.0\n")
    capped = protocol.parse(text)
    eye = facts(areas=(symptoms.Area.EYE_AREA,))
    assert triple(capped.band(eye, Symptom.SWELLING, 48)) == (2, 4, 6)
    both = facts(areas=(symptoms.Area.EYE_AREA, symptoms.Area.NECK))
    assert triple(capped.band(both, Symptom.SWELLING, 1.2 * 48)) == pytest.approx((2 / 1.2, 4 / 1.2, 6 / 1.2))


def test_skin_type_never_narrows_the_redness_band(standard: protocol.Protocol) -> None:
    bands = {triple(standard.band(facts(skin_type=n), Symptom.REDNESS, 24)) for n in range(1, 7)}
    assert len(bands) == 1


def test_a_symptom_without_a_curve_has_no_band(standard_text: str) -> None:
    text = re.sub(r"\[curves\.reference\.bruising\]\n(?:\w+ = .*\n)+", "", standard_text)
    assert protocol.parse(text).band(facts(), Symptom.BRUISING, 24) is None


def test_every_sign_has_its_urgency(standard: protocol.Protocol) -> None:
    assert standard.urgency(symptoms.WarningSign.BREATHING) is symptoms.Level.EMERGENCY
    assert standard.urgency(symptoms.WarningSign.PUS) is symptoms.Level.ABNORMAL
    assert standard.urgency(symptoms.WarningSign.PATCHES) is symptoms.Level.WATCH


def test_nobody_signed_the_shipped_protocol(standard: protocol.Protocol) -> None:
    assert not standard.approval.signed
    assert "starting estimate" in standard.source


MALFORMED = [
    ("not TOML", "\n[approval]", "\n[approval", "[approval"),
    ("no version", 'version = "standard-2026-11"', "# none", "# The expected course"),
    ("unknown table", "[approval]", "[approval]\n[colour]", "[colour]"),
    ("unknown sign", '"pus", ', '"pus", "sneezing", ', "abnormal = ["),
    ("sign without urgency", 'watch = ["bumps", ', "watch = [", "[warning_signs]"),
    ("sign with two urgencies", 'watch = ["bumps"', 'watch = ["pus", "bumps"', "watch = ["),
    ("unknown level", 'level = "abnormal"\nmargin', 'level = "dire"\nmargin', 'level = "dire"'),
    ("text for a number", "apart_hours = 8", 'apart_hours = "8"', "apart_hours"),
    ("score beyond 10", "p97_5 = [9, 6, 4,", "p97_5 = [11, 6, 4,", "p97_5 = [11"),
    ("p90 below p50", "p90 = [7, 5, 3, 2, 1,", "p90 = [7, 2, 3, 2, 1,", "p90 = [7, 2"),
    ("a day missing", "p50 = [5, 3, 1, 1, 0, 0,", "p50 = [5, 3, 1, 1, 0,", "p50 = [5, 3, 1, 1, 0,"),
    ("misspelt bound", "above_p90 = 3", "above_p09 = 3", "[rules.persistence]"),
    ("unknown bound", "above_p90 = 3", "above_p90 = 3\nabove_p50 = 2", "above_p50"),
    ("factor beyond the cap", "cap = 2.0", "cap = 2.5", "cap = 2.5"),
    ("unknown area", "[modifiers.areas.neck]", "[modifiers.areas.nose]", "[modifiers.areas.nose]"),
    (
        "combination milder than its sign",
        'signs = ["fever", "spreading_heat"]\nlevel = "emergency"',
        'signs = ["fever", "breathing"]\nlevel = "watch"',
        'level = "watch"',
    ),
]


@pytest.mark.parametrize(
    ("before", "after", "named"), [case[1:] for case in MALFORMED], ids=[case[0] for case in MALFORMED]
)
def test_a_malformed_protocol_is_refused_with_its_line(
    standard_text: str, before: str, after: str, named: str
) -> None:
    assert before in standard_text
    text = standard_text.replace(before, after, 1)
    with pytest.raises(protocol.ProtocolError) as caught:
        protocol.parse(text)
    found = re.match(r"line (\d+): ", str(caught.value))
    assert found is not None
    assert text.splitlines()[int(found.group(1)) - 1].startswith(named)


def test_a_wrong_score_is_named_by_its_own_line(standard_text: str) -> None:
    lines = standard_text.splitlines()
    number = next(n for n, line in enumerate(lines) if line.startswith("p97_5 = [9, 6, 4"))
    lines[number] = lines[number].replace("[9,", "[11,")
    with pytest.raises(
        protocol.ProtocolError, match=rf"^line {number + 1}: curves\.reference\.redness\.p97_5"
    ):
        protocol.parse("\n".join(lines))
